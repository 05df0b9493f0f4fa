"""Party phrases to the codebook's names, by the words, the place, the day and the rest of the report.

Invariant: the same role, place and day give the same name whatever the group is called ("terrorists" or "fighters"),
and a side that nothing describes stays empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Protocol

from tarikh import reference
from tarikh.model import Evidence, Mention, Phrase, Report
from tarikh.reference import Named
from tarikh.resolve.owners import ends_with_owner, mission, state_before
from tarikh.resolve.party_forms import ROLES, form, is_register_party
from tarikh.resolve.two_sides import FROM_AFAR, Side, not_themselves, state_seized
from tarikh.text import fold


class Hit(Protocol):
    """What a party hit of the extraction tells the resolver."""

    @property
    def role(self) -> str | None: ...
    @property
    def nationality(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class PartyContext:
    """What a report as a whole says of parties: `named` are the register names in it, in the order of title and
    text, placed in code points from the text's start (the title's are negative); `forces` the countries whose
    soldiers it speaks of, most often first; `countries` those of its places (ISO alpha-3); `speaker` the party or force
    that publishes it, whose "our forces" are its own; `text` is its text, for whose "its troops" are."""

    language: str = "en"
    named: tuple[Named, ...] = ()
    forces: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    speaker: Named | None = None
    text: str = ""

    @property
    def told(self) -> frozenset[str]:
        """The parties that the report may name by more than a common noun."""
        return frozenset(use.party for name in self.named for use in name.uses if not use.told)


def _speaker(report: Report) -> Named | None:
    """Who speaks in a report: the one party that its source names ("RSF communiqué") or that its title opens with ("RSF: …")."""
    said = reference.named(report.source or "")
    if len(said) == 1:
        return said[0]
    opening, colon, _ = report.title.partition(":")
    told = reference.named(opening) if colon else ()
    return told[0] if len(told) == 1 and fold(told[0].text) == fold(opening) else None


def context(report: Report, hits: Iterable[Hit] = (), countries: Sequence[str] = ()) -> PartyContext:
    """The context of a report: made once, used for each of its mentions. `countries` are ISO alpha-3 codes."""
    shift = len(report.title) + 1
    titled = (replace(n, start=n.start - shift, end=n.end - shift) for n in reference.named(report.title))
    forces = Counter(h.nationality for h in hits if h.role == "military" and h.nationality)
    return PartyContext(
        report.language,
        (*titled, *reference.named(report.text)),
        tuple(str(code) for code, _ in forces.most_common()),
        tuple(dict.fromkeys(countries)),
        _speaker(report),
        report.text,
    )


@cache
def _words(language: str, section: str) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in reference.lexicon(language, "parties")[section])


@cache
def _things(language: str) -> Mapping[str, str]:
    raw = reference.lexicon(language, "parties")["things"]
    return {fold(str(word)): whose for whose, words in raw.items() for word in words}


@cache
def _communities() -> tuple[tuple[str, reference.Community], ...]:
    return tuple((f" {fold(word)} ", entry) for entry in reference.communities() for word in entry.words)


_ROLE_OF_KIND: Mapping[tuple[str, Side], str] = {
    ("peaceful_protest", "attackers"): "protesters",
    ("protest_with_intervention", "attackers"): "protesters",
    ("riot", "attackers"): "rioters",
    ("mob_violence", "attackers"): "rioters",
    ("excessive_force", "targets"): "protesters",
}
"""What a crowd is in a crowd's kinds (section 4): the people of a march are its protesters, whoever they are."""

_OFFICE_HOLDERS = frozenset({"rebel", "political"})
"""Categories of parties that have authorities, offices and ministers of their own."""

_CROWD = frozenset({"civilians", "protesters", "rioters", "thing"})
_BY_FORCE = reference.kinds_by_force()
"""Kinds whose attackers are armed: people described as men or girls who do these are an unidentified armed group."""

_OF_POLICE = frozenset({"arrest", "protest_with_intervention", "excessive_force"})


_OF_STATES = frozenset({"agreement", "coup"})


