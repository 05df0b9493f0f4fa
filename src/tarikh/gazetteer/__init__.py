"""The gazetteer: one read-only SQLite index of place names, from the installed GeoNames packages and what the user adds.

Invariant: an index file is whole or not there; what is in it never changes after it was built.
"""

from __future__ import annotations

from tarikh.gazetteer.building import Summary, build, ensure, usable
from tarikh.gazetteer.growing import Given, add, check_file, remove
from tarikh.gazetteer.index import FORMAT, Gazetteer, Place, kilometers, open_index
from tarikh.gazetteer.keys import loose_key
from tarikh.gazetteer.register import Source, check_target, incoming
from tarikh.gazetteer.register import read as added

__all__ = [
    "FORMAT",
    "Gazetteer",
    "Given",
    "Place",
    "Source",
    "Summary",
    "add",
    "added",
    "build",
    "check_file",
    "check_target",
    "ensure",
    "incoming",
    "kilometers",
    "loose_key",
    "open_index",
    "remove",
    "usable",
]
