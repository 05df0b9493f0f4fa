"""The disclosure policy: what each level withholds, and that nothing withheld stands anywhere else in the record.

Invariant: every text of a view either holds the secrets of this file or is a code of ours, so that a new field of the
model that nobody thought of fails here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chronicle_sample as sample
from tarikh.accounts import ROLES
from tarikh.disclosure import LEVELS, MARK, Shown, asks_place, disclosed, disclosed_all, lasting_rules, policy
from tarikh.disclosure.places import coarsened, no_points
from tarikh.disclosure.sensitive import at_a_site
from tarikh.errors import ForbiddenError, UsageError
from tarikh.exports import FORMATS, context, page
from tarikh.link.certainty import Standing, Step
from tarikh.model import (
    Candidate,
    Claim,
    Correction,
    Count,
    Evidence,
    Incident,
    Judgement,
    Mention,
    Phrase,
    Reason,
    Report,
    Span,
    When,
    Where,
)
from tarikh.queries import Filter, IncidentView
from tarikh.store import to_json

NOW = datetime(2025, 6, 1, tzinfo=UTC)
PERSONS = (
    "Moussa Traoré",
    "Iyad ag Tamboura",
    "O'Brien-Diallo",
    "Ольга Петрова",
    "张伟",
    "Dr. Aminata",
    "Zouérou",
)
PLACE, UNIT = "Kountiéba", "Wandialo"
SITE = Where("BFA", "Sahel", UNIT, PLACE, 12.34567, -3.45678, "exact", 987654321)
AT = datetime(2025, 3, 14, 9, tzinfo=UTC)


def point(where: Where) -> tuple[float, float, int | None]:
    """A unit's own point."""
    return (14.0, -1.0, 7) if where.precision == "admin1" else (14.5, -1.5, 8)


# ---- the policy --------------------------------------------------------------------------------------------


def test_the_policy_says_for_every_rule_and_level_what_is_done() -> None:
    rules = policy().rules
    for rule, row in rules.items():
        assert tuple(row) == LEVELS, rule
        assert row["full"] == "shown", rule
        assert set(row.values()) <= {"shown", "withheld", "masked", "host", "admin2", "admin1", "country"}, (
            rule
        )
    assert set(policy().roles) == set(ROLES)
    assert policy().of_role("nobody") == policy().exports == "public"
    with pytest.raises(UsageError):
        disclosed_all([], [], [], "secret", NOW)  # type: ignore[arg-type]


# ---- sites -------------------------------------------------------------------------------------------------


def _at(text: str, act: str, place: str = "", targets: str = "", said: str = "") -> bool:
    words = {"kind": act, "place": place, "targets": targets, "attribution": said}
    evidence = {}
    for field, word in words.items():
        if word:
            start = text.index(word)
            evidence[field] = Evidence((Span("text", start, start + len(word)),), (word,))
    mention = Mention("m", "r", "c", "bombing", trigger=act, evidence=evidence)
    return at_a_site(_incident(), [mention], {"r": Report("r", "", text, "en")})


def _incident(**fields: Any) -> Incident:
    usual: dict[str, Any] = {
        "kind": "bombing",
        "status": "reported",
        "attackers": (),
        "targets": (),
        "when": When(date(2025, 3, 14), date(2025, 3, 14), "day"),
        "where": Where(),
        "harm": {},
    }
    return Incident("i-1", "m-1", ("m-1",), **(usual | fields))


