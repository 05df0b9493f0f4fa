"""What is known before any report is read: codebook, lexicons, countries, party register. Data under `data/`, no rules here.

Invariant: everything is loaded once, read-only, and the same for every report; faulty data raises an error naming its entry.
"""

from __future__ import annotations

from tarikh.reference.countries import (
    Country,
    Told,
    countries,
    countries_by_adjective,
    country,
    country_by_name,
    country_by_seat,
    told_countries,
)
from tarikh.reference.loading import (
    Kind,
    data_path,
    flat,
    kinds,
    kinds_by_force,
    languages,
    lexicon,
    load,
    shown,
)
from tarikh.reference.members import Community, Party, Use
from tarikh.reference.names import Named, meaning, named
from tarikh.reference.register import (
    CATEGORIES,
    checked,
    communities,
    own_files,
    parties,
    party,
)
from tarikh.reference.trained import weights

__all__ = [
    "CATEGORIES",
    "Community",
    "Country",
    "Kind",
    "Named",
    "Party",
    "Told",
    "Use",
    "checked",
    "communities",
    "countries",
    "countries_by_adjective",
    "country",
    "country_by_name",
    "country_by_seat",
    "data_path",
    "flat",
    "kinds",
    "kinds_by_force",
    "languages",
    "lexicon",
    "load",
    "meaning",
    "named",
    "own_files",
    "parties",
    "party",
    "shown",
    "told_countries",
    "weights",
]
