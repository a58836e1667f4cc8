"""Repeat purchases of customers who leave without saying so: the BG/NBD model.

While active, a customer buys at random at a rate of his own; after any purchase he may leave for good.

Examples
--------
>>> model = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=-9582.4, customers=2357)
>>> expected = model.expected_purchases(39, frequency=2, recency=30.43, age=38.86)
>>> round(expected, 3), round(model.probability_active(frequency=2, recency=30.43, age=38.86), 3)
(1.226, 0.727)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray, plain
from survey_kpi.segments.likelihood import maximum


@dataclass(frozen=True, slots=True, kw_only=True)
class BgNbd:
    """Beta-geometric / negative binomial model of repeat purchases.

    Parameters
    ----------
    r, alpha
        Purchase rates between customers are Gamma(r, rate alpha); alpha in the unit of time.
    a, b
        Probabilities of leaving after a purchase are Beta(a, b).
    log_likelihood
        At the maximum.
    customers
        Behind the fit.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int

    def expected_purchases(
        self, time: npt.ArrayLike, *, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Any:
        """Repeat purchases that a customer is expected to make in the next `time`.

        Parameters
        ----------
        time
            How far ahead, above 0.
        frequency, recency, age
            See `fit_bgnbd`.

        Notes
        -----
        Fader, Hardie and Lee (2005), equation 10.
        """
        t, x, tx, T = (np.asarray(part, dtype=float) for part in (time, frequency, recency, age))
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        ahead = special.hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
        growth = 1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * ahead
        return plain((a + b + x - 1) / (a - 1) * growth / (1 + self._odds_gone(x, tx, T)))

    def probability_active(
        self, *, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Any:
        """Probability that a customer has not left; 1 for those without a repeat purchase, by assumption."""
        x, tx, T = (np.asarray(part, dtype=float) for part in (frequency, recency, age))
        return plain(1 / (1 + self._odds_gone(x, tx, T)))

    def _odds_gone(self, x: FloatArray, tx: FloatArray, T: FloatArray) -> FloatArray:
        ratio = ((self.alpha + T) / (self.alpha + tx)) ** (self.r + x)
        return np.where(x > 0, self.a / (self.b + np.maximum(x, 1) - 1) * ratio, 0.0)


def fit_bgnbd(frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike) -> BgNbd:
    """Fit the BG/NBD model by maximum likelihood.

    Parameters
    ----------
    frequency
        Repeat purchases of each customer: purchases after the first.
    recency
        Time from the first to the last purchase; 0 without repeat purchases.
    age
        Time from the first purchase to the end of observation.

    Raises
    ------
    MethodError
        `purchases_invalid`: negative or broken counts, a recency beyond the age, or a recency without repeat
        purchases; `no_variation`: nobody bought again; `not_converged`: the likelihood has no maximum.

    Notes
    -----
    Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2), equation 6;
    R: `BTYD::bgnbd.EstimateParameters`. Customers with equal histories enter once, with their number.
    """
    x, tx, T = (np.asarray(part, dtype=float) for part in (frequency, recency, age))
    _check(x, tx, T)
    rows, count = np.unique(np.column_stack([x, tx, T]), axis=0, return_counts=True)
    scale = float(T.max()) / 10  # keeps alpha near 1 in any unit of time
    history = rows / np.array([1.0, scale, scale])
    found = maximum(lambda values: _log_likelihood(values, history, count) / len(x), 4)
    if found is None:
        raise MethodError(
            "not_converged",
            where="fit_bgnbd",
            what="the likelihood has no maximum: these purchases do not tell the customers apart",
            got=f"{len(x)} customers",
        )
    r, alpha, a, b = (found * np.array([1.0, scale, 1.0, 1.0])).tolist()
    fitted = _log_likelihood(np.array([r, alpha, a, b]), rows, count)
    return BgNbd(r=r, alpha=alpha, a=a, b=b, log_likelihood=fitted, customers=len(x))


def _log_likelihood(parameters: FloatArray, history: FloatArray, count: npt.NDArray[np.intp]) -> float:
    r, alpha, a, b = parameters
    x, tx, T = history.T
    buying = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
    staying = special.betaln(a, b + x) - special.betaln(a, b)
    active = -(r + x) * np.log(alpha + T)
    gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + tx)
    either = np.where(x > 0, np.logaddexp(active, gone), active)
    return float(count @ (buying + staying + either))


def _check(x: FloatArray, tx: FloatArray, T: FloatArray) -> None:
    whole = np.isfinite(x) & (x >= 0) & (x == np.floor(x))
    bad = ~(whole & (tx >= 0) & (tx <= T) & (T > 0) & ((x > 0) == (tx > 0)))
    if bad.any():
        i = int(np.flatnonzero(bad)[0])
        raise MethodError(
            "purchases_invalid",
            where="fit_bgnbd",
            what=f"{int(bad.sum())} customers have an impossible history",
            got=f"frequency {x[i]:g}, recency {tx[i]:g}, age {T[i]:g}",
            expected="whole repeat purchases, 0 <= recency <= age, recency 0 without repeat purchases only",
        )
    if not (x > 0).any():
        raise MethodError("no_variation", where="fit_bgnbd", what="nobody bought a second time")
