"""The store: reports, mentions, judgements and corrections are kept for ever, incidents are derived from them.

`open_store` opens one; `Store` says what can be done with it. Dataclasses as JSON: `to_json`, `from_json`.
"""

from __future__ import annotations

from tarikh.store.acts import Act, Reading
from tarikh.store.basis import Basis, Stats
from tarikh.store.bringing import Brought
from tarikh.store.decisions import Saying
from tarikh.store.filtering import Filter
from tarikh.store.folding import Linking
from tarikh.store.forgetting import Forgotten, Tombstone
from tarikh.store.json_form import from_json, to_json
from tarikh.store.likeness import Copy, Likeness
from tarikh.store.schema import DISAGREE
from tarikh.store.source_roles import KnownSource
from tarikh.store.store import Store, open_store
from tarikh.store.succession import Orphan, successors

__all__ = [
    "DISAGREE",
    "Act",
    "Basis",
    "Brought",
    "Copy",
    "Filter",
    "Forgotten",
    "KnownSource",
    "Likeness",
    "Linking",
    "Orphan",
    "Reading",
    "Saying",
    "Stats",
    "Store",
    "Tombstone",
    "from_json",
    "open_store",
    "successors",
    "to_json",
]
