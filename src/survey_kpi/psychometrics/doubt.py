"""What the methods of this room say about their data beside the number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A doubt that the report prints beside the figure.

    Parameters
    ----------
    code
        Stable name: `probably_reversed`, `heywood_case`, …
    where
        Item, factor or person that it concerns.
    message
        One sentence.
    """

    code: str
    where: str
    message: str
