"""What the pages tell a reader: nothing that the disclosure policy withholds, in no answer to any question.

Invariant: two databases that differ only in what is withheld give a reader the same answers, byte for byte.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from conftest import LOCAL
from store_sample import Clock
from tarikh import accounts, pipeline, review
from tarikh.accounts import passwords
from tarikh.disclosure import LEVELS, disclosed_all, policy
from tarikh.disclosure import sight as guarding
from tarikh.disclosure.sight import Guarding
from tarikh.model import Count, Evidence, Mention, Phrase, Report, Span, When, Where
from tarikh.store import Filter, Store, open_store
from tarikh.store.spots import Listing
from tarikh.text import fold
from tarikh.web.app import create_app

NOW = datetime(2025, 6, 1, tzinfo=UTC)
WORDS = "three rivers meet here"
SPLITS = ("kind", "country", "admin1", "party")


@dataclass(frozen=True, slots=True)
class World:
    """What is withheld: two sensitive places, the unit of the second, a person, who reviewed."""

    site: tuple[str, float, float]
    held: tuple[str, float, float]
    unit: str
    person: str
    reviewer: str

    def secrets(self) -> list[str]:
        """All strings that no reader may see, as a page could write them."""
        names = [self.site[0], self.held[0], self.unit, *self.person.split(), self.reviewer]
        points = [*self.site[1:], *self.held[1:]]
        return [*names, *(f"{value:.2f}" for value in points)]


ONE = World(
    ("Kountiéba", 12.3713, -3.4839), ("Zouérou", 12.8917, -2.1353), "Bambougou", "Moussa Traoré", "ousmane"
)
TWO = World(
    ("Tabakoro", 12.9129, -3.9157), ("Sirakélé", 13.4243, -2.7791), "Dioungani", "Seydou Keïta", "fatimata"
)


def units(where: Where) -> tuple[float, float, int | None]:
    """A unit's own point."""
    return (14.0, -1.0, 7) if where.precision == "admin1" else (14.5, -1.5, 8)


def _tell(store: Store, name: str, day: int, kind: str, where: Where, world: World, **fields: Any) -> None:
    place, person = where.place or "", world.person
    title = fields.pop("title", f"Raid near {place}")
    building = fields.pop("building", "town")
    text = f"Armed men attacked the {building} of {place} on Monday. {person} said that three people died in {place}."
    source = fields.pop("source", "River Radio")
    url = f"https://news.example/{name}-{quote(place)}"
    published = date(2025, 3, day)
    store.add_report(
        Report(f"r-{name}", title, text, "en", published, source=source, url=url, given_id=f"{place} {name}")
    )
    there = Span("text", text.index(place), text.index(place) + len(place))
    evidence = {
        "kind": Evidence((Span("text", 0, 10),), ("Armed men",), 0.9, f"heard near {place}"),
        "place": Evidence((there,), (place,), 0.8, f"{place} is the nearest"),
        "attribution": Evidence((), (person,), 0.9),
    }
    phrases = {"place": (Phrase(place, (there,)),)}
    when = When(published, published, "day")
    mention = Mention(
        f"m-{name}", f"r-{name}", "rules@1", kind, when=when, where=where, attribution=person, trigger="Armed men",
        evidence=evidence, phrases=phrases, published=published, source=source, language="en",
        harm={"killed": Count(3, 3, 3)}, **fields,
    )  # fmt: skip
    store.add_mentions(f"r-{name}", "rules@1", [mention])


def build(path: Path, world: World, linked: bool = False) -> Path:
    """A database with two sensitive incidents and two that are none, in one region."""
    with open_store(path, Clock()) as store:
        name, *point = world.site
        site = Where("BFA", "Sahel", "Wandialo", name, point[0], point[1], "exact", 11)
        title = f"Raid on the hospital of {name}"
        told = {
            "attackers": (world.person,),
            "targets": ("Civilians (Burkina Faso)",),
            "title": title,
            "building": "hospital",
        }
        _tell(store, "site", 10, "attack_on_civilians", site, world, source=f"Radio {name}", **told)
        if linked:
            _tell(store, "site2", 11, "attack_on_civilians", site, world, source="Nile Daily", **told)
        name, *point = world.held
        held = Where("BFA", "Sahel", world.unit, name, point[0], point[1], "near", 12)
        _tell(store, "held", 12, "abduction", held, world)
        for number, (lat, lon) in enumerate(((14.44, -0.23), (12.4, -3.5))):
            where = Where("BFA", "Sahel", "Gorom", f"Market {number}", lat, lon, "exact", 20 + number)
            plain = World(("", 0, 0), ("", 0, 0), "", "an officer", "")
            _tell(store, f"plain{number}", 13, "armed_clash", where, plain, attackers=("JNIM",))
        pipeline.relink(store)
        key = _incident(store, "m-site")
        review.correct(
            store, key, "killed", "5", world.reviewer, f"{world.person} told me in {world.site[0]}"
        )
        review.correct(store, key, "attackers", [world.person], world.reviewer, "so he said")
        accounts.add(store.accounts, "ida", WORDS, "reader")
        accounts.add(store.accounts, "eli", WORDS, "editor")
    return path


