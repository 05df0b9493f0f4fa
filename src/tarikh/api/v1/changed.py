"""A change of the feed as it may be shown.

Invariant: below `full` no value is told that its own rules could withhold: earlier places, parties and sources are not,
nor who judged or what they noted; the incident of then is not in it, for it has rules of its own.
"""

from __future__ import annotations

from typing import Any

from tarikh import changes
from tarikh.changes import Change
from tarikh.disclosure import MARK
from tarikh.disclosure.sight import Sight

_TELLING = ("place", "attackers", "targets", "sources")


def entry(change: Change, sight: Sight, href: str | None) -> dict[str, Any]:
    """A change as JSON values, with the address of the incident where there is one."""
    line = changes.entry(change)
    if not sight.full:
        line.pop("incident", None)
        for name, update in line.get("fields", {}).items():
            update |= {end: _value(name, update[end]) for end in ("from", "to")}
        line["because"] = [_cause(each) for each in line["because"]]
    return line if href is None else {**line, "href": href}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _TELLING:
        return MARK
    if name == "date":  # what it was counted from is told in words of the report
        return {key: part for key, part in value.items() if key != "basis"}
    return value


def _cause(line: dict[str, Any]) -> dict[str, Any]:
    # What a source is said to be would tell, of an incident with one source, which source it is.
    telling = (
        ("note", "source", "detail", "withdrawn", "mentions")
        if line["what"] == "role"
        else ("note", "source")
    )
    made = {key: value for key, value in line.items() if key not in telling}
    if str(made.get("by", "")).startswith("user:"):
        made["by"] = f"user:{MARK}"
    return made
