"""A database of which every text is hostile: one incident for each text, and a few that hold many reports.

Invariant: rows go in through the store as a source's would; what is shown of them is checked by the tests alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from hostile_texts import HOSTILE

from tarikh import pipeline
from tarikh.link.compare import BY
from tarikh.model import Candidate, Count, Evidence, Mention, Problem, Report, Span, When, Where, stable_id
from tarikh.store import Store, open_store

PACK = 68
"""Reports of one incident, each with another text."""
ONCE = 1000
"""Numbers of reports below it are of incidents of one report."""
_FIELDS = ("kind", "status", "attackers", "targets", "date", "place", "harm.killed", "attribution")
_PRECISIONS = ("exact", "near", "admin1", "admin2")


def told(number: int, evil: str, where: Where, day: date) -> tuple[Report, Mention]:
    """A report and its mention whose texts are all this one."""
    text = f"{evil} Gunmen killed two people. {evil}"
    language = evil if number % 5 == 0 else "en"
    report = Report(
        stable_id("r", str(number), evil, text), evil, text, language, day, source=evil,
        # The same address and source would be another version of one report.
        url=evil if number < ONCE else f"{evil}#{number}",
        given_id=f"{number} {evil}", origin=evil,
    )  # fmt: skip
    spans = (Span("text", 0, len(evil)), Span("title", 0, len(evil)), Span("text", 3, len(evil) + 9))
    rejected = (Candidate(evil, 0.2, (evil,)),)
    evidence = {field: Evidence(spans, (evil, "Gunmen"), 0.9, evil, rejected) for field in _FIELDS}
    killed = Count(2, 2, 2 + number) if number % 3 else Count()
    mention = Mention(
        stable_id("m", report.id, "evil@1"), report.id, "evil@1", evil if number % 11 == 0 else "armed_clash",
        attackers=(evil, "Rebels"), targets=(evil,), when=When(day, day, "day", evil), where=where,
        harm={"killed": killed}, attribution=evil, trigger=evil, evidence=evidence, published=day, source=evil,
        language=language,
    )  # fmt: skip
    return report, mention


def _keep(store: Store, number: int, evil: str, where: Where, day: date) -> Mention:
    report, mention = told(number, evil, where, day)
    store.add_report(report)
    if number < ONCE:
        store.add_problems([Problem(evil, evil, evil, number, report.id)])
    return store.add_mentions(report.id, "evil@1", [mention])[0]


def _place(number: int, evil: str) -> Where:
    """A place of its own for each, so that nothing is linked; the map draws it in each of its ways."""
    country = evil if number % 7 == 0 else "MLI"
    latitude, longitude = -60 + number % 120, -170 + 11 * (number % 31)
    return Where(country, evil, evil, evil, latitude, longitude, _PRECISIONS[number % 4])  # type: ignore[arg-type]


def _single(store: Store, texts: Sequence[str]) -> None:
    for number, evil in enumerate(texts):
        _keep(store, number, evil, _place(number, evil), date(1990, 1, 1) + timedelta(30 * number))


def _packed(store: Store, texts: Sequence[str]) -> Iterator[list[Mention]]:
    for start in range(0, len(texts), PACK):
        day = date(2020, 1, 1) + timedelta(start)
        where = Where("NER", "Agadez", None, "Bilma", 10 + start / 100, 12.0, "exact")
        numbered = enumerate(texts[start : start + PACK], ONCE + start)
        yield [_keep(store, number, evil, where, day) for number, evil in numbered]


def _said(store: Store, members: Sequence[Mention], texts: Sequence[str]) -> None:
    """People say all they can of one incident, under hostile names and with hostile notes."""
    first = members[0]
    with store.acting(BY) as (saying, _):
        for mention, evil in zip(members[1:], texts[1:], strict=True):
            saying.judge([(first.id, mention.id)], "same", f"user:{evil}", evil)
        for evil in texts:
            saying.correct(first.id, "attackers", (evil,), f"user:{evil}", evil)
        saying.correct(first.id, "targets", tuple(texts), f"user:{texts[0]}", texts[0])
        saying.decide([first.id], "accepted", f"user:{texts[-1]}", texts[-1])


def fill(path: Path, texts: Sequence[str] = HOSTILE) -> None:
    """Makes the database; of harmless `texts` it is what the hostile one must look like."""
    with open_store(path) as store:
        _single(store, texts)
        for number, members in enumerate(_packed(store, texts)):
            _said(store, members, texts[number * PACK : (number + 1) * PACK])
        pipeline.relink(store)


def ids(path: Path) -> tuple[list[str], list[str]]:
    """Of the incidents, those with many reports first, and of the reports, each text once before it comes again."""
    with open_store(path) as store:
        incidents = sorted(store.incidents(), key=lambda each: (-len(each.members), each.id))
        reports = sorted(store.reports(), key=lambda each: int((each.given_id or "0").partition(" ")[0]))
    return [each.id for each in incidents], [each.id for each in reports]