@pytest.mark.parametrize(
    ("text", "act", "words"),
    [
        ("A drone struck the hospital in Nyala.", "struck", {}),
        ("Des obus ont frappé une école de Goma.", "frappé", {}),
        ("Shells hit tents in Zamzam camp for displaced people.", "hit", {}),
        ("Gunmen raided the office. They came by night.", "raided", {"place": "the office"}),
        ("Des hommes ont attaqué un convoi humanitaire.", "attaqué", {}),
        ("Bombs fell on the shelter.", "fell", {}),
        ("A drone struck the hospital, officials said.", "struck", {}),
        ("Gunmen killed hospital staff on Monday.", "killed", {}),
        ("A strike hit a clinic in Goma, the mayor told us.", "hit", {}),
        ("They killed two nurses on Monday.", "killed", {"targets": "two nurses"}),
        ("Un obús cayó sobre un centro de salud.", "cayó", {}),
    ],
)
def test_sites_are_known_by_their_words(text: str, act: str, words: dict[str, str]) -> None:
    expected = text != "Gunmen raided the office. They came by night."
    assert _at(text, act, **words) == expected


@pytest.mark.parametrize(
    ("text", "act", "said"),
    [
        ("A bomb killed nine in the market. The wounded are in a hospital.", "killed", ""),
        ("Nine were killed and taken to the regional hospital.", "killed", ""),
        ("Shelling killed nine, a doctor at the hospital said.", "killed", "a doctor at the hospital"),
        ("Shelling killed nine, hospital sources told us.", "killed", ""),
        ("Gunmen stormed the army camp.", "stormed", ""),
        ("The hospital in Gao counts 14 soldiers killed.", "killed", ""),
        ("Nine were killed, staff at the hospital told us.", "killed", ""),
        ("Blast: twelve killed, says ambulance service.", "killed", ""),
    ],
)
def test_where_people_are_only_treated_or_speak_is_no_site(text: str, act: str, said: str) -> None:
    assert not _at(text, act, said=said)


def test_a_site_is_known_by_its_name_and_by_aid_workers() -> None:
    assert at_a_site(_incident(where=replace(SITE, place="Kalma Refugee Camp")), [], {})
    assert at_a_site(_incident(targets=("Aid workers (Sudan)",)), [], {})
    assert not at_a_site(_incident(where=SITE, targets=("Military of Mali",)), [], {})


# ---- places ------------------------------------------------------------------------------------------------


def test_a_place_is_its_unit_with_the_unit_s_point_or_none() -> None:
    assert coarsened(SITE, "admin1", point) == Where("BFA", "Sahel", MARK, "Sahel", 14.0, -1.0, "admin1", 7)
    assert coarsened(SITE, "admin2", point) == Where("BFA", "Sahel", UNIT, UNIT, 14.5, -1.5, "admin2", 8)
    bare = coarsened(SITE, "admin1", no_points)
    assert (bare.latitude, bare.longitude, bare.geonameid, bare.precision) == (None, None, None, "admin1")
    assert coarsened(replace(SITE, admin2=None), "admin2", point).precision == "admin1"
    assert coarsened(replace(SITE, admin1=None, admin2=None), "admin1", no_points) == Where(
        "BFA", precision="country"
    )


def test_unknown_is_never_called_withheld() -> None:
    assert coarsened(Where(), "admin1", point) == Where()
    assert coarsened(Where(), "withheld", point) == Where()
    assert coarsened(SITE, "withheld", point) == Where(place=MARK)
    nowhere = _incident(kind="abduction")
    shown = disclosed_all([nowhere], [], [], "public", NOW)
    assert shown.incidents[0].where == Where()
    assert not shown.withheld["i-1"]
    assert not shown.coarsened()


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ({"kind": "sexual_violence"}, {"survivors"}),
        ({"kind": "abduction"}, {"survivors"}),
        ({"kind": "arrest"}, {"survivors"}),
        ({"harm": {"abducted": Count(3, 3, None)}}, {"survivors"}),
        ({"harm": {"abducted": Count(0, 0, 0)}}, set()),
        ({"targets": ("Aid workers (Mali)",)}, {"sites"}),
        ({}, set()),
    ],
)
@pytest.mark.parametrize(("level", "precision"), [("public", "admin1"), ("full", "exact")])
def test_sensitive_incidents_are_coarser_and_stay_countable(
    fields: dict[str, Any], rules: set[str], level: Any, precision: str
) -> None:
    shown = disclosed_all([_incident(where=SITE, **fields)], [], [], level, NOW, units=point)
    (incident,) = shown.incidents
    assert incident.where.precision == (precision if rules else "exact")
    told = {note.rule for note in shown.withheld.get("i-1", ()) if note.field == "place"}
    assert told == (rules if level == "public" else set())


