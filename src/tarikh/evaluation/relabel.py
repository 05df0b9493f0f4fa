"""One report under other labels: another word for armed people, another group's name, another state's army.

Invariant: only the label changes, with the grammar around it; a swap that could change anything else is not made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any, Literal

from tarikh import reference
from tarikh.model import Mention, Report
from tarikh.reference import Country, Named, Party
from tarikh.text import fold

Sort = Literal["label", "name", "army"]
Edit = tuple[int, int, str]
_VOWELS = "aeiouy"
_MOST_LABELS = 3
"""Words that take the place of the others, each by itself."""
_MOST_NAMES = 2
"""Names of one report that are swapped, each by itself, and names that each is swapped for."""


@dataclass(frozen=True, slots=True)
class Swap:
    """A report with `old` read as `new`. `renamed` are the names of parties that must follow; with `partly` only some may,
    because other words of the report still speak of the old ones."""

    sort: Sort
    old: str
    new: str
    report: Report
    renamed: Mapping[str, str] = field(default_factory=dict)
    partly: bool = False


def swaps(report: Report, mentions: Sequence[Mention]) -> Iterator[Swap]:
    """Every swap of a report that was coded as `mentions`."""
    words = reference.lexicon(report.language, "swaps")
    countries = {m.where.country for m in mentions}
    for old, new in (("loaded", "neutral"), ("neutral", "loaded")):
        for word in words["labels"][new][:_MOST_LABELS]:
            yield from _label(report, words, words["labels"][old], word, countries)
    yield from _names(report, words, mentions)
    yield from _army(report, words, mentions)


def _edited(report: Report, edits: Callable[[str], Iterable[Edit]]) -> Report:
    return replace(report, title=_applied(report.title, edits), text=_applied(report.text, edits))


def _applied(text: str, edits: Callable[[str], Iterable[Edit]]) -> str:
    for start, end, new in sorted(edits(text), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _like(new: str, old: str) -> str:
    """A common word in the letters of the one that it takes the place of."""
    return new.upper() if old.isupper() else new[0].upper() + new[1:] if old[0].isupper() else new


# ---- words for armed people --------------------------------------------------------------------------------


def _label(
    report: Report, words: Mapping[str, Any], olds: Sequence[str], new: str, countries: set[str | None]
) -> Iterator[Swap]:
    def edits(text: str) -> Iterable[Edit]:
        return label_edits(text, words, olds, new, countries)

    changed = _edited(report, edits)
    if changed != report:
        yield Swap("label", "/".join(olds), new, changed)


def label_edits(
    text: str, words: Mapping[str, Any], olds: Sequence[str], new: str, countries: Iterable[str | None] = ()
) -> Iterator[Edit]:
    """Where a label stands as a noun outside names; an elided preposition goes with it."""
    contracted: dict[str, str] = dict(words["elided"])
    lead = "|".join(re.escape(p).replace("'", "['’]") for p in (*contracted, *contracted.values()))
    pattern = re.compile(
        rf"(?:(?<!\w)(?P<lead>{lead or '(?!)'}))?(?<![\w-])(?P<word>{'|'.join(olds)})(?![\w-])", re.I
    )
    names = [n for n in reference.named(text) if any(reference.meaning(n.uses, c) for c in countries)]
    before = {fold(str(word)) for word in words["before"]}
    for found in pattern.finditer(text):
        start, end = found.span("word")
        if any(n.start < end and start < n.end for n in names):
            continue
        previous = re.search(r"([^\W_]+)['’]?\s*$", text[:start])
        if before and found["lead"] is None and (previous is None or not _may_precede(previous[1], before)):
            continue
        yield found.start(), end, _lead(found["lead"], new, contracted) + _like(new, found["word"])


def _may_precede(word: str, before: set[str]) -> bool:
    return word.isdigit() or fold(word) in before


def _lead(lead: str | None, new: str, contracted: Mapping[str, str]) -> str:
    """The preposition before a word, elided or in full as the word's first letter asks."""
    if lead is None:
        return ""
    plain = lead.lower().replace("’", "'")
    for short, full in contracted.items():
        if plain in (short, full):
            return _like(short if fold(new)[0] in _VOWELS else full, lead[0])
    return lead


# ---- names of groups ---------------------------------------------------------------------------------------


def article(name: str, words: Mapping[str, Any]) -> str | None:
    """The article that a group's name takes, `people` for a plural description, None where it is not known."""
    rules = words["articles"]
    parts = name.split()
    head = parts[-1] if rules["at"] == "last" else parts[0]
    if parts[0].lower() in rules:
        return None  # the article is part of the name: "the 444"
    for key, rule in rules.items():
        if isinstance(rule, Mapping) and name in rule["names"]:
            return str(key)
        if isinstance(rule, Mapping) and head in rule["heads"]:
            # "Two Community Guards" cannot be two of a force.
            return f"{key} (plural)" if head.endswith("s") else str(key)
    if parts[-1][0].islower():
        return "people" if words["people"] and parts[-1].endswith("s") else None
    return None if rules["other"] is None else str(rules["other"])


def _names(report: Report, words: Mapping[str, Any], mentions: Sequence[Mention]) -> Iterator[Swap]:
    sides = {name: m for m in reversed(mentions) for name in (*m.attackers, *m.targets)}
    told = [(party, sides[party.name]) for party in reference.parties() if party.name in sides]
    made = (list(islice(_name(report, words, party, m, mentions), _MOST_NAMES)) for party, m in told)
    for several in islice(filter(None, made), _MOST_NAMES):
        yield from several


