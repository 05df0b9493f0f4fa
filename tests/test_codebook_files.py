"""A user's own codebook files: what they change, and what they are refused for, with the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tarikh import codebooks
from tarikh.codebooks import Coded, Refused, coded
from tarikh.errors import RegisterError
from tarikh.model import When, Where
from test_codebooks import incident, row

Own = Callable[[str, str], None]


def _forget() -> None:
    codebooks.codebook.cache_clear()
    codebooks.classes.cache_clear()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Own]:
    monkeypatch.setenv("TARIKH_CODEBOOKS", str(tmp_path))
    _forget()

    def put(name: str, text: str) -> None:
        (tmp_path / name).write_text(text, encoding="utf-8")
        _forget()

    yield put
    _forget()


def test_a_clause_can_be_dropped(own: Own) -> None:
    given = incident(attackers=("Unidentified armed group (Mali)",))
    assert isinstance(coded(given, "ucdp"), Refused)
    own("ucdp.yaml", "clauses:\n  ucdp.refuse.unidentified: {drop: true}\n")
    found = coded(given, "ucdp")
    assert isinstance(found, Coded)
    assert found.rows[0]["side_b"] == "Unidentified armed group (Mali)"
    assert codebooks.codebook("ucdp").version == "1+own"


def test_a_clause_of_ones_own_stands_before_the_shipped_ones(own: Own) -> None:
    own(
        "cameo.yaml",
        "clauses:\n  my.clash: {question: code, when: {kind: [armed_clash], attackers: [rebel]},"
        " set: {code: '193'}, words: small arms}\n",
    )
    found = coded(incident(), "cameo")
    assert row(found)["code"] == "193"
    assert isinstance(found, Coded)
    assert [clause.id for clause in found.clauses] == ["my.clash"]


def test_a_known_clause_keeps_its_turn(own: Own) -> None:
    own(
        "cameo.yaml",
        "clauses:\n  cameo.code.movement: {question: code, when: {}, set: {code: '000'}, words: all else}\n",
    )
    assert row(coded(incident(), "cameo"))["code"] == "190"
    assert row(coded(incident("movement"), "cameo"))["code"] == "000"


def test_rows_of_tables_are_laid_over(own: Own) -> None:
    own("ucdp.yaml", "tables:\n  countries:\n    MLI: {gw: 9999, name: Mali}\n")
    found = row(coded(incident(), "ucdp"))
    assert (found["country_id"], found["side_a_new_id"], found["region"]) == (9999, None, None)
    own("gtd.yaml", "tables:\n  countries: {MLI: {code: 123, region: 11}}\n")
    assert row(coded(incident(), "gtd"))["country"] == 123


def test_a_class_can_be_put_elsewhere(own: Own) -> None:
    own("classes.yaml", "groups:\n  organized: {classes: [rebel]}\n")
    assert isinstance(coded(incident(attackers=("Wagner Group",)), "ucdp"), Refused)
    own("classes.yaml", "coalitions:\n  mine: {parties: [JNIM]}\n")
    assert row(coded(incident(), "acled"))["inter1"] == 8


def test_the_example_of_the_documentation_does_what_it_says(own: Own) -> None:
    page = (Path(__file__).parents[1] / "docs" / "codebooks.md").read_text(encoding="utf-8")
    own("ucdp.yaml", page.partition("```yaml\n")[2].partition("```")[0])
    killed = incident("attack_on_civilians", attackers=("Police of Mali",), targets=("Civilians (Mali)",))
    found = coded(killed, "ucdp")
    assert isinstance(found, Refused)
    assert found.clause == "my.custody"
    gaza = incident("bombing", where=Where("PSE", "Gaza", None, "Rafah", 31.3, 34.2, "exact"))
    assert row(coded(gaza, "ucdp"))["country_id"] == 666


def test_what_the_code_cannot_do_without_is_refused_whatever_is_dropped(own: Own) -> None:
    ids = [clause.id for clauses in codebooks.codebook("ucdp").questions.values() for clause in clauses]
    refusals = [each for each in ids if ".refuse." in each]
    own("ucdp.yaml", "clauses:\n" + "".join(f"  {each}: {{drop: true}}\n" for each in refusals))
    for lack in ({"harm": {}}, {"when": When()}):
        assert isinstance(coded(incident(**lack), "ucdp"), Refused)  # type: ignore[arg-type]
    own("ucdp.yaml", "clauses:\n" + "".join(f"  {each}: {{drop: true}}\n" for each in ids))
    found = coded(incident(), "ucdp")
    assert isinstance(found, Refused)
    assert (found.clause, found.reason) == (
        "ucdp.needs.type_of_violence",
        "no clause of the codebook says its type_of_violence",
    )
    for name, key in (
        ("acled", "event_type"),
        ("plover", "event"),
        ("cameo", "code"),
        ("gtd", "attacktype1"),
    ):
        book = codebooks.codebook(name)
        every = [clause.id for clauses in book.questions.values() for clause in clauses]
        own(f"{name}.yaml", "clauses:\n" + "".join(f"  {each}: {{drop: true}}\n" for each in every))
        refused = coded(incident(), name)
        assert isinstance(refused, Refused)
        assert refused.clause == f"{name}.needs.{key}"


FAULTS = [
    ("ucdp.yaml", "claws: {}\n", "line 1: 'claws' is no section"),
    ("ucdp.yaml", "clauses:\n  a: {question: whom, when: {}, words: w}\n", "line 2: 'a' asks 'whom'; the questions are refuse"),
    ("ucdp.yaml", "clauses:\n  a: {question: type, when: {kinds: [coup]}, words: w}\n", "line 2: 'a' asks for a fact that has an unknown key 'kinds'; did you mean 'kind'"),
    ("ucdp.yaml", "clauses:\n  a:\n    question: type\n    when: {kind: [war]}\n    words: w\n", "line 4: 'a' asks whether 'kind' is 'war'"),
    ("ucdp.yaml", "clauses:\n  a: {question: type, when: {attackers: [terrorists]}, words: w}\n", "is 'terrorists'; it is one of military"),
    ("ucdp.yaml", "clauses:\n  a: {question: type, when: {days: [5, 2]}, words: w}\n", "needs two numbers for 'days'"),
    ("ucdp.yaml", "clauses:\n  a: {question: type, when: {days: [1, 2, 3]}, words: w}\n", "needs two numbers for 'days'"),
    ("ucdp.yaml", "clauses:\n  a: {question: type, when: {place: exact}, words: w}\n", "needs a list for 'place'"),
    ("ucdp.yaml", "clauses:\n  a: {question: type, when: {}, set: {typ: 1}, words: w}\n", "sets what has an unknown key 'typ'"),
    ("ucdp.yaml", "clauses:\n  a: {question: type, when: {}, set: {best: {x: 1}}, words: w}\n", "sets 'best' to"),
    ("ucdp.yaml", "clauses:\n  a: {question: type, when: {}, set: {best: 1}, refuse: true, words: w}\n", "not both"),
    ("ucdp.yaml", "clauses:\n  a: {question: type, when: {}}\n", "needs words for 'words'"),
    ("ucdp.yaml", "clauses:\n  a: [1]\n", "line 2: 'a' must be a mapping"),
    ("ucdp.yaml", "tables:\n  flags: {MLI: 1}\n", "is no table of this codebook; its tables are regions, countries"),
    ("ucdp.yaml", "tables:\n  countries: {MLI: {number: 1}}\n", "has for 'MLI' what has an unknown key 'number'"),
    ("acled.yaml", "tables:\n  inter: {rebel: {a: 1}}\n", "has for 'rebel' a mapping"),
    ("ucdp.yaml", "columns:\n  mine: {form: words, what: w}\n", "has the form 'words'; it is one of text"),
    ("ucdp.yaml", "about:\n  codebook: {title: [1]}\n", "needs words for 'title'"),
    ("ucdp.yaml", "clauses: {a: *b}\n", "not valid YAML"),
    ("ucdp.yaml", "", "is empty"),
    ("udcp.yaml", "clauses: {}\n", "is the file of no codebook; call it one of acled.yaml"),
    ("classes.yaml", "groups: {state: {classes: [army]}}\n", "has 'army', which is no class of parties"),
    ("classes.yaml", "groups: {state: {classes: army}}\n", "needs a list of words for 'classes'"),
    ("classes.yaml", "classes: {king: {}}\n", "needs words for 'what'"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "told"), FAULTS)
def test_a_faulty_file_is_refused_with_what_is_wrong(
    own: Own, tmp_path: Path, name: str, text: str, told: str
) -> None:
    own(name, text)
    with pytest.raises(RegisterError) as found:
        coded(incident(), "acled" if name == "acled.yaml" else "ucdp")
    assert told in str(found.value)
    assert str(tmp_path / name) in str(found.value)


def test_a_folder_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TARIKH_CODEBOOKS", str(tmp_path / "none"))
    _forget()
    with pytest.raises(RegisterError, match="which is no folder"):
        codebooks.codebook("ucdp")
    _forget()
