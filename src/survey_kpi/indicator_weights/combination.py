"""Combining weight vectors: by declared shares, by their product, or by an optimum of theirs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.group import influences
from survey_kpi.indicator_weights.result import SUM_TOLERANCE, IndicatorWeights, Matrix, labelled
from survey_kpi.indicator_weights.table import min_max, read_table

WHERE = "combination of indicator weights"


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
    if len(shares) != len(parts) or abs(math.fsum(shares) - 1) > SUM_TOLERANCE or min(shares, default=0) < 0:
        raise MethodError(
            "weights_sum",
            where=WHERE,
            what="the shares of the methods must be non-negative and sum to 1",
            got=", ".join(f"{share:g}" for share in shares),
            expected=1,
        )
    labels = _labels(parts)
    if len(parts) == 1:
        return parts[0]
    mixed = {
        label: math.fsum(share * part.values[label] for part, share in zip(parts, shares, strict=True))
        for label in labels
    }
    return _combined(parts, mixed, "linear combination", _listed(parts, shares))


def multiplicative(
    parts: Sequence[IndicatorWeights], powers: Sequence[float] | None = None
) -> IndicatorWeights:
    """Multiply weight vectors and divide by the sum: an indicator must count in every part.

    Parameters
    ----------
    powers
        Exponent of each part, 1 by default; (.5, .5) gives the normalised geometric mean of two.

    Raises
    ------
    MethodError
        `labels_differ`, `powers_invalid`; `no_variation`: no indicator has a weight in all parts.

    Examples
    --------
    >>> a = IndicatorWeights(values={"x": 0.5, "y": 0.3, "z": 0.2}, method="ahp")
    >>> b = IndicatorWeights(values={"x": 0.2, "y": 0.3, "z": 0.5}, method="entropy")
    >>> {name: round(value, 6) for name, value in multiplicative([a, b]).values.items()}
    {'x': 0.344828, 'y': 0.310345, 'z': 0.344828}
    """
    exponents = np.ones(len(parts)) if powers is None else np.asarray(powers, dtype="float64")
    if exponents.shape != (len(parts),) or not (exponents >= 0).all() or not exponents.any():
        raise MethodError(
            "powers_invalid",
            where=WHERE,
            what="every part needs one exponent that is not negative",
            got=", ".join(f"{value:g}" for value in exponents.ravel()),
        )
    labels = _labels(parts)
    product = np.prod(_stacked(parts, labels) ** exponents[:, None], axis=0)
    if not product.any():
        raise MethodError("no_variation", where=WHERE, what="no indicator has a weight above 0 in all parts")
    variant = " x ".join(f"{part.method}^{power:g}" for part, power in zip(parts, exponents, strict=True))
    return _combined(parts, _shared(product, labels), "multiplicative combination", variant)


def game_theory(parts: Sequence[IndicatorWeights], *, constrained: bool = False) -> IndicatorWeights:
    """Mix weight vectors by the coefficients of the game-theoretic model, 博弈论组合赋权.

    The coefficients solve ``sum_l (w_k . w_l) alpha_l = w_k . w_k`` for every part k and are divided by their
    sum. Parts that repeat each other share their coefficient equally (least norm).

    Parameters
    ----------
    constrained
        Take the non-negative coefficients that solve the equations best (least squares), when the exact
        ones are negative. Papers take absolute values without saying so.

    Returns
    -------
    IndicatorWeights
        Statistics `coefficient.<method>`.

    Raises
    ------
    MethodError
        `labels_differ`, `negative_combination`.

    Examples
    --------
    >>> a = IndicatorWeights(values={"x": 0.5, "y": 0.3, "z": 0.2}, method="ahp")
    >>> b = IndicatorWeights(values={"x": 0.2, "y": 0.3, "z": 0.5}, method="entropy")
    >>> weights = game_theory([a, b])
    >>> {name: round(value, 6) for name, value in weights.values.items()}
    {'x': 0.35, 'y': 0.3, 'z': 0.35}
    """
    vectors = _stacked(parts, _labels(parts))
    products = vectors @ vectors.T
    solved = np.asarray(np.linalg.lstsq(products, np.diag(products), rcond=1e-10)[0], dtype="float64")
    return _by_coefficients(
        parts, solved, "game theory", lambda: nnls(products, np.diag(products))[0], constrained=constrained
    )


def least_squares(
    parts: Sequence[IndicatorWeights], influence: Sequence[float] | None = None
) -> IndicatorWeights:
    """Weights of least squared distance to all parts, each distance times the part's influence.

    Under ``sum w = 1`` the optimum is the influence-weighted arithmetic mean; the customary objective with
    the data's squares per indicator has the same optimum, because the sum holds by itself.

    Raises
    ------
    MethodError
        `labels_differ`, `influence_invalid`.

    Examples
    --------
    >>> a = IndicatorWeights(values={"x": 0.6, "y": 0.4}, method="ahp")
    >>> b = IndicatorWeights(values={"x": 0.2, "y": 0.8}, method="entropy")
    >>> {name: round(value, 9) for name, value in least_squares([a, b]).values.items()}
    {'x': 0.4, 'y': 0.6}
    """
    voice = influences(len(parts), influence)
    labels = _labels(parts)
    return _combined(
        parts, _shared(voice @ _stacked(parts, labels), labels), "least squares", _listed(parts, voice)
    )


def minimum_deviation(
    parts: Sequence[IndicatorWeights], influence: Sequence[float] | None = None
) -> IndicatorWeights:
    """Weights of least relative entropy to all parts, 最小鉴别信息: their normalised geometric mean.

    It minimises ``sum_k influence_k sum_j w_j ln(w_j / w_kj)``; an indicator
    that weighs 0 in a part weighs 0.

    Raises
    ------
    MethodError
        `labels_differ`, `influence_invalid`, `no_variation`.

    Examples
    --------
    >>> a = IndicatorWeights(values={"x": 0.8, "y": 0.2}, method="ahp")
    >>> b = IndicatorWeights(values={"x": 0.2, "y": 0.8}, method="entropy")
    >>> minimum_deviation([a, b]).values
    {'x': 0.5, 'y': 0.5}
    """
    voice = influences(len(parts), influence)
    found = multiplicative(parts, voice.tolist())
    return _combined(parts, found.values, "minimum deviation", _listed(parts, voice))


def variance_maximising(
    parts: Sequence[IndicatorWeights],
    data: pd.DataFrame,
    direction: Mapping[str, str],
    *,
    constrained: bool = False,
) -> IndicatorWeights:
    """Mix weight vectors so that the subjects' weighted sums differ most.

    The coefficients, of unit length, are the principal eigenvector of ``W C W'``, with the parts as rows of
    W and the covariance C of the min-max normalised data; then they are divided by their sum.

    Parameters
    ----------
    data, direction
        Subjects x indicators and each indicator's direction, as for the methods from data.
    constrained
        Set negative coefficients to 0 by name instead of refusing them.

    Raises
    ------
    MethodError
        `labels_differ`, `negative_combination`, and those of the table.

    Examples
    --------
    >>> a = IndicatorWeights(values={"x": 0.9, "y": 0.1}, method="ahp")
    >>> b = IndicatorWeights(values={"x": 0.5, "y": 0.5}, method="equal")
    >>> table = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [1.0, 3.0, 2.0]})
    >>> weights = variance_maximising([a, b], table, {"x": "higher", "y": "higher"})
    >>> {name: round(value, 3) for name, value in weights.values.items()}
    {'x': 0.711, 'y': 0.289}
    """
    labels = _labels(parts)
    table = read_table(data[list(labels)] if set(labels) <= set(data.columns) else data, direction)
    if table.labels != labels:
        raise _labels_differ("data", table.labels, labels)
    vectors = _stacked(parts, labels)
    covariance = np.atleast_2d(np.cov(min_max(table), rowvar=False))
    first = np.linalg.eigh(vectors @ covariance @ vectors.T)[1][:, -1]
    first = first * np.sign(first[np.argmax(np.abs(first))])
    return _by_coefficients(
        parts, first, "variance maximising", lambda: np.maximum(first, 0.0), constrained=constrained
    )


def _by_coefficients(
    parts: Sequence[IndicatorWeights],
    solved: Matrix,
    method: str,
    repaired: Callable[[], Matrix],
    *,
    constrained: bool,
) -> IndicatorWeights:
    negative = bool((solved < 0).any())
    if negative and not constrained:
        raise MethodError(
            "negative_combination",
            where=f"{WHERE} ({method})",
            what="a part would enter with a negative coefficient",
            got=_listed(parts, solved),
            expected="coefficients of 0 or more",
            hint="name the constrained variant, or combine the parts linearly",
        )
    raw = repaired() if negative else solved
    voice = raw / raw.sum()
    labels = _labels(parts)
    found = _combined(
        parts,
        _shared(voice @ _stacked(parts, labels), labels),
        method,
        _listed(parts, voice) + (", constrained" if constrained else ""),
    )
    coefficients = {f"coefficient.{part.method}": float(v) for part, v in zip(parts, voice, strict=True)}
    return IndicatorWeights(
        values=found.values,
        method=method,
        variant=found.variant,
        statistics=coefficients,
        diagnostics=found.diagnostics,
    )


def _combined(
    parts: Sequence[IndicatorWeights], values: Mapping[str, float], method: str, variant: str
) -> IndicatorWeights:
    doubts = tuple(doubt for part in parts for doubt in part.diagnostics)
    return IndicatorWeights(values=values, method=method, variant=variant, diagnostics=doubts)


def _labels(parts: Sequence[IndicatorWeights]) -> tuple[str, ...]:
    if not parts:
        raise MethodError("weights_sum", where=WHERE, what="there is nothing to combine", got=0)
    labels = parts[0].labels
    for part in parts:
        if set(part.labels) != set(labels):
            raise _labels_differ(f"'{part.method}'", part.labels, labels)
    return labels


def _labels_differ(name: str, got: Sequence[str], expected: Sequence[str]) -> MethodError:
    return MethodError(
        "labels_differ",
        where=WHERE,
        what=f"{name} has other indicators than the first part",
        got=", ".join(got),
        expected=", ".join(expected),
    )


def _stacked(parts: Sequence[IndicatorWeights], labels: Sequence[str]) -> Matrix:
    return np.array([part.as_array(labels) for part in parts])


def _shared(raw: Matrix, labels: Sequence[str]) -> dict[str, float]:
    return labelled(raw / raw.sum(), labels)


def _listed(parts: Sequence[IndicatorWeights], voice: Sequence[float] | Matrix) -> str:
    return " + ".join(f"{share:g} {part.method}" for part, share in zip(parts, voice, strict=True))
