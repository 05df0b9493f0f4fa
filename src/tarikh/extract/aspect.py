"""Whether an event is what the report is about (new) or recalled to explain it (background).

Invariant: a sum of small signs of position and words, so that coding does not depend on what else is in the database;
what the days of the report add is added in `resolve.aspect`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import exp

from tarikh import reference
from tarikh.extract.grouping import Event
from tarikh.extract.stance import Cue, Setting, core, named, told_in
from tarikh.extract.triggers import Trigger
from tarikh.model import Aspect, Evidence

_NEAR = 60
"""So many characters before the trigger a word may stand that ties the event to another."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the report an event is told first."""

    event: Event
    number: int
    setting: Setting
    first: Trigger

    @property
    def paragraph(self) -> int:
        """The paragraph of the first telling in the body."""
        return self.first.scene.sentence.paragraph

    @property
    def paragraphs(self) -> int:
        """The last paragraph that tells an event."""
        return max((p for e in self.setting.events for p in told_in(e).values()), default=1)

    def cue(self, name: str, near: bool = False) -> Cue | None:
        """The first cue of a name in the sentence of the first telling; `near` is just before the trigger."""
        sentence = self.first.scene.sentence
        start = sentence.start + self.first.start
        for cue in named(self.setting, name):
            if cue.sentence.index != sentence.index:
                continue
            if not near or start - _NEAR <= cue.span.start <= start:
                return cue
        return None


Sign = Callable[[Place], Evidence | None]


def _shown(place: Place, reason: str) -> Evidence:
    scene, trigger = place.first.scene, place.first
    return Evidence((scene.span(trigger.start, trigger.end),), (trigger.words,), 0.6, reason)


def _when(test: Callable[[Place], bool], reason: str) -> Sign:
    return lambda place: _shown(place, reason) if test(place) else None


def _cue(name: str, reason: str, near: bool = False) -> Sign:
    def sign(place: Place) -> Evidence | None:
        cue = place.cue(name, near)
        return cue.evidence(reason) if cue is not None else None

    return sign


def _listed(place: Place) -> Evidence | None:
    """A word of the lexicon's list of recalling words."""
    scene = place.first.scene
    text = scene.sentence.text.lower()
    cue = next((c for c in scene.lexicon.words["background_cues"] if c in text), None)
    if cue is None:
        return None
    at = text.find(cue)
    return Evidence((scene.span(at, at + len(cue)),), (cue,), 0.6, "recalled")


def _in_title(place: Place) -> bool:
    return any(t.scene.sentence.part == "title" for t in place.event.triggers)


def _under(place: Place, *relations: str) -> bool:
    """Whether the trigger or a verb above it hangs in its sentence by one of these relations."""
    token, grammar = place.first.token, place.first.scene.grammar
    for _ in range(6):
        if grammar.has(token, *relations):
            return True
        if token.head is token:
            return False
        token = token.head
    return False


def _alone(place: Place) -> bool:
    return len(told_in(place.event)) == 1


def _titled(place: Place) -> bool:
    """Whether another event is in the headline."""
    return any(
        t.scene.sentence.part == "title"
        for e in place.setting.events
        if e is not place.event
        for t in e.triggers
    )


def _late_start(place: Place) -> bool:
    """The report's first event is not in its first two paragraphs: its news is no incident."""
    starts = [min(told.values()) for e in place.setting.events if (told := told_in(e))]
    return min(starts, default=1) > 2


def _noun(place: Place) -> bool:
    return place.first.token.pos_ not in ("VERB", "AUX")


def _shares_sentence(place: Place) -> bool:
    """Another event, told before, in the same sentence."""
    here = place.first.scene.sentence.index
    return any(
        e is not place.event
        and here in told_in(e)
        and min(told_in(e)) <= here
        and core(e)[0].start < place.first.start
        for e in place.setting.events
    )


def _opens_paragraph(place: Place) -> bool:
    """The first sentence of its paragraph tells it."""
    sentence = place.first.scene.sentence
    return not any(
        s.sentence.paragraph == sentence.paragraph and s.sentence.index < sentence.index
        for s in place.setting.scenes
    )


def _alone_day(place: Place) -> bool:
    return not place.event.day_keys()


SIGNS: Mapping[str, Sign] = {
    "first": _when(lambda p: p.number == 0, "first told"),
    "in_title": _when(_in_title, "in the headline"),
    "lead": _when(lambda p: p.paragraph <= 1, "told in the lead"),
    "second_half": _when(lambda p: p.paragraph * 2 > p.paragraphs + 1, "told in the second half"),
    "last_paragraph": _when(lambda p: p.paragraph >= p.paragraphs > 2, "told at the end"),
    "alone": _when(_alone, "told once"),
    "listed": _listed,
    "long_ago": _cue("long_ago", "long before"),
    "long_ago_near": _cue("long_ago", "long before", near=True),
    "likened": _cue("likened", "likened to the news"),
    "tied_to": _cue("tied_to", "tied to another event", near=True),
    "had": _cue("had", "past before the past"),
    "subordinate": _when(
        lambda p: _under(p, "adverbial_clause", "relative", "noun_clause"), "told in a subordinate clause"
    ),
    "relative": _when(lambda p: _under(p, "relative"), "told in a relative clause"),
    "noun": _when(_noun, "only named"),
    "titled": _when(_titled, "another event is in the headline"),
    "late_start": _when(_late_start, "the report's news is no incident"),
    "shares": _when(_shares_sentence, "told beside another in its sentence"),
    "opens": _when(_opens_paragraph, "opens its paragraph"),
    "undated": _when(_alone_day, "without a day"),
    "round_up": _when(lambda p: len(p.setting.events) >= 5, "one of many events"),
    "said": _cue("attributed", "told by a speaker"),
}


def signs(event: Event, number: int, setting: Setting) -> dict[str, Evidence]:
    """The signs that the telling of an event shows, with the words that show them."""
    place = Place(event, number, setting, core(event)[0])
    found = ((name, sign(place)) for name, sign in SIGNS.items())
    return {name: shown for name, shown in found if shown is not None}


def aspect_of(shown: Mapping[str, Evidence]) -> tuple[Aspect, Evidence]:
    """New or background by what the `signs` weigh, how sure, and of the signs the one that weighs most."""
    table = reference.weights("aspect")
    total = float(table["bias"]) + sum(table["weights"][name] for name in shown)
    sure = 1 / (1 + exp(-total))
    weigh = sorted(shown, key=lambda name: -abs(table["weights"][name]))
    if total <= 0:
        against = next((n for n in weigh if table["weights"][n] < 0), None)
        return "new", replace(shown[against], confidence=1 - sure) if against else Evidence(
            (), (), 1 - sure, "told as news"
        )
    main = next((n for n in weigh if table["weights"][n] > 0), None)
    return "background", replace(shown[main], confidence=sure) if main else Evidence((), (), sure, "recalled")
