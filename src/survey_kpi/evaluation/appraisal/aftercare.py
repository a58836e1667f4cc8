"""What was promised and done for customers, and what they said afterwards (A11, A12, G02, P12, G06).

Rows of the library that the study does not list are counted here with the library's own parameters, so that
these pages never depend on what happens to be an indicator. What the tables lack is not measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.estimate import Estimate, State
from survey_kpi.evaluation.appraisal.churn import customer_answers
from survey_kpi.evaluation.appraisal.listings import absent_from, params_of
from survey_kpi.evaluation.appraisal.sources import Sources, estimates_of, sheet_of
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators import COMPANY, INDICATORS
from survey_kpi.indicators.complaint_charts import by_category
from survey_kpi.indicators.model import RecordMeasure
from survey_kpi.indicators.records import rows_of_view
from survey_kpi.inference.comparisons import Change, change
from survey_kpi.inference.intervals import wilson
from survey_kpi.scoring.channels import Campaigns, MarketingChannel, marketing_channels
from survey_kpi.study.models import Level, Text

CATEGORY: Final = Level(id="category", label=Text(zh="类别", en="category"), column="category")
TIER: Final = Level(id="tier", label=Text(zh="层级", en="tier"), column="tier", via="customers")
FOLLOW_UP: Final = ("responses.type", "responses.case_id")
"""Fields without which no answer belongs to a complaint."""
NO_CHANNEL: Final = "unstated"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Rows of estimates for one table of a page; `absent` says what the study lacks."""

    indicator: str = ""
    rows: tuple[Row, ...] = ()
    absent: tuple[str, ...] = ()

    def of(self, subject: str, measure: str) -> Row | None:
        """Return the row of a subject and measure, None where there is none."""
        found = (row for row in self.rows if row.subject == subject and row.measure == measure)
        return next(found, None)

    @property
    def subjects(self) -> list[str]:
        """Subjects other than the company, in the order of their names."""
        return sorted({row.subject for row in self.rows if row.subject != COMPANY})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Followed:
    """Customers whose planned contacts were all done, and the others: who of them is satisfied."""

    done: Estimate
    others: Estimate
    difference: Change[float] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aftercare:
    """Promises, plans, and what customers said.

    Parameters
    ----------
    resatisfaction
        A11: satisfaction after complaints and the response rate, for the company.
    categories
        A12: the same by category, small cells and those beside them marked `hidden`.
    promises
        G02 by tier.
    plans
        A27 by tier: planned, on time, late, missed.
    followed
        P12: satisfaction of customers with a completed plan and of the others; None where unknown.
    channels
        G06: one row per marketing channel, the total last; None where unknown, `channels_absent` says why.
    """

    resatisfaction: Part
    categories: Part
    promises: Part
    plans: Part
    followed: Followed | None = None
    channels: tuple[MarketingChannel, ...] | None = None
    channels_absent: tuple[str, ...] = field(default=())


def aftercare(sources: Sources) -> Aftercare:
    """Count what was done for customers in the period."""
    channels, absent = _channels(sources)
    return Aftercare(
        resatisfaction=_part(sources, "A11", [], _follow_up(sources)),
        categories=_categories(sources),
        promises=_part(sources, "G02", [TIER], absent_from(sources, INDICATORS["G02"])),
        plans=_part(sources, "A27", [TIER], absent_from(sources, INDICATORS["A27"])),
        followed=_followed(sources),
        channels=channels,
        channels_absent=absent,
    )


def _part(
    sources: Sources,
    kpi: str,
    levels: Sequence[Level],
    absent: tuple[str, ...],
    params: Mapping[str, Any] | None = None,
) -> Part:
    """Count a row of the library for the company and the subjects of the levels, in the period."""
    if absent:
        return Part(absent=absent)
    given = params if params is not None else _answer_params(sources, kpi)
    sheet = sheet_of(sources, kpi, params=given)
    table = estimates_of(sources, [sheet], [sources.period], levels=levels)
    return Part(indicator=sheet.id, rows=tuple(rows_of(table)))


def _answer_params(sources: Sources, kpi: str) -> dict[str, Any]:
    """Return the item and the top box that answers after a complaint are judged by."""
    params = dict(INDICATORS[kpi].params)
    book = sources.evaluation.study.codebook
    overall = next((item for item in book.items if item.role == "overall"), None)
    scale = book.scale_of(overall) if overall else None
    if "top_box" in params and overall and scale:
        params |= {"item": overall.id, "top_box": list(scale.top_box)}
    return params


def _follow_up(sources: Sources) -> tuple[str, ...]:
    absent = absent_from(sources, INDICATORS["A11"])
    names = {f"responses.{name}" for name in sources.answers.collect_schema().names()}
    overall = any(item.role == "overall" for item in sources.evaluation.study.codebook.items)
    return absent or tuple(name for name in FOLLOW_UP if name not in names or not overall)


