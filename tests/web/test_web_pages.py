"""The pages without a browser: they show, refuse and lead on as they should, and never more than they should."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from conftest import LOCAL, REPORTS, Tarikh, json_lines
from tarikh.errors import StoreError, UsageError
from tarikh.serve_commands import _refuse
from tarikh.store import Filter, open_store
from tarikh.web import security
from tarikh.web.app import create_app

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def _main(html: str) -> str:
    return _text(html.partition("<main")[2].partition("</main>")[0])


def _ids(html: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'href="/incidents/(i-\w+)"', html)))


# ---- the view ------------------------------------------------------------------------------------------------


def test_the_view_holds_every_incident_without_a_script(pages: Any) -> None:
    answer = pages.get("/")
    assert answer.status_code == 200
    assert len(_ids(answer.text)) == 4
    assert "14 (11–14)" in _main(answer.text)


def test_a_filter_narrows_list_map_and_timeline_alike(pages: Any) -> None:
    html = pages.get("/?country=SDN").text
    assert len(_ids(html)) == 1
    assert html.count('class="hit"') == 1
    assert "Country Sudan" in _main(html)
    assert [f["properties"]["toll"] for f in pages.get("/map.json?country=SDN").json()["features"]] == [
        "9 known killed"
    ]


def test_a_source_is_a_filter(pages: Any) -> None:
    assert len(_ids(pages.get("/?source=river radio").text)) == 1
    assert _ids(pages.get("/?source=River").text) == []


def test_the_other_name_of_a_party_leads_to_its_incidents(pages: Any) -> None:
    html = pages.get("/?text=gsim&country=MLI").text
    assert 'href="/?country=MLI&amp;party=JNIM"' in html
    assert "It is a name of a party" in html
    assert "party=JNIM" not in pages.get("/?text=gs&country=MLI").text


def test_a_part_of_the_page_carries_its_address(pages: Any) -> None:
    answer = pages.get("/?kind=&text=&country=Mali", headers=HTMX)
    assert answer.headers["HX-Push-Url"] == "/?country=MLI"
    assert answer.text.lstrip().startswith('<div id="results"')
    assert "<html" not in answer.text


def test_pages_of_the_list_neither_overlap_nor_leave_out(pages: Any) -> None:
    for order in ("newest", "oldest", "deadliest"):
        whole, address = _ids(pages.get(f"/?order={order}").text), f"/?order={order}&size=1"
        seen: list[str] = []
        for _ in whole:
            html = pages.get(address).text
            seen += _ids(html)
            following = re.search(r'rel="next" href="([^"]*)"', html)
            address = unescape(following[1]) if following else ""
        assert seen == whole
        assert address == ""


def test_a_key_of_nowhere_is_refused(pages: Any) -> None:
    assert pages.get("/?after=nonsense").status_code == 400
    assert pages.get("/?after=~~i-0000").status_code == 400


def test_what_has_no_place_is_counted_and_never_drawn(chronicle: Path, pages: Any) -> None:
    features = pages.get("/map.json").json()["features"]
    with open_store(chronicle) as store:
        found = store.incidents()
    drawn = sum(i.where.precision not in ("country", "unknown") for i in found)
    assert sum(f["properties"]["incidents"] for f in features) == drawn
    assert {f["properties"]["precision"] for f in features} <= {"exact", "near", "admin1", "admin2"}
    for feature in features:
        ringed = feature["properties"]["precision"] != "exact"
        assert (feature["properties"]["km"] > 0) == ringed


def test_a_place_on_the_map_opens(pages: Any) -> None:
    feature = next(f for f in pages.get("/map.json?country=MLI").json()["features"])
    where = parse_qsl(feature["properties"]["at"])
    answer = pages.get("/at", params=where, headers=HTMX)
    assert "near Ménaka" in _text(answer.text)
    assert _ids(pages.get("/at", params=[*where, ("country", "SDN")]).text) == []
    unit = [("unit", "admin1"), ("of", "MLI"), ("of", "Ménaka"), ("of", "")]
    assert pages.get("/at", params=unit).status_code == 200
    assert pages.get("/at").status_code == 400
    assert pages.get("/at?unit=country").status_code == 400
    assert pages.get("/at?spot=1.1.1,2,exact").status_code == 400
    assert pages.get("/at?spot=x").status_code == 400


def test_a_drawn_area_is_a_filter_and_is_told_to_the_map(pages: Any) -> None:
    query = "area=1,15,5,15,5,18,1,18"
    inside = _ids(pages.get(f"/?{query}").text)
    assert inside == _ids(pages.get("/?country=MLI").text)
    told = pages.get(f"/map.json?{query}").json()
    assert told["asked"]["rings"] == [[[1, 15], [5, 15], [5, 18], [1, 18], [1, 15]]]
    assert len(told["features"]) == 1
    assert "Drawn area 4 corners" in _main(pages.get(f"/?{query}").text)
    assert f'value="{query.removeprefix("area=")}"' in pages.get(f"/?{query}").text


def test_a_radius_is_looked_up_in_the_gazetteer(pages: Any) -> None:
    assert _ids(pages.get("/?place=Ménaka&radius=30").text) == _ids(pages.get("/?country=MLI").text)
    told = pages.get("/map.json?place=Ménaka&radius=30").json()
    assert told["asked"]["around"][2] == 30
    assert "30 km around Ménaka" in _main(pages.get("/?place=Ménaka&radius=30").text)
    refused = pages.get("/?place=Nowhereville&radius=30")
    assert refused.status_code == 400
    assert "no town called" in _main(refused.text)


# ---- an incident, a report -----------------------------------------------------------------------------------


def _one(pages: Any, query: str) -> str:
    (found,) = _ids(pages.get(f"/?{query}").text)
    return found


def test_a_field_opens_to_its_words_in_each_report(pages: Any) -> None:
    html = pages.get(f"/incidents/{_one(pages, 'country=MLI')}").text
    killed = html.partition('data-field="harm.killed"')[2].partition("</details>")[0]
    assert "<b>killing eleven Malian soldiers</b>" in killed
    assert "fourteen" in killed
    for target in re.findall(r'class="quote" href="#([^"]+)"', html):
        assert f'<mark id="{target}"' in html
    assert "Ledger of claims" in html
    assert html.count('<g class="dot') >= 2


def test_the_past_tells_who_changed_what(pages: Any) -> None:
    incident = _one(pages, "country=MLI")
    told = _text(pages.get(f"/incidents/{incident}/past", headers=HTMX).text)
    assert "report of Sahel Post was coded" in told
    assert "report of River Radio was coded" in told


def test_the_beginning_of_an_id_leads_to_it(pages: Any) -> None:
    incident = _one(pages, "country=MLI")
    answer = pages.get(f"/incidents/{incident[:9]}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, f"/incidents/{incident}")


def test_a_merged_id_leads_on_for_good(tmp_path: Path, index: Path, tarikh: Tarikh) -> None:
    database = tmp_path / "x.db"
    tarikh("add", json_lines(tmp_path / "r.jsonl", REPORTS), "--db", database)
    with open_store(database) as store:
        one, two = (store.incidents(Filter(countries=(c,)))[0].id for c in ("MLI", "SDN"))
    assert tarikh("review", "same", one, two, "--db", database, "--by", "ana").code == 0
    with TestClient(create_app(database), LOCAL) as client:
        answers = {i: client.get(f"/incidents/{i}", follow_redirects=False) for i in (one, two)}
    assert sorted(a.status_code for a in answers.values()) == [200, 301]
    (moved,) = (a for a in answers.values() if a.status_code == 301)
    assert moved.headers["location"].removeprefix("/incidents/") in (one, two)


def test_a_report_shows_what_was_coded_and_what_was_not(pages: Any) -> None:
    html = pages.get(f"/incidents/{_one(pages, 'country=MLI')}").text
    report = re.findall(r'href="/reports/(r-\w+)"', html)[0]
    page = pages.get(f"/reports/{report}").text
    assert "<mark" in page
    assert "Open its incident" in page
    why = _text(pages.get(f"/reports/{report}/why", headers=HTMX).text)
    assert "Four other soldiers were wounded." in why


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/incidents/i-0000000000000000", 404),
        ("/incidents/x", 404),
        ("/incidents/%E2%82%AC", 404),
        ("/reports/r-0000000000000000", 404),
        ("/nowhere", 404),
        ("/static/x/../../../pyproject.toml", 404),
        ("/static/x/%2e%2e/app.py", 404),
        ("/static/x/..%2fapp.py", 404),
        ("/static/x/vendor", 404),
        ("/language/tlh", 400),
        ("/?size=1000000", 400),
        ("/?since=2025-03-01&until=2024-03-01", 400),
        ("/map.json?bbox=1", 400),
        ("/map.json?window=1", 400),
        ("/map.json?window=0,0,400,1", 400),
        ("/map.json?zoom=21", 400),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(pages: Any, path: str, status: int) -> None:
    answer = pages.get(path)
    assert answer.status_code == status
    assert len(_main(answer.text)) > 40
    assert "Traceback" not in answer.text


# ---- language ------------------------------------------------------------------------------------------------


def test_the_language_is_chosen_and_kept(pages: Any) -> None:
    assert '<html lang="fr">' in pages.get("/", headers={"Accept-Language": "fr"}).text
    answer = pages.get("/language/fr?to=/%3Fcountry%3DMLI", follow_redirects=False)
    assert answer.headers["location"] == "/?country=MLI"
    assert "près de Ménaka" in pages.get("/").text


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "x", "/\nx"])
def test_the_choice_of_language_leads_to_no_other_server(pages: Any, to: str) -> None:
    answer = pages.get("/language/en", params={"to": to}, follow_redirects=False)
    assert answer.headers["location"] == "/"


# ---- what keeps it safe --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/nowhere", "/map.json", "/?size=0", "/language/fr"])
def test_every_answer_has_the_headers(pages: Any, path: str) -> None:
    answer = pages.get(path, follow_redirects=False)
    assert answer.headers["content-security-policy"] == security.POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "unsafe" not in security.POLICY


def test_a_name_of_another_server_is_not_answered(pages: Any) -> None:
    assert pages.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert pages.get("/", headers={"Host": "[::1]:8321"}).status_code == 200
    assert pages.get("/", headers={"Host": "localhost:8321"}).status_code == 200


@pytest.fixture
def changing(chronicle: Path) -> TestClient:
    """Pages with a route that would change something, one that fails, and one whose store does."""
    app = create_app(chronicle, body_limits={"/large/change": 3_000_000})
    router = APIRouter()

    @router.post("/change")
    @router.post("/large/change")
    def change() -> dict[str, bool]:
        return {"done": True}

    @router.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret of ours at /etc/shadow")

    @router.get("/locked")
    def locked() -> None:
        raise StoreError("the database is locked; try again")

    app.include_router(router)
    return TestClient(app, LOCAL, raise_server_exceptions=False)


def _token(client: TestClient) -> str:
    found = re.search(r'name="tarikh-token" content="(\w+)"', client.get("/nowhere").text)
    assert found is not None
    return found[1]


def test_a_change_needs_the_token_of_this_browser(changing: TestClient) -> None:
    token = _token(changing)
    assert changing.post("/change").status_code == 403
    assert changing.post("/change", headers={"X-Tarikh-Token": "0" * 64}).status_code == 403
    assert changing.post("/change", headers={"X-Tarikh-Token": "é".encode()}).status_code == 403
    assert changing.post("/change", headers={"X-Tarikh-Token": token}).json() == {"done": True}
    assert changing.post("/change", data={"token": token}).json() == {"done": True}
    changing.cookies.clear()
    assert changing.post("/change", headers={"X-Tarikh-Token": token}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_change_from_another_origin_is_refused(changing: TestClient, headers: dict[str, str]) -> None:
    token = _token(changing)
    assert changing.post("/change", headers={"X-Tarikh-Token": token, **headers}).status_code == 403


def test_a_body_has_a_limit_with_and_without_its_length(changing: TestClient) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert changing.post("/change", content=b"x" * (security.BODY + 1), headers=form).status_code == 413
    chunks = (b"x" * 100_000 for _ in range(12))
    assert changing.post("/change", content=chunks, headers=form).status_code == 413
    assert changing.post("/large/change", content=b"x" * 2_000_000, headers=form).status_code != 413


def test_a_fault_of_ours_is_told_without_its_words(changing: TestClient) -> None:
    answer = changing.get("/broken")
    assert answer.status_code == 500
    assert "shadow" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.headers["content-security-policy"] == security.POLICY
    locked = changing.get("/locked")
    assert (locked.status_code, "he database is locked; try again" in locked.text) == (503, True)


@pytest.mark.parametrize(
    ("host", "users", "may"),
    [
        ("127.0.0.1", False, True),
        ("127.8.8.8", False, True),
        ("::1", False, True),
        ("localhost", False, True),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("192.0.2.1", False, False),
        ("example.org", False, False),
        ("0.0.0.0", True, True),
    ],
)
def test_only_this_machine_is_served_where_there_are_no_users(host: str, users: bool, may: bool) -> None:
    with nullcontext() if may else pytest.raises(UsageError, match="no users"):
        _refuse(host, None, users, ["tarikh.example.org"])


def test_serve_says_why_it_will_not(tarikh: Tarikh, tmp_path: Path, chronicle: Path) -> None:
    assert "other machines" in tarikh("serve", "--host", "0.0.0.0", "--db", chronicle).sentence()
    assert "no database" in tarikh("serve", "--db", tmp_path / "none.db").sentence()
    assert not (tmp_path / "none.db").exists()


def test_two_applications_know_nothing_of_each_other(chronicle: Path) -> None:
    one, two = create_app(chronicle), create_app(chronicle, clock=lambda: datetime(2025, 1, 1, tzinfo=UTC))
    assert one.state.secret != two.state.secret
    assert one.state.store is not two.state.store
