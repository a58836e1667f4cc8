"""Rows of tidy tables as the results that they came from."""

from __future__ import annotations

from survey_kpi.estimate import Estimate, State
from survey_kpi.frames import Row


def estimate_of(row: Row) -> Estimate:
    """Return the estimate that a row of `Evaluation.estimates` holds.

    Examples
    --------
    >>> row = Row(value=80.0, n=30, unit="percent", std_error=7.3, conf_low=62.7, conf_high=90.5,
    ...           method="Wilson", state="measured", reason="")
    >>> estimate_of(row).measured
    True
    """
    return Estimate(
        value=float(row.value),
        n=int(row.n),
        unit=str(row.unit),
        std_error=float(row.std_error),
        conf_low=float(row.conf_low),
        conf_high=float(row.conf_high),
        method=str(row.method),
        state=State(row.state),
        reason=str(row.reason),
    )
