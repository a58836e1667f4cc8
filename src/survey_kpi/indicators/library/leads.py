"""Indicators of leads (A24, A26, A36): what was handed over, and what was won of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import DAY, days_after, each, filled, microseconds, one
from survey_kpi.indicators.measures import count, share
from survey_kpi.indicators.model import Frames, Indicator, Params, View
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]
Rows = Callable[[Frames, Params], Lazy]
COHORT_DAYS = 366
"""How far back leads are looked up; no maturity window may be longer."""
OPPORTUNITIES = ("cross_sell", "upsell")
MATURITY = {"maturity_days": 90}


def leads_by(time: str) -> Rows:
    """Return the rows of leads dated by one of their times."""

    def rows(frames: Frames, params: Params) -> Lazy:
        return frames["leads"].with_columns(
            nw.col(time).alias("at"),
            nw.col("lead_id").alias("unit"),
            nw.col("source_channel").alias("channel"),
        )

    return rows


def _maturing(time: str) -> Rows:
    """Return rows of leads for every period in which they may become mature, or are too young."""

    def rows(frames: Frames, params: Params) -> Lazy:
        every = leads_by(time)(frames, params).join(frames["periods"], how="cross")
        at = nw.col("at")
        recent = microseconds(at) >= microseconds(nw.col("period_start")) - COHORT_DAYS * DAY
        return every.filter(recent, at < nw.col("period_end"))

    return rows


WON = View(name="leads_won", tables=("leads",), rows=leads_by("won_at"))
CREATED = View(name="leads_created", tables=("leads",), rows=leads_by("created_at"))
PASSED = View(name="leads_passed", tables=("leads",), rows=leads_by("passed_at"))
PASSED_MATURING = View(
    name="leads_passed_maturing", tables=("leads",), rows=_maturing("passed_at"), by_period=True
)
MATURING = View(name="leads_maturing", tables=("leads",), rows=_maturing("created_at"), by_period=True)


def _contracts(params: Params) -> nw.Expr:
    return each((nw.col("kind") == "new_customer") & filled("contract_id"))


def _is_opportunity() -> nw.Expr:
    return nw.col("kind").is_in(list(OPPORTUNITIES))


def _opportunities(params: Params) -> nw.Expr:
    return each(_is_opportunity())


def _matured(params: Params) -> nw.Expr:
    """Whether a row's window closes within the period: it is judged once, in the period of its maturity."""
    end = days_after(nw.col("at"), params["maturity_days"])
    return (end >= microseconds(nw.col("period_start"))) & (end < microseconds(nw.col("period_end")))


def _young(params: Params) -> nw.Expr:
    end = days_after(nw.col("at"), params["maturity_days"])
    return (nw.col("at") >= nw.col("period_start")) & (end >= microseconds(nw.col("period_end")))


def _won_in_window(params: Params) -> nw.Expr:
    return microseconds(nw.col("won_at")) <= days_after(nw.col("at"), params["maturity_days"])


def _conversion(params: Params) -> nw.Expr:
    return one(_won_in_window(params), base=_matured(params))


def _immature(params: Params) -> nw.Expr:
    return each(_young(params))


def _win_rate(params: Params) -> nw.Expr:
    return one(_won_in_window(params), base=_matured(params) & _is_opportunity())


def _opportunities_young(params: Params) -> nw.Expr:
    return each(_young(params) & _is_opportunity())


ROWS = (
    Indicator(
        code="A24",
        label=Text(zh="新客户开发", en="New customers won"),
        definition=Text(
            zh="本期赢单且有合同编号的新客户线索数。",
            en="Leads of new customers that were won in the period, with a contract id.",
        ),
        source="Farris et al. (2010), Marketing Metrics, 2nd ed., 5.3; interval: Garwood (1936)",
        measures=(
            count("contracts", "新签客户数", "new customers", _contracts, "won leads of new customers with a contract"),
        ),
        headline="contracts",
        view=WON,
        columns=("leads.kind", "leads.won_at", "leads.contract_id"),
    ),
    Indicator(
        code="A26",
        label=Text(zh="交叉销售与增购机会", en="Cross-sell and upsell opportunities"),
        definition=Text(
            zh="本期移交的机会数，以及观察期在本期届满的机会中于观察期内赢单的比例；未届满者另行列数。",
            en="Opportunities handed over in the period, and the share won within the maturity window of those whose "
            "window ended in the period; younger ones are counted apart.",
        ),
        source="Kamakura, Wedel, de Rosa and Mazzon (2003), International Journal of Research in Marketing 20(1)",
        measures=(
            count("passed", "移交数", "handed over", _opportunities, "opportunities handed over", view=PASSED),
            share(
                "win_rate", "赢单率", "win rate", _win_rate, "100 x won within the window / matured opportunities",
                view=PASSED_MATURING,
            ),
            count(
                "not_mature", "未届满数", "not mature", _opportunities_young,
                "opportunities handed over whose window is still open", view=PASSED_MATURING,
            ),
        ),
        headline="passed",
        columns=("leads.kind", "leads.passed_at"),
        measure_columns={"win_rate": ("leads.won_at",)},
        params=MATURITY,
    ),
    Indicator(
        code="A36",
        label=Text(zh="销售转化率", en="Lead conversion rate"),
        definition=Text(
            zh="观察期（默认 90 天）在本期届满的线索中，于观察期内赢单的比例；未届满的线索不计入，另行列数。",
            en="Share won within the maturity window (90 days unless declared) of the leads whose window ended in the "
            "period; younger leads are left out and counted.",
        ),
        source="Farris et al. (2010), Marketing Metrics, 2nd ed., 6.1; interval: Wilson (1927)",
        measures=(
            share("conversion", "转化率", "conversion", _conversion, "100 x won within the window / matured leads"),
            count("not_mature", "未届满数", "not mature", _immature, "leads whose window is still open"),
        ),
        headline="conversion",
        view=MATURING,
        columns=("leads.won_at",),
        params=MATURITY,
    ),
)  # fmt: skip