@pytest.mark.parametrize("last", [date.min, date.max])
def test_days_at_the_ends_of_time_are_no_error(last: date) -> None:
    far = _incident(where=SITE, when=When(last, last, "day"))
    shown = disclosed_all([far], [], [], "public", NOW, policy(87_600))
    assert shown.incidents[0].where.precision == ("admin1" if last == date.max else "exact")


def test_fresh_incidents_are_coarser_until_the_delay_is_over() -> None:
    slow = policy(48)
    recent = _incident(where=SITE)
    for now, precision in (
        (datetime(2025, 3, 16, 12, tzinfo=UTC), "admin1"),
        (datetime(2025, 3, 17, 1, tzinfo=UTC), "exact"),
    ):
        assert disclosed_all([recent], [], [], "public", now, slow).incidents[0].where.precision == precision
    undated = replace(recent, when=When())
    assert disclosed_all([undated], [], [], "public", NOW, slow).incidents[0].where.precision == "admin1"
    assert (
        disclosed_all([recent], [], [], "public", datetime(2025, 3, 14, tzinfo=UTC)).incidents[0].where
        == SITE
    )


# ---- nothing withheld stands anywhere else -----------------------------------------------------------------

_CODES = frozenset(
    [
        "id",
        "founder",
        "members",
        "kind",
        "status",
        "precision",
        "country",
        "field",
        "mention_id",
        "report_id",
        "by",
        "verdict",
        "left",
        "right",
        "review",
        "report",
        "coder",
        "aspect",
        "language",
        "role",
        "nationality",
        "part",
        "feature",
        "start",
        "end",
        "succeeds",
        "recorded_at",
        "at",
        "published",
        "fetched",
        "withdrawn_at",
        "absorbed",
        "redirects",
        "figures",
        "mentions",
        "day",
        "of",
    ]
)
"""Fields that hold codes of ours: identifiers, words of the codebook, moments."""


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)


@st.composite
def views(draw: st.DrawFn, kind: str = "sexual_violence") -> IncidentView:
    """A view with a secret in every text, and a fine place in every place."""

    def words() -> str:
        before, after = (
            draw(st.sampled_from(["", "the ", "near ", "dit ", "9 "])),
            draw(st.sampled_from(["", " said", ", 14 ans", "."])),
        )
        return f"{before}{draw(st.sampled_from((*PERSONS, PLACE, UNIT)))}{after}"

    def reason() -> Reason:
        return Reason(draw(st.sampled_from(["place", "names", "note", "kind"])), words(), 1.0)

    def evidence() -> Evidence:
        spans = (Span("text", 3, 9),)
        return Evidence(spans, (words(), words()), 0.5, words(), (Candidate(words(), 0.1, (words(),)),))

    fields = ("kind", "attackers", "targets", "date", "place", "attribution", "harm.killed")
    mention = Mention(
        "m-1",
        "r-1",
        "rules@1",
        kind,
        attackers=(words(),),
        targets=(words(),),
        when=When(date(2025, 3, 1), date(2025, 3, 1), "day", words()),
        where=SITE,
        harm={"killed": Count(2, 2, 2)},
        attribution=words(),
        trigger=words(),
        evidence={f: evidence() for f in fields},
        phrases={f: (Phrase(words(), (Span("title", 0, 2),), words()),) for f in fields},
        source=f"Radio {PLACE}",
        details=(31337,),
        terms=(27182818,),
    )
    report = Report(
        "r-1",
        f"{PLACE}: {words()}",
        f"In {PLACE} the men came. {words()}",
        "en",
        date(2025, 3, 2),
        None,
        f"Radio {PLACE}",
        "https://example.org/2025/kountieba-moussa-traore",
        "secret-7",
        "/home/secret.csv",
    )
    claims = (
        Claim("place", SITE, "m-1", "r-1", f"Radio {PLACE}", None, words(), (words(),)),
        Claim("attackers", (words(),), "m-1", "r-1", f"Radio {PLACE}", None, words(), (words(),)),
    )
    corrections = (
        Correction("m-1", "place", to_json(SITE), "user:zorro", AT, words()),
        Correction("m-1", "targets", [words()], "user:zorro", AT, words()),
        Correction("m-1", "place", words(), "user:zorro", AT, words()),
    )
    judgement = Judgement("m-1", "m-2", "same", 1.0, "user:zorro", (reason(), reason()), AT)
    incident = Incident(
        "i-1",
        "m-1",
        ("m-1",),
        kind,
        "reported",
        (words(), "JNIM"),
        (words(),),
        mention.when,
        SITE,
        {"killed": Count(2, 2, 2)},
        (f"Radio {PLACE}",),
        {"place": ("m-1",)},
        claims,
        (judgement,),
        corrections,
    )
    step = Step(date(2025, 3, 2), "reported", f"one source states it as fact: Radio {PLACE}", ("m-1",))
    standing = Standing("reported", (step,), 0.5, (reason(),), (f"Radio {PLACE}",), {"r-1": f"Radio {PLACE}"})
    return IncidentView(incident, (mention,), (report,), standing=standing)


