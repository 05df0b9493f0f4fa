"""Tarikh from Python: its public names, quick to import; typed results; filters refused in the sentences of the command line.

Invariant: a table has the columns of every flat export, and unknown is <NA> in it, never 0.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import tarikh
from conftest import REPORTS, json_lines
from tarikh import chronicle as api
from tarikh.errors import (
    ForbiddenError,
    MissingError,
    ReportError,
    StoreError,
    UnknownIdError,
    UsageError,
)
from tarikh.exports.record import COLUMNS
from tarikh.model import Count, Mention
from tarikh.store import to_json

PUBLIC = {
    "Chronicle": "(store: 'Store') -> 'None'",
    "Coded": "(report: 'Report', mentions: 'tuple[Mention, ...]') -> None",
    "Incidents": "(owner: 'Chronicle', of: 'queries.Chronicle', wanted: 'queries.Filter', figures: 'str', level: 'disclosure.Level') -> 'None'",
    "code": "(text: 'str', *, title: 'str | None' = None, published: 'Day' = None, language: 'str | None' = None,"
    " source: 'str | None' = None, gazetteer: 'str | PathLike[str] | None' = None) -> 'Coded'",
    "open": "(path: 'str | PathLike[str] | None' = None, *, create: 'bool' = False) -> 'Chronicle'",
}
METHODS = {
    "add": "(self, sources: 'str | PathLike[str] | Sequence[str | PathLike[str]]', *,"
    " columns: 'Mapping[str, str] | None' = None, form: 'str | None' = None, published: 'Day' = None,"
    " workers: 'int' = 1) -> 'Added'",
    "close": "(self) -> 'None'",
    "export": "(self, path: 'str | PathLike[str]', *, form: 'str | None' = None, figures: 'str' = 'codebook',"
    " disclosure: 'str | None' = None, **words: 'Any') -> 'int'",
    "incident": "(self, id: 'str', *, figures: 'str' = 'codebook') -> 'queries.IncidentView'",
    "incidents": "(self, *, country: 'Names' = None, place: 'str | None' = None, radius: 'float | None' = None,"
    " admin1: 'Names' = None, since: 'Day' = None, until: 'Day' = None, kind: 'Names' = None, party: 'Names' = None,"
    " min_killed: 'int | None' = None, status: 'Names' = None, source: 'Names' = None, text: 'str | None' = None,"
    " review: 'Names' = None, limit: 'int | None' = None, figures: 'str' = 'codebook', as_of: 'str | None' = None,"
    " disclosure: 'str' = 'full', **unknown: 'Never') -> 'Incidents'",
    "problems": "(self) -> 'list[Problem]'",
    "reports": "(self) -> 'Iterator[Report]'",
    "timeline": "(self, by: 'str' = 'week', **words: 'Any') -> 'queries.Timeline'",
}
TEXT = (
    "Gunmen on motorcycles ambushed an army convoy near Ménaka in Mali on Thursday, killing eleven Malian soldiers,"
    " a security source said."
)


@pytest.fixture
def opened(chronicle: Path, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The chronicle of `REPORTS`, with a home of the test's own."""
    monkeypatch.setenv("TARIKH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TARIKH_GAZETTEER", str(index))
    monkeypatch.chdir(tmp_path)
    with tarikh.open(chronicle) as found:
        yield found


