"""Names of users: what is one, and which two read alike.

Invariant: two users never have names that the eye can take for each other, since rows are signed with them.
"""

from __future__ import annotations

import re
import unicodedata

from tarikh.errors import UsageError
from tarikh.text import fold

LONGEST = 64
_BETWEEN = "._-"
_RESERVED = frozenset(["withheld", "unknown", "nobody", "system", "user", "linker", "tarikh", "root"])
"""Names that would say something else in `by`, or promise what they are not. Compared as keys."""

_ALIKE = str.maketrans(
    "аеорсухкмтнвгіјѕԁһԛԝԍӏ" + "αβεικνορτυχγηωѵ" + "օսոհցզ" + "1l0|",
    "aeopcyxkmthbrijsdhqwgi" + "abeikvoptuxynwv" + "ounhgq" + "iioi",
)
"""Small letters of other scripts, and digits, that look like Latin ones (a part of Unicode's confusables, UTS 39)."""
_SCRIPT = re.compile(r"^(LATIN|CYRILLIC|GREEK|ARMENIAN|CHEROKEE|COPTIC) ")


def key_of(name: str) -> str:
    """The name as the eye reads it: without case, accents, signs between letters and look-alikes of other scripts.

    >>> key_of("Ana") == key_of("аna") == key_of("a.n-á")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_ALIKE)
    return fold(folded).replace(" ", "").translate(_ALIKE)


def checked_name(given: str) -> str:
    """The name as it is kept (NFKC). Raises `UsageError` with what would be right."""
    name = unicodedata.normalize("NFKC", given)
    if not name:
        raise UsageError("the name is empty; give one in letters, such as ana")
    if len(name) > LONGEST:
        raise UsageError(f"the name has {len(name)} characters; at most {LONGEST} are kept")
    if not unicodedata.category(name[0]).startswith("L"):
        raise UsageError(f"the name {name!a} does not start with a letter")
    for place, sign in enumerate(name):
        if not _fits(sign, last=place == len(name) - 1):
            raise UsageError(
                f"the name {name!a} holds {sign!a}; use letters and digits, with . _ or - between them, no spaces"
            )
    scripts = {found[1] for sign in name if (found := _SCRIPT.match(unicodedata.name(sign, "")))}
    if len(scripts) > 1:
        raise UsageError(f"the name {name!a} mixes letters of two scripts that look alike; use one")
    if key_of(name) in {key_of(reserved) for reserved in _RESERVED} or not key_of(name):
        raise UsageError(f"the name {name!a} has a meaning of its own here; choose another")
    return name


def _fits(sign: str, last: bool) -> bool:
    # Marks (M) are parts of letters in many scripts; signs that only format (Cf) are never seen.
    category = unicodedata.category(sign)
    return category in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd") or (sign in _BETWEEN and not last)
