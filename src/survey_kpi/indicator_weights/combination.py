"""Combining weight vectors."""

from __future__ import annotations

import math
from collections.abc import Sequence

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.result import SUM_TOLERANCE, IndicatorWeights


def linear(parts: Sequence[IndicatorWeights], shares: Sequence[float]) -> IndicatorWeights:
    """Mix weight vectors linearly by shares that sum to 1.

    Parameters
    ----------
    parts
        Weight vectors over the same indicators.
    shares
        Non-negative, one per part, sum 1 within 1e-9; never rescaled.

    Raises
    ------
    MethodError
        `weights_sum`: the shares do not sum to 1. `labels_differ`: the parts weigh different indicators.

    Examples
    --------
    >>> a = IndicatorWeights(values={"x": 0.5, "y": 0.3, "z": 0.2}, method="ahp")
    >>> b = IndicatorWeights(values={"x": 0.2, "y": 0.3, "z": 0.5}, method="entropy")
    >>> {name: round(value, 2) for name, value in linear([a, b], [0.5, 0.5]).values.items()}
    {'x': 0.35, 'y': 0.3, 'z': 0.35}
    """
    if abs(math.fsum(shares) - 1) > SUM_TOLERANCE or min(shares, default=0) < 0:
        raise MethodError(
            "weights_sum",
            where="combination of indicator weights",
            what="the shares of the methods must be non-negative and sum to 1",
            got=", ".join(f"{share:g}" for share in shares),
            expected=1,
        )
    labels = parts[0].labels
    for part in parts:
        if set(part.labels) != set(labels):
            raise MethodError(
                "labels_differ",
                where="combination of indicator weights",
                what=f"'{part.method}' weighs other indicators than '{parts[0].method}'",
                got=", ".join(part.labels),
                expected=", ".join(labels),
            )
    mixed = {
        label: math.fsum(share * part.values[label] for part, share in zip(parts, shares, strict=True))
        for label in labels
    }
    return IndicatorWeights(
        values=mixed,
        method="linear combination" if len(parts) > 1 else parts[0].method,
        variant=" + ".join(f"{share:g} {part.method}" for part, share in zip(parts, shares, strict=True))
        if len(parts) > 1
        else parts[0].variant,
        statistics=parts[0].statistics if len(parts) == 1 else {},
        diagnostics=tuple(doubt for part in parts for doubt in part.diagnostics),
    )
