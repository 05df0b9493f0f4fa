"""An invented chronicle for tests of exports and the page: reports, mentions with spans found in them, incidents.

Nothing in it happened. Places are real so that the map can be looked at; people, sources and events are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from chronicle_texts import reports
from tarikh.link import fold
from tarikh.model import (
    Candidate,
    Count,
    Evidence,
    Incident,
    Judgement,
    Mention,
    Reason,
    Report,
    Span,
    When,
    Where,
)

__all__ = ["incidents", "mentions", "reports"]

_AT = datetime(2024, 4, 1, tzinfo=UTC)

_BY_ID = {report.id: report for report in reports()}


def evidence(
    report: Report, words: str, confidence: float = 0.8, reason: str = "", rejected: tuple[str, ...] = ()
) -> Evidence:
    """Evidence whose spans are where the words (alternatives by "|") stand first in the text, else in the title."""
    spans = []
    for each in words.split("|"):
        if each in report.text:
            start = report.text.index(each)
            spans.append(Span("text", start, start + len(each)))
        else:
            start = report.title.index(each)
            spans.append(Span("title", start, start + len(each)))
    others = tuple(Candidate(value, 0.2, ("farther away",)) for value in rejected)
    return Evidence(tuple(spans), tuple(report.words(span) for span in spans), confidence, reason, others)


def _mention(id: str, report_id: str, kind: str, words: Mapping[str, str], **fields: Any) -> Mention:
    report = _BY_ID[report_id]
    harm = {what: Count(*bounds) for what, bounds in fields.pop("harm", {}).items()}
    found = {field: evidence(report, said, reason=_REASONS.get(field, "")) for field, said in words.items()}
    return Mention(
        id=id,
        report_id=report_id,
        coder="sample@1",
        kind=kind,
        harm=harm,
        evidence=found,
        trigger=words["kind"].split("|")[0],
        published=report.published,
        source=report.source,
        language=report.language,
        recorded_at=_AT,
        **fields,
    )


_REASONS = {
    "date": "weekday counted back from the day of publication",
    "place": "named beside the trigger; the dateline was set aside",
    "kind": "trigger of the lexicon, both sides armed",
}


def _day(iso: str, last: str | None = None) -> When:
    return When(date.fromisoformat(iso), date.fromisoformat(last or iso), "day", "weekday")


_TERA = Where("NER", "Tillabéri", "Téra", "Téra", 14.0078, 0.7531, "near", 2439155)
_DJIBO = Where("BFA", "Sahel", "Soum", "Djibo", 14.1022, -1.6306, "exact")
_FASHER = Where("SDN", "North Darfur", None, "El Fasher", 13.6279, 25.3494, "exact")
_TEXT_TERA = {"place": "near Téra", "date": "Tuesday"}


def mentions() -> list[Mention]:
    """Their mentions."""
    return [
        _mention(
            "m01",
            "r01",
            "armed_clash",
            {
                "kind": "ambushed",
                "attackers": "fighters on motorcycles",
                "targets": "soldiers|their column",
                "harm.killed": "Seventeen soldiers",
                "harm.injured": "About twenty others",
                "attribution": "the defense ministry said in a statement",
                **_TEXT_TERA,
            },
            attackers=("Unidentified armed group (Niger)",),
            targets=("Military of Niger",),
            when=_day("2024-03-12"),
            where=_TERA,
            harm={"killed": (17, 17, 17), "killed_targets": (17, 17, 17), "injured": (20, 20, None)},
            attribution="the defense ministry",
        ),
        _mention(
            "m02",
            "r02",
            "armed_clash",
            {
                "kind": "ambush",
                "attackers": "men of the Islamic State",
                "targets": "soldiers",
                "harm.killed": "22 soldiers",
                "attribution": "a doctor at the regional hospital",
                **_TEXT_TERA,
            },
            attackers=("IS Sahel Province",),
            targets=("Military of Niger",),
            when=_day("2024-03-12"),
            where=_TERA,
            harm={"killed": (22, 22, 22), "killed_targets": (22, 22, 22)},
            attribution="a doctor at the regional hospital",
        ),
        _mention(
            "m03",
            "r03",
            "armed_clash",
            {
                "kind": "destroyed a column",
                "attackers": "The mujahideen",
                "targets": "the Niger army",
                "harm.killed": "more than thirty",
                **_TEXT_TERA,
            },
            status="claimed",
            attackers=("IS Sahel Province",),
            targets=("Military of Niger",),
            when=_day("2024-03-12"),
            where=_TERA,
            harm={"killed": (30, 30, None)},
        ),
        _mention(
            "m04",
            "r04",
            "bombing",
            {
                "kind": "exploded",
                "targets": "people",
                "date": "on Monday morning",
                "place": "at the market of Djibo",
                "harm.killed": "nine people",
                "harm.injured": "fourteen",
                "attribution": "a health worker said",
            },
            targets=("Civilians (Burkina Faso)",),
            when=_day("2024-03-18"),
            where=_DJIBO,
            harm={"killed": (9, 9, 9), "injured": (14, 14, 14)},
            attribution="a health worker",
        ),
        _mention(
            "m16",
            "r16",
            "bombing",
            {
                "kind": "a explosé",
                "date": "lundi",
                "place": "au marché de Djibo",
                "harm.killed": "au moins sept morts",
                "attribution": "un infirmier",
                "status": "Les blessés",
            },
            when=_day("2024-03-18"),
            where=_DJIBO,
            harm={"killed": (7, 7, None)},
            attribution="un infirmier",
        ),
        _mention(
            "m05",
            "r05",
            "shelling",
            {
                "kind": "Shells struck",
                "attackers": "the Rapid Support Forces",
                "targets": "displaced people",
                "date": "on Wednesday",
                "place": "in El Fasher",
                "harm.killed": "between 8 and 14 dead",
                "attribution": "A volunteer network",
                "status": "accused",
            },
            attackers=("RSF",),
            targets=("Civilians (Sudan)",),
            when=_day("2024-03-20"),
            where=_FASHER,
            harm={"killed": (8, 11, 14)},
            attribution="a volunteer network",
        ),
        _mention(
            "m06",
            "r06",
            "shelling",
            {
                "kind": "shelled",
                "attackers": "The Rapid Support Forces",
                "place": "in El Fasher",
                "date": "a day earlier",
                "harm.killed": "11 bodies",
                "status": "denied",
            },
            status="disputed",
            attackers=("RSF",),
            when=_day("2024-03-20"),
            where=_FASHER,
            harm={"killed": (11, 11, 11)},
            attribution="a local emergency room",
        ),
        _mention(
            "m07",
            "r07",
            "air_strike",
            {
                "kind": "drone strike",
                "attackers": "The army",
                "date": "on Sunday",
                "place": "in the Kidal region",
                "harm.killed": "several terrorists",
                "status": "The army said",
            },
            status="claimed",
            attackers=("Military of Mali",),
            targets=("Unidentified armed group (Mali)",),
            when=_day("2024-03-10"),
            where=Where("MLI", "Kidal", None, "Kidal", 19.5, 1.5, "admin1"),
            harm={"killed": (3, 3, None), "killed_targets": (3, 3, None)},
        ),
        _mention(
            "m08",
            "r08",
            "abduction",
            {
                "kind": "took",
                "attackers": "Armed men in canoes",
                "targets": "eleven fishermen",
                "place": "near Baga Sola",
                "date": "in the night of Wednesday",
                "harm.abducted": "eleven fishermen",
            },
            attackers=("Unidentified armed group (Chad)",),
            targets=("Civilians (Chad)",),
            when=_day("2024-03-20", "2024-03-21"),
            where=Where("TCD", "Lac", None, "Baga Sola", 13.5372, 14.3211, "near"),
            harm={"abducted": (11, 11, 11)},
            attribution="their relatives",
        ),
        _mention(
            "m09",
            "r09",
            "peaceful_protest",
            {
                "kind": "marched",
                "attackers": "Several hundred women",
                "date": "on Friday",
                "place": "through Agadez",
            },
            attackers=("Protesters (Niger)",),
            when=_day("2024-03-08"),
            where=Where("NER", "Agadez", None, "Agadez", 16.9742, 7.9865, "exact"),
        ),
        _mention(
            "m10",
            "r10",
            "mob_violence",
            {
                "kind": "Clashes",
                "attackers": "herders",
                "targets": "farmers",
                "date": "in the last week of February",
                "place": "the south of Chad",
                "harm.killed": "dozens dead",
            },
            attackers=("Civilians (Chad)",),
            targets=("Civilians (Chad)",),
            when=When(date(2024, 2, 22), date(2024, 2, 29), "week", "named week"),
            where=Where("TCD", None, None, None, 15.36, 18.66, "country"),
            harm={"killed": (24, 24, None)},
            attribution="the governor",
        ),
        _mention(
            "m11",
            "r11",
            "looting_or_arson",
            {
                "kind": "burnt houses",
                "attackers": "Gunmen",
                "date": "on Saturday",
                "place": "Bokkos district",
                "harm.killed": "Nobody was hurt",
            },
            attackers=("Unidentified armed group (Nigeria)",),
            targets=("Civilians (Nigeria)",),
            when=_day("2024-03-23"),
            where=Where("NGA", "Plateau", "Bokkos", "Bokkos", 9.3, 9.0, "admin2"),
            harm={"killed": (0, 0, 0), "injured": (0, 0, 0)},
        ),
        _mention(
            "m12",
            "r12",
            "territory_taken",
            {
                "kind": "took control",
                "attackers": "the M23",
                "targets": "the army",
                "date": "on Tuesday",
                "place": "Nyanzale",
            },
            attackers=("M23",),
            targets=("Military of DR Congo",),
            when=_day("2024-03-26"),
            where=Where("COD", "Nord-Kivu", None, "Nyanzale", -0.9667, 29.1, "exact"),
        ),
        _mention(
            "m13",
            "r13",
            "armed_clash",
            {
                "kind": "attacked",
                "attackers": "gunmen",
                "targets": "his post",
                "harm.killed": "four of his men",
            },
            aspect="background",
            attackers=("Unidentified armed group (Niger)",),
            targets=("Military of Niger",),
            harm={"killed": (4, 4, 4)},
        ),
        _mention(
            "m14",
            "r14",
            "arrest",
            {
                "kind": "detained",
                "attackers": "Gendarmes",
                "targets": "ten people",
                "date": "on Thursday",
                "place": "in Ségou",
                "harm.arrested": "ten people",
            },
            attackers=("Police of Mali",),
            targets=("Civilians (Mali)",),
            when=_day("2024-03-28"),
            where=Where("MLI", "Ségou", None, "Ségou", 13.4317, -6.2157, "exact"),
            harm={"arrested": (10, 10, 10)},
            attribution="the prosecutor",
        ),
        _mention(
            "m15",
            "r15",
            "air_strike",
            {
                "kind": "Drones struck",
                "date": "overnight",
                "place": "port of Odesa",
                "harm.killed": "Two dockers",
                "harm.injured": "at least five people",
                "attribution": "the regional governor wrote",
            },
            targets=("Civilians (Ukraine)",),
            when=_day("2024-03-29", "2024-03-30"),
            where=Where("UKR", "Odesa", None, "Odesa", 46.4857, 30.7438, "exact"),
            harm={"killed": (2, 2, 2), "injured": (5, 5, None)},
            attribution="the regional governor",
        ),
    ]


def _same(left: str, right: str, score: float) -> Judgement:
    reasons = (
        Reason("kind", "both armed_clash", 1.5),
        Reason("place", "0 km apart", 2.5),
        Reason("date", "same day", 2.0),
        Reason("killed", "figures differ, tolls move", -0.5),
    )
    return Judgement(left, right, "same", score, "linker@1", reasons, _AT)


def incidents() -> list[Incident]:
    """The twelve incidents that they tell of."""
    judgements = [_same("m01", "m02", 5.5), _same("m01", "m03", 4.8), _same("m02", "m03", 5.0)]
    judgements += [_same("m04", "m16", 5.1), _same("m05", "m06", 4.9)]
    return fold(mentions(), judgements)
