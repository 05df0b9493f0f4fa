"""How independent a mention's speaker is of the fighting, and which of two is heard.

Invariant: the order is codebook section 7's: monitors and witnesses, then the side that suffered, last the
side that claims; unknown roles fall back to the mention's own status. Language-neutral: no word lists here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from tarikh.link.independence import attributed
from tarikh.link.sides import form
from tarikh.model import Mention, Status
from tarikh.text import folded as plain

Roles = Mapping[str, str]
"""Report id or source name -> a role of `ROLE_RANKS`."""

ROLE_RANKS: Mapping[str, int] = {"monitor": 5, "press": 4, "authority": 3, "party": 0}
"""What a user may say of a source. A hospital, a UN body and a human rights group are monitors."""

STATUS_RANKS: Mapping[str, int] = {"reported": 4, "disputed": 2, "alleged": 1, "claimed": 0}
"""Where nobody said what the source is: how the report itself stands to the act."""

SUFFERED = 2
PARTY_BELOW = 2
"""Speakers below this rank are parties to the conflict: `without-parties` does not hear them."""


def independence(mention: Mention, roles: Roles) -> int:
    """Rank of the mention's speaker, 0 (a party on its own deed) to 5 (a monitor)."""
    role = roles.get(mention.report_id) or roles.get(mention.source or "") or ""
    own = own_outlet(mention)
    return _rank(mention.status, role, mention.attackers, mention.targets, mention.attribution or "", own)


@lru_cache(maxsize=100_000)
def _rank(
    status: Status,
    role: str,
    attackers: tuple[str, ...],
    targets: tuple[str, ...],
    attribution: str,
    own: bool,
) -> int:
    rank = STATUS_RANKS[status]
    if role in ROLE_RANKS:
        rank = min(rank, ROLE_RANKS[role]) if role == "party" or rank < SUFFERED else ROLE_RANKS[role]
    speaker = f" {plain(attribution)} "
    if own or _names(attackers, speaker):
        return min(rank, 0)
    return min(rank, SUFFERED) if _names(targets, speaker) else rank


def _names(parties: Iterable[str], speaker: str) -> bool:
    """Whether one of the parties is the speaker by its own name ("a JNIM statement")."""
    return any(form(name).kind == "named" and f" {plain(name)} " in speaker for name in parties)


def own_outlet(mention: Mention) -> bool:
    """Whether the source itself bears the name of an attacker: a party's outlet is not independent of its claim."""
    return bool(mention.attackers) and _names(mention.attackers, f" {plain(mention.source or '')} ")


def said_by(mention: Mention) -> str:
    """The party that speaks of its own deed in a claim: the one named as speaker, else the attackers."""
    speaker = f" {plain(mention.attribution or '')} {plain(mention.source or '')} "
    named = [name for name in sorted({*mention.attackers, *mention.targets}) if _names((name,), speaker)]
    return named[0] if named else " and ".join(sorted(mention.attackers)) or "a party to the conflict"


def speaker(mention: Mention) -> str | None:
    """Who speaks in a mention as far as its coded fields and the list of agencies say, without a word of the report.

    As a mention's attribution this gives the same rank, the same claimant and the same agency as the words did.
    """
    said = f" {plain(mention.attribution or '')} "
    agency = attributed(mention.attribution)
    parties = [name for name in sorted({*mention.attackers, *mention.targets}) if _names((name,), said)]
    return ", ".join([agency, *parties] if agency else parties) or None


def is_party(mention: Mention, roles: Roles) -> bool:
    """Whether a party to the conflict speaks of its own deed or accuses the other side."""
    return independence(mention, roles) < PARTY_BELOW


def moment(at: datetime | None, unknown: float = 0.0) -> float:
    """Seconds since 1970, so that moments with and without a zone compare; without one it is UTC."""
    if at is None:
        return unknown
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()


def newness(mention: Mention) -> tuple[int, float, str]:
    """Sort key: a newer report is greater; unknown publication is oldest; ties by recording, then id."""
    published = mention.published or date.min
    return published.toordinal(), moment(mention.recorded_at), mention.id
