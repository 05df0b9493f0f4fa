"""Texts as XML can hold them.

Invariant: whatever stands in a text, it stays a text: no element, no entity, no end of anything; what XML cannot hold is "�".
"""

from __future__ import annotations

import re

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold."""
_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})


def plain(text: str) -> str:
    """The text with "�" for each sign that XML cannot hold."""
    return _UNWRITABLE.sub("\ufffd", text)


def escaped(text: str) -> str:
    """The text as content of an element or an attribute."""
    return plain(text).translate(_SIGNS)
