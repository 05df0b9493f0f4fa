"""The gazetteer: one read-only SQLite index of place names, built from the installed GeoNames packages.

Invariant: an index file is whole or not there; what is in it never changes after it was built.
"""

from __future__ import annotations

from tarikh.gazetteer.building import Summary, build
from tarikh.gazetteer.index import FORMAT, Gazetteer, Place, kilometers, open_index
from tarikh.gazetteer.keys import loose_key

__all__ = ["FORMAT", "Gazetteer", "Place", "Summary", "build", "kilometers", "loose_key", "open_index"]
