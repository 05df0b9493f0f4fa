"""Scores against MUC-4 (kind `muc4`): reports in capitals on violence in Latin America, several incidents or none each.

Invariant: templates of a report are paired one to one, the best agreement first; recall and precision of a slot are over
what the key and the answer fill. The figures to compare with are those of the conference (Sundheim 1992).
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tarikh import reference
from tarikh.model import Mention, Report

Row = Mapping[str, Any]
SLOTS = ("type", "date", "location")

# ---- the key -------------------------------------------------------------------------------------------------

_MONTHS = {
    m: n
    for n, m in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1
    )
}
_DAY = re.compile(r"(\d\d) ([A-Z]{3}) (\d\d)")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLE = re.compile(r"\b(a|an|the)\b")
_KIND_OF_PLACE = re.compile(r"\([^)]*\)")


def days(value: str | None) -> tuple[str, str] | None:
    """First and last ISO day of a key's date; the first is empty where the key says "by then".

    >>> days("- 08 JAN 90"), days("07 JAN 90 - 09 JAN 90")
    (('', '1990-01-08'), ('1990-01-07', '1990-01-09'))
    """
    text = value or ""
    found = [f"19{y}-{_MONTHS[m]:02}-{int(d):02}" for d, m, y in _DAY.findall(text) if m in _MONTHS]
    if not found:
        return None
    return ("" if text.strip().startswith("-") else found[0]), found[-1]


def places(value: str | None) -> list[str]:
    """A key's place from the country down to the finest, without the sort of each.

    >>> places("PERU: JUNIN (DEPARTMENT): EL TAMBO (TOWN)")
    ['peru', 'junin', 'el tambo']
    """
    parts = re.split(r":| - ", value or "")
    return [plain(_KIND_OF_PLACE.sub("", part)) for part in parts if part.strip()]


def plain(name: str) -> str:
    """A name as the key's scorer compares it: small letters, no punctuation, no article."""
    return " ".join(_ARTICLE.sub(" ", name.lower().translate(_PUNCTUATION)).split())


# ---- scoring -------------------------------------------------------------------------------------------------


def agreement(gold: Row, answer: Row) -> dict[str, bool]:
    """Which slots of two templates agree: type, days that overlap, country with any of the places under it."""
    wanted, given, place = days(gold["date"]), answer.get("date"), places(gold["location"])
    named = plain(answer.get("place") or "")
    return {
        "type": answer["incident_type"] in gold["incident_type"],
        "date": bool(wanted and given and wanted[0] <= given[1] and given[0] <= wanted[1]),
        "location": bool(place and answer.get("country"))
        and plain(answer["country"]) == place[0]
        and (len(place) == 1 or named in place[1:]),
    }


def pairs(gold: Sequence[Row], answers: Sequence[Row]) -> list[tuple[int, int, dict[str, bool]]]:
    """Key and answer templates that belong together, with their agreement: the pair that agrees most is taken first."""
    table = [(i, j, agreement(g, a)) for i, g in enumerate(gold) for j, a in enumerate(answers)]
    taken: list[tuple[int, int, dict[str, bool]]] = []
    rows, columns = set[int](), set[int]()
    for i, j, same in sorted(table, key=lambda t: (sum(t[2].values()), t[0], t[1]), reverse=True):
        if any(same.values()) and i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            taken.append((i, j, same))
    return taken


def score(
    reports: Iterable[Row], predictions: Mapping[str, Row], errors: list[Row] | None = None
) -> dict[str, Any]:
    """Recall and precision of each slot over all reports, with the counts that they are made of."""
    hits, wanted, given = Counter[str](), Counter[str](), Counter[str]()
    count = 0
    for report in reports:
        gold, answers = report["templates"], predictions.get(str(report["id"]), {}).get("templates", ())
        count += 1
        paired = pairs(gold, answers)
        hits.update(slot for _, _, same in paired for slot in SLOTS if same[slot])
        wanted.update(slot for g in gold for slot in _filled(days(g["date"]), g["location"]))
        given.update(slot for a in answers for slot in _filled(a.get("date"), a.get("country")))
        if errors is not None:
            errors.extend(_differences(str(report["id"]), gold, answers, paired))
    return {"reports": count, "slots": {s: _row(hits[s], wanted[s], given[s]) for s in SLOTS}}


