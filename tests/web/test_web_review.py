"""Review without a browser: every act is kept with its author, can be taken back, and overwrites nobody."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from review_sample import WRONG, Hand, made, of, words
from starlette.testclient import TestClient

from conftest import LOCAL
from tarikh import review
from tarikh.accounts import User, Visitor
from tarikh.model import Count
from tarikh.review_queue import queue
from tarikh.store import open_store
from tarikh.web import review_keys, review_values
from tarikh.web.app import create_app
from tarikh.web.language import texts
from tarikh.web.people import Asking, Door
from tarikh.web.routes import review_acts

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("review") / "tarikh.db")


@pytest.fixture
def path(ready: Path, tmp_path: Path) -> Path:
    """A copy of the chronicle that a test may change."""
    return Path(shutil.copy(ready, tmp_path / "tarikh.db"))


@pytest.fixture
def client(path: Path, index: Path) -> Iterator[TestClient]:
    """Ana sits before it."""
    with TestClient(create_app(path, index, door=Door("ana")), LOCAL, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def hand(client: TestClient) -> Hand:
    return Hand(client)


def _own(incident: str) -> str:
    return f"/review/incidents/{incident}"


def _incident(path: Path, incident: str) -> Any:
    with open_store(path) as store:
        return store.incident(incident)


def _acts(path: Path) -> list[tuple[str, bool]]:
    with open_store(path) as store:
        return [(act.by, act.standing) for act in store.acts.log() if act.by != "user:eve"]


# ---- the queue -----------------------------------------------------------------------------------------------


def test_the_queue_lists_what_waits_and_opens_the_first(client: TestClient, path: Path) -> None:
    with open_store(path) as store:
        items = queue(store)
    html = client.get("/review").text
    assert [item.why for item in items[:3]] == ["conflicting tolls", "uncertain link", "high harm"]
    assert html.count('class="rv-item') == 12
    assert html.count('aria-current="true">\n        <span class="rv-why">Conflicting tolls') == 1
    assert "3 (The Herald), 30 (The Herald)" in words(html)
    assert f'action="{_own(items[0].incidents[0])}/accept"' in html


def test_next_goes_through_the_whole_queue_and_ends(client: TestClient, path: Path) -> None:
    with open_store(path) as store:
        items = queue(store, limit=100)
    address, met = "/review", 0
    while True:
        html = client.get(address).text
        following = re.search(r'href="([^"]*)" data-key="j n"', html)
        if following is None:
            break
        met += 1
        address = following[1].replace("&amp;", "&")
    assert met == len(items) > 12
    assert "come to the end" in words(html)


def test_what_others_settled_meanwhile_is_passed_over(client: TestClient, path: Path) -> None:
    with open_store(path) as store:
        first, second = queue(store)[:2]
        review.accept(store, first.incidents[0], "ben")
    html = client.get("/review", params={"at": first.cursor}).text
    assert "Are these two the same incident?" in words(html)
    assert second.why == "uncertain link"


@pytest.mark.parametrize("name", ["at", "after", "past"])
def test_a_wrong_cursor_is_refused(client: TestClient, name: str) -> None:
    assert client.get("/review", params={name: "nonsense"}).status_code == 400


def test_an_empty_queue_says_so(tmp_path: Path) -> None:
    with TestClient(create_app(tmp_path / "x.db"), LOCAL) as client:
        assert "Nothing waits for review" in words(client.get("/review").text)


# ---- acts ----------------------------------------------------------------------------------------------------


def test_accept_leads_to_the_next_with_what_was_done_and_a_way_back(hand: Hand, path: Path) -> None:
    incident = of(path, "Ségou")
    answer = hand.send("/review", f"{_own(incident)}/accept")
    assert answer.status_code == 303
    html = hand.client.get(answer.headers["location"]).text
    assert "You accepted: Shelling, Ségou" in words(html)
    assert "Are these two the same incident?" in words(html)
    assert _incident(path, incident).review == "accepted"
    row = parse_qs(urlsplit(answer.headers["location"]).query)["did"][0]
    undone = hand.client.post("/review/undo", data=hand.form(html, "/review/undo") | {"row": row})
    assert "Taken back: accepted as an incident" in words(undone.text)
    assert _incident(path, incident).review == "unreviewed"
    assert _acts(path) == [("user:ana", False)]


def test_reject_needs_a_reason(hand: Hand, path: Path) -> None:
    incident = of(path, "Gao")
    answer = hand.send(_own(incident), f"{_own(incident)}/reject", note=" ")
    assert (answer.status_code, "needs a reason" in answer.text) == (400, True)
    answer = hand.send(_own(incident), f"{_own(incident)}/reject", note="a drill")
    assert answer.status_code == 303
    assert _incident(path, incident).review == "rejected"


CORRECTIONS: list[tuple[str, dict[str, str], str, Any]] = [
    ("kind", {"value": "bombing"}, "kind", "bombing"),
    ("status", {"value": "claimed"}, "status", "claimed"),
    ("attackers", {"value": "JNIM; IS Sahel Province"}, "attackers", ("JNIM", "IS Sahel Province")),
    ("targets", {"value": "", "unknown": "1"}, "targets", ()),
    ("harm.killed", {"low": "3", "best": "", "high": ""}, "killed", Count(3, None, None)),
    ("harm.killed", {"low": "", "best": "0", "high": ""}, "killed", Count(0, 0, 0)),
    ("harm.killed", {"unknown": "1"}, "killed", None),
    ("harm.injured", {"low": "1", "best": "2", "high": "4"}, "injured", Count(1, 2, 4)),
]


@pytest.mark.parametrize(("field", "given", "name", "value"), CORRECTIONS)
def test_a_field_is_corrected(
    hand: Hand, path: Path, field: str, given: dict[str, str], name: str, value: Any
) -> None:
    incident = of(path, "Gao")
    page = f"{_own(incident)}?edit={field}"
    answer = hand.send(page, f"{_own(incident)}/correct", note="seen on film", **given)
    assert answer.status_code == 303, words(answer.text)
    after = _incident(path, incident)
    assert (getattr(after, name) if hasattr(after, name) else after.harm.get(name)) == value
    assert "corrected to" in words(hand.client.get(answer.headers["location"]).text)
    assert after.corrections[-1].note == "seen on film"


@pytest.mark.parametrize(
    ("given", "start", "end", "precision"),
    [
        ({"start": "2024-03-14", "end": "", "precision": "day"}, "2024-03-14", "2024-03-14", "day"),
        ({"start": "2024-03-14", "end": "2024-03-16", "precision": "day"}, "2024-03-14", "2024-03-16", "day"),
        ({"start": "2024-03-14", "end": "", "precision": "week"}, "2024-03-11", "2024-03-17", "week"),
        ({"start": "2024-02-14", "end": "", "precision": "month"}, "2024-02-01", "2024-02-29", "month"),
        ({"start": "2024-02-14", "end": "", "precision": "year"}, "2024-01-01", "2024-12-31", "year"),
    ],
)
def test_a_date_is_as_precise_as_it_is_said(
    hand: Hand, path: Path, given: dict[str, str], start: str, end: str, precision: str
) -> None:
    incident = of(path, "Gao")
    assert hand.send(f"{_own(incident)}?edit=date", f"{_own(incident)}/correct", **given).status_code == 303
    when = _incident(path, incident).when
    assert (when.start, when.end) == (date.fromisoformat(start), date.fromisoformat(end))
    assert when.precision == precision


PLACES: list[tuple[dict[str, str], tuple[str | None, str | None, str]]] = [
    ({"place": "Ménaka, Mali", "precision": "exact"}, ("MLI", "Ménaka", "exact")),
    ({"place": "Ménaka, Mali", "precision": "near"}, ("MLI", "Ménaka", "near")),
    ({"place": "Gao, Mali", "precision": "admin1"}, ("MLI", "Gao Region", "admin1")),
    ({"place": "Gao, Mali", "precision": "country"}, ("MLI", "Mali", "country")),
    ({"place": "", "precision": "unknown"}, (None, None, "unknown")),
    ({"place": "", "precision": "near", "latitude": "16.3", "longitude": "-0.1"}, ("MLI", "Gao", "near")),
    ({"place": "Tandou", "precision": "exact", "latitude": "14.31", "longitude": "-3.42"}, ("MLI", "Tandou", "exact")),
    ({"place": "", "precision": "admin1", "latitude": "16.3", "longitude": "-0.1"}, ("MLI", "Gao Region", "admin1")),
]  # fmt: skip


@pytest.mark.parametrize(("given", "where"), PLACES)
def test_a_place_is_never_finer_than_it_is_said(
    hand: Hand, path: Path, given: dict[str, str], where: tuple[str | None, str | None, str]
) -> None:
    incident = of(path, "San")
    answer = hand.send(f"{_own(incident)}?edit=place", f"{_own(incident)}/correct", **given)
    assert answer.status_code == 303, words(answer.text)
    after = _incident(path, incident).where
    assert (after.country, after.place, after.precision) == where


@pytest.mark.parametrize(("field", "given", "reason"), WRONG)
def test_a_wrong_value_is_refused_with_the_reason_and_kept_in_the_form(
    hand: Hand, path: Path, field: str, given: dict[str, str], reason: str
) -> None:
    incident = of(path, "San")
    before = _incident(path, incident)
    base = hand.form(hand.client.get(f"{_own(incident)}?edit={field}").text, f"{_own(incident)}/correct")
    answer = hand.client.post(f"{_own(incident)}/correct", data=base | given | {"note": "mine"})
    assert answer.status_code == 400, words(answer.text)
    assert reason in words(answer.text).casefold()
    assert 'value="mine"' in answer.text
    assert _incident(path, incident) == before
    assert _acts(path) == []


def test_what_is_no_field_or_no_incident_is_said(hand: Hand, path: Path) -> None:
    incident = of(path, "Gao")
    base = hand.form(hand.client.get(f"{_own(incident)}?edit=kind").text, f"{_own(incident)}/correct")
    for field in ("weather", "review", "", "harm.x"):
        answer = hand.client.post(f"{_own(incident)}/correct", data=base | {"field": field})
        assert answer.status_code == 400, field
    for act in ("accept", "reject", "correct", "split", "merge"):
        given = {"token": base["token"], "field": "kind", "value": "bombing", "note": "x", "other": incident}
        assert hand.client.post(f"/review/incidents/i-0000000000000000/{act}", data=given).status_code == 404
    assert hand.client.get("/review/incidents/i-0000000000000000").status_code == 404
    assert hand.client.get(f"{_own(incident)}?edit=weather").status_code == 400
    assert hand.client.post(f"{_own(incident)}/accept", data={**base, "seen": "x"}).status_code == 400


# ---- two that may be one -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verdict", "left"), [("same", 1), ("different", 2)])
def test_two_in_doubt_lie_side_by_side_and_are_judged(
    hand: Hand, path: Path, verdict: str, left: int
) -> None:
    with open_store(path) as store:
        item = next(each for each in queue(store) if each.why == "uncertain link")
    page = hand.client.get("/review", params={"at": item.cursor}).text
    rows = re.findall(r'<tr class="apart"><th scope="row">(\w+)', page)
    assert rows == ["Date"]
    form = hand.form(page, "/review/pair")
    answer = hand.client.post("/review/pair", data=form | {"verdict": verdict}, follow_redirects=False)
    assert answer.status_code == 303, words(answer.text)
    with open_store(path) as store:
        assert len([each for each in store.incidents() if each.where.place == "Gossi"]) == left
        assert item.about not in [each.about for each in queue(store)]
    undone = hand.send(answer.headers["location"], "/review/undo")
    assert undone.status_code == 303
    with open_store(path) as store:
        assert item.about in [each.about for each in queue(store)]


def test_a_pair_needs_two_and_a_verdict(hand: Hand) -> None:
    token = hand.form(hand.client.get("/review").text, _any_form(hand))["token"]
    for data in ({"verdict": "maybe", "left": "a", "right": "b"}, {"verdict": "same", "left": "m-1"}):
        assert hand.client.post("/review/pair", data={"token": token, **data}).status_code == 400
    unknown = {"verdict": "same", "left": "m-0000000000000000", "right": "m-1111111111111111"}
    assert hand.client.post("/review/pair", data={"token": token, **unknown}).status_code in (400, 404)


def _any_form(hand: Hand) -> str:
    found = re.search(r'action="(/review/incidents/[^"]*/accept)"', hand.client.get("/review").text)
    assert found is not None
    return found[1]


def test_a_merge_and_its_undo(hand: Hand, path: Path) -> None:
    one, two = of(path, "Gao"), of(path, "Kidal")
    before = {i: _incident(path, i) for i in (one, two)}
    found = hand.client.get(f"{_own(one)}/merge", params={"q": "Kidal"}).text
    assert f'value="{two}"' in found
    assert f'value="{two}"' in hand.client.get(f"{_own(one)}/merge", params={"q": two}).text
    answer = hand.send(f"{_own(one)}/merge?with={two}", f"{_own(one)}/merge")
    assert answer.status_code == 303, words(answer.text)
    shown = hand.client.get(answer.headers["location"])
    assert "You merged into one incident" in words(shown.text)
    assert _incident(path, one).id == _incident(path, two).id
    hand.client.post("/review/undo", data=hand.form(shown.text, "/review/undo"))
    assert {i: _incident(path, i) for i in (one, two)} == before
    assert hand.client.get(f"{_own(one)}/merge?with={one}").status_code == 400
    assert hand.client.get(f"{_own(one)}/merge?with=i-0000000000000000").status_code == 404


def test_a_split_and_its_undo(hand: Hand, path: Path) -> None:
    incident = of(path, "Ségou")
    members = _incident(path, incident).members
    page = f"{_own(incident)}/split"
    nothing = hand.send(page, page)
    assert (nothing.status_code, "not all" in nothing.text) == (400, True)
    answer = hand.send(page, page, mention=members[1])
    assert answer.status_code == 303, words(answer.text)
    assert _incident(path, incident).members == members[:1]
    shown = hand.client.get(answer.headers["location"]).text
    assert "You split off" in words(shown)
    hand.client.post("/review/undo", data=hand.form(shown, "/review/undo"))
    assert _incident(path, incident).members == members
    assert hand.send(page, page, mention="m-0000000000000000").status_code == 400


# ---- undo ----------------------------------------------------------------------------------------------------


def test_any_act_of_the_history_is_taken_back(hand: Hand, path: Path) -> None:
    incident = of(path, "Gao")
    with open_store(path) as store:
        review.correct(store, incident, "killed", "7", "ben")
        review.accept(store, incident, "ana")
    past = hand.client.get(f"/incidents/{incident}/past").text
    rows = re.findall(r'name="row" value="(\w+)"', past)
    assert sorted(rows) == ["c1", "d1"]
    data = hand.form(past, "/review/undo") | {"row": "c1"}
    assert "Taken back: Killed corrected to: 7" in words(hand.client.post("/review/undo", data=data).text)
    assert _incident(path, incident).review == "accepted"
    assert hand.client.post("/review/undo", data=data).status_code == 400
    for row, status in (("c999", 404), ("x", 400), ("d" * 300, 400)):
        answer = hand.client.post("/review/undo", data=data | {"row": row})
        assert answer.status_code in (status, 404), row
    hand.client.post("/review/undo", data=data | {"row": ""})
    assert hand.client.post("/review/undo", data=data | {"row": ""}).status_code == 400


# ---- two at work ---------------------------------------------------------------------------------------------


def test_the_second_to_save_is_told_who_was_faster_and_keeps_his_words(hand: Hand, path: Path) -> None:
    incident = of(path, "Gao")
    action = f"{_own(incident)}/correct"
    form = hand.form(hand.client.get(f"{_own(incident)}?edit=killed").text, action)
    with open_store(path) as store:
        review.correct(store, incident, "killed", "7", "ben", "from the hospital")
    mine = {"low": "8", "best": "9", "high": "12", "note": "my own count"}
    stale = hand.client.post(action, data=form | mine)
    assert stale.status_code == 409
    told = words(stale.text)
    assert "nothing was overwritten" in told
    assert re.search(r"ben ?: Killed corrected to: 7", told)
    assert "from the hospital" in told
    for value in mine.values():
        assert f'value="{value}"' in stale.text
    assert _incident(path, incident).harm["killed"] == Count(7, 7, 7)
    again = hand.client.post(action, data=hand.form(stale.text, action) | mine, follow_redirects=False)
    assert again.status_code == 303
    assert _incident(path, incident).harm["killed"] == Count(8, 9, 12)
    assert _acts(path) == [("user:ana", True), ("user:ben", True)]


@pytest.mark.parametrize("act", ["accept", "reject", "merge", "split"])
def test_no_act_is_kept_on_what_has_changed(hand: Hand, path: Path, act: str) -> None:
    incident, other = of(path, "Ségou"), of(path, "Kidal")
    member = _incident(path, incident).members[1]
    action = f"{_own(incident)}/{act}"
    page = {"merge": f"{action}?with={other}", "split": action}.get(act, _own(incident))
    form = hand.form(hand.client.get(page).text, action) | {"note": "a drill"}
    with open_store(path) as store:
        review.correct(store, incident, "kind", "bombing", "ben")
    stale = hand.client.post(action, data={**form, "mention": member})
    assert stale.status_code == 409, words(stale.text)
    assert "ben" in words(stale.text)
    assert 'value="a drill"' in stale.text
    assert _acts(path) == [("user:ben", True)]
    again = hand.form(stale.text, action) | {"note": "a drill", "mention": member}
    assert hand.client.post(action, data=again, follow_redirects=False).status_code == 303


def test_an_incident_that_was_merged_meanwhile_is_told(hand: Hand, path: Path) -> None:
    one, two = of(path, "Gao"), of(path, "Kidal")
    action = f"{_own(two)}/accept"
    form = hand.form(hand.client.get(_own(two)).text, action)
    with open_store(path) as store:
        review.merge(store, one, two, "ben")
    stale = hand.client.post(action, data=form)
    assert stale.status_code == 409
    assert "part of another one" in words(stale.text)


def test_an_open_page_hears_of_others_and_only_then(hand: Hand, path: Path) -> None:
    html = hand.client.get("/review").text
    found = re.search(r'hx-get="(/review/moved\?seen=[^"]*)"', html)
    assert found is not None
    assert hand.client.get(found[1]).status_code == 204
    with open_store(path) as store:
        review.accept(store, of(path, "Kidal"), "ben")
    answer = hand.client.get(found[1])
    assert "ben : accepted as an incident" in re.sub(r"<[^>]*>", "", answer.text).replace("ben:", "ben :")
    assert of(path, "Kidal") in answer.text
    following = re.search(r'hx-get="([^"]*)"', answer.text)
    assert following is not None
    assert hand.client.get(following[1].replace("&amp;", "&")).status_code == 204
    assert hand.client.get("/review/moved?seen=x").status_code == 400
    many = ",".join(f"{of(path, 'Kidal')}@{n:016x}-0.0.0.0.0.0" for n in range(30))
    assert hand.client.get("/review/moved", params={"seen": many}).status_code == 400
    assert hand.client.get("/review/moved", params={"seen": "i" * 5000}).status_code == 400


# ---- who may -------------------------------------------------------------------------------------------------


CHANGES = ("accept", "reject", "correct", "merge", "split")


def test_without_the_token_nothing_is_changed(client: TestClient, path: Path) -> None:
    incident = of(path, "Gao")
    for action in (*(f"{_own(incident)}/{act}" for act in CHANGES), "/review/pair", "/review/undo"):
        assert client.post(action, data={"note": "x"}).status_code == 403, action
        assert client.post(action, headers={"Origin": "https://evil.example"}).status_code == 403
        assert client.put(action).status_code in (403, 405)
    assert _acts(path) == []


def test_what_was_sent_leads_to_no_other_server(hand: Hand, path: Path) -> None:
    incident = of(path, "Gao")
    for to in (
        "https://evil.example/review",
        "//evil.example",
        "/\\evil.example",
        "/review\n/x",
        "/incidents",
    ):
        answer = hand.send(_own(incident), f"{_own(incident)}/accept", to=to)
        assert answer.headers["location"].startswith(f"{_own(incident)}?"), to
    fields = {"to": "/review?past=x"}
    assert review_acts.Sent(fields).lead("/") == "/review?past=x"


def _visiting(path: Path, index: Path, role: Any) -> TestClient:
    app = create_app(path, index)
    user = User("cleo", role, "active", "", datetime(2024, 5, 1, tzinfo=UTC))

    @app.middleware("http")
    async def sign(request: Any, following: Any) -> Any:
        request.state.asking = Asking(Visitor(user, role, user.added_at))
        return await following(request)

    return TestClient(app, LOCAL, raise_server_exceptions=False)


def test_a_role_may_what_it_may(path: Path, index: Path) -> None:
    incident, other = of(path, "Ségou"), of(path, "Gao")
    reader, coder, editor = (_visiting(path, index, role) for role in ("reader", "coder", "editor"))
    assert reader.get("/review").status_code == 403
    assert reader.get("/suggest/parties.json?q=jnim").status_code == 403
    page = coder.get(_own(incident)).text
    assert 'data-key="m"' not in page
    assert coder.get(f"{_own(incident)}/merge").status_code == 403
    assert Hand(coder).send(_own(incident), f"{_own(incident)}/accept").status_code == 303
    assert _acts(path) == [("user:cleo", True)]
    with open_store(path) as store:
        review.accept(store, other, "ben")
    data = Hand(coder).form(coder.get(_own(incident)).text, "/review/undo") | {"row": "d2"}
    assert coder.post("/review/undo", data=data).status_code == 403
    data = Hand(editor).form(editor.get(_own(incident)).text, "/review/undo") | {"row": "d2"}
    assert editor.post("/review/undo", data=data, follow_redirects=False).status_code == 303


def test_without_a_gazetteer_the_rest_works(path: Path) -> None:
    with TestClient(create_app(path), LOCAL, raise_server_exceptions=False) as client:
        assert client.get("/suggest/places.json?q=gao").status_code == 503
        incident = of(path, "Gao")
        form = Hand(client)
        page = f"{_own(incident)}?edit=kind"
        assert form.send(page, f"{_own(incident)}/correct", value="bombing").status_code == 303


# ---- texts ---------------------------------------------------------------------------------------------------


def test_the_form_of_what_is_there_means_what_is_there(path: Path, index: Path) -> None:
    with open_store(path) as store:
        for incident in store.incidents():
            for field in ("kind", "status", "attackers", "date", "harm.killed"):
                given = review_values.filled(incident, field)
                assert review_values.value(field, given, index) is not None
    assert review_values.filled(incident, "harm.killed")["best"]


@pytest.mark.parametrize("code", ["en", "fr"])
def test_review_speaks_both_languages(client: TestClient, code: str) -> None:
    html = client.get("/review", headers={"Accept-Language": code}).text
    assert {"en": "Accept", "fr": "Accepter"}[code] in words(html)


def test_the_keys_of_the_docs_are_those_of_the_pages() -> None:
    table = (DOCS / "pages.md").read_text(encoding="utf-8")
    say = texts("en")
    for key in review_keys.KEYS:
        names = ", ".join(f"`{name}`" for name in key.shown.split(" "))
        assert f"| {names} | {say(f'review_page.key.{key.does}')} |" in table, key
