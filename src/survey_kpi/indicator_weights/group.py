"""Several experts: joining their judgements or their priorities, and how far they agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, nearest
from survey_kpi.indicator_weights.result import IndicatorWeights, Matrix, shares


def influences(count: int, influence: Sequence[float] | None) -> Matrix:
    """Return experts' influences divided by their sum; equal ones by default.

    Raises
    ------
    MethodError
        `influence_invalid`: not one positive number per expert.
    """
    if count == 0:
        raise MethodError("judgement_missing", where="experts", what="there is no expert to aggregate", got=0)
    raw = np.ones(count) if influence is None else np.asarray(influence, dtype="float64")
    if raw.shape != (count,) or not np.isfinite(raw).all() or (raw < 0).any() or raw.sum() == 0:
        raise MethodError(
            "influence_invalid",
            where="influence of the experts",
            what="every expert needs one influence that is not negative",
            got=", ".join(f"{value:g}" for value in raw.ravel()),
            expected=f"{count} numbers",
        )
    scaled: Matrix = raw / raw.sum()
    return scaled


def aggregate_judgements(
    matrices: Sequence[pd.DataFrame], influence: Sequence[float] | None = None
) -> pd.DataFrame:
    """Aggregate individual judgements (AIJ): the cell-wise geometric mean, itself reciprocal.

    Parameters
    ----------
    matrices
        Complete pairwise matrices over the same labels.
    influence
        Weight of each expert; equal by default.

    References
    ----------
    .. [1] Aczel and Saaty (1983), Journal of Mathematical Psychology 27: the only symmetric, reciprocal rule.

    Examples
    --------
    >>> first = pd.DataFrame([[1, 4], [1 / 4, 1]], index=["a", "b"], columns=["a", "b"])
    >>> aggregate_judgements([first, first.T]).to_numpy().tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    voice = influences(len(matrices), influence)
    labels = list(matrices[0].columns)
    for matrix in matrices:
        _same_labels(labels, list(matrix.columns))
    logs = np.log([matrix.loc[labels, labels].to_numpy(dtype="float64") for matrix in matrices])
    return pd.DataFrame(np.exp(np.tensordot(voice, logs, axes=1)), index=labels, columns=labels)


def aggregate_priorities(
    parts: Sequence[IndicatorWeights], *, mean: str = "geometric", influence: Sequence[float] | None = None
) -> IndicatorWeights:
    """Aggregate individual priorities (AIP) by the mean of the experts' weights.

    Parameters
    ----------
    parts
        Each expert's weights over the same indicators.
    mean
        "geometric" (default), always divided by its sum afterwards, or "arithmetic". For priorities by row
        geometric means, the geometric mean gives exactly what aggregating the judgements gives.
    influence
        Weight of each expert; equal by default.

    Raises
    ------
    MethodError
        `mean_unknown`, `labels_differ`, `influence_invalid`.

    References
    ----------
    .. [1] Forman and Peniwati (1998), European Journal of Operational Research 108(1):165-169.

    Examples
    --------
    >>> a = IndicatorWeights(values={"x": 0.8, "y": 0.2}, method="ahp")
    >>> b = IndicatorWeights(values={"x": 0.2, "y": 0.8}, method="ahp")
    >>> aggregate_priorities([a, b]).values
    {'x': 0.5, 'y': 0.5}
    """
    if mean not in MEANS:
        hint = nearest(mean, MEANS)
        raise MethodError("mean_unknown", where="mean", what="no such mean", got=repr(mean), hint=hint)
    voice = influences(len(parts), influence)
    labels = parts[0].labels
    for part in parts:
        _same_labels(list(labels), list(part.labels))
    joined = MEANS[mean](np.array([part.as_array(labels) for part in parts]), voice)
    return IndicatorWeights(
        values=shares(joined, labels),
        method="ahp",
        variant=f"{mean} mean of {len(parts)} experts' priorities",
        statistics={"experts": float(len(parts))},
    )


def _geometric(priorities: Matrix, voice: Matrix) -> Matrix:
    means: Matrix = np.exp(voice @ np.log(priorities))
    return means


def _arithmetic(priorities: Matrix, voice: Matrix) -> Matrix:
    return voice @ priorities


MEANS: Mapping[str, Callable[[Matrix, Matrix], Matrix]] = MappingProxyType(
    {"geometric": _geometric, "arithmetic": _arithmetic}
)


def _same_labels(labels: Sequence[str], others: Sequence[str]) -> None:
    if set(labels) != set(others) or len(labels) != len(others):
        raise MethodError(
            "labels_differ",
            where="experts",
            what="the experts weigh different indicators",
            got=", ".join(map(str, others)),
            expected=", ".join(map(str, labels)),
        )


def consensus(priorities: Matrix, *, scale: float = 9.0) -> float:
    """Shannon consensus S* of experts' priorities: 1 when all agree, 0 when each favours another indicator.

    Parameters
    ----------
    priorities
        Experts x indicators, rows that sum to 1.
    scale
        Largest judgement of the scale, which limits how far one indicator can outweigh the others.

    Returns
    -------
    float
        ``(M - a / g) / (1 - a / g)`` with homogeneity ``M = exp(H_alpha - H_gamma)``, H_alpha the mean
        entropy of the experts, H_gamma the entropy of the mean, a the least ``exp(H_alpha)`` and g the
        largest ``exp(H_gamma)`` that the scale allows.

    References
    ----------
    .. [1] Goepel (2018), Int. J. of the Analytic Hierarchy Process 10(3):469-487, as AHP-OS computes it.

    Examples
    --------
    >>> consensus(np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]))
    1.0
    >>> consensus(np.array([[9, 1, 1], [1, 9, 1], [1, 1, 9]]) / 11)
    0.0
    """
    experts, size = priorities.shape
    if size == 1 or experts == 1:
        return 1.0
    groups = min(experts, size)
    one, top = 1 / (size + scale - 1), scale / (size + scale - 1)
    share = (groups + scale - 1) / (size + scale - 1)
    least = _entropy(np.array([top] + [one] * (size - 1)))
    most = _entropy(np.array([one] * (size - groups) + [share / groups] * groups))
    mean_entropy = float(np.mean([_entropy(row) for row in priorities]))
    homogeneity = np.exp(mean_entropy - _entropy(priorities.mean(axis=0)))
    floor = np.exp(least - most)
    return float(np.clip((homogeneity - floor) / (1 - floor), 0.0, 1.0).round(15))


def _entropy(share: Matrix) -> float:
    return float(-(share * np.log(np.where(share > 0, share, 1.0))).sum())
