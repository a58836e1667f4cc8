"""Text on its way into markup: whatever it holds, it stays text.

Examples
--------
>>> escape('<b onclick="x">\\x00')
'&lt;b onclick=&#34;x&#34;&gt;\ufffd'
"""

from __future__ import annotations

import re

import markupsafe

_UNFIT = re.compile(  # what HTML cannot hold: controls, surrogates, non-characters
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def fit(text: object) -> str:
    """Return the text with U+FFFD in place of what no page can hold, and plain line ends."""
    return _UNFIT.sub("\ufffd", str(text).replace("\r\n", "\n").replace("\r", "\n"))


def escape(text: object) -> str:
    """Return the text fit to stand in HTML as text or between the quotes of an attribute."""
    return str(markupsafe.escape(fit(text)))


def running(text: object) -> str:
    """Return escaped text whose line ends show, and whose direction marks end with it."""
    shown = escape(text).replace("\n", "<br>")
    return f"<bdi>{shown}</bdi>" if _TURNING.search(shown) else shown
