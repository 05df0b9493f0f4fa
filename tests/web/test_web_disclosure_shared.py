"""What a report that tells of two incidents says beside the one that is shown: nothing that the other withholds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from test_web_disclosure import NOW, WORDS, seen_by

from store_sample import Clock
from tarikh import accounts, pipeline, queries, review
from tarikh.accounts import passwords
from tarikh.disclosure import MARK, disclosed_all, policy
from tarikh.disclosure import sight as guarding
from tarikh.disclosure.sight import Guarding
from tarikh.errors import StoreError
from tarikh.model import Evidence, Incident, Mention, Problem, Report, Span, When, Where
from tarikh.store import Store, open_store
from tarikh.web import neighbors, past, reading_room

DORI = Where("BFA", "Sahel", "Séno", "Dori", 14.03, -0.03, "exact", 1)
HIDDEN = Where("BFA", "Sahel", "Bambougou", "Zouérou", 12.89, -2.13, "exact", 2)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(passwords, "hasher", lambda: cheap)


def _report(name: str, source: str, url: str) -> Report:
    title = "Nurse, 34, raped at the well; clash at market"
    text = f"Gunmen fought soldiers at Dori market on Monday. A nurse was raped near Zouérou ({name})."
    return Report(name, title, text, "en", date(2025, 3, 12), source=source, url=url)


def _mention(name: str, report: Report, kind: str, where: Where, day: int) -> Mention:
    when = When(date(2025, 3, day), date(2025, 3, day), "day")
    evidence = {"kind": Evidence((Span("text", 0, 6),), ("Gunmen",), 0.9)}
    return Mention(
        name, report.id, "rules@1", kind, when=when, where=where, trigger="fought", evidence=evidence,
        published=date(2025, 3, 12), source=report.source, language="en",
    )  # fmt: skip


def _build(path: Path, source: str = "Radio Zouérou", url: str = "https://zouerou-radio.example/x") -> Path:
    """A clash and a rape that one report tells of."""
    with open_store(path, Clock()) as store:
        both = _report("r-two", source, url)
        store.add_report(both)
        told = [
            _mention("m-a", both, "armed_clash", DORI, 10),
            _mention("m-b", both, "sexual_violence", HIDDEN, 3),
        ]
        store.add_mentions(both.id, "rules@1", told)
        pipeline.relink(store)
        accounts.add(store.accounts, "ida", WORDS, "reader")
    return path


def _with(store: Store, mention: str) -> Incident:
    return next(each for each in store.incidents() if mention in each.members)


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("Radio Zouérou", "https://zouerou-radio.example/x"),
        ("Zouérou24", "https://news.example/x"),
        ("River Radio", "https://zouerou24.example/x"),
        ("River Radio", "https://xn--zourou24-d1a.example/x"),
    ],
)
def test_a_report_of_two_incidents_tells_of_neither_what_the_other_withholds(
    tmp_path: Path, source: str, url: str
) -> None:
    path = _build(tmp_path / "two.db", source, url)
    with open_store(path, Clock()) as store:
        ids = [_with(store, name).id for name in ("m-a", "m-b")]
    pages = [f"/incidents/{key}{part}" for key in ids for part in ("", "/past")]
    with seen_by(path, "ida") as browser:
        for address in (*pages, "/reports/r-two", "/", "/trends"):
            answer = browser.get(address)
            assert answer.status_code == 200, address
            for secret in ("Zouérou", "zouerou", "xn--zou", "Bambougou", "raped", "34"):
                assert secret not in answer.text.partition("<main")[2], (address, secret)
        assert "Dori" in browser.get(pages[0]).text


def test_the_address_goes_with_the_source() -> None:
    report = _report("r", "Radio Zouérou", "https://other.example/x")
    mention = _mention("m", report, "sexual_violence", HIDDEN, 3)
    incident = Incident("i", "m", ("m",), "sexual_violence", "reported", (), (), mention.when, HIDDEN, {})
    for source, url, shown in (
        ("Radio Zouérou", "https://other.example/x", (MARK, MARK)),
        ("ZOUEROU24", "https://other.example/x", (MARK, MARK)),
        ("Zou Erou", None, (MARK, None)),
        ("River Radio", "https://other.example/x", ("River Radio", "https://other.example/")),
    ):
        given = replace(report, source=source, url=url)
        made = disclosed_all([incident], [mention], [given], "partner", NOW).reports[0]
        assert (made.source, made.url) == shown


def test_a_report_of_something_in_no_incident_yet_says_nothing(tmp_path: Path) -> None:
    path = _build(tmp_path / "two.db", "River Radio", "https://river.example/x")
    with open_store(path, Clock()) as store:
        sight = Guarding(store, None, policy()).sight("partner", NOW)
        assert sight._beside(["r-two"]).keys() == {"r-two"}
        store.add_report(replace(_report("r-new", "New Radio", "https://new.example/"), text="Other words."))
        store.add_mentions("r-new", "rules@1", [_mention("m-new", store.report("r-new"), "bombing", DORI, 9)])
        assert sight._beside(["r-new"]) == {"r-new": None}


# ---- what is asked ---------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Guarding]:
    with open_store(_build(tmp_path / "two.db"), Clock()) as store:
        yield Guarding(store, None, policy())


def _refused(*_: Any, **__: Any) -> Any:
    raise AssertionError("everything was read for one record")


def _of_one(asked: Callable[..., Any]) -> Callable[..., Any]:
    return lambda store, *of: asked(store, *of) if of else _refused()


def test_pages_of_one_record_read_no_others(kept: Guarding, monkeypatch: pytest.MonkeyPatch) -> None:
    store = kept.store
    store.add_problems(
        [Problem("coding", "why", report_id="r-two"), Problem("coding", "why", report_id="r-other")]
    )
    key = _with(store, "m-a").id
    review.accept(store, key, "ana")
    row = store.acts.log()[0].row
    review.undo(store, "ana", row)
    review.accept(store, _with(store, "m-b").id, "ana")
    monkeypatch.setattr(type(store), "problems", _of_one(type(store).problems))
    monkeypatch.setattr(type(store.acts), "log", _refused)
    assert [each.report_id for each in reading_room.opened(store, "r-two").problems] == ["r-two"]
    told = [step for step in past.steps(store, queries.show(store, key), NOW) if step.by == "user:ana"]
    assert {(step.what, step.withdrawn) for step in told} == {("accepted", False), ("accepted", True)}


def test_hidden_incidents_crowd_out_no_neighbors(kept: Guarding, monkeypatch: pytest.MonkeyPatch) -> None:
    store = kept.store
    near = replace(DORI, place="Market", latitude=14.05)
    for name, kind, day in (("old", "bombing", 8), ("new1", "abduction", 11), ("new2", "abduction", 13)):
        report = replace(
            _report(f"r-{name}", "River Radio", f"https://river.example/{name}"), text=f"Words of {name}."
        )
        store.add_report(report)
        store.add_mentions(report.id, "rules@1", [_mention(f"m-{name}", report, kind, near, day)])
    pipeline.relink(store)
    monkeypatch.setattr(neighbors, "ASKED", 2)
    found = neighbors.neighbors(store, _with(store, "m-a"), kept.sight("partner", NOW))
    assert [each.incident.id for each in found] == [_with(store, "m-old").id]


# ---- judging -----------------------------------------------------------------------------------------------------


def _once(doing: Callable[..., Any]) -> Callable[..., Any]:
    """Refuses the first time."""
    asked = []

    def tried(*given: Any) -> Any:
        asked.append(given)
        if len(asked) == 1:
            raise StoreError("the database is locked")
        return doing(*given)

    return tried


def test_what_could_not_be_kept_is_judged_again(kept: Guarding, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.kept, "keep", _once(kept.kept.keep))
    kept.judge()
    assert len(kept.kept.unjudged(kept.policy.version, 9)) == 2
    assert kept.judge() == 2
    assert kept.kept.unjudged(kept.policy.version, 9) == []
    assert kept.judge() == 0


def test_judging_goes_on_after_an_error(
    kept: Guarding, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kept.kept, "moment", _once(kept.kept.moment))
    stopped, done = threading.Event(), []
    judge = kept.judge

    def judged() -> int:
        found = judge()
        done.append(found)
        if found == 0:
            stopped.set()
        return found

    monkeypatch.setattr(kept, "judge", judged)
    guarding.keep_up(kept, stopped, pause=0.01)
    assert done == [2, 0]
    assert "the database is locked" in capsys.readouterr().err
