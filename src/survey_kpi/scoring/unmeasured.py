"""What an indicator that was not measured does to a score: only what `when_unmeasured` says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from survey_kpi.numeric import BoolArray, FloatArray
from survey_kpi.study.models import ScoreRule


def weights_used(weights: npt.ArrayLike, measured: npt.ArrayLike, policy: str) -> FloatArray:
    """Weights with which each person's measured indicators enter the score.

    Parameters
    ----------
    weights
        (indicators,) declared weights.
    measured
        (people, indicators) whether there is a value.
    policy
        `when_unmeasured`: `hold_harmless` gives no score, `reweight_printed` divides by the sum of the
        measured weights, `zero_with_reason` leaves the weights as they are.

    Returns
    -------
    numpy.ndarray
        (people, indicators): 0 for the unmeasured, NaN throughout for a person without a score.

    Examples
    --------
    >>> weights_used([0.5, 0.3, 0.2], [[True, True, False]], "reweight_printed").round(9).tolist()
    [[0.625, 0.375, 0.0]]
    >>> weights_used([0.5, 0.3, 0.2], [[True, True, False]], "hold_harmless").tolist()
    [[nan, nan, nan]]
    """
    there: BoolArray = np.asarray(measured, dtype=bool)
    kept = np.where(there, np.asarray(weights, dtype=float), 0.0)
    carried = kept.sum(axis=1, keepdims=True)
    scored = there.all(axis=1, keepdims=True) if policy == "hold_harmless" else carried > 0
    used = np.divide(kept, carried, out=kept.copy(), where=(carried > 0) & (policy == "reweight_printed"))
    return np.where(scored & (carried > 0), used, np.nan)


def weight_table(
    indicators: Sequence[str], weights: npt.ArrayLike, attainments: npt.ArrayLike, rule: ScoreRule
) -> tuple[pd.DataFrame, float]:
    """One person's weight table and score, as it is printed.

    Parameters
    ----------
    attainments
        (indicators,) points, NaN where not measured.

    Returns
    -------
    tuple
        Table with indicator, weight, weight_used, attainment, contribution; and the score, NaN if there is
        none.

    Examples
    --------
    >>> rule = ScoreRule(formula="linear", when_unmeasured="reweight_printed")
    >>> table, score = weight_table(["a", "b", "c"], [0.5, 0.3, 0.2], [90, 80, float("nan")], rule)
    >>> table["weight_used"].round(9).tolist(), score
    ([0.625, 0.375, 0.0], 86.25)
    """
    points = np.asarray(attainments, dtype=float)
    used = weights_used(weights, ~np.isnan(points)[None, :], rule.when_unmeasured)[0]
    contribution = np.where(np.isnan(points), 0.0, points) * used
    table = pd.DataFrame(
        {
            "indicator": list(indicators),
            "weight": np.asarray(weights, dtype=float),
            "weight_used": used,
            "attainment": points,
            "contribution": contribution,
        }
    )
    return table, float(np.minimum(rule.cap, contribution.sum()))