def _incident(store: Store, mention: str) -> str:
    return next(each.id for each in store.incidents() if mention in each.members)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(passwords, "hasher", lambda: cheap)


@contextmanager
def seen_by(path: Path, name: str) -> Iterator[TestClient]:
    """A browser in which somebody is logged in."""
    app = create_app(path, clock=lambda: NOW)
    app.state.guarding.__dict__["units"] = units
    with TestClient(app, LOCAL, raise_server_exceptions=False, headers={"Accept": "text/html"}) as browser:
        found = re.search(r'name="token" value="(\w+)"', browser.get("/login").text)
        assert found is not None
        browser.post("/login", data={"name": name, "password": WORDS, "token": found[1]})
        yield browser


# ---- every page ----------------------------------------------------------------------------------------------


def boxes(world: World) -> Iterator[str]:
    """Areas that close in on what is withheld, and on where it is shown instead."""
    for lat, lon in (world.site[1:], world.held[1:], (14.0, -1.0), (14.5, -1.5)):
        half = 4.0
        while half > 0.01:
            yield f"{lon - half:.5f},{lat - half:.5f},{lon + half:.5f},{lat + half:.5f}"
            half /= 6


def spans(world: World) -> Iterator[str]:
    """Areas that reach from an incident that is shown to each that is withheld, and hold both."""
    for lat, lon in (world.site[1:], world.held[1:]):
        yield f"{min(lon, -3.5) - 0.01:.4f},{min(lat, 12.4) - 0.01:.4f},{lon + 0.01:.4f},{lat + 0.01:.4f}"


def _corners(box: str) -> str:
    """The box as a drawn area."""
    west, south, east, north = box.split(",")
    return ",".join((west, south, east, south, east, north, west, north))


def questions(*worlds: World) -> list[str]:
    """Filters that a curious reader would ask with."""
    asked: list[dict[str, str]] = [
        {},
        {"country": "BFA"},
        {"kind": "abduction"},
        {"min_killed": "1"},
        {"size": "1"},
    ]
    asked += [{"order": "deadliest"}, {"since": "2025-03-10", "until": "2025-03-10"}, {"party": "JNIM"}]
    asked += [{"place": name} for name in ("Sahel", "Wandialo", "Gorom")]
    for world in worlds:
        names = (world.site[0], world.held[0], world.unit)
        asked += [{"place": name} for name in names] + [{"text": name} for name in names]
        asked += [{"source": f"Radio {name}"} for name in names]
        asked += [{"party": world.person}, {"party": f"{world.person} JNIM"}]
        asked += [{"bbox": box} for box in boxes(world)]
        asked += [{"area": _corners(box)} for box in boxes(world)]
        asked += [{"admin1": name} for name in names]
    asked += [{"admin1": "Sahel"}, *({"precision": name} for name in ("exact", "near", "admin2", "admin1"))]
    paths = ("/", "/map.json", "/days", "/trends", "/trends.csv")
    # A page that is full before the end of an area would tell by the next one how much more lies in it.
    orders = ("newest", "oldest", "deadliest")
    paged = [
        {name: area, "size": "1", "order": order}
        for world in worlds
        for box in spans(world)
        for name, area in (("bbox", box), ("area", _corners(box)))
        for order in orders
    ]
    return [
        *(f"/?{urlencode(one)}" for one in paged),
        *(f"{path}?{urlencode(one)}" for one in asked for path in paths),
        *(
            f"{path}?split={split}"
            for path in ("/trends", "/trends/table", "/trends.csv")
            for split in SPLITS
        ),
        *(
            f"/map.json?zoom={zoom}&window={box}"
            for world in worlds
            for box in boxes(world)
            for zoom in (2, 9)
        ),
    ]