def _categories(sources: Sources) -> Part:
    absent = _follow_up(sources) or absent_from(sources, INDICATORS["A12"])
    found = _part(sources, "A12", [CATEGORY], absent)
    if found.absent:
        return found
    smallest = sources.evaluation.study.rules.evidence.descriptive
    marked = by_category(pd.DataFrame(found.rows), found.indicator, minimum=smallest)
    return Part(indicator=found.indicator, rows=tuple(rows_of(marked)))


# --- service plans ------------------------------------------------------------------------------------


def _followed(sources: Sources) -> Followed | None:
    """Compare customers with all planned contacts done with those where one was missed."""
    row, answers = INDICATORS["A27"], customer_answers(sources)
    if row.view is None or absent_from(sources, row) or answers is None:
        return None
    frames, params = sources.with_spans([sources.period]), params_of(sources, row)
    kinds = nw.col("kind").is_in(list(params["kinds"]))
    plans = collect(
        rows_of_view(row.view, frames, params).filter(kinds).select("customer_id", "done_at", "period_end")
    )
    done = plans["done_at"] < plans["period_end"]
    complete = done.groupby(plans["customer_id"]).all()
    start, end = pd.Timestamp(sources.period.start), pd.Timestamp(sources.period.end)
    inside = answers[(answers["at"] >= start) & (answers["at"] < end)].dropna(subset="satisfied")
    last = inside.drop_duplicates("customer_id", keep="last")
    kept = last.assign(done=last["customer_id"].map(complete)).dropna(subset="done")
    groups = [kept.loc[kept["done"].astype(bool) == value, "satisfied"] for value in (True, False)]
    satisfied, others = (_share(int(group.sum()), len(group)) for group in groups)
    return Followed(done=satisfied, others=others, difference=_difference(satisfied, others))


def _share(hits: int, n: int) -> Estimate:
    if not n:
        return Estimate.missing(State.UNAVAILABLE, "no customer of this kind answered", unit="percent")
    low, high = (100 * float(end) for end in wilson(hits, n))
    share = hits / n
    return Estimate(
        value=100 * share,
        n=n,
        unit="percent",
        std_error=100 * math.sqrt(share * (1 - share) / n),
        conf_low=low,
        conf_high=high,
        method="Wilson",
    )


def _difference(one: Estimate, other: Estimate) -> Change[float] | None:
    if not (one.measured and other.measured):
        return None
    return change(one.value, one.std_error, other.value, other.std_error)


# --- marketing ----------------------------------------------------------------------------------------


def _channels(sources: Sources) -> tuple[tuple[MarketingChannel, ...] | None, tuple[str, ...]]:
    """Return conversion of the leads that matured, and cost and revenue of the campaigns that began."""
    lacking = tuple(name for name in ("leads", "campaigns") if not sources.has(name))
    if lacking:
        return None, lacking
    campaigns = sources.table("campaigns")
    channel_of = dict(zip(campaigns["campaign_id"], campaigns["channel"].fillna(NO_CHANNEL), strict=True))
    leads = _leads(sources)
    by_campaign = leads["campaign_id"].map(channel_of)
    leads["channel"] = by_campaign.fillna(leads["source_channel"]).fillna(NO_CHANNEL)
    sums = leads.groupby("channel")[["n", "won"]].sum().astype(int)
    start, end = pd.Timestamp(sources.period.start), pd.Timestamp(sources.period.end)
    begun = campaigns[(campaigns["start_at"] >= start) & (campaigns["start_at"] < end)]
    names = sorted({*sums.index, *begun["channel"].fillna(NO_CHANNEL)})
    parts = {name: _sums(name, sums, begun) for name in names}
    return tuple(marketing_channels(parts, total=COMPANY)), ()


def _leads(sources: Sources) -> pd.DataFrame:
    """Return leads that matured in the period and those won of them, by campaign and source."""
    row = INDICATORS["A36"]
    measure = row.measure("conversion")
    params = params_of(sources, row)
    if row.view is None or not isinstance(measure, RecordMeasure):
        return pd.DataFrame(columns=["campaign_id", "source_channel", "n", "won"])
    scored = rows_of_view(row.view, sources.with_spans([sources.period]), params).with_columns(
        measure.score(params).alias("score")
    )
    keys = ("campaign_id", "source_channel")
    return collect(
        scored.group_by(*keys).agg(nw.col("score").count().alias("n"), nw.col("score").sum().alias("won"))
    ).fillna({"won": 0})


def _sums(name: str, leads: pd.DataFrame, campaigns: pd.DataFrame) -> Campaigns:
    mine = campaigns[campaigns["channel"].fillna(NO_CHANNEL) == name]
    counted = leads[leads.index == name].sum()
    return Campaigns(
        leads=int(counted["n"]),
        won=int(counted["won"]),
        cost=_total(mine["cost"]),
        revenue=_total(mine["attributed_revenue"]),
    )


def _total(amounts: pd.Series) -> Decimal | None:
    """Add money; None where one amount, or every campaign, is missing."""
    if amounts.empty or amounts.isna().any():
        return None
    return sum((Decimal(str(amount)) for amount in amounts), Decimal(0))
