"""Changes of the company's headline figures, and which of them may be told with a direction word."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.inference.comparisons import change, direction_claims, minimum_detectable
from survey_kpi.period import Period
from survey_kpi.study.models import IndicatorSheet, Primary

NO_COVARIANCE: Mapping[str, float] = MappingProxyType({})
NO_ERROR = "the value carries no standard error"
OF_RECORDS = "records are complete counts of the same customers; alarms by month judge them, not this test"
NO_REASONS: Mapping[str, str] = MappingProxyType({})

COLUMNS = (
    "period",
    "against",
    "indicator",
    "measure",
    "subject",
    "unit",
    "family",
    "difference",
    "std_error",
    "correlation",
    "conf_low",
    "conf_high",
    "p_value",
    "level_of_claim",
    "minimum_detectable",
    "verdict",
    "reason",
)


def reference_period(primary: Primary, period: Period) -> Period:
    """Return the earlier period that the study declared to compare with."""
    return period.shift(-1 if primary.against == "previous_quarter" else -4)


def of_records(sheets: Sequence[IndicatorSheet], primary: Primary) -> dict[str, str]:
    """Return the indicators of the company's tables, which are not tested for change, with the reason.

    Complaints come in bursts and the same customers are counted in both periods, so that the standard error
    of a difference would be wrong. The one comparison that a study declares beforehand is tested anyway.
    """
    return {sheet.id: OF_RECORDS for sheet in sheets if not sheet.item and sheet.id != primary.indicator}


def compare_company(
    estimates: pd.DataFrame,
    headlines: Sequence[tuple[str, str]],
    *,
    period: Period,
    against: Period,
    primary: Primary,
    covariance: Mapping[str, float] = NO_COVARIANCE,
    untested: Mapping[str, str] = NO_REASONS,
) -> pd.DataFrame:
    """Compare the company's headline measures with an earlier period.

    The declared primary comparison is tested at .025, all others by Benjamini-Hochberg at .025, so that a
    quarter in which nothing changed gets any false direction word in at most 5 % of reports. Intervals and
    minimum detectable changes match the level of their claim.

    Parameters
    ----------
    headlines
        (indicator, measure) pairs in the order of printing.
    covariance
        Of the two periods' values by `<indicator>.<measure>`, where the same customers answer in both; 0 for
        those that are absent.
    untested
        Indicators that are not compared, with the reason: their question changed, or `of_records`.

    Returns
    -------
    DataFrame
        One row per headline, verdict rose, fell, no_change or not_compared with its reason. `correlation` is
        that of the two values; the standard error of the difference is √(se² + se₀² − 2 r se se₀).
    """
    company = {
        (row.period, row.indicator, row.measure): row
        for row in rows_of(estimates[estimates["subject"] == COMPANY])
    }
    rows = [
        _row(
            company,
            *headline,
            period,
            against,
            primary,
            covariance.get(".".join(headline), 0.0),
            untested.get(headline[0], ""),
        )
        for headline in headlines
    ]
    table = pd.DataFrame(rows)
    first = table["family"] == "primary"
    claims = direction_claims(
        float(table.loc[first, "p_value"].iloc[0]) if first.any() else math.nan,
        table.loc[~first, "p_value"].to_numpy(),
    )
    table["level_of_claim"] = claims.primary_level
    table.loc[~first, "level_of_claim"] = claims.others_level
    claimed = pd.Series(claims.primary, index=table.index)
    claimed[~first] = claims.others
    return _judged(table, claimed)[list(COLUMNS)]


def _row(
    company: Mapping[tuple[str, str, str], Row],
    indicator: str,
    measure: str,
    period: Period,
    against: Period,
    primary: Primary,
    covariance: float,
    untested: str,
) -> dict[str, object]:
    now, before = (company[(str(p), indicator, measure)] for p in (period, against))
    measured = now.state == State.MEASURED and before.state == State.MEASURED
    reason = untested if measured else f"not measured in both {period} and {against}"
    if not reason and math.isnan(now.std_error + before.std_error):
        reason = NO_ERROR
    measured = measured and not reason
    difference = change(now.value, now.std_error, before.value, before.std_error, covariance=covariance)
    errors = now.std_error * before.std_error
    declared = (indicator, measure) == (primary.indicator, primary.measure)
    return {
        "period": str(period),
        "against": str(against),
        "indicator": indicator,
        "measure": measure,
        "subject": COMPANY,
        "unit": now.unit,
        "family": "primary" if declared else "others",
        "difference": difference.difference if measured else math.nan,
        "std_error": difference.std_error if measured else math.nan,
        "correlation": covariance / errors if measured and errors > 0 else math.nan,
        "p_value": difference.p_value if measured else math.nan,
        "reason": reason,
    }


def _judged(table: pd.DataFrame, claimed: pd.Series) -> pd.DataFrame:
    half = pd.Series(
        [
            minimum_detectable(error, level)
            for error, level in zip(table["std_error"], table["level_of_claim"], strict=True)
        ],
        index=table.index,
    )
    direction = table["difference"].map(lambda d: "rose" if d > 0 else "fell")
    verdict = direction.where(claimed, "no_change").where(table["reason"] == "", "not_compared")
    return table.assign(
        minimum_detectable=half,
        conf_low=table["difference"] - half,
        conf_high=table["difference"] + half,
        verdict=verdict,
    )
