"""Complaints by month and category: the chart with its alarms, and what the complaints are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pandas as pd

from survey_kpi.engine import scan
from survey_kpi.evaluation.from_records import Frames
from survey_kpi.evaluation.reach import Reach
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.indicators.complaint_charts import complaint_chart, monthly_complaints, pareto
from survey_kpi.indicators.record_estimates import estimate_records
from survey_kpi.indicators.records import count_records, period_frames, record_scans
from survey_kpi.inference.charts import BASELINE
from survey_kpi.period import Period
from survey_kpi.study.models import IndicatorSheet, Level, Study, Text

if TYPE_CHECKING:
    import duckdb

KPI: Final = "A13"
TESTED: Final = 12
"""Most months that are tested; the `BASELINE` months before them are what they are held against."""
CATEGORY: Final = Level(id="category", label=Text(zh="类别", en="category"), column="category")
CHART: Final = (
    *("period", "complaints", "exposure", "value", "centre", "lower", "upper", "alarm", "tested"),
    *("category", "in_category"),
)
CATEGORIES: Final = ("category", "complaints", "share", "cumulative")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComplaintMonths:
    """What the chart and the categories of complaints are drawn from.

    Parameters
    ----------
    indicator
        The sheet that applies A13; empty where none does or its tables are not declared.
    months
        One row per month up to the period's end, at most 24, oldest first: complaints, exposure, and per 100
        value, centre, lower, upper; alarm (+1, -1, 0) and whether the month was tested; the month's largest
        category and its complaints. Empty with fewer than 13 months since the first complaint.
    categories
        The period's complaints by category, largest first: complaints, share, cumulative share.
    """

    indicator: str = ""
    months: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CHART)))
    categories: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CATEGORIES)))


def complaint_months(
    study: Study, frames: Frames, period: Period, connection: duckdb.DuckDBPyConnection, *, reach: Reach
) -> ComplaintMonths:
    """Chart the complaints of the months up to the end of a period.

    The last twelve months, or as many as there are, are each tested against the twelve months before them.

    Parameters
    ----------
    frames
        The tables that the study declares, by canonical name.
    reach
        What the tables can speak of: a month that they do not cover whole is left out, it is not quiet.
    """
    sheet = next((sheet for sheet in study.indicators.indicators if sheet.kpi == KPI), None)
    if sheet is None or not {"complaints", sheet.params["exposure"]} <= set(frames):
        return ComplaintMonths()
    months = [
        month
        for month in Period(period.first + period.months - 1, 1).last(BASELINE + TESTED)
        if reach.whole(["complaints", sheet.params["exposure"]], month)
    ]
    table = _estimates(sheet, frames, [*dict.fromkeys([*months, period])], connection)
    counts = table[(table["measure"] == "complaints") & (table["level"] == CATEGORY.id)]
    counts = counts.assign(
        category=counts["subject"].str.removeprefix(f"{CATEGORY.id}:"), complaints=counts["value"].astype(int)
    )
    return ComplaintMonths(
        indicator=sheet.id,
        months=_months(table, [str(month) for month in months], counts, sheet.id),
        categories=_categories(counts[counts["period"] == str(period)]),
    )


def _estimates(
    sheet: IndicatorSheet, frames: Frames, periods: list[Period], connection: duckdb.DuckDBPyConnection
) -> pd.DataFrame:
    """Count the complaints, and what they are counted over, of the company and of each category."""
    spans = {name: scan(table, connection=connection) for name, table in period_frames(periods).items()}
    known, names = {**frames, **spans}, [str(period) for period in periods]
    tables = [
        estimate_records(count_records(each, known, [CATEGORY]), each.scores, [CATEGORY], names)
        for each in record_scans([sheet])
    ]
    return pd.concat(tables, ignore_index=True)


def _months(table: pd.DataFrame, months: list[str], counts: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Return the chart, from the first month with a complaint on: before it nothing was recorded."""
    counted = monthly_complaints(table[table["period"].isin(months)], indicator)
    counted = counted[(counted["complaints"] > 0).cummax()].reset_index(drop=True)
    if len(counted) <= BASELINE or counted["exposure"].head(BASELINE).sum() == 0:
        return pd.DataFrame(columns=list(CHART))
    ordered = counts.sort_values(["complaints", "category"], ascending=[False, True])
    largest = ordered.drop_duplicates("period").rename(columns={"complaints": "in_category"})
    chart = complaint_chart(counted).merge(
        largest[["period", "category", "in_category"]], on="period", how="left"
    )
    filled = chart.fillna({"category": "", "in_category": 0})
    return filled.astype({"complaints": int, "in_category": int})[list(CHART)]


def _categories(counts: pd.DataFrame) -> pd.DataFrame:
    table = pareto(dict(zip(counts["category"], counts["complaints"], strict=True)))
    shares = {name: table[name] / 100 for name in ("share", "cumulative")}
    return table.assign(**shares)[list(CATEGORIES)]


def complaint_facts(found: ComplaintMonths, period: Period) -> Iterator[Fact]:
    """Yield every number of the two tables as a fact."""
    for row in rows_of(found.months):
        yield from _month_facts(found.indicator, row.period, row)
    whole = fact_key(period, found.indicator, "complaints", COMPANY)
    for row in rows_of(found.categories):
        subject = f"{CATEGORY.id}:{row.category}"
        key = fact_key(period, found.indicator, "complaints", subject)
        rows = f"complaints opened in {period}, {subject}"
        yield Fact(key=key, value=float(row.complaints), unit="count", formula="complaints", filter=rows)
        for name in ("share", "cumulative"):
            yield Fact(
                key=fact_key(period, found.indicator, name, subject),
                value=getattr(row, name),
                unit="share",
                formula="complaints / all complaints"
                if name == "share"
                else "share of this category and the larger ones",
                filter=rows,
                depends=(key, whole),
            )


def _month_facts(indicator: str, month: str, row: object) -> Iterator[Fact]:
    rows, count = f"complaints opened in {month}", fact_key(month, indicator, "complaints", COMPANY)
    formulas = {
        "rate": ("value", "100 x complaints opened / exposure declared"),
        "centre": ("centre", "100 x complaints / exposure of the 12 months of the baseline"),
        "limit_low": ("lower", "centre - 3 sigma of the month's exposure, not below 0"),
        "limit_high": ("upper", "centre + 3 sigma of the month's exposure"),
    }
    value = {name: float(getattr(row, name)) for name in (*CHART[1:8], "in_category")}
    yield Fact(key=count, value=value["complaints"], unit="count", formula="complaints opened", filter=rows)
    for measure, (column, formula) in formulas.items():
        key = fact_key(month, indicator, measure, COMPANY)
        yield Fact(
            key=key, value=value[column], unit="per_100", formula=formula, filter=rows, depends=(count,)
        )
    yield Fact(
        key=fact_key(month, indicator, "exposure", COMPANY),
        value=value["exposure"],
        unit="count",
        formula="what complaints are counted over",
        filter=rows,
    )
    category = str(getattr(row, "category", ""))
    if category:
        key = fact_key(month, indicator, "complaints", f"{CATEGORY.id}:{category}")
        yield Fact(key=key, value=value["in_category"], unit="count", formula="complaints", filter=rows)
