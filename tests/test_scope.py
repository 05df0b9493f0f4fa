"""The scopes of coding: incidents of the codebook, or any violence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tarikh import pipeline
from tarikh.errors import UsageError
from tarikh.extract.coder import CODER
from tarikh.extract.scope import scope_of
from tarikh.gazetteer import Gazetteer, open_index
from tarikh.model import Document, Mention, Report
from tarikh.settings import Settings
from tarikh.store import open_store

CRIME = (
    "Memphis police say one man was killed and five others were shot outside a nightclub early on Sunday. "
    "No arrest has been made in the shooting, a spokeswoman said."
)

QUARREL = (
    "An argument between two neighbors over a parking space ended in a killing in Memphis on Sunday, prosecutors said. "
    "The defendant, 46, stabbed the other man in the parking lot of their apartment building and was arrested at his mother's "
    "home an hour later. He was charged with second-degree murder and is being held on a bond of 200,000 dollars; his lawyer "
    "told the judge that he had been drinking since noon and remembered nothing. Residents said the two had quarreled for "
    "years over noise, a dog and the space beside the laundry room, and that the landlord had been asked more than once to "
    "paint new lines. A hearing is set for June. The victim, a mechanic, leaves a wife and two children, and a collection for "
    "the funeral was started by the church that the family attends. The landlord did not answer calls."
)


@pytest.fixture(scope="module")
def gazetteer(index: Path) -> Gazetteer:
    return open_index(index)


def report(text: str) -> Report:
    return Report("r1", "", text, "en", date(2015, 5, 4))


def test_ordinary_crime_is_left_out_unless_it_is_asked_for(gazetteer: Gazetteer) -> None:
    assert pipeline.code(report(QUARREL), gazetteer) == ()
    found = pipeline.code(report(QUARREL), gazetteer, "any_violence")
    assert [m.kind for m in found] == ["attack_on_civilians", "arrest"]
    assert {m.coder for m in found} == {f"{CODER}+any_violence"}


def harm(found: Mention) -> tuple[int | None, int | None]:
    killed, injured = found.harm.get("killed"), found.harm.get("injured")
    return killed.best if killed else None, injured.best if injured else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CRIME, (1, 5)),
        ("Six people were shot in Memphis on Sunday. One was killed.", (1, 5)),
        ("Five people were shot in Memphis on Sunday, police said.", (None, 5)),
        ("Five people were shot dead in Memphis on Sunday, police said.", (5, None)),
        ("Five people were shot in Memphis on Sunday. Three were wounded, police said.", (None, 3)),
        ("A girl was shot in Memphis on Sunday. The girl was killed, police said.", (1, None)),
    ],
)
def test_who_was_shot_is_hit_and_dead_only_where_somebody_says_so(
    gazetteer: Gazetteer, text: str, expected: tuple[int | None, int | None]
) -> None:
    found = pipeline.code(report(text), gazetteer, "any_violence")
    assert harm(found[0]) == expected


def test_the_scope_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().scope == "conflict"
    monkeypatch.setenv("TARIKH_SCOPE", "any_violence")
    assert Settings().scope == "any_violence"
    monkeypatch.setenv("TARIKH_SCOPE", "everything")
    with pytest.raises(ValueError, match="scope"):
        Settings()


def test_a_database_has_one_scope_and_recode_changes_it_there_and_back(tmp_path: Path, index: Path) -> None:
    rules = pipeline.Rules(index, date(2026, 1, 1))
    wide = pipeline.Rules(index, date(2026, 1, 1), scope="any_violence")
    given = [Document("a", text=QUARREL, published="2015-05-04")]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with open_store(tmp_path / "t.db") as store:
        assert pipeline.add(given, store, rules).incidents == 0
        with pytest.raises(UsageError, match=r"TARIKH_SCOPE=conflict.*tarikh recode"):
            pipeline.add(given, store, wide)
        for _ in range(2):
            assert pipeline.recode(store, wide, at).incidents == 2
            kept = store.incidents()
            assert pipeline.recode(store, wide, at).reports == 0
            assert pipeline.add(given, store, wide).known == 1
            assert pipeline.recode(store, rules, at).incidents == 0
            assert pipeline.add(given, store, rules).known == 1
        assert pipeline.recode(store, wide, at).incidents == 2
        assert [each.id for each in store.incidents()] == [each.id for each in kept]
        assert [scope_of(each) for each in store.coders()].count("any_violence") == 3


def test_the_scope_of_a_coder_stands_in_its_name() -> None:
    names = ("x@1", "x@1+any_violence", "x@1+any_violence~2", "x@1~3", "x+y@1", "any_violence")
    assert [scope_of(name) == "any_violence" for name in names] == [False, True, True, False, False, False]