def _python(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


# ---- public names ----------------------------------------------------------------------------------------------


def test_the_public_names_are_these() -> None:
    assert tarikh.__all__ == [
        "Chronicle",
        "Coded",
        "Count",
        "Incident",
        "Incidents",
        "Mention",
        "Report",
        "TarikhError",
        "When",
        "Where",
        "__version__",
        "code",
        "open",
    ]
    for name in tarikh.__all__:
        assert getattr(tarikh, name) is not None
        assert name in dir(tarikh)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_signature_does_not_change_by_chance(name: str) -> None:
    assert str(inspect.signature(getattr(tarikh, name))) == PUBLIC[name]
    assert inspect.getdoc(getattr(tarikh, name))


def test_the_methods_of_a_chronicle_are_these() -> None:
    found = {n: m for n, m in vars(tarikh.Chronicle).items() if not n.startswith("_")}
    assert {name: str(inspect.signature(method)) for name, method in found.items()} == METHODS
    assert all(inspect.getdoc(method) for method in found.values())


def test_the_conditions_are_those_of_list() -> None:
    from tarikh import asking, query_commands

    words = set(inspect.signature(tarikh.Chronicle.incidents).parameters) - {"self", "disclosure", "unknown"}
    listed = set(inspect.signature(query_commands.list_).parameters) - {"database", "index", "as_json"}
    assert words == listed
    assert set(inspect.signature(asking.filter_of).parameters) - {"index"} == api._WORDS


def test_importing_is_quick_and_loads_nothing() -> None:
    told = _python(
        "import sys, time; before = set(sys.modules); start = time.perf_counter(); import tarikh;"
        " print(time.perf_counter() - start, sorted(n for n in set(sys.modules) - before if n.startswith('tarikh.')))"
    )
    seconds, _, loaded = told.partition(" ")
    assert float(seconds) < 0.1
    assert loaded == "[]"


def test_opening_and_asking_load_no_parser(chronicle: Path) -> None:
    loaded = _python(
        f"import sys, tarikh; c = tarikh.open({str(chronicle)!r}); len(c.incidents(country='MLI'));"
        " print([n for n in ('spacy', 'onnxruntime', 'pandas', 'tokenizers') if n in sys.modules])"
    )
    assert loaded == "[]"


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'codes'; it has Chronicle"):
        _ = tarikh.codes


@pytest.mark.slow
def test_types_are_complete_for_those_who_use_it(tmp_path: Path) -> None:
    """Strict mypy on a small program: what is right passes, and what is wrong is found."""
    program = tmp_path / "program.py"
    program.write_text(
        "import tarikh\n"
        "coded = tarikh.code('x', published='2025-03-14')\n"
        "first: tarikh.Mention = coded[0]\n"
        "with tarikh.open('db') as c:\n"
        "    found = c.incidents(country=['MLI'], min_killed=5)\n"
        "    kinds: list[str] = [i.kind for i in found]\n"
        "    reveal_type(found[0])\n"
        "    c.incidents(contry='MLI')\n"
        "tarikh.codes('x')\n",
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-incremental",
        "--config-file",
        "",
        str(program),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path)
    own = [line for line in done.stdout.splitlines() if line.startswith("program.py")]
    assert len(own) == 3, done.stdout
    assert 'Revealed type is "tarikh.model.Incident"' in own[0]
    assert own[1].startswith("program.py:8: error:")
    assert own[2].startswith("program.py:9: error:")


# ---- coding ----------------------------------------------------------------------------------------------------


def test_code_gives_mentions_with_their_words(index: Path) -> None:
    coded = tarikh.code(TEXT, published="2025-03-14", title="Ambush", source="Sahel Post", gazetteer=index)
    assert len(coded) == 1
    told = coded[0]
    assert isinstance(told, Mention)
    assert (told.kind, told.when.start, told.where.place) == ("armed_clash", date(2025, 3, 13), "Ménaka")
    assert told.harm["killed"] == Count(11, 11, 11)
    assert told.source == "Sahel Post"
    assert coded.report.words(told.evidence["place"].spans[0]) in TEXT
    assert repr(coded) == "<1 mentions: armed_clash>"
    frame = coded.to_pandas()
    assert frame.loc[0, "killed_best"] == 11
    assert frame["injured_best"].isna().all()
    assert tarikh.code(TEXT, published=date(2025, 3, 14), gazetteer=index)[0].when == told.when
    assert tarikh.code(TEXT, gazetteer=index)[0].when.start is None, "never counted from today"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"text": "  "}, ReportError, "the text has no text"),
        (
            {"text": "De soldaten werden gisteren in een hinderlaag gelokt.", "language": "nl"},
            ReportError,
            "Dutch",
        ),
        ({"text": TEXT, "published": "14.3.2025"}, UsageError, "is no date"),
        ({"text": TEXT, "published": "2999-01-01"}, UsageError, "in the future"),
    ],
)
def test_code_refuses_in_sentences(
    arguments: dict[str, Any], error: type[Exception], words: str, index: Path
) -> None:
    with pytest.raises(error, match=words):
        tarikh.code(**arguments, gazetteer=index)