def _secrets(view: IncidentView, fine: bool) -> list[str]:
    report = view.reports[0]
    always = [
        *PERSONS,
        "Traoré",
        "Tamboura",
        "zorro",
        report.text,
        "moussa-traore",
        "secret-7",
        "/home",
        "31337",
        "27182818",
    ]
    return [*always, PLACE, UNIT, "Kountieba", "kountieba", "12.34", "3.45", "987654321"] if fine else always


@settings(max_examples=60, deadline=None)
@given(views())
def test_every_text_of_the_model_is_looked_at(view: IncidentView) -> None:
    known = (*PERSONS, PLACE, UNIT, "kountieba", "secret", "JNIM", "Sahel")
    for name, text in _texts(to_json(view)):
        ours = name in _CODES or text in ("m-1", "m-2", "r-1") or name == "$"
        assert ours or any(secret in text for secret in known), (name, text)


@settings(max_examples=80, deadline=None)
@given(views(), st.sampled_from(["public", "partner"]))
def test_nothing_withheld_stands_anywhere_in_the_record(view: IncidentView, level: Any) -> None:
    shown = disclosed(view, level, NOW, units=point)
    written = json.dumps(to_json(shown), ensure_ascii=False)
    for secret in _secrets(view, fine=True):
        assert secret not in written, secret
    assert shown.view.incident.where.place == "Sahel"
    assert shown.view.incident.attackers == (MARK, "JNIM")
    assert not any(each.spans or each.rejected for m in shown.view.mentions for each in m.evidence.values())
    assert {note.field for note in shown.withheld} >= {
        "place",
        "attackers",
        "words",
        "reports",
        "reviewers",
        "sources",
    }


@settings(max_examples=40, deadline=None)
@given(views(kind="armed_clash"))
def test_persons_are_withheld_where_the_place_is_not(view: IncidentView) -> None:
    shown = disclosed(view, "public", NOW, units=point)
    written = json.dumps(to_json(shown), ensure_ascii=False)
    for secret in _secrets(view, fine=False):
        assert secret not in written, secret
    assert shown.view.incident.where == SITE


