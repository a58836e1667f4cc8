"""Indicators that rest on the same answers vary together: correlations within people, made a valid matrix.

Examples
--------
>>> sums = pd.DataFrame(
...     {"subject": ["s1", "s2"], "left": "A", "right": "B", "n": [3, 3], "sum_left": [6.0, 9.0],
...      "sum_right": [6.0, 3.0], "square_left": [14.0, 29.0], "square_right": [14.0, 5.0],
...      "product": [14.0, 11.0]}
... )
>>> within_person_correlations(sums)["correlation"].round(4).tolist()
[1.0]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.numeric import FloatArray

EIGENVALUE_FLOOR: Final = 1e-6


def within_person_correlations(sums: pd.DataFrame) -> pd.DataFrame:
    """Correlation of answers around each person's mean, pooled over the company.

    Parameters
    ----------
    sums
        One row per subject and pair of indicators, over the answers that hold both: subject, left, right,
        n, sum_left, sum_right, square_left, square_right, product.

    Returns
    -------
    pandas.DataFrame
        One row per pair: left, right, correlation; 0 where the answers of an indicator do not vary within
        people.
    """
    centred = pd.DataFrame({"left": sums["left"], "right": sums["right"]})
    n = sums["n"].where(sums["n"] > 0)
    centred["cross"] = sums["product"] - sums["sum_left"] * sums["sum_right"] / n
    centred["one"] = sums["square_left"] - sums["sum_left"] ** 2 / n
    centred["other"] = sums["square_right"] - sums["sum_right"] ** 2 / n
    pooled = centred.groupby(["left", "right"], sort=True, as_index=False).sum()
    scale = np.sqrt(pooled["one"].to_numpy() * pooled["other"].to_numpy())
    cross = pooled["cross"].to_numpy()
    pooled["correlation"] = np.divide(cross, scale, out=np.zeros(len(pooled)), where=scale > 0)
    return pooled[["left", "right", "correlation"]]


def correlations_of(
    subjects: Sequence[str],
    indicators: Sequence[str],
    pooled: pd.DataFrame,
    overlap: pd.DataFrame,
    bases: pd.DataFrame,
) -> FloatArray:
    """Correlation of the indicators' errors, person by person: pooled correlation x n_both ÷ √(n₁ n₂).

    Parameters
    ----------
    pooled
        left, right, correlation: of `within_person_correlations`.
    overlap
        subject, left, right, n: answers that hold both.
    bases
        subject, indicator, n: answers of each.

    Returns
    -------
    numpy.ndarray
        (people, indicators, indicators), the identity where nothing is shared; not yet repaired.
    """
    size = len(indicators)
    person, place = (pd.Index(names) for names in (subjects, indicators))
    n = np.zeros((len(person), size))
    kept = bases[bases["subject"].isin(person) & bases["indicator"].isin(place)]
    rows, columns = (
        person.get_indexer(pd.Index(kept["subject"])),
        place.get_indexer(pd.Index(kept["indicator"])),
    )
    n[rows, columns] = kept["n"]
    found = np.broadcast_to(np.eye(size), (len(person), size, size)).copy()
    pairs = overlap.merge(pooled, on=["left", "right"])
    pairs = pairs[pairs["subject"].isin(person) & pairs["left"].isin(place) & pairs["right"].isin(place)]
    who, one, other = (
        index.get_indexer(pd.Index(pairs[column]))
        for index, column in ((person, "subject"), (place, "left"), (place, "right"))
    )
    root = np.sqrt(n[who, one] * n[who, other])
    shared = np.divide(pairs["n"].to_numpy(float), root, out=np.zeros(len(pairs)), where=root > 0)
    found[who, one, other] = found[who, other, one] = pairs["correlation"].to_numpy() * shared
    return found


def repaired(correlation: FloatArray) -> FloatArray:
    """Raise eigenvalues below 1e-6 to it and rescale the diagonal to 1.

    Parameters
    ----------
    correlation
        (..., indicators, indicators), symmetric.

    Examples
    --------
    >>> bad = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    >>> np.linalg.eigvalsh(repaired(bad)).min() > 0, repaired(bad).diagonal().round(12).tolist()
    (np.True_, [1.0, 1.0, 1.0])
    """
    values, vectors = np.linalg.eigh(correlation)
    if np.all(values >= EIGENVALUE_FLOOR):
        return correlation
    raised = np.maximum(values, EIGENVALUE_FLOOR)
    full = np.einsum("...ij,...j,...kj->...ik", vectors, raised, vectors)
    root = np.sqrt(np.diagonal(full, axis1=-2, axis2=-1))
    return np.asarray(full / (root[..., :, None] * root[..., None, :]))
