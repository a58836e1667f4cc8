"""Likelihood interval of a share as R computes it, its interpolation included.

R's `svyciprop(method = "likelihood")` profiles the deviance at a few steps on the logit scale, lays a
spline through them and inverts it linearly. Its lower end can lie a percent or two from the exact root,
so the method "likelihood" follows R step by step and "likelihood_exact" solves for the roots.

Examples
--------
>>> low, high = profile_interval(4 / 183, 0.0226224508611339, 183, 2.144786687916927)
>>> round(low, 6), round(high, 6)
(0.000664, 0.107778)
"""

from __future__ import annotations

from itertools import takewhile

import numpy as np
from scipy import interpolate, special, stats

from survey_kpi.numeric import FloatArray, Interval

MOST_STEPS = 9
CONVERGED = 1e-8


def deviance(p: float, mu: float, n: float) -> float:
    """Binomial deviance of an intercept: n cases with share p against a mean mu."""
    return float(2 * n * (special.rel_entr(p, mu) + special.rel_entr(1 - p, 1 - mu)))


def _information(p: float, n: float) -> float:
    """Information at the last but one step of R's iteratively weighted least squares.

    R's naive covariance comes from the weights with which its last step was taken.
    """
    entropy = float(special.entr(p) + special.entr(1 - p))
    logit = (2 * p - 1) * (np.log(3) + 4 / 3)  # first step from means of 3/4 and 1/4
    before, now = np.inf, 2 * n * entropy + deviance(p, float(special.expit(logit)), n)
    weight = 3 / 16
    while abs(now - before) / (now + 0.1) >= CONVERGED:
        mu = float(special.expit(logit))
        weight = mu * (1 - mu)
        logit += (p - mu) / weight
        before, now = now, 2 * n * entropy + deviance(p, float(special.expit(logit)), n)
    return n * weight


def profile_interval(p: float, std_error: float, n: float, critical: float) -> Interval[float]:
    """Ends at which the scaled root of the deviance reaches the critical value.

    Parameters
    ----------
    p, std_error
        Share strictly between 0 and 1 and its linearised standard error.
    n
        Answers.
    critical
        Critical value of Student's t.
    """
    error = std_error / (p * (1 - p))  # on the logit scale
    cut = critical * error * np.sqrt(_information(p, n))
    tail = stats.norm.sf(cut) / 2
    farthest = float(np.sqrt(stats.f.isf(tail, 1, n - 1)))
    step, centre, dispersion = farthest / 5 * error, special.logit(p), n / (n - 1)

    def root(logit: float) -> float:
        return float(np.sqrt(max(deviance(p, float(special.expit(logit)), n) / dispersion, 0.0)))

    sides: list[tuple[float, float]] = [(centre, 0.0)]
    for sign in (-1, 1):
        logits = [centre + sign * k * step for k in range(1, MOST_STEPS + 1)]
        inside = sum(1 for _ in takewhile(lambda logit: root(logit) < farthest, logits))
        sides += [(logit, sign * root(logit)) for logit in logits[: inside + 1]]
    points = np.array(sorted(sides), dtype=float)
    low, high = _invert(points[:, 0], points[:, 1], np.array([-cut, cut]))
    return Interval(float(special.expit(low)), float(special.expit(high)))


def _invert(x: FloatArray, y: FloatArray, targets: FloatArray) -> FloatArray:
    """Invert R's default spline: third derivatives at the ends are those of cubics through four points."""
    ends = [[(3, 6 * np.polyfit(x[part], y[part], 3)[0])] for part in (slice(4), slice(-4, None))]
    spline = interpolate.make_interp_spline(x, y, k=3, bc_type=tuple(ends))  # type: ignore[arg-type]
    grid = np.linspace(x[0], x[-1], 3 * x.size)
    return np.interp(targets, spline(grid), grid)