def _filled(day: object, place: object) -> tuple[str, ...]:
    return ("type", *(("date",) if day else ()), *(("location",) if place else ()))


def _row(hit: int, wanted: int, given: int) -> dict[str, Any]:
    return {
        "recall": hit / max(1, wanted),
        "precision": hit / max(1, given),
        "right": hit,
        "wanted": wanted,
        "given": given,
    }


def _differences(
    name: str,
    gold: Sequence[Row],
    answers: Sequence[Row],
    paired: Sequence[tuple[int, int, Mapping[str, bool]]],
) -> list[Row]:
    key = [{k: g[k] for k in ("incident_type", "date", "location")} for g in gold]
    found: list[Row] = []
    for i, j, same in paired:
        for slot in SLOTS:
            if not same[slot]:
                found.append({"report": name, "what": slot, "gold": key[i], "predicted": answers[j]})
    rows, columns = {i for i, _, _ in paired}, {j for _, j, _ in paired}
    found += [{"report": name, "what": "missed", "gold": g} for i, g in enumerate(key) if i not in rows]
    found += [
        {"report": name, "what": "invented", "predicted": a}
        for j, a in enumerate(answers)
        if j not in columns
    ]
    return found


# ---- our mentions as templates -------------------------------------------------------------------------------

TYPES: Mapping[str, str] = {
    "armed_clash": "ATTACK",
    "attack_on_civilians": "ATTACK",
    "shelling": "ATTACK",
    "excessive_force": "ATTACK",
    "sexual_violence": "ATTACK",
    "chemical_attack": "ATTACK",
    "mob_violence": "ATTACK",
    "air_strike": "BOMBING",
    "bombing": "BOMBING",
    "suicide_bombing": "BOMBING",
    "grenade": "BOMBING",
    "abduction": "KIDNAPPING",
    "looting_or_arson": "ARSON",
}
"""The set's type of each of our kinds; a kind that is not here fills no template. Nothing of ours is a forced work stoppage."""
_FIGHTING = frozenset(("armed_clash", "shelling", "air_strike"))
"""The set has no templates of fighting between armed sides; their attacks on others it has."""
_PEOPLE = ("Civilians", "Government", "Aid workers", "Protesters", "Rioters")
_BLOWN_UP = re.compile(r"\b(?:bomb|blow|blew|blast|dynamit|explo|deton|mine)", re.IGNORECASE)
_ROBBED = re.compile(r"\b(?:rob|steal|stole|loot|seiz|plunder|ransack|pillag|cattle)", re.IGNORECASE)


def template(mention: Mention, report: Report) -> dict[str, Any] | None:
    """A mention as an answer of the set, None where its kind is none of the set's."""
    kind = incident_type(mention)
    if kind is None:
        return None
    return {"incident_type": kind, "date": _dates(mention, report.published), **_where(mention)}


def incident_type(mention: Mention) -> str | None:
    """The set's type: what is blown up or robbed is told from what is burnt by the words of the act."""
    found = TYPES.get(mention.kind)
    if mention.kind in _FIGHTING and not any(_unarmed(name) for name in mention.targets):
        return None
    if found != "ARSON":
        return found
    words = mention.evidence["kind"].words if "kind" in mention.evidence else ()
    told = " ".join((mention.trigger, *words))
    return "BOMBING" if _BLOWN_UP.search(told) else "ROBBERY" if _ROBBED.search(told) else found


def _unarmed(party: str) -> bool:
    """Whether a target is people or an authority: a name of the register is an armed party's."""
    return party.startswith(_PEOPLE)


def _dates(mention: Mention, published: date | None) -> tuple[str, str] | None:
    """The mention's days; without any the day of the report, by which it had happened: so the set's keys have it."""
    start, end = mention.when.start, mention.when.end
    if start is None or end is None:
        return (published.isoformat(), published.isoformat()) if published else None
    return start.isoformat(), end.isoformat()


def _where(mention: Mention) -> dict[str, str | None]:
    where = mention.where
    country = reference.country(where.country)
    unit = where.place or where.admin2 or where.admin1
    return {"country": _upper(country.name) if country else None, "place": _upper(unit) if unit else None}


def _upper(name: str) -> str:
    """A name as the set writes it: capitals without accents."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(c for c in letters if not unicodedata.combining(c)).upper()
