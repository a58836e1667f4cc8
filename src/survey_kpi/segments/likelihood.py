"""The maximum of a likelihood over positive parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from scipy import optimize

from survey_kpi.numeric import FloatArray

FAR: Final = 12.0
"""Logarithm of a parameter beyond which there is no maximum for these data, only a ridge."""
OPTIONS: Final[Any] = {"maxiter": 4000, "maxfev": 4000, "xatol": 1e-7, "fatol": 1e-11, "adaptive": True}


def maximum(log_likelihood: Callable[[FloatArray], float], parameters: int) -> FloatArray | None:
    """Parameters at the maximum, searched from 1; None where there is none.

    Examples
    --------
    >>> maximum(lambda p: float(3 * np.log(p[0]) - 2 * p[0]), 1).round(4).tolist()
    [1.5]
    """

    def loss(logs: FloatArray) -> float:
        return -log_likelihood(np.exp(logs))

    found = optimize.minimize(loss, np.zeros(parameters), method="Nelder-Mead", options=OPTIONS)
    if not found.success or np.abs(found.x).max() > FAR:
        return None
    return np.asarray(np.exp(found.x), dtype=float)