def _is_country(phrase: Phrase) -> bool:
    """Whether a phrase is a country, its people's adjective or its capital alone: "Moscow" who bombs is its military."""
    owner = reference.country(phrase.nationality)
    return owner is not None and phrase.head in (owner.name, *owner.seats)


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where, when and in which kind of incident a phrase stands."""

    country: str | None
    day: date | None
    context: PartyContext
    side: Side | None = None
    kind: str | None = None
    unit: str | None = None
    before: Sequence[Mention] = ()


def _meaning(name: Named, scene: _Scene) -> str | None:
    return reference.meaning(name.uses, scene.country, scene.day, scene.unit, scene.context.told)


def _takes_name(phrase: Phrase, name: Named) -> bool:
    """Whether a name in a phrase is whose it is: not in "victims of the group", whose head is somebody else."""
    if phrase.role == "government" and _rules_by_name(phrase, name):
        return True
    if phrase.role in ("civilians", "protesters", "rioters", "aid_workers", "government"):
        # The head in another form: "volunteer" in "civilian volunteers".
        words, head = fold(name.text).split(), fold(phrase.head)
        return head[:5] in (words[0][:5], words[-1][:5]) and len(name.uses) > 0
    return True


def _rules_by_name(phrase: Phrase, name: Named) -> bool:
    """Whether a party's name stands right before its own office or officials: "a Frelimo office", "Houthi authorities"."""
    entries = [entry for use in name.uses if (entry := reference.party(use.party)) is not None]
    holds = bool(entries) and all(entry.category in _OFFICE_HOLDERS for entry in entries)
    return holds and fold(phrase.text[name.end :]).strip() == fold(phrase.head)


def _anothers(phrase: Phrase, name: Named, scene: _Scene) -> bool:
    """Whether a common noun in a phrase belongs to somebody else: "Red Cross volunteers", "volunteers of the Red Cross"."""
    if not any(use.told for use in name.uses):
        return False
    if phrase.role == "aid_workers" or len(fold(phrase.head).split()) > len(fold(name.text).split()) + 1:
        return True
    at = next((span.start for span in phrase.spans if span.part == "text"), None)
    before = (scene.context.text[max(0, at - 40) : at] if at is not None else "") + phrase.text[: name.start]
    return ends_with_owner(before, scene.context.language)


def _by_name(phrase: Phrase, scene: _Scene) -> str | None:
    """The register's party that a phrase names, at this place on this day; the most telling name wins."""
    found: list[tuple[bool, int, str]] = []
    linked = _words(scene.context.language, "linked") | _words(scene.context.language, "backed")
    for name in reference.named(phrase.text):
        if not _takes_name(phrase, name):
            continue
        party = None if _anothers(phrase, name, scene) else _meaning(name, scene)
        after = fold(phrase.text[name.end :]).split(" ")[0]
        if party is not None:
            found.append((phrase.text[name.end : name.end + 1] == "-" and after in linked, -name.end, party))
    return min(found, key=lambda row: row[0])[2] if found else None


def _community(text: str, scene: _Scene) -> reference.Community | None:
    words = f" {fold(text)} "
    for word, entry in _communities():
        if word in words and (not entry.countries or scene.country in entry.countries):
            return entry
    return None


def _militia(phrase: Phrase, scene: _Scene) -> str | None:
    """`Militia of NAME (X)` where a community is named, else an unidentified armed group."""
    found = _community(phrase.text, scene)
    if found is None:
        return form("armed", scene.country)
    owner = reference.country(found.nationality or scene.country)
    return f"Militia of {found.name} ({owner.name})" if owner is not None else None


def _role(phrase: Phrase, scene: _Scene) -> str | None:
    """The role of a phrase in its incident: what its words say, bent by the kind where they say little."""
    role, side, kind = phrase.role, scene.side, scene.kind
    if role == "thing":
        whose = _things(scene.context.language).get(fold(phrase.head), "none")
        role = whose if whose in ROLES else "thing"
        if whose == "weapons" and phrase.nationality:
            role = "military"
    if kind is None or side is None:
        return role
    if kind == "coup" and side == "attackers" and role in ("military", "police"):
        return "faction"
    if kind in FROM_AFAR and side == "attackers" and role == "police":
        return "military"
    if kind == "agreement" and role == "civilians" and _community(phrase.text, scene):
        return "militia"
    if kind in ("riot", "mob_violence") and side == "attackers" and role == "armed":
        return "rioters"
    if kind in _BY_FORCE and side == "targets" and role == "rioters":
        return "civilians"
    if role == "government" and _is_country(phrase):
        return "police" if kind in _OF_POLICE else role if kind in _OF_STATES else "military"
    if role == "government" and (kind, side) == ("protest_with_intervention", "targets"):
        return "police"
    if (
        role in _CROWD
        and (kind, side) in _ROLE_OF_KIND
        and not (role == "thing" and kind == "excessive_force")
    ):
        return _ROLE_OF_KIND[kind, side]
    if (kind, side, role) == ("looting_or_arson", "attackers", "civilians") and _community(
        phrase.text, scene
    ):
        return "rioters"
    if role in ("civilians", "protesters") and side == "attackers" and kind in _BY_FORCE:
        return "militia" if _community(phrase.text, scene) else "armed"
    if role == "government" and side == "attackers":
        if kind in _OF_POLICE:
            return "police"
        if kind in _BY_FORCE:
            return "military"
    return role