def _name(
    report: Report, words: Mapping[str, Any], old: Party, at: Mention, mentions: Sequence[Mention]
) -> Iterator[Swap]:
    """The report with every name of a party read as a name of another of its sort that fights in the same countries."""
    named = [*reference.named(report.title), *reference.named(report.text)]
    mine = [n for n in named if _means(n, at) == old.name]
    if not mine or any(_means(n, m) not in (old.name, None) for n in mine for m in mentions):
        return
    articles = {n.text: article(n.text, words) for n in mine}
    where = {m.where.country for m in mentions if old.name in (*m.attackers, *m.targets)}
    for other in reference.parties():
        if not _alike(old, other, where, at.when.start) or any(_may_mean(n, other) for n in named):
            continue
        texts = {text: _spelled(other, form, words, at) for text, form in articles.items()}
        if all(texts.values()):
            changed = _edited(report, lambda text, texts=texts: _renamed(text, at, old.name, texts))  # type: ignore[misc]
            yield Swap("name", old.name, other.name, changed, {old.name: other.name})


def _renamed(text: str, at: Mention, old: str, texts: Mapping[str, str | None]) -> Iterator[Edit]:
    for n in reference.named(text):
        if _means(n, at) == old:
            yield n.start, n.end, texts[n.text] or n.text


def _means(name: Named, at: Mention) -> str | None:
    return reference.meaning(name.uses, at.where.country, at.when.start, at.where.admin1)


def _may_mean(name: Named, party: Party) -> bool:
    return any(use.party == party.name for use in name.uses)


def _alike(old: Party, other: Party, where: set[str | None], day: date | None) -> bool:
    """Whether another party of the same sort was in the same countries on that day, and is not its parent or heir."""
    if other.name == old.name or other.category != old.category or not where <= set(other.countries):
        return False
    kin = {old.parent, old.successor, other.parent, other.successor}
    if {old.name, other.name} & kin:
        return False
    return not (day and ((other.start and day < other.start) or (other.end and day > other.end)))


def _spelled(other: Party, form: str | None, words: Mapping[str, Any], at: Mention) -> str | None:
    """A name of the other party that takes the same article and means it there, if it has one."""
    if form is None:
        return None
    foreign = set(words["foreign"])
    for name in (other.name, *other.aliases):
        if not name[0].isupper() or "(" in name or (name != other.name and set(name.split()) & foreign):
            continue
        found = reference.named(name)
        sure = len(found) == 1 and found[0].text == name and _means(found[0], at) == other.name
        own = article(name, words)
        if sure and own == form:
            return name
        if sure and form == "people" and own == "":
            return str(words["people"]).format(name)
    return None


# ---- armies ------------------------------------------------------------------------------------------------


def _forms(country: Country, language: str) -> tuple[str, ...]:
    """A country's adjective: masculine, feminine and their plurals; in English one form for all. () where not known."""
    told = country.adjectives.get(language, ())
    if language == "en":
        return told[:1] * 4
    if len(told) == 3:  # "camerounais" is its own plural
        return told[0], told[1], told[0], told[2]
    return told if len(told) == 4 else ()


def _army(report: Report, words: Mapping[str, Any], mentions: Sequence[Mention]) -> Iterator[Swap]:
    """The report with the army of a country that it names read as another's."""
    both = f"{report.title}\n{report.text}"
    for country in reference.countries():
        name = f"Military of {country.name}"
        if not any(name in (*m.attackers, *m.targets) for m in mentions) or not _forms(
            country, report.language
        ):
            continue
        # Where only the adjective tells the country, another one moves the place, and should.
        if not any(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", both) for n in country.names):
            continue
        other = _other(country, both, words, report.language)
        if other is None:
            continue
        old, new = _forms(country, report.language), _forms(other, report.language)
        changed = _edited(report, lambda text, o=old, n=new: army_edits(text, words, o, n))  # type: ignore[misc]
        if changed != report:
            yield Swap(
                "army", name, f"Military of {other.name}", changed, {name: f"Military of {other.name}"}, True
            )
            return


def _other(country: Country, text: str, words: Mapping[str, Any], language: str) -> Country | None:
    """A country of which the text says nothing, whose adjective begins alike ("a Malian", "an Iraqi")."""
    vowel = _begins(_forms(country, language))
    for code in words["armies"]["countries"]:
        other = reference.country(code)
        forms = _forms(other, language) if other is not None else ()
        if other is None or not forms or other == country or _begins(forms) != vowel:
            continue
        spoken = (*other.names, *other.adjectives.get(language, ()))
        if not any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.I) for word in spoken):
            return other
    return None


def _begins(forms: Sequence[str]) -> bool:
    return fold(forms[0])[0] in _VOWELS


def army_edits(text: str, words: Mapping[str, Any], old: Sequence[str], new: Sequence[str]) -> Iterator[Edit]:
    """Where the adjective stands beside a noun of soldiers, in the form that the noun takes."""
    nouns: Mapping[str, int] = words["armies"]["nouns"]
    for noun, form in nouns.items():
        pair = (old[form], noun) if words["armies"]["adjective"] == "before" else (noun, old[form])
        for found in re.finditer(rf"(?<!\w)({re.escape(pair[0])}) ({re.escape(pair[1])})(?!\w)", text):
            group = 1 if words["armies"]["adjective"] == "before" else 2
            yield found.start(group), found.end(group), new[form]
