"""Correlation of the feelings behind two rating items, were they normal and cut into the steps of the scale.

Examples
--------
>>> import numpy as np
>>> table = np.array([[40, 10], [10, 40]])  # the medians split both: sin(π/2 × (.8 - .2) / 1)
>>> round(polychoric(table), 4)
0.809
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray

LARGEST: Final = 0.9999


def polychoric(counts: npt.ArrayLike) -> float:
    """Polychoric correlation of two ordered items, in two steps.

    Thresholds come from the margins; the correlation then maximises the likelihood of the table.

    Parameters
    ----------
    counts
        (categories of one item, of the other), in order; empty rows and columns are left out.

    Raises
    ------
    MethodError
        `no_variation`: an item has one category only; `negative_cell`.

    Notes
    -----
    Olsson (1979); R: `psych::polychoric(x, correct = 0)`. Its two-step likelihood; the probabilities of a
    bivariate normal by Owen (1956).
    """
    table = np.asarray(counts, dtype=float)
    if (table < 0).any():
        raise MethodError("negative_cell", where="polychoric", what="counts are not negative")
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape, default=0) < 2:
        raise MethodError("no_variation", where="polychoric", what="an item has one category only")
    rows, columns = (_thresholds(table.sum(axis=axis)) for axis in (1, 0))

    def loss(correlation: float) -> float:
        cell = _cells(rows, columns, correlation)
        return -float((table * np.log(np.maximum(cell, 1e-300))).sum())

    found = optimize.minimize_scalar(
        loss, bounds=(-LARGEST, LARGEST), method="bounded", options={"xatol": 1e-8}
    )
    return float(found.x)


def bivariate_normal(h: npt.ArrayLike, k: npt.ArrayLike, correlation: float) -> FloatArray:
    """Probability that two standard normals lie below h and k.

    Examples
    --------
    >>> round(float(bivariate_normal(0.0, 0.0, 0.5)), 6)
    0.333333
    """
    # Owen's slopes are not defined at 0: a step of 1e-12 changes nothing that is printed
    a, b = (np.where(np.abs(x) < 1e-12, 1e-12, x) for x in np.broadcast_arrays(*map(_floats, (h, k))))
    root = np.sqrt(1 - correlation**2)
    owen = special.owens_t(a, (b - correlation * a) / (a * root)) + special.owens_t(
        b, (a - correlation * b) / (b * root)
    )
    return np.asarray((special.ndtr(a) + special.ndtr(b)) / 2 - owen - np.where(a * b < 0, 0.5, 0.0))


def _floats(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=float)


def _thresholds(margin: FloatArray) -> FloatArray:
    return np.asarray(special.ndtri(np.cumsum(margin)[:-1] / margin.sum()), dtype=float)


def _cells(rows: FloatArray, columns: FloatArray, correlation: float) -> FloatArray:
    """Probabilities of the cells: second differences of the distribution at the thresholds."""
    below = np.zeros((rows.size + 2, columns.size + 2))
    below[1:-1, 1:-1] = bivariate_normal(rows[:, None], columns[None, :], correlation)
    below[1:-1, -1], below[-1, 1:-1], below[-1, -1] = special.ndtr(rows), special.ndtr(columns), 1.0
    return np.asarray(np.diff(np.diff(below, axis=0), axis=1), dtype=float)