def walked(browser: TestClient, start: list[str]) -> dict[str, Any]:
    """All answers that links lead to from some addresses, and from the places on the map."""
    answers: dict[str, Any] = {}
    queue = [*start, "/account", "/users", "/nowhere", "/incidents/i-", "/reports/r-0"]
    while queue and len(answers) < 900:
        address = queue.pop(0).partition("#")[0]
        if address in answers or not address.startswith("/") or address.startswith(("/static", "/language")):
            continue
        answer = answers[address] = browser.get(address)
        # Of an editor: there is no gazetteer here to explain with.
        unexplained = answer.status_code == 503 and address.endswith("/why")
        assert answer.status_code < 500 or unexplained, (address, answer.text[-300:])
        if "application/json" in answer.headers.get("content-type", ""):
            features = [
                each["properties"] for each in answer.json()["features"] if "at" in each["properties"]
            ]
            queue = [*(f"/at?{each['at']}" for each in features), *queue]
        found = re.findall(r'(?:href|hx-get|data-map)="(/[^"]*)"', answer.text)
        # Records first: of filters that plots and chips lead to there are more than are worth a look.
        records = [each for each in found if each.startswith(("/incidents/", "/reports/"))]
        queue = [*records, *queue, *(unescape(each) for each in found if each not in records)]
        queue += [f"{each}/why" for each in found if each.startswith("/reports/")]
    return answers


def _asked_for(address: str) -> str:
    """What the reader wrote, which a page may say again."""
    return fold(unquote(address.replace("+", " ")))


def _told(world: World, address: str, answer: Any) -> list[str]:
    body = unquote(unescape(answer.text))
    plain, asked = f" {fold(body)} ", _asked_for(address)
    names = [each for each in world.secrets() if not re.match(r"-?\d", each)]
    points = [each for each in world.secrets() if re.match(r"-?\d", each)]
    told = [each for each in names if f" {fold(each)} " in plain and fold(each) not in asked]
    return told + [each for each in points if each in body and "bbox" not in address]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_tells_a_reader_what_is_withheld(tmp_path: Path, language: str) -> None:
    path = build(tmp_path / "one.db", ONE, linked=True)
    with seen_by(path, "ida") as browser:
        browser.headers["Accept-Language"] = language
        answers = walked(browser, questions(ONE))
    assert sum(answer.status_code == 200 for answer in answers.values()) > 100
    assert any(address.endswith("/past") for address in answers)
    assert any(address.startswith("/at") for address in answers)
    told = {address: found for address, answer in answers.items() if (found := _told(ONE, address, answer))}
    assert told == {}


def test_an_editor_is_told_everything(tmp_path: Path) -> None:
    path = build(tmp_path / "one.db", ONE, linked=True)
    with seen_by(path, "eli") as browser:
        answers = walked(browser, ["/", "/map.json"])
    told = {secret for address, answer in answers.items() for secret in _told(ONE, address, answer)}
    assert told >= {ONE.site[0], ONE.held[0], ONE.unit, *ONE.person.split(), ONE.reviewer}


def test_two_worlds_that_differ_in_what_is_withheld_answer_alike(tmp_path: Path) -> None:
    one, two = build(tmp_path / "one.db", ONE), build(tmp_path / "two.db", TWO)
    with seen_by(one, "ida") as left, seen_by(two, "ida") as right:
        answers = walked(left, questions(ONE, TWO))
        assert len(answers) > 150
        for address, answer in answers.items():
            other = right.get(address)
            assert other.status_code == answer.status_code, address
            assert _plain(other.text, address) == _plain(answer.text, address), address


def _plain(html: str, address: str) -> str:
    """A page without the tokens of its session, and without the minutes in which it was begun and seen."""
    own = r"\b[0-9a-f]{64,128}\b|\b\d{1,2}:\d{2}\b" if address == "/account" else r"\b[0-9a-f]{64,128}\b"
    return re.sub(own, "", html)


def test_words_and_names_that_are_withheld_cannot_be_asked_for(tmp_path: Path) -> None:
    with seen_by(build(tmp_path / "one.db", ONE), "ida") as browser:
        for query in ("text=market", "party=Moussa Traoré", "party=Moussa Traoré of JNIM"):
            answer = browser.get(f"/?{query}")
            assert (answer.status_code, "withheld at the level partner" in answer.text) == (403, True), query
        assert 'id="f-text"' not in browser.get("/").text
        assert browser.get("/?party=JNIM").status_code == 200