def _nationality(phrase: Phrase, role: str, scene: _Scene) -> str | None:
    """Whose people they are: the country stated, else that of the place."""
    stated = phrase.nationality
    place = reference.country(scene.country)
    people = _community(phrase.text, scene) if role in ("civilians", "rioters") else None
    if people is not None and people.nationality is not None:
        return people.nationality
    if stated is not None:
        # "Congolese" is of either Congo: the place decides.
        if place is not None and stated != place.iso3:
            mine = {fold(w) for w in place.adjectives.get(scene.context.language, ())}
            if mine & set(fold(phrase.text).split()):
                return place.iso3
        return stated
    owner = _owner(phrase, scene) if role in ("military", "police", "government") else None
    if owner is not None:
        return owner
    if place is None:
        return scene.context.countries[0] if len(scene.context.countries) == 1 else None
    if role in ("military", "police") and place.army is not None:
        return place.army if role == "military" else place.iso3
    return place.iso3


def _owner(phrase: Phrase, scene: _Scene) -> str | None:
    """The state whose "its troops" are."""
    language = scene.context.language
    at = next((span.start for span in phrase.spans if span.part == "text"), None)
    if at is None or not set(fold(phrase.text).split()[:2]) & _words(language, "possessives"):
        return None
    return state_before(scene.context.text, at, language, scene.country)


@cache
def _anaphors(language: str) -> frozenset[str]:
    raw = reference.lexicon(language, "parties")
    return frozenset(fold(str(word)) for word in raw["anaphors"])


def _points_back(phrase: Phrase, language: str) -> bool:
    """Whether a phrase means an armed party told before: "the insurgents", "its fighters", not "the attackers"."""
    words = fold(phrase.text).split()
    if not words:
        return False
    definite, anaphors = _words(language, "definite"), _anaphors(language)
    if words[0] in definite and fold(phrase.head) in anaphors:
        return True
    if len(words) > 2 and words[-2] in definite and words[-1] in anaphors:  # "gunmen of the same group"
        return True
    owners, retinue = _words(language, "possessives"), _words(language, "retinue")
    return any(a in owners and b in retinue for a, b in pairwise(words))


def _same_again(phrase: Phrase, scene: _Scene) -> str | None:
    """The armed party of the incident told before that "the same gunmen" are, where that had one and no other."""
    same = _words(scene.context.language, "same")
    if not same & set(fold(phrase.text).split()[:4]):
        return None
    for mention in reversed(scene.before):
        armed = [name for name in mention.attackers if _is_armed(name)]
        if armed:
            return armed[0] if len(armed) == 1 else None
    return None


def _is_armed(name: str) -> bool:
    entry = reference.party(name)
    return entry.category in _ARMED if entry is not None else name.startswith(("Unidentified", "Militia"))


_FIGHT = frozenset({"military", "police", "armed", "militia"})
_ARMED = frozenset({"rebel", "communal", "gang", "coalition"})
"""Categories that a definite description means; auxiliaries of a state and its mercenaries are told by name."""


def _own_men(phrase: Phrase, scene: _Scene) -> str | None:
    """The speaker of a communiqué, where a phrase means its own armed men: "our forces", "nos hommes"."""
    language, speaker = scene.context.language, scene.context.speaker
    words = fold(phrase.text).split()
    if speaker is None or len(words) < 2 or words[0] not in _words(language, "first_person"):
        return None
    if phrase.role not in _FIGHT and not set(words) & _words(language, "retinue"):
        return None
    party = _meaning(speaker, scene)
    entry = reference.party(party) if party else None
    return party if entry is not None and entry.category in _ARMED | {"militia", "pmc"} else None


def _recalled(phrase: Phrase, scene: _Scene) -> str | None:
    """The armed party that "the group", "the insurgents" or "its fighters" means: the one named most, the nearest on a tie."""
    if not _points_back(phrase, scene.context.language):
        return None
    at = next((span.start for span in phrase.spans if span.part == "text"), None)
    found: Counter[str] = Counter()
    last: dict[str, int] = {}
    for name in scene.context.named:
        party = _meaning(name, scene)
        entry = reference.party(party) if party else None
        if entry is None or (entry.category not in _ARMED and phrase.role != "militia"):
            continue
        if entry.countries and scene.country and scene.country not in entry.countries:
            continue
        found[entry.name] += 1
        if at is None or name.start < at:
            last[entry.name] = name.start
    return max(found, key=lambda name: (found[name], last.get(name, -1)), default=None)


