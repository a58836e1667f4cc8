"""Scale scores: reversal and the mean of the items answered.

Examples
--------
>>> reverse([1, 2, 6], low=1, high=6).tolist()
[6.0, 5.0, 1.0]
>>> scale_scores({"a": [5, 4], "b": [2, float("nan")]}, reversed_items=["b"], low=1, high=6).tolist()
[5.0, 4.0]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import SchemaError, SpecError, nearest
from survey_kpi.numeric import FloatArray


def reverse(values: npt.ArrayLike, *, low: float, high: float) -> FloatArray:
    """Answers turned round on their scale, x → low + high - x; NaN stays NaN.

    Parameters
    ----------
    values
        Answers.
    low, high
        Ends of the scale as asked, not as found in the data.

    Raises
    ------
    SchemaError
        `scale_mixed`: an answer lies off the scale.

    Notes
    -----
    R: `psych::reverse.code(-1, x, mini = low, maxi = high)`.
    """
    answers = np.asarray(values, dtype=float)
    off = answers[(answers < low) | (answers > high)]
    if off.size:
        raise SchemaError(
            "scale_mixed",
            where="reversal",
            what="answers lie off the scale",
            got=np.unique(off)[:5].tolist(),
            expected=f"{low:g} to {high:g}",
        )
    return np.asarray(low + high - answers, dtype=float)


def scale_scores(
    items: Mapping[str, npt.ArrayLike],
    *,
    reversed_items: Collection[str] = (),
    low: float,
    high: float,
    at_least: int = 1,
) -> FloatArray:
    """Mean of each person's answers after reversal; NaN with fewer than `at_least` answers.

    Parameters
    ----------
    items
        Answers by item, NaN where there is none.
    reversed_items
        Items whose high end means little.
    low, high
        Ends of the scale.
    at_least
        Answers that a score needs.

    Raises
    ------
    SchemaError
        `scale_mixed`: see `reverse`.
    SpecError
        `item_unknown`: an item to reverse is not there.

    Notes
    -----
    R: `psych::scoreItems(keys, x, impute = "none")`.
    """
    unknown = [name for name in reversed_items if name not in items]
    if unknown:
        raise SpecError(
            "item_unknown",
            where="reversal",
            what=f"there is no item '{unknown[0]}'",
            hint=nearest(unknown[0], items),
        )
    X = np.column_stack(
        [
            reverse(answers, low=low, high=high) if name in reversed_items else np.asarray(answers, float)
            for name, answers in items.items()
        ]
    )
    known = ~np.isnan(X)
    answered = known.sum(axis=1)
    total = np.where(known, X, 0.0).sum(axis=1)
    return np.asarray(np.where(answered >= max(at_least, 1), total / np.maximum(answered, 1), np.nan))
