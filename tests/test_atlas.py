"""The error atlas: each miss once, by the scorer's alignment, with its cause and its cost; a page that is safe to open.

Invariant: what a cause costs is checked against the scorer by mending that cause and scoring again.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conftest import REPORTS, Tarikh, json_lines
from tarikh.evaluation import atlas_page, gold
from tarikh.evaluation.atlas import atlas
from tarikh.evaluation.causes import causes, class_of
from tarikh.evaluation.coding import Trace
from tarikh.evaluation.misses import Miss, misses
from tarikh.evaluation.words import gold_spans
from tarikh.extract.explain import Explanation, Heard, Told
from tarikh.model import Candidate, Evidence, Mention, Span
from test_evaluation import CLASH

TEXT = "Gunmen stormed a camp near Ménaka on Thursday. Eleven died. A shell hit Gao."
EVIL = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=2">\'"&amp;<!--'
Row = dict[str, Any]


def span(words: str, text: str = TEXT) -> Span:
    at = text.index(words)
    return Span("text", at, at + len(words))


def story(*heard: Heard, passed: bool = True, verdict: str = "parsed") -> Explanation:
    told, at = [], 0
    for sentence in TEXT.split(". "):
        words = sentence if sentence.endswith(".") else sentence + "."
        low = TEXT.index(words, at)
        inside = tuple(h for h in heard if low <= h.span.start < low + len(words))
        told.append(Told(Span("text", low, low + len(words)), words, verdict, inside))  # type: ignore[arg-type]
        at = low
    return Explanation(passed, tuple(told))


def trace(
    wanted: list[Row], given: list[Row], explained: Explanation | None = None, id: str = "x", **row: Any
) -> Trace:
    evidence = {"date": Evidence((), (), 0.7, "counted", (Candidate("other", 0.1),))}
    mentions = tuple(Mention(f"m{n}", "r", "c", m["kind"], evidence=evidence) for n, m in enumerate(given))
    report = {"id": id, "language": "en", "title": "", "text": TEXT, "mentions": wanted, **row}
    return Trace(report, {"id": id, "mentions": given}, mentions, explained or story())


def found(*args: Any, **more: Any) -> list[tuple[str, str]]:
    return [(m.group, m.cause) for m in misses(trace(*args, **more))]


# ---- fields ------------------------------------------------------------------------------------------------

FIELDS = [
    ({"kind": "shelling"}, [("kind", "armed_clash coded as shelling")]),
    ({"attackers": []}, [("attackers", "left empty")]),
    ({"attackers": ["JNIM", "FLA"]}, [("attackers", "one too many")]),
    ({"attackers": ["FLA"]}, [("attackers", "another group's name")]),
    (
        {"attackers": ["Military of Mali"], "targets": ["JNIM"]},
        [("attackers", "sides turned around"), ("targets", "sides turned around")],
    ),
    ({"targets": ["Military of Niger"]}, [("targets", "of another country or community")]),
    ({"targets": ["Police of Mali"]}, [("targets", "military coded as police")]),
    ({"date_start": None, "date_end": None}, [("date", "unknown, where gold has one")]),
    ({"date_start": "2025-03-12", "date_end": "2025-03-12"}, [("date", "starts a day off")]),
    ({"date_end": "2025-03-14"}, [("date", "starts right, ends wrong")]),
    ({"date_start": "2025-03-07", "date_end": "2025-03-07"}, [("date", "starts within a week of gold")]),
    ({"date_start": "2024-03-07", "date_end": "2024-03-07"}, [("date", "another time altogether")]),
    ({"place_precision": "unknown", "latitude": None}, [("place", "not resolved")]),
    ({"place_precision": "country", "place": "Mali"}, [("place", "only its country")]),
    ({"latitude": 16.2, "place": "X"}, [("place", "a neighbor, 10 to 50 km off")]),
    ({"latitude": 19.0, "place": "X"}, [("place", "another town")]),
    (
        {"latitude": 19.0},
        [("place", "a namesake in the same country, or the gazetteer's point is off")],
    ),
    ({"country": "NER", "latitude": 19.0}, [("place", "in another country")]),
    ({"place_precision": "exact"}, [("precision", "near coded as exact")]),
    ({"harm": {}}, [("killed", "not found")]),
    ({"harm": {"killed": [12, 12, 12]}}, [("killed", "too high")]),
    ({"harm": {"killed": [11, 11, None]}}, [("killed bounds", "best right, low or high wrong")]),
    (
        {"harm": {"killed": [11, 11, 11], "injured": [2, 2, 2]}},
        [("injured", "a number, where gold has none")],
    ),
    (
        {"harm": {"killed": [11, 11, 11], "abducted": [2, 2, 2]}},
        [("other counts", "abducted: a number, where gold has none")],
    ),
    ({"status": "claimed"}, [("status", "reported coded as claimed")]),
    ({"aspect": "background"}, [("aspect", "new coded as background")]),
]


@pytest.mark.parametrize(("wrong", "wanted"), FIELDS)
def test_a_field_s_cause(wrong: Row, wanted: list[tuple[str, str]]) -> None:
    other = CLASH | wrong
    assert list(causes(CLASH, other, gold.compare(CLASH, other))) == wanted


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert found([CLASH], [CLASH]) == []


def test_one_side_s_dead_for_all() -> None:
    sides = {"killed": [11, 11, 11], "killed_targets": [4, 4, 4], "killed_attackers": [7, 7, 7]}
    wanted = CLASH | {"harm": sides}
    other = CLASH | {"harm": sides | {"killed": [4, 4, 4]}}
    assert ("killed", "one side's dead for all") in found([wanted], [other])


def test_the_sides_of_an_agreement_are_one_miss() -> None:
    wanted = CLASH | {"kind": "agreement"}
    assert [group for group, _ in found([wanted], [wanted | {"attackers": ["FLA"]}])] == ["attackers"]


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("Military of Mali", "military"),
        ("Civilians (Mali)", "civilians"),
        ("Militia of Dogon (Mali)", "militia"),
        ("Unidentified armed group (Mali)", "unidentified armed group"),
        ("JNIM", "a named group"),
    ],
)
def test_sorts_of_parties(name: str, sort: str) -> None:
    assert class_of(name) == sort


# ---- missed and invented -----------------------------------------------------------------------------------

STORMED = CLASH | {"trigger": "stormed", "words": {"trigger": "stormed", "place": "near Ménaka"}}
FAR = {"date_start": "2020-01-01", "date_end": "2020-01-01", "latitude": 1.0, "longitude": 1.0}


def heard(words: str, mention: str | None, reason: str = "", act: str | None = "attack") -> Heard:
    return Heard(span(words), words, act, mention, reason)


@pytest.mark.parametrize(
    ("explained", "wanted"),
    [
        (story(passed=False), ("gate", "the report was never parsed")),
        (story(verdict="unrelated"), ("gate", "its passage was taken for other news")),
        (story(verdict="no_word"), ("trigger", "no word of its sentence is in the lexicon")),
        (story(), ("trigger", "its word is not in the lexicon")),
        (
            story(heard("stormed", None, "it hangs on “fear”: planned", None)),
            ("trigger", "refused: it hangs on “…”: planned"),
        ),
        (
            story(heard("stormed", None, "general talk")),
            ("trigger", "dropped: general talk"),
        ),
    ],
)
def test_why_a_mention_was_missed(explained: Explanation, wanted: tuple[str, str]) -> None:
    assert found([STORMED], [], explained) == [wanted]


def test_a_trigger_that_went_to_a_neighbor() -> None:
    neighbor = CLASH | {"kind": "shelling", **FAR}
    explained = story(heard("stormed", "m0"), heard("hit", "m0"))
    assert found([STORMED, neighbor], [neighbor], explained) == [("trigger", "swallowed by a neighbor")]


def test_a_report_that_was_not_read() -> None:
    row = {"id": "x", "language": "xx", "title": "", "text": TEXT, "mentions": [STORMED]}
    (miss,) = misses(Trace(row, {"mentions": []}, (), None, "is in Xish, which is not coded; y"))
    assert (miss.group, miss.cause) == ("unread", "is in Xish, which is not coded")


def test_words_that_are_not_in_the_report() -> None:
    assert found([STORMED | {"trigger": "besieged", "words": {}}], []) == [
        ("trigger", "gold's words are not found in the report")
    ]


@pytest.mark.parametrize(
    ("wanted", "cause"),
    [
        ([], "a report without incidents"),
        ([STORMED | FAR], "nothing in gold"),
        ([CLASH], "a found one again"),
    ],
)
def test_why_a_mention_was_invented(wanted: list[Row], cause: str) -> None:
    given = [CLASH, CLASH] if cause.endswith("again") else [CLASH]
    assert ("invented", cause) in found(wanted, given)


def test_one_event_of_another_family_is_one_miss() -> None:
    wrong = STORMED | {"kind": "peaceful_protest"}
    (miss,) = misses(trace([STORMED], [wrong]))
    assert (miss.group, miss.cause, miss.record) == ("kind", "armed_clash coded as peaceful_protest", 1)
    assert gold.pair_mentions([STORMED], [wrong]) == []


def test_a_trigger_that_led_to_a_mention_elsewhere_at_another_time() -> None:
    (miss,) = misses(trace([STORMED], [CLASH | FAR], story(heard("stormed", "m0"))))
    assert (miss.group, miss.record) == ("date and place", 1)


def test_the_coder_s_reason_is_told() -> None:
    (miss,) = misses(trace([CLASH], [CLASH | {"date_end": "2025-03-14"}]))
    assert miss.note == "counted · 0.70 sure · weighed as well: other"


# ---- words -------------------------------------------------------------------------------------------------


def test_of_several_occurrences_the_one_beside_the_other_words() -> None:
    row = {"title": "Attack", "text": "An attack was feared. The attack in Gao killed two; the attack."}
    spans = gold_spans(
        row, {"trigger": "attack", "words": {"place": "in Gao", "killed": "two … no such words"}}
    )
    assert spans["trigger"] == (Span("text", 26, 32),)
    assert [row["text"][s.start : s.end] for s in (*spans["place"], *spans["killed"])] == ["in Gao", "two"]


# ---- cost --------------------------------------------------------------------------------------------------

KEYS = {
    "kind": ("kind",),
    "attackers": ("attackers",),
    "targets": ("targets",),
    "date": ("date_start", "date_end"),
    "place": ("latitude", "longitude", "place_precision", "country"),
    "killed": ("harm",),
}
SET: list[Row] = [
    {"attackers": []},
    {"attackers": [], "targets": []},
    {"date_start": None, "date_end": None},
    {"kind": "shelling"},
    {"kind": "peaceful_protest"},
    {"latitude": 19.0},
    {"harm": {}},
    {"harm": {}, "status": "claimed"},
    {},
]


def _set() -> list[Trace]:
    return [trace([STORMED], [STORMED | wrong], id=str(n)) for n, wrong in enumerate(SET)]


@pytest.mark.parametrize("group", KEYS)
def test_the_cost_of_a_cause_is_what_mending_it_brings(group: str) -> None:
    traces = _set()
    whole = next(g.whole for g in atlas(traces).groups if g.whole.name == group)
    rows = [t.row for t in traces]
    mended = {
        str(t.row["id"]): {
            "mentions": [m | {key: STORMED[key] for key in KEYS[group]} for m in t.line["mentions"]]
        }
        for t in traces
    }
    before = gold.score(rows, {str(t.row["id"]): t.line for t in traces})["record"]
    after = gold.score(rows, mended)["record"]
    assert whole.gain == pytest.approx(after["f1"] - before["f1"])
    assert whole.records == pytest.approx((after["recall"] - before["recall"]) * len(rows))


def test_the_dearest_cause_stands_first() -> None:
    groups = atlas(_set()).groups
    gains = [g.whole.gain for g in groups]
    assert gains == sorted(gains, reverse=True)
    assert {g.whole.name for g in groups[:2]} == {"kind", "killed"}
    assert groups[-1].whole.gain == 0


def test_an_invented_mention_costs_precision() -> None:
    (group,) = atlas([trace([STORMED], [STORMED]), trace([], [CLASH], id="y")]).groups
    assert group.whole.name == "invented"
    assert group.whole.gain == pytest.approx(1 - 2 / 3)


def test_rare_causes_of_a_group_stand_together() -> None:
    kinds = [
        "shelling",
        "bombing",
        "grenade",
        "air_strike",
        "abduction",
        "attack_on_civilians",
        "looting_or_arson",
    ]
    kinds += ["suicide_bombing", "sexual_violence", "territory_taken", "chemical_attack"]
    traces = [trace([STORMED], [STORMED | {"kind": kind}], id=kind) for kind in kinds]
    (group,) = [g for g in atlas(traces).groups if g.whole.name == "kind"]
    assert len(group.causes) == 9
    assert group.causes[-1].name == "3 rare causes"
    assert sum(len(c.misses) for c in group.causes) == len(kinds)


# ---- the page ----------------------------------------------------------------------------------------------


def _hostile() -> list[Trace]:
    wrong = STORMED | {"attackers": [EVIL], "spans": {"trigger": [{"in": "text", "start": 7, "end": 14}]}}
    hostile = trace(
        [STORMED | {"targets": [EVIL]}],
        [wrong],
        id=f"x{EVIL}",
        language=EVIL,
        source=EVIL,
        title=EVIL,
        text=TEXT + EVIL,
    )
    return [hostile, *_set()]


def test_everything_in_the_page_is_escaped() -> None:
    html = atlas_page.page(atlas(_hostile()), f"{EVIL} {{{{script}}}}")
    assert html.count("<script") == 1
    assert "<img" not in html
    assert "unsafe-inline" not in html
    assert "style=" not in html.partition("<body>")[2]
    assert html.count("{{script}}") == 2


def test_words_of_both_are_marked_apart() -> None:
    row = {"text": "abcdef"}
    html = atlas_page.marked(row, "text", (0, 6), [Span("text", 0, 3)], [Span("text", 2, 5)])
    assert html == '<mark class="gold">ab</mark><mark class="both">c</mark><mark class="coded">de</mark>f'


def test_ids_of_reports_make_ids_of_the_page() -> None:
    names = ["a b", "a_b", "a/b", "é", "a-b", '"><']
    made = [atlas_page.anchor(name) for name in names]
    assert len(set(made)) == len(names)
    assert all(c.isalnum() or c in "-_" for name in made for c in name)
    assert all(name.isascii() for name in made)


def test_the_page_in_a_browser(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "errors.html"
    atlas_page.write(atlas(_hostile()), path, "Misses")
    complaints: list[str] = []
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on(
        "request",
        lambda r: complaints.append(r.url) if not r.url.startswith((path.as_uri(), "data:")) else None,
    )
    tab.goto(path.as_uri())
    total = tab.locator("article").count()
    assert tab.inner_text("#shown") == f"{total} misses"
    tab.select_option("[name=group]", "attackers")
    shown = tab.locator("article:not([hidden])").count()
    assert tab.inner_text("#shown") == f"{shown} of {total} misses"
    assert 0 < shown < total
    assert tab.locator("section.group:not([hidden])").count() == 1
    assert tab.locator("tbody:not([hidden])").count() == 1
    tab.check("[name=alone]")
    assert tab.locator("article:not([hidden])").count() == 1
    tab.evaluate("location.hash = document.querySelector('tr[data-cause]:not([hidden]) a').hash")
    tab.wait_for_selector("details.cause[open] article:not([hidden])")
    tab.fill("[name=words]", "no such words")
    assert tab.inner_text("#shown") == f"0 of {total} misses"
    assert tab.evaluate("window.pwned") is None
    assert complaints == []
    tab.close()


# ---- the command -------------------------------------------------------------------------------------------


def test_evaluate_writes_the_atlas_of_what_it_scores(tarikh: Tarikh, tmp_path: Path) -> None:
    coded = tarikh("code", json_lines(tmp_path / "reports.jsonl", REPORTS)).lines()
    rows = [report | {"mentions": line["mentions"]} for report, line in zip(REPORTS, coded, strict=True)]
    rows[0]["mentions"][0]["attackers"] = ["FLA"]
    rows[2]["mentions"] = []
    labelled = json_lines(tmp_path / "gold.jsonl", rows)
    plain = tarikh("evaluate", "gold", labelled, "--json").json()
    done = tarikh("evaluate", "gold", labelled, "--atlas", tmp_path / "errors.html", "--json")
    assert done.json() == plain
    html = (tmp_path / "errors.html").read_text(encoding="utf-8")
    assert html.count("<article") == 2
    assert "a report without incidents" in html


@pytest.mark.parametrize(
    "arguments",
    [("hrdsattack", "--atlas", "x.html"), ("gold", "--atlas", "x.html", "--predictions", "p.jsonl")],
)
def test_an_atlas_needs_gold_coded_now(tarikh: Tarikh, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    labelled = json_lines(tmp_path / "gold.jsonl", [{"id": "a", "mentions": []}])
    done = tarikh("evaluate", arguments[0], labelled, *arguments[1:])
    assert done.code == 2
    assert "--atlas" in done.sentence()


def test_every_difference_of_the_scorer_is_a_miss() -> None:
    traces = [*_set(), trace([STORMED, CLASH | {"kind": "coup", **FAR}], [CLASH, CLASH], id="z")]
    for one in traces:
        errors: list[Any] = []
        gold.score([one.row], {str(one.row["id"]): one.line}, errors)
        told = Counter(e["what"] for e in errors)
        seen: list[Miss] = misses(one)
        missed = sum(m.predicted is None for m in seen)
        invented = sum(m.gold is None for m in seen)
        displaced = sum(m.note.startswith("too far") for m in seen)
        assert (missed + displaced, invented + displaced) == (told["missed"], told["invented"])
