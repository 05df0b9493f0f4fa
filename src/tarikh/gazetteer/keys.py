"""The spelling-tolerant keys of a place name: one key for the ways in which news write one name.

Invariant: pure and total; two names with one `fold` have one loose key and one skeleton, so each only widens a search.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tarikh.text import fold

_ARTICLE = re.compile(r"^(?:al|el|ul|ad|adh|an|ar|as|ash|at|az|ed|en|er|es|esh|et|ez) (?=\w{3})")
_LATIN = re.compile(r"^[a-z0-9 ]+$")

# In order: each row is a spelling and the one it is taken for. Sources: misses of conflict place names in GeoNames
# (French and English spellings of one Sahel name, transliterations of Arabic, Tuareg I-n- and N' forms).
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"tch", "ch"),
    (r"dj", "j"),
    (r"(?:sch|sh|ch)", "x"),
    (r"gu(?=[ei])", "g"),
    (r"kh", "k"),
    (r"gh", "g"),
    (r"dh", "d"),
    (r"th", "t"),
    (r"ph", "f"),
    (r"(?:ck|q|c(?![ei]))", "k"),
    (r"(?:ou|oo|w)", "u"),
    (r"(?:ay|ey|ei)", "ai"),
    (r"(?:y|ee)", "i"),
    (r"(.)\1+", r"\1"),
    (r"(?<=\w{3}[aeiou])h$", ""),
    (r"^in(?=[^aeiou])", "n"),
)
_RULES = tuple((re.compile(pattern), by) for pattern, by in _SPELLINGS)


@lru_cache(maxsize=4096)
def loose_key(name: str) -> str:
    """A key that hyphens, spaces, accents, doubled letters and spelling habits do not change.

    "" where a tolerant match would be a guess: other scripts than Latin, and keys under four letters.

    >>> loose_key("I-n-Atès") == loose_key("Inates"), loose_key("Labbézanga") == loose_key("Labezanga")
    (True, True)
    """
    plain = fold(name)
    if not _LATIN.match(plain):
        return ""
    key = _ARTICLE.sub("", plain).replace(" ", "")
    for pattern, by in _RULES:
        key = pattern.sub(by, key)
    return key if len(key) >= 4 else ""


_VOWELS = "aeiou"
_NO_VOWELS = str.maketrans("", "", _VOWELS)
_SHORTEST = 7
"""Letters of a loose key from which a vowel more or less is a spelling; "Dakola" and "Dakoula" are two villages."""
_FEWEST_CONSONANTS = 3


def skeleton(loose: str) -> str:
    """The consonants of a loose key, behind "a" where it begins with a vowel.

    "" where that says too little: keys under seven letters or three consonants. Names of one skeleton are compared by
    `one_vowel_apart`: the skeleton alone joins a third of a country's names.

    >>> skeleton(loose_key("Boulkessi")) == skeleton(loose_key("Boulikessi"))
    True
    """
    bones = loose.translate(_NO_VOWELS)
    if len(loose) < _SHORTEST or len(bones) < _FEWEST_CONSONANTS or not loose.isascii():
        return ""
    return "a" + bones if loose[0] in _VOWELS else bones


def one_vowel_apart(left: str, right: str) -> bool:
    """Whether two loose keys of one skeleton differ by a vowel that is added or left out, or by another one inside.

    The first vowel and a last one are not exchanged: that makes another name more often than a spelling.

    >>> one_vowel_apart(loose_key("Ogossagou"), loose_key("Ogossogou"))
    True
    """
    if len(left) > len(right):
        left, right = right, left
    at = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left))
    if len(left) < len(right):
        return len(right) - len(left) == 1 and left[at:] == right[at + 1 :]
    inside = at < len(left) - 1 and any(letter in _VOWELS for letter in left[:at])
    return inside and left[at + 1 :] == right[at + 1 :]