def _name(phrase: Phrase, scene: _Scene) -> str | None:
    named = _by_name(phrase, scene)
    if phrase.role == "peacekeepers" or (
        named in ("United Nations", "African Union") and phrase.role == "military"
    ):
        if named is not None and named.startswith("Peacekeepers"):
            return named
        return mission(scene.country, scene.day, named) or named
    entry = reference.party(named) if named else None
    if named is not None and not (
        entry and entry.category == "igo" and phrase.role == "military" and phrase.nationality
    ):
        return named
    if (own := _own_men(phrase, scene)) is not None:
        return own
    role = _role(phrase, scene)
    if role is None or role == "thing":
        return None
    if role == "armed" and (again := _same_again(phrase, scene)):
        return again
    if role in ("armed", "civilians") and (phrase.role != "thing" and (back := _recalled(phrase, scene))):
        return back
    if role == "armed":
        return form("armed", scene.country)
    if role == "militia":
        return _recalled(phrase, scene) or _militia(phrase, scene)
    return form(role, _nationality(phrase, role, scene))


def _pieces(phrase: Phrase) -> frozenset[str]:
    """The runs of one to three words of a phrase."""
    words = fold(phrase.text).split()
    return frozenset(" ".join(words[n : n + size]) for size in (1, 2, 3) for n in range(len(words)))


def _belligerents(scene: _Scene) -> tuple[str, ...]:
    """The two parties that "both sides" are: the armed party named most and the state of the place, else the two states whose
    forces the report speaks of most."""
    told: Counter[str] = Counter()
    for name in scene.context.named:
        party = _meaning(name, scene)
        entry = reference.party(party) if party else None
        if entry is not None and entry.category in _ARMED:
            told[entry.name] += 1
    if told:
        state = form("government", scene.country)
        return (*([state] if state else []), told.most_common(1)[0][0])
    states = [form("government", code) for code in scene.context.forces[:2]]
    return tuple(name for name in states if name is not None) if len(states) == 2 else ()


def _names(phrase: Phrase, scene: _Scene) -> tuple[str, ...]:
    """The parties that a phrase is: one, or both sides of an agreement."""
    told = scene.kind == "agreement" and _words(scene.context.language, "both_sides") & _pieces(phrase)
    if told and (both := _belligerents(scene)):
        return both
    if scene.kind == "agreement" and fold(phrase.head) in _words(scene.context.language, "exchanged"):
        return ()
    name = _name(phrase, scene)
    return (name,) if name is not None else ()


def party_names(
    phrases: Sequence[Phrase],
    country: str | None,
    day: date | None,
    context: PartyContext,
    *,
    side: Side | None = None,
    kind: str | None = None,
    unit: str | None = None,
    before: Sequence[Mention] = (),
) -> tuple[str, ...]:
    """Codebook names of one side's phrases, without repeats, in their order.

    `country` is the place's ISO alpha-3 code, `unit` its first-level unit. With `side` and `kind` the incident helps:
    people who march are protesters, unnamed men who bomb an unidentified armed group. `before` are the mentions told before it.
    """
    if country is None and context.countries:
        country = context.countries[
            0
        ]  # of people at a place that nobody knows: what the report is most about
    scene = _Scene(country, day, context, side, kind, unit, before)
    names = [name for phrase in _with_faces(phrases, context.language) for name in _names(phrase, scene)]
    if any((entry := reference.party(name)) and entry.category in _ARMED for name in names):
        # "the insurgents known as Al-Shabab", "Islamic State … the bomber": the unnamed are the named.
        names = [name for name in names if name != form("armed", country)]
    return tuple(dict.fromkeys(names))


def _with_faces(phrases: Sequence[Phrase], language: str) -> list[Phrase]:
    """The phrases but for those that say nothing of who the people are ("seven", "the wounded") beside one that does."""
    faceless = _words(language, "faceless") | _words(language, "quantities")
    told = [p for p in phrases if p.role != "civilians" or fold(p.head) not in faceless]
    return told if any(p.role != "thing" for p in told) else list(phrases)


def parties(mention: Mention, context: PartyContext, before: Sequence[Mention] = ()) -> Mention:
    """The mention with its attackers and targets named; fills these two fields and their evidence, no other.

    `before` are the resolved mentions told before it, for "the same gunmen".
    """
    evidence = dict(mention.evidence)
    sides: dict[Side, tuple[str, ...]] = {}
    for side in ("attackers", "targets"):
        phrases = mention.phrases.get(side, ())
        sides[side] = party_names(
            phrases,
            mention.where.country,
            mention.when.start,
            context,
            side=side,
            kind=mention.kind,
            unit=mention.where.admin1,
            before=before,
        )
        spans = tuple(span for phrase in phrases for span in phrase.spans)
        words = tuple(phrase.text for phrase in phrases)
        sure = 0.85 if any(is_register_party(n) for n in sides[side]) else 0.65
        reason = "named by its words, place and day" if sides[side] else "nobody described"
        evidence[side] = Evidence(spans, words, sure if sides[side] else 0.4, reason)
    attackers, targets = not_themselves(mention, sides)
    targets = state_seized(mention, attackers, targets, context.countries)
    return replace(mention, attackers=attackers, targets=targets, evidence=evidence)
