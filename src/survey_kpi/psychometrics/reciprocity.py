"""Pairs of colleagues who give each other the highest mark while others see both differently.

A flag is a reason to look, for the administrator alone: nothing is deleted, nobody is scored by it.

Examples
--------
>>> raters = ["ann", "bo", "cy", "di", "ed", "cy", "di", "ed"]
>>> ratees = ["bo", "ann", "ann", "ann", "ann", "bo", "bo", "bo"]
>>> found = favour_pairs(raters, ratees, [5, 5, 3, 3, 4, 2, 3, 3], highest=5)
>>> [(pair.first, pair.second, round(pair.first_excess, 2), round(pair.second_excess, 2)) for pair in found]
[('ann', 'bo', 2.33, 1.67)]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import SpecError

EXCESS: Final = 1.5
"""Points by which a mark must lie above the mean of the other raters."""
OTHERS: Final = 3
"""Other raters whose mean is taken as how a person is seen."""
ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class FavourPair:
    """Two people who favour each other.

    Parameters
    ----------
    first, second
        The two, in sorted order.
    first_excess, second_excess
        Points by which the mark that the first (second) gave lies above the mean of the other raters.
    """

    first: str
    second: str
    first_excess: float
    second_excess: float


def favour_pairs(
    raters: Sequence[str],
    ratees: Sequence[str],
    scores: npt.ArrayLike,
    *,
    highest: float,
    excess: float = EXCESS,
    others: int = OTHERS,
) -> tuple[FavourPair, ...]:
    """Name the pairs who give each other the highest mark, both well above what other raters give.

    Several ratings of one person by one rater enter as their mean: on a form of many items all must be the
    highest. Ratings of oneself are left out.

    Parameters
    ----------
    raters, ratees
        Who rated whom, one entry per rating.
    scores
        Ratings, in points of the scale.
    highest
        Top of the scale.
    excess
        Least distance of both marks from the mean of the other raters, in points.
    others
        Fewest other raters of each of the two.

    Returns
    -------
    tuple
        Flagged pairs in sorted order. On random ratings among 12 people any pair is flagged in some 4 % of
        quarters.

    Raises
    ------
    SpecError
        `sizes_differ`: the three have different lengths; `missing_cell`: a score is missing; `scale_range`: a
        score lies above `highest`.
    """
    y = np.asarray(scores, dtype=float)
    _check(raters, ratees, y, highest)
    names, code = np.unique(np.asarray([*raters, *ratees], dtype=str), return_inverse=True)
    rater, ratee = code[: y.size], code[y.size :]
    apart = rater != ratee
    pairs, place = np.unique(rater[apart] * names.size + ratee[apart], return_inverse=True)
    mark = np.bincount(place, y[apart]) / np.bincount(place)
    giver, taker = np.divmod(pairs, names.size)
    received, given = np.bincount(taker, mark, names.size), np.bincount(taker, minlength=names.size)
    rest = given[taker] - 1
    above = mark - (received[taker] - mark) / np.maximum(rest, 1)
    favour = (mark >= highest - ROUNDING) & (rest >= others) & (above >= excess - ROUNDING)
    back = np.searchsorted(pairs, taker * names.size + giver)
    back = np.where(back < pairs.size, back, 0)
    mutual = favour & favour[back] & (pairs[back] == taker * names.size + giver) & (giver < taker)
    return tuple(
        FavourPair(
            first=str(names[giver[i]]),
            second=str(names[taker[i]]),
            first_excess=float(above[i]),
            second_excess=float(above[back[i]]),
        )
        for i in np.flatnonzero(mutual)
    )


def _check(raters: Sequence[str], ratees: Sequence[str], y: npt.NDArray[np.float64], highest: float) -> None:
    if not len(raters) == len(ratees) == y.size:
        raise SpecError("sizes_differ", where="favour_pairs", what="every rating needs its rater and ratee")
    if np.isnan(y).any():
        raise SpecError(
            "missing_cell", where="favour_pairs", what="a score is missing", hint="leave such ratings out"
        )
    if y.size and y.max() > highest + ROUNDING:
        raise SpecError(
            "scale_range",
            where="favour_pairs",
            what="a score lies above the top of the scale",
            got=float(y.max()),
            expected=f"at most {highest:g}",
        )