# ---- asking ----------------------------------------------------------------------------------------------------


def test_incidents_are_a_lazy_sequence(opened: tarikh.Chronicle, monkeypatch: pytest.MonkeyPatch) -> None:
    found = opened.incidents(country="MLI", since="2025-01-01")
    assert repr(found) == "<incidents, not asked for yet, as level full shows them>"
    assert [incident.kind for incident in found] == ["armed_clash"]
    assert (len(found), found[0].where.country, found[0:1][0].id) == (1, "MLI", found[0].id)
    assert repr(found) == "<1 incidents, as level full shows them>"
    assert len(opened.incidents(country=["Mali", "SDN"], kind=("armed_clash", "air_strike"))) == 2
    assert len(opened.incidents(since=date(2025, 3, 18))) == 1
    assert len(opened.incidents(place="Ménaka", radius=50)) == 1
    assert len(opened.incidents(min_killed=10)) == 1
    assert len(opened.incidents(limit=2)) == 2
    assert len(opened.incidents(as_of="2001-01-01")) == 0


def test_a_table_has_the_columns_of_the_exports_and_unknown_is_na(opened: tarikh.Chronicle) -> None:
    frame = opened.incidents().to_pandas()
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert len(frame) == len(opened.incidents())
    assert str(frame["killed_best"].dtype) == "Int64"
    assert str(frame["date_start"].dtype).startswith("datetime64")
    assert str(frame["country"].dtype) == "string"
    protest = frame[frame["kind"] == "peaceful_protest"].iloc[0]
    assert protest["killed_best"] is pd.NA
    assert protest["targets"] == []
    assert frame["killed_best"].sum() == 14 + 9 + 5, "unknown adds nothing"
    ambush = frame[frame["country"] == "MLI"].iloc[0]
    assert (ambush["reports"], ambush["date_start"]) == (2, pd.Timestamp("2025-03-13"))
    assert frame.attrs["tarikh"]["disclosure"]["level"] == "full"
    none = opened.incidents(country="FRA").to_pandas()
    assert list(none.columns) == list(frame.columns)
    assert (len(none), str(none["killed_best"].dtype)) == (0, "Int64")


def test_a_table_of_points_leaves_unknown_points_out(opened: tarikh.Chronicle) -> None:
    pytest.importorskip("geopandas")
    found = opened.incidents().to_geodataframe()
    assert found.crs == "EPSG:4326"
    known = found[~found["longitude"].isna()]
    assert (known.geometry.x - known["longitude"].astype(float)).abs().max() < 1e-9
    assert "place_precision" in found.columns


def test_the_policy_is_chosen_and_holds(opened: tarikh.Chronicle) -> None:
    frame = opened.incidents(disclosure="public").to_pandas()
    assert set(frame["disclosure"]) == {"public"}
    assert all(
        not incident.ledger or not incident.ledger[0].words
        for incident in opened.incidents(disclosure="public")
    )
    with pytest.raises(UsageError, match="public, partner"):
        opened.incidents(disclosure="secret")
    with pytest.raises(ForbiddenError):
        len(opened.incidents(disclosure="public", text="convoy"))


def test_one_incident_opens_to_its_words(opened: tarikh.Chronicle) -> None:
    key = opened.incidents(country="MLI")[0].id
    view = opened.incident(key[:10])
    assert view.incident.id == key
    assert len(view.mentions) == len(view.reports) == 2
    assert to_json(view.incident)["id"] == key
    with pytest.raises(UnknownIdError):
        opened.incident("i-000000")


