"""What a customer is worth: a simple formula, and spending per order by the Gamma-Gamma model.

Examples
--------
>>> round(simple_lifetime_value(margin=100, retention=0.8, discount=0.1), 2)
366.67
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.numeric import FloatArray, plain
from survey_kpi.segments.likelihood import maximum
from survey_kpi.segments.purchases import BgNbd


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaGamma:
    """Spending per order, Gamma around a mean that itself varies between customers.

    Parameters
    ----------
    p, q, v
        Amounts are Gamma(p, rate ν), rates are Gamma(q, rate v); v in money.
    customers
        Behind the fit.
    """

    p: float
    q: float
    v: float
    customers: int

    def expected_amount(self, *, frequency: npt.ArrayLike, amount: npt.ArrayLike) -> Any:
        """Mean amount of a customer's future orders: his own mean drawn towards that of all.

        Parameters
        ----------
        frequency, amount
            See `fit_gamma_gamma`; frequency 0 gives the mean of all.
        """
        x, z = np.asarray(frequency, dtype=float), np.asarray(amount, dtype=float)
        spent = np.where(x > 0, x * z, 0.0)
        return plain(self.p * (self.v + spent) / (self.p * x + self.q - 1))


def simple_lifetime_value(*, margin: float, retention: float, discount: float) -> float:
    """Present value of a constant margin per period from now on, margin × (1 + d) ÷ (1 + d − r).

    Parameters
    ----------
    margin
        Margin per period while the customer stays, in money; the first falls due now.
    retention
        Probability of staying another period, below 1.
    discount
        Interest per period, as a share.

    Raises
    ------
    SpecError
        `retention_range`: retention outside [0, 1) or discount below 0.

    Notes
    -----
    Gupta and Lehmann (2003).
    """
    if not 0 <= retention < 1 or discount < 0:
        raise SpecError(
            "retention_range",
            where="simple_lifetime_value",
            what="retention and discount are shares",
            got=f"{retention} and {discount}",
            expected="0 <= retention < 1 and discount >= 0",
        )
    return margin * (1 + discount) / (1 + discount - retention)


def fit_gamma_gamma(frequency: npt.ArrayLike, amount: npt.ArrayLike) -> GammaGamma:
    """Fit the Gamma-Gamma model by maximum likelihood.

    Parameters
    ----------
    frequency
        Orders behind each customer's mean amount, at least 1.
    amount
        Mean amount per order, above 0.

    Raises
    ------
    MethodError
        `purchases_invalid`: no orders, or an amount of 0 or less; `not_converged`: amounts do not vary as the
        model needs.

    Notes
    -----
    Fader and Hardie (2013), The Gamma-Gamma model of monetary value; R: `BTYD::spend.EstimateParameters`. It
    supposes that amounts and frequency are unrelated; look at their correlation first.
    """
    x, z = np.asarray(frequency, dtype=float), np.asarray(amount, dtype=float)
    bad = ~(np.isfinite(x) & np.isfinite(z) & (x >= 1) & (z > 0))
    if bad.any() or not x.size:
        raise MethodError(
            "purchases_invalid",
            where="fit_gamma_gamma",
            what="customers without orders, or without an amount, tell nothing about spending",
            got=f"{int(bad.sum())} of {x.size}",
            hint="leave them out; the model gives them the mean of all",
        )
    scale = float(z.mean())
    found = maximum(lambda values: _log_likelihood(values, x, z / scale) / x.size, 3)
    if found is None or found[1] <= 1:
        raise MethodError(
            "not_converged",
            where="fit_gamma_gamma",
            what="the likelihood has no maximum with a finite mean amount",
            got=f"{x.size} customers",
        )
    p, q, v = found.tolist()
    return GammaGamma(p=p, q=q, v=v * scale, customers=x.size)


def lifetime_value(
    purchases: BgNbd,
    spending: GammaGamma,
    *,
    frequency: npt.ArrayLike,
    recency: npt.ArrayLike,
    age: npt.ArrayLike,
    amount: npt.ArrayLike,
    periods: int,
    period_length: float,
    discount: float,
    margin: float = 1.0,
) -> FloatArray:
    """Discounted margin of the orders expected over the next periods, by customer.

    Parameters
    ----------
    purchases, spending
        Fitted models.
    frequency, recency, age, amount
        History of each customer; see `fit_bgnbd` and `fit_gamma_gamma`.
    periods
        How many periods ahead, at least 1.
    period_length
        Length of a period in the unit of `age`.
    discount
        Interest per period, as a share; an order counts at the end of its period.
    margin
        Share of the amount that stays.

    Raises
    ------
    SpecError
        `periods_range`: no period, a length of 0 or less, or a negative discount.

    Notes
    -----
    Fader, Hardie and Lee (2005).
    """
    if periods < 1 or period_length <= 0 or discount < 0:
        raise SpecError(
            "periods_range",
            where="lifetime_value",
            what="a value needs a time ahead",
            got=f"{periods} periods of {period_length} at {discount}",
        )
    ends = period_length * np.arange(1, periods + 1)[:, None]
    ahead = purchases.expected_purchases(
        ends, frequency=np.atleast_1d(frequency), recency=np.atleast_1d(recency), age=np.atleast_1d(age)
    )
    per_period = np.diff(np.vstack([np.zeros((1, ahead.shape[1])), ahead]), axis=0)
    present = (1 + discount) ** -np.arange(1, periods + 1, dtype=float)
    worth = spending.expected_amount(frequency=np.atleast_1d(frequency), amount=np.atleast_1d(amount))
    return np.asarray(margin * worth * (present @ per_period), dtype=float)


def _log_likelihood(parameters: FloatArray, x: FloatArray, z: FloatArray) -> float:
    p, q, v = parameters
    shape = p * x
    found = special.gammaln(shape + q) - special.gammaln(shape) - special.gammaln(q) + q * np.log(v)
    found = found + (shape - 1) * np.log(z) + shape * np.log(x) - (shape + q) * np.log(x * z + v)
    return float(found.sum())
