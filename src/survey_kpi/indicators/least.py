"""Means of too few opinions: withheld, because they would say who gave them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.indicators.records import RecordScore

VALUES = ("value", "std_error", "conf_low", "conf_high")


def withheld(estimates: pd.DataFrame, scores: Sequence[RecordScore]) -> pd.DataFrame:
    """Suppress the values of measures whose base is smaller than their row of the library allows.

    Parameters
    ----------
    estimates
        Tidy rows (`indicators.estimation.COLUMNS`) of these scores.

    Returns
    -------
    DataFrame
        The same rows; values below the base are NaN with the state suppressed and the reason.
    """
    least = {score.name: score.measure.least for score in scores if score.measure.least}
    if not least:
        return estimates
    wanted = (estimates["indicator"] + "." + estimates["measure"]).map(least)
    few = (estimates["state"] == State.MEASURED) & (estimates["n"] < wanted)
    reason = "fewer than " + wanted.map("{:.0f}".format) + " opinions"
    return estimates.assign(
        **{name: estimates[name].mask(few, np.nan) for name in VALUES},
        state=estimates["state"].mask(few, State.SUPPRESSED),
        reason=estimates["reason"].mask(few, reason),
    )