def test_reports_problems_and_timeline(opened: tarikh.Chronicle) -> None:
    assert [report.given_id for report in opened.reports()] == [row["id"] for row in REPORTS]
    assert opened.problems() == []
    months = opened.timeline("month", kind="armed_clash")
    assert months.total.incidents == len(opened.incidents(kind="armed_clash"))
    with pytest.raises(UsageError):
        opened.timeline("decade")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"contry": "MLI"}, "there is no condition 'contry'; did you mean country"),
        ({"xyz": 1}, "there is no condition 'xyz'; there are: admin1"),
        ({"country": "Atlantis"}, "no country is called 'Atlantis'"),
        ({"kind": "armed_clsh"}, "did you mean armed_clash"),
        ({"since": "13.3.2025"}, "is no date"),
        ({"since": "2025-03-02", "until": "2025-03-01"}, "swap the two days"),
        ({"min_killed": -1}, "minimum_killed -1 makes no sense"),
        ({"min_killed": "five"}, "wrong type"),
        ({"radius": 5}, "a radius needs a place"),
        ({"place": "Nowhereville"}, "no town called"),
        ({"status": 5}, "give a text"),
        ({"kind": [1]}, "give a text, or a list of texts"),
        ({"review": "maybe"}, "there is no review 'maybe'"),
        ({"figures": "mean"}, "no rule 'mean'"),
        ({"as_of": "soon"}, "^as_of 'soon' is no day"),
        ({"since": "soon"}, "^since 'soon' is no date"),
        ({"country": []}, "country is an empty list; leave it out"),
    ],
)
def test_wrong_conditions_are_refused_with_what_would_be_right(
    opened: tarikh.Chronicle, words: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        opened.incidents(**words)


def test_a_closed_chronicle_says_so(opened: tarikh.Chronicle) -> None:
    early, seen = opened.incidents(), opened.incidents()
    number = len(seen)
    opened.close()
    for act in (
        lambda: len(early),
        opened.incidents,
        opened.reports,
        opened.problems,
        opened.timeline,
        lambda: opened.incident("i-1"),
        lambda: opened.add("reports"),
        lambda: opened.export("a.csv"),
    ):
        with pytest.raises(UsageError, match="is closed; open it again"):
            act()
    assert len(seen) == number, "what was looked at stays"
    opened.close()


def test_sentences_name_what_python_has(opened: tarikh.Chronicle) -> None:
    for act, words in (
        (lambda: opened.export("a.weird"), "^form is one of"),
        (lambda: tarikh.code("x", published="soon"), "^published 'soon'"),
        (lambda: tarikh.code(None), "text is None; give the text of a report"),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError, match=words):
            act()


# ---- adding and taking away ------------------------------------------------------------------------------------


def test_add_export_and_open_again(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARIKH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TARIKH_GAZETTEER", str(index))
    database = tmp_path / "own.db"
    with pytest.raises(UsageError, match="create=True"):
        tarikh.open(database)
    rows = json_lines(tmp_path / "reports.jsonl", [{**REPORTS[0], "body": REPORTS[0]["text"]}])
    with tarikh.open(database, create=True) as own:
        assert own.add(rows, columns={"text": "body"}).reports == 1
        assert own.add([rows]).known == 1
        assert own.export(tmp_path / "out.csv", country="MLI") == 1
        assert own.export(tmp_path / "out.geojson", disclosure="full") == 1
        with pytest.raises(UsageError, match="did you mean country"):
            own.export(tmp_path / "out.csv", contry="MLI")
        with pytest.raises(UsageError, match="does not say which"):
            own.export(tmp_path / "out.xyz")
        assert str(database) in repr(own)
    assert ",public," in (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert len(tarikh.open(database).incidents()) == 1


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database" * 200)
    with pytest.raises(StoreError):
        tarikh.open(tmp_path / "notes.txt")


@pytest.mark.parametrize(
    ("package", "call", "words"),
    [
        ("pandas", "to_pandas", r"pandas is not installed; type: pip install 'tarikh\[pandas\]'"),
        ("geopandas", "to_geodataframe", "geopandas is not installed; type: pip install geopandas"),
    ],
)
def test_a_missing_package_is_a_sentence_with_the_command(
    opened: tarikh.Chronicle, monkeypatch: pytest.MonkeyPatch, package: str, call: str, words: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingError, match=words):
        getattr(opened.incidents(), call)()