@settings(max_examples=15, deadline=None)
@given(views(), st.sampled_from(["public", "partner"]))
def test_nothing_withheld_stands_in_any_export(view: IncidentView, level: Any) -> None:
    shown = disclosed_all([view.incident], view.mentions, view.reports, level, NOW, units=point)
    values = disclosed_all([view.incident], view.mentions, view.reports, level, NOW, units=point, flat=True)
    for name, form in FORMATS.items():
        stream = io.BytesIO()
        form.write(shown.incidents, stream, context(shown=shown))
        if form.flat:
            again = io.BytesIO()
            form.write(values.incidents, again, context(shown=values))
            assert again.getvalue() == stream.getvalue(), name
        for secret in _secrets(view, fine=True):
            assert secret.encode() not in stream.getvalue(), (name, secret)
    stream = io.BytesIO()
    page.write((), (), (), stream, "T", shown)
    # The basemap is full of degrees.
    for secret in (each for each in _secrets(view, fine=True) if not each[0].isdigit()):
        assert secret.encode() not in stream.getvalue(), secret


@given(views())
def test_full_changes_nothing(view: IncidentView) -> None:
    assert disclosed(view, "full", NOW).view == view


def test_rules_that_are_kept_give_the_same() -> None:
    incidents, mentions, reports = sample.incidents(), sample.mentions(), sample.reports()
    by_id, texts = {m.id: m for m in mentions}, {r.id: r for r in reports}
    kept = {i.id: lasting_rules(i, [by_id[m] for m in i.members], texts, policy()) for i in incidents}
    assert {rule for rules in kept.values() for rule in rules} == {"sites", "survivors"}
    anew = disclosed_all(incidents, mentions, reports, "public", NOW, units=point)
    assert disclosed_all(incidents, mentions, reports, "public", NOW, units=point, rules=kept) == anew


def test_disclosing_twice_is_disclosing_once() -> None:
    one = disclosed_all(sample.incidents(), sample.mentions(), sample.reports(), "public", NOW, units=point)
    two = disclosed_all(one.incidents, one.mentions, one.reports, "public", NOW, units=point)
    for left, right in zip(one.incidents, two.incidents, strict=True):
        assert (left.where, left.attackers, left.targets) == (right.where, right.attackers, right.targets)
        assert left.sources == right.sources
    assert len(one.incidents) == len(sample.incidents())


# ---- exports and questions ---------------------------------------------------------------------------------


def _shown(level: Any) -> Shown:
    return disclosed_all(sample.incidents(), sample.mentions(), sample.reports(), level, NOW, units=point)


def test_exports_carry_level_version_and_what_was_withheld() -> None:
    shown = _shown("public")
    stream = io.BytesIO()
    FORMATS["geojson"].write(shown.incidents, stream, context(shown=shown))
    written = json.loads(stream.getvalue())
    told = written["metadata"]["disclosure"]
    assert (told["level"], told["policy"]) == ("public", policy().version)
    assert {"field": "place", "rule": "survivors", "done": "admin1", "incidents": 2} in told["withheld"]
    arrest = next(f["properties"] for f in written["features"] if f["properties"]["kind"] == "arrest")
    assert arrest["disclosure"] == "public"
    assert "place: admin1 by policy survivors" in arrest["withheld"]
    assert arrest["place_precision"] == "admin1"


def test_a_question_for_a_place_is_not_answered_with_incidents_that_withhold_it() -> None:
    shown = _shown("public")
    assert asks_place(Filter(point=(13.6, 25.3), radius_km=5.0), "public")
    assert asks_place(Filter(bbox=(0.0, 0.0, 1.0, 1.0)), "partner")
    assert asks_place(Filter(areas=((((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)),),)), "partner")
    assert not asks_place(Filter(countries=("MLI",), parties=("JNIM",)), "public")
    assert not asks_place(Filter(text="Moussa", parties=("Moussa Traoré",)), "full")
    for asked in (Filter(text="moussa"), Filter(parties=("Moussa Traoré",))):
        with pytest.raises(ForbiddenError):
            asks_place(asked, "public")
    placed = shown.placed()
    assert shown.coarsened()
    assert not placed.coarsened()
    assert len(placed.incidents) == len(shown.incidents) - len(shown.coarsened())
