"""What a statistic is: a value that never travels without its base, its interval and its state.

Examples
--------
>>> from survey_kpi.estimate import Estimate, State
>>> share = Estimate(value=82.0, n=50, conf_low=69.2, conf_high=90.2, unit="percent")
>>> share.measured
True
>>> Estimate.missing(State.UNAVAILABLE, "no audit file", unit="percent").value
nan
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class State(StrEnum):
    """Why a number can, or cannot, be read as a measurement."""

    MEASURED = "measured"
    UNAVAILABLE = "unavailable"
    NOT_MATURE = "not_mature"
    SUPPRESSED = "suppressed"
    NOT_APPLICABLE = "not_applicable"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One estimate with its base and its uncertainty.

    Parameters
    ----------
    value
        Full precision; NaN only when `state` is not measured.
    n
        Valid answers (or cases) behind the value.
    std_error
        Standard error in the unit of the value; NaN where it is not defined (n = 1).
    conf_low, conf_high
        Ends of the confidence interval; NaN where it is not defined.
    unit
        One of the units of the glossary: percent, points, score, count, share, hours, money.
    n_effective
        Kish effective sample size; equals `n` without respondent weights.
    conf_level
        Level of the interval, .95 unless stated.
    method
        Name of the interval or variance method, as printed beside the number.
    state, reason
        Whether this is a measurement, and if not, why.
    """

    value: float
    n: int
    unit: str
    std_error: float = math.nan
    conf_low: float = math.nan
    conf_high: float = math.nan
    n_effective: float = math.nan
    conf_level: float = 0.95
    method: str = ""
    state: State = State.MEASURED
    reason: str = ""

    def __post_init__(self) -> None:
        if self.n < 0:
            raise ValueError(f"n must not be negative; got {self.n}")
        if self.measured and math.isnan(self.value):
            raise ValueError("a measured estimate needs a value; give a state and a reason instead")
        if not self.measured and not self.reason:
            raise ValueError(f"an estimate in state {self.state} needs a reason")
        if self.conf_low > self.conf_high:
            raise ValueError(f"the interval ends are swapped: {self.conf_low} > {self.conf_high}")
        if math.isnan(self.n_effective):
            object.__setattr__(self, "n_effective", float(self.n))

    @property
    def measured(self) -> bool:
        """Whether the value is a measurement."""
        return self.state is State.MEASURED

    @classmethod
    def missing(cls, state: State, reason: str, *, unit: str, n: int = 0) -> Self:
        """Return an estimate without a value: never 0 and never 100."""
        return cls(value=math.nan, n=n, unit=unit, state=state, reason=reason)
