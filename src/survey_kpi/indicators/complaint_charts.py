"""What is shown of complaints beside their rates: the monthly chart with alarms, Pareto, chains, categories.

Examples
--------
>>> found = pareto({"delivery": 6, "price": 3, "manners": 1})
>>> found["cumulative"].tolist(), found["vital"].tolist()
([60.0, 90.0, 100.0], [True, True, False])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicators.estimation import COMPANY
from survey_kpi.inference.charts import BASELINE, SIGMAS, poisson_alarms, u_chart
from survey_kpi.inference.suppression import MINIMUM_BASE, suppress
from survey_kpi.period import Period

VITAL: Final = 80.0
"""Cumulative percentage that the vital few categories reach together."""


def monthly_complaints(
    estimates: pd.DataFrame, indicator: str = "A13", *, subject: str = COMPANY
) -> pd.DataFrame:
    """Return complaints and exposure of each month, for `complaint_chart`.

    Parameters
    ----------
    estimates
        Tidy rows of months, measure `rate` (A13) among them.
    indicator
        Id of the sheet that applies A13.
    """
    rows = estimates[
        (estimates["indicator"] == indicator)
        & (estimates["measure"] == "rate")
        & (estimates["subject"] == subject)
    ].sort_values("period")
    counted = np.rint(rows["value"].fillna(0.0) * rows["n"] / 100)
    return pd.DataFrame({"period": rows["period"], "complaints": counted, "exposure": rows["n"]}).reset_index(
        drop=True
    )


def complaint_chart(months: pd.DataFrame, *, baseline: int = BASELINE) -> pd.DataFrame:
    """Chart complaints per 100 by month, with the alarms of the months after the baseline.

    Parameters
    ----------
    months
        period (`2026-07`), complaints and exposure of consecutive months, the baseline first.
    baseline
        Number of months that the others are compared with.

    Returns
    -------
    DataFrame
        period, complaints, exposure, and per 100: value, centre, lower, upper (3-sigma lines of the
        baseline's rate, drawn only); alarm: +1 above, -1 below, 0 none; tested: false for the baseline.

    Raises
    ------
    MethodError
        `months_apart`: a month is missing or repeated; `too_few_points`: no month follows the baseline;
        `counts_invalid`: a count or an exposure is negative or missing, or the baseline has no exposure.

    Notes
    -----
    Given the total of a month and the baseline, the month's count is binomial with the month's share of the
    exposure; an alarm has probability .00135 at each end at most (Przyborowski and Wilenski 1940).

    Examples
    --------
    >>> months = pd.DataFrame({"period": [f"2025-{m:02}" for m in range(1, 13)] + ["2026-01"]})
    >>> last = complaint_chart(months.assign(complaints=[12] * 12 + [36], exposure=240)).iloc[-1]
    >>> last[["value", "centre", "lower", "upper"]].astype(float).round(2).tolist(), int(last["alarm"])
    ([15.0, 5.0, 0.67, 9.33], 1)
    """
    _check_months(months["period"])
    counts = months["complaints"].to_numpy(dtype=float)
    exposure = months["exposure"].to_numpy(dtype=float)
    alarms = poisson_alarms(counts, exposure, baseline=baseline)
    centre = u_chart(counts[:baseline].sum(), exposure[:baseline].sum()).centre[0]
    base = np.where(exposure > 0, exposure, np.nan)
    half = SIGMAS * np.sqrt(centre / base)
    return months[["period", "complaints", "exposure"]].assign(
        value=100 * counts / base,
        centre=100 * centre,
        lower=100 * np.maximum(centre - half, 0),
        upper=100 * (centre + half),
        alarm=np.concatenate([np.zeros(baseline, dtype=np.int64), alarms]),
        tested=np.arange(len(months)) >= baseline,
    )


def _check_months(names: pd.Series) -> None:
    firsts = np.array([Period.parse(name).first for name in names])
    if np.any(np.diff(firsts) != 1):
        raise MethodError(
            "months_apart",
            where="complaint chart",
            what="the months do not follow each other",
            got=", ".join(names),
            expected="each month once, in order, months without complaints with a count of 0",
        )


def pareto(counts: Mapping[str, int]) -> pd.DataFrame:
    """Order categories by their complaints.

    Returns
    -------
    DataFrame
        category, complaints, share and cumulative (percent); vital: the fewest categories that together reach
        80 percent. Equal counts stand in the order of their names; no complaints give no rows.
    """
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    table = pd.DataFrame(ordered, columns=["category", "complaints"])
    total = table["complaints"].sum()
    if total == 0:
        return table.iloc[:0].assign(share=0.0, cumulative=0.0, vital=False)
    share = 100 * table["complaints"] / total
    before = 100 * table["complaints"].cumsum().shift(fill_value=0) / total
    return table.assign(share=share, cumulative=before + share, vital=before < VITAL)


def repeat_chains(cases: pd.DataFrame, *, window_days: int = 30) -> pd.DataFrame:
    """List chains of repeated complaints (A14): each complaint within the window of the one before it.

    Parameters
    ----------
    cases
        case_id, customer_id, category, opened_at; complaints without a category are in no chain.

    Returns
    -------
    DataFrame
        chain (numbered from 1), case_id, opened_at and days since the one before; in the order of time. Only
        chains of two or more.

    Examples
    --------
    >>> days = pd.to_datetime(["2026-07-01", "2026-07-20", "2026-09-01"])
    >>> cases = pd.DataFrame({"case_id": ["k1", "k2", "k3"], "opened_at": days})
    >>> cases = cases.assign(customer_id="c", category="delivery")
    >>> repeat_chains(cases)[["chain", "case_id", "days"]].values.tolist()
    [[1, 'k1', nan], [1, 'k2', 19.0]]
    """
    matter = ["customer_id", "category"]
    ordered = cases.dropna(subset=matter).sort_values([*matter, "opened_at", "case_id"], ignore_index=True)
    gap = ordered.groupby(matter)["opened_at"].diff()
    begins = ~(gap <= pd.Timedelta(days=window_days))
    run = begins.cumsum()
    chained = ordered.assign(days=(gap.dt.total_seconds() / 86_400).mask(begins), run=run)
    chained = chained[chained.groupby("run")["case_id"].transform("size") > 1]
    numbered = chained["run"].rank(method="dense").astype(np.int64)
    return chained.assign(chain=numbered)[["chain", "case_id", "opened_at", "days"]].reset_index(drop=True)


def by_category(
    estimates: pd.DataFrame, indicator: str = "A12", *, measure: str = "csat", minimum: int = MINIMUM_BASE
) -> pd.DataFrame:
    """Return satisfaction by complaint category, with small cells and those that would give them away marked.

    Parameters
    ----------
    estimates
        Tidy rows of one period with the level `category`.
    minimum
        Smallest base that may be printed.

    Returns
    -------
    DataFrame
        The rows of the categories with one more column, `hidden`.

    Notes
    -----
    Complementary suppression as in `inference.suppression.suppress`: the total is printed, so a single hidden
    category could be recomputed.
    """
    rows = estimates[
        (estimates["indicator"] == indicator)
        & (estimates["measure"] == measure)
        & (estimates["level"] == "category")
    ].sort_values("subject", ignore_index=True)
    return rows.assign(hidden=suppress(rows["n"], minimum=minimum))
