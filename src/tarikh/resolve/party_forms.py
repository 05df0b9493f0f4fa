"""The codebook's generic names of parties that have no name of their own: a role and a country.

Invariant: every name is of the codebook's section 5; without a country there is none.
"""

from __future__ import annotations

from tarikh import reference

ROLES = {
    "military": "Military of {}",
    "police": "Police of {}",
    "government": "Government of {}",
    "civilians": "Civilians ({})",
    "protesters": "Protesters ({})",
    "rioters": "Rioters ({})",
    "armed": "Unidentified armed group ({})",
    "aid_workers": "Aid workers ({})",
    "faction": "Military faction ({})",
}


def form(role: str, country: str | None) -> str | None:
    """The codebook's generic name of a role and a country (ISO alpha-3); None where either has none."""
    owner = reference.country(country)
    return ROLES[role].format(owner.name) if owner is not None and role in ROLES else None


def is_register_party(name: str) -> bool:
    """Whether a name is a canonical name of the register."""
    return reference.party(name) is not None
