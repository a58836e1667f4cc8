"""What a training changed: the change of the trained, less that of comparable people who were not.

Whoever was chosen for a training because of a low figure rises by chance alone; so the baseline is the period
before the one that chose them, and the change of the untrained over the same periods is taken off.

Examples
--------
>>> found = training_effect([[234, 249], [237, 246]], [[300, 300], [300, 300]])
>>> round(found.raw, 1), round(found.net, 1), round(found.std_error, 2), found.verdict
(5.0, 2.0, 4.57, 'cannot_be_judged')
>>> [round(end, 2) for end in found.interval]
[-6.95, 10.95]
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import MethodError
from survey_kpi.inference.comparisons import change

Verdict = Literal["rose", "fell", "cannot_be_judged"]
BEFORE, AFTER = range(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEffect:
    """Difference in differences of a share, in percentage points.

    Parameters
    ----------
    raw
        Change of the trained: what a before-and-after table shows. It decides nothing.
    net
        The same, less the change of the untrained.
    std_error, interval, p_value
        Of `net`; the interval is at 1 - `level`.
    verdict
        "rose" or "fell" where the interval excludes 0, else "cannot_be_judged".
    hours, cost
        What the training took, for the table; None where it is not stated.
    """

    raw: float
    net: float
    std_error: float
    interval: tuple[float, float]
    p_value: float
    verdict: Verdict
    hours: float | None = None
    cost: float | None = None


def training_effect(
    successes: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    level: float = 0.05,
    hours: float | None = None,
    cost: float | None = None,
) -> TrainingEffect:
    """Judge a training by the untrained of the same periods.

    Parameters
    ----------
    successes, n
        (2, 2) counts: trained and untrained people, before and after. "Before" is the period ahead of the one
        that chose the trained.
    level
        Level of the two-sided test.

    Returns
    -------
    TrainingEffect

    Raises
    ------
    MethodError
        `counts_invalid`: not 2 x 2 counts with 0 <= successes <= n; `empty_cell`: a cell holds no answers.

    Notes
    -----
    Angrist and Pischke (2009), Mostly Harmless Econometrics, 5.2; binomial variances, answers of different
    cells independent.
    """
    x, cases = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    _check(x, cases)
    share = x / cases
    value, error = 100 * share, 100 * np.sqrt(share * (1 - share) / cases)
    trained, others = (
        change(v[AFTER], e[AFTER], v[BEFORE], e[BEFORE]) for v, e in zip(value, error, strict=True)
    )
    net = change(trained.difference, trained.std_error, others.difference, others.std_error)
    low, high = (float(end) for end in net.interval(level))
    return TrainingEffect(
        raw=float(trained.difference),
        net=float(net.difference),
        std_error=math.sqrt(float((error**2).sum())),
        interval=(low, high),
        p_value=float(net.p_value),
        verdict="rose" if low > 0 else "fell" if high < 0 else "cannot_be_judged",
        hours=hours,
        cost=cost,
    )


def _check(x: npt.NDArray[np.float64], n: npt.NDArray[np.float64]) -> None:
    if x.shape != (2, 2) or n.shape != (2, 2) or not np.all((x >= 0) & (x <= n)):
        raise MethodError(
            "counts_invalid",
            where="training_effect",
            what="needs counts of trained and untrained, before and after, with 0 <= successes <= n",
            got=f"shapes {x.shape} and {n.shape}",
            expected="(2, 2)",
        )
    if np.any(n == 0):
        what = "a group has no answers in one of the periods, so there is no change to compare"
        raise MethodError(
            "empty_cell", where="training_effect", what=what, hint="pool more periods or people"
        )
