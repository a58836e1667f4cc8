"""Lifetime value: the published CDNOW fits, planted parameters, refusals."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.segments.lifetime_value import (
    fit_gamma_gamma,
    lifetime_value,
    simple_lifetime_value,
)
from survey_kpi.segments.purchases import BgNbd, fit_bgnbd

PUBLISHED = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=-9582.4, customers=2357)


def cdnow(name):
    """A file of the PyPI package Lifetimes (MIT), found without importing it."""
    try:
        found = [file for file in files("Lifetimes") or () if file.name == name]
    except PackageNotFoundError:
        found = []
    if not found:
        pytest.skip(
            "the package Lifetimes is absent: pip install --no-deps Lifetimes==0.11.3 to run this test"
        )
    return pd.read_csv(found[0].locate())


def test_bgnbd_agrees_with_the_paper_on_cdnow():
    """Fader, Hardie and Lee (2005), table 2: r .243, alpha 4.414, a .793, b 2.426, LL -9,582.4."""
    data = cdnow("cdnow_customers_summary.csv")
    found = fit_bgnbd(data.frequency, data.recency, data["T"])
    assert found.customers == 2357
    assert (found.r, found.alpha, found.a, found.b) == (
        pytest.approx(0.243, abs=5e-4),
        pytest.approx(4.414, abs=5e-4),
        pytest.approx(0.793, abs=5e-4),
        pytest.approx(2.426, abs=5e-4),
    )
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_gamma_gamma_agrees_with_the_note_on_cdnow():
    """Fader and Hardie (2013), The Gamma-Gamma model: p 6.25, q 3.74, γ 15.44 from 946 customers."""
    data = cdnow("cdnow_customers_summary_with_transactions.csv").query("x > 0")
    found = fit_gamma_gamma(data.x, data.zbar)
    assert found.customers == 946
    assert (found.p, found.q, found.v) == (
        pytest.approx(6.25, abs=0.01),
        pytest.approx(3.74, abs=0.01),
        pytest.approx(15.44, abs=0.02),
    )


def test_expected_purchases_of_the_papers_example():
    """The spreadsheet note of Fader, Hardie and Lee (2005): 1.226 in 39 weeks for x 2, t 30.43, T 38.86."""
    history = {"frequency": 2, "recency": 30.43, "age": 38.86}
    assert PUBLISHED.expected_purchases(39, **history) == pytest.approx(1.226, abs=5e-4)
    assert PUBLISHED.expected_purchases(1e-6, **history) == pytest.approx(0, abs=1e-5)
    assert PUBLISHED.probability_active(frequency=0, recency=0, age=30) == 1.0
    long_silent = PUBLISHED.probability_active(frequency=[5, 5], recency=[30, 5], age=[35, 35])
    assert long_silent[0] > 0.5 > long_silent[1]


def simulated(rng, n=4000, r=0.6, alpha=8.0, a=0.9, b=3.0, horizon=40.0):
    """Purchase histories from the model's own story."""
    rate, leave = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    x, last = np.zeros(n), np.zeros(n)
    clock, here = np.zeros(n), np.ones(n, dtype=bool)
    while here.any():
        clock = clock + rng.exponential(1 / rate)
        here &= clock <= horizon
        x, last = x + here, np.where(here, clock, last)
        here &= rng.random(n) >= leave
    return x, last, np.full(n, horizon)


def test_planted_parameters_come_back_in_any_unit_of_time():
    x, tx, T = simulated(np.random.default_rng(12))
    weeks, days = fit_bgnbd(x, tx, T), fit_bgnbd(x, 7 * tx, 7 * T)
    assert (weeks.r, weeks.alpha) == (pytest.approx(0.6, rel=0.15), pytest.approx(8.0, rel=0.2))
    assert weeks.a / (weeks.a + weeks.b) == pytest.approx(0.9 / 3.9, rel=0.15)
    assert (days.r, days.alpha) == (
        pytest.approx(weeks.r, rel=1e-3),
        pytest.approx(7 * weeks.alpha, rel=1e-3),
    )


def test_planted_spending_comes_back():
    rng = np.random.default_rng(3)
    nu = rng.gamma(4.0, 1 / 15.0, 4000)
    x = rng.integers(1, 8, 4000)
    z = rng.gamma(6.0 * x, 1 / (nu * x))
    found = fit_gamma_gamma(x, z)
    assert found.p * found.v / (found.q - 1) == pytest.approx(6 * 15 / 3, rel=0.05)
    assert found.q == pytest.approx(4.0, rel=0.15)
    everyone = found.expected_amount(frequency=0, amount=0)
    assert everyone < found.expected_amount(frequency=3, amount=2 * everyone) < 2 * everyone


def test_a_lifetime_value_is_purchases_times_amount_without_discount():
    spending = fit_gamma_gamma(*_spending())
    history = {"frequency": [2, 0], "recency": [30.43, 0.0], "age": [38.86, 38.86]}
    amount = [40.0, 0.0]
    ahead = {"periods": 13, "period_length": 3.0}
    worth = lifetime_value(PUBLISHED, spending, **history, amount=amount, **ahead, discount=0.0, margin=0.3)
    orders = PUBLISHED.expected_purchases(39, **history)
    each = spending.expected_amount(frequency=history["frequency"], amount=amount)
    np.testing.assert_allclose(worth, 0.3 * orders * each)
    later = lifetime_value(PUBLISHED, spending, **history, amount=amount, **ahead, discount=0.01, margin=0.3)
    assert (later < worth).all() and (later > 0.85 * worth).all()


def _spending():
    rng = np.random.default_rng(3)
    x = rng.integers(1, 8, 500)
    return x, rng.gamma(6.0 * x, 1 / (rng.gamma(4.0, 1 / 15.0, 500) * x))


def test_the_simple_value_is_its_own_sum():
    margins = 100 * (0.8 / 1.1) ** np.arange(500)
    assert simple_lifetime_value(margin=100, retention=0.8, discount=0.1) == pytest.approx(margins.sum())


@pytest.mark.parametrize(
    ("call", "error", "code"),
    [
        (lambda: simple_lifetime_value(margin=1, retention=1.0, discount=0.1), SpecError, "retention_range"),
        (lambda: fit_bgnbd([1], [5], [4]), MethodError, "purchases_invalid"),
        (lambda: fit_bgnbd([0], [2], [4]), MethodError, "purchases_invalid"),
        (lambda: fit_bgnbd([1.5], [2], [4]), MethodError, "purchases_invalid"),
        (lambda: fit_bgnbd([0, 0], [0, 0], [4, 5]), MethodError, "no_variation"),
        (lambda: fit_bgnbd([3, 3, 3], [4, 4, 4], [4, 4, 4]), MethodError, "not_converged"),
        (lambda: fit_gamma_gamma([0, 2], [5, 5]), MethodError, "purchases_invalid"),
        (lambda: fit_gamma_gamma([2, 2, 2], [5, 5, 5]), MethodError, "not_converged"),
    ],
)
def test_refusals(call, error, code):
    with pytest.raises(error) as caught:
        call()
    assert caught.value.code == code


def test_a_value_needs_a_time_ahead():
    with pytest.raises(SpecError, match="periods_range"):
        lifetime_value(
            PUBLISHED,
            fit_gamma_gamma(*_spending()),
            frequency=1,
            recency=2,
            age=4,
            amount=3,
            periods=0,
            period_length=1,
            discount=0.0,
        )
