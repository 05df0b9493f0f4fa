"""Whether an event is what the report is about (new) or recalled to explain it (background).

Invariant: decided from position and words alone, so that coding does not depend on what else is in the database.
"""

from __future__ import annotations

from tarikh.extract.grouping import Event
from tarikh.model import Aspect, Evidence
from tarikh.text import lower


def aspect_of(event: Event, number: int) -> tuple[Aspect, Evidence]:
    """New or background, with the cue."""
    if not event.scenes or number == 0:
        return "new", Evidence((), (), 0.8, "first told")
    scene = event.scenes[0]
    text = lower(scene.sentence.text)
    for cue in scene.lexicon.words["background_cues"]:
        at = text.find(cue)
        if at >= 0:
            return "background", Evidence(
                (scene.span(at, at + len(cue)),), (text[at : at + len(cue)],), 0.6, "recalled"
            )
    return "new", Evidence((), (), 0.6, "")
