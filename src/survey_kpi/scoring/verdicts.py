"""Goal against result: met or not on unrounded numbers, and whether the sample can tell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from survey_kpi.numeric import Array

MET, NOT_MET, UNJUDGED = "met", "not_met", "not_judged"
CLEARLY_MET, CLEARLY_MISSED, INDISTINCT = "clearly_met", "clearly_not_met", "not_distinguishable"


def verdicts(value: npt.ArrayLike, target: npt.ArrayLike, direction: str = "higher") -> Array:
    """Return "met" or "not_met" of unrounded values; "not_judged" where a value is not measured.

    Examples
    --------
    >>> verdicts([80.0, 79.96, float("nan")], 80.0).tolist()
    ['met', 'not_met', 'not_judged']
    """
    actual, aim = np.asarray(value, dtype=float), np.asarray(target, dtype=float)
    reached = actual >= aim if direction == "higher" else actual <= aim
    return np.select([np.isnan(actual), reached], [UNJUDGED, MET], NOT_MET)


def certainty(
    value: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    target: npt.ArrayLike,
    direction: str = "higher",
) -> Array:
    """Return what is printed beside the verdict: clearly met, clearly not met, or not distinguishable.

    Parameters
    ----------
    low, high
        Ends of the interval; the target inside it, ends included, cannot be told from the value. NaN (no
        sampling error): the verdict is clear.

    Examples
    --------
    >>> certainty([80.0, 90.0], [62.69, 85.06], [90.49, 93.43], 80.0).tolist()
    ['not_distinguishable', 'clearly_met']
    """
    first, last, aim = (np.asarray(part, dtype=float) for part in (low, high, target))
    found = verdicts(value, aim, direction)
    inside = (first <= aim) & (aim <= last)
    return np.select(
        [found == UNJUDGED, inside, found == MET], [UNJUDGED, INDISTINCT, CLEARLY_MET], CLEARLY_MISSED
    )