def test_totals_hold_what_is_withheld_and_areas_do_not(tmp_path: Path) -> None:
    with seen_by(build(tmp_path / "one.db", ONE), "ida") as browser:
        assert ">4 incidents</h2>" in browser.get("/").text
        assert ">2 incidents</h2>" in browser.get("/?bbox=-20,0,20,30").text
        assert "are not found by place" in browser.get("/?bbox=-20,0,20,30").text
        drawn = browser.get("/map.json").json()["features"]
        assert sum(each["properties"]["incidents"] for each in drawn) == 4
        assert {tuple(f["geometry"]["coordinates"]) for f in drawn} >= {(-1.0, 14.0), (-1.5, 14.5)}
        site = next(f for f in drawn if f["properties"]["precision"] == "admin2")
        there = browser.get("/at", params=site["properties"]["at"]).text
        assert there.count('href="/incidents/') == 1
        assert "somewhere in Wandialo" in there


# ---- the parts -----------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Guarding]:
    with open_store(build(tmp_path / "one.db", ONE), Clock()) as store:
        made = Guarding(store, None, policy(fresh_hours=24 * 81))  # fresh from March 12 on
        made.__dict__["units"] = units
        yield made


@pytest.mark.parametrize("level", LEVELS[:-1])
def test_the_map_is_what_the_policy_makes_of_each_incident(kept: Guarding, level: Any) -> None:
    found = kept.store.incidents()
    mentions, reports = kept.around(found)
    each = disclosed_all(found, mentions, reports, level, NOW, kept.policy, units, flat=True)
    wheres = Counter((i.where.precision, i.where.place, i.where.latitude, i.kind) for i in each.incidents)
    sight = kept.sight(level, NOW)
    spots = [each.spot for each in sight.guarded(Filter())]
    assert Counter((s.precision, s.place, s.latitude, s.kind) for s in spots) == wheres
    area = Filter(bbox=(-20.0, 0.0, 20.0, 30.0))
    listed = Listing(kept.store, sight.only(area)).page(area, 50).incidents
    assert {i.id for i in listed} == {i.id for i in each.placed().incidents}
    assert {i.id for i in sight.placed(found)} == {i.id for i in each.placed().incidents}


def test_what_is_not_judged_yet_has_no_place(kept: Guarding, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "judge", lambda: 0)
    sight = kept.sight("partner", NOW)
    assert {(s.spot.precision, s.spot.place, s.spot.latitude) for s in sight.guarded(Filter())} == {
        ("country", None, None)
    }
    assert sight.guarded(Filter(place="Gorom")) == []


def test_an_incident_that_changes_is_judged_anew(kept: Guarding) -> None:
    assert kept.judge() == 4
    assert kept.judge() == 0
    key = _incident(kept.store, "m-plain0")
    assert kept.kept.rules(kept.policy.version, [key]) == {key: ()}
    review.correct(kept.store, key, "kind", "abduction", "ana")
    assert kept.kept.rules(kept.policy.version, [key]) == {}
    assert kept.sight("partner", NOW).guarded(Filter(kinds=("abduction",)))[0].rules == ("survivors",)
    assert kept.kept.rules(kept.policy.version + 1, [key]) == {}


def test_a_map_that_is_remembered_is_forgotten_with_the_first_change(kept: Guarding) -> None:
    first = kept.sight("partner", NOW).guarded(Filter())
    assert kept.sight("partner", NOW).guarded(Filter(order="deadliest")) is first
    assert kept.sight("public", NOW).guarded(Filter()) is not first
    review.correct(kept.store, _incident(kept.store, "m-plain0"), "kind", "abduction", "ana")
    after = kept.sight("partner", NOW).guarded(Filter())
    assert sum(each.rules == ("survivors",) for each in after) > sum(
        each.rules == ("survivors",) for each in first
    )
    for number in range(20):
        kept.sight("partner", NOW).guarded(Filter(minimum_killed=number))
    assert len(kept._answers) == guarding.ANSWERS


def test_what_changes_while_it_is_judged_is_not_kept(kept: Guarding) -> None:
    key = _incident(kept.store, "m-plain0")
    kept.kept.keep(kept.policy.version, {key: ()}, {key: "another digest"})
    assert kept.kept.rules(kept.policy.version, [key]) == {}


def test_much_is_judged_a_part_at_a_time(kept: Guarding, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [kept.judge(3), kept.judge(3), kept.judge(3)] == [3, 1, 0]
    assert guarding.AT_ONCE == 200
