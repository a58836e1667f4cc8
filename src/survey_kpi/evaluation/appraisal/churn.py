"""Who leaves, what goes along with leaving, and how much revenue hangs on it (A22, A08).

The model looks at customer-quarters: every customer on the book at the start of one of the last four
quarters, whether the customer was lost in it, and what was known when it began. So a sign never comes after
the loss that it is held against. It says what goes along with leaving, never what brings it about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.errors import MethodError
from survey_kpi.evaluation.appraisal.sources import Sources
from survey_kpi.indicators.complaint_charts import pareto
from survey_kpi.indicators.subjects import customer_column
from survey_kpi.inference.correlation import RankCorrelation, rank_correlation
from survey_kpi.numeric import critical_value
from survey_kpi.period import Period
from survey_kpi.psychometrics.association import binary_logit

QUARTERS: Final = 4
"""Quarters whose losses the model is fitted to, and whose revenue counts."""
DETRACTOR: Final = 6
"""Highest likelihood to recommend that makes an answer a detractor's."""
SIGNS: Final = ("complaint", "dissatisfied", "silent", "mid", "low")
"""What is known of a customer when a quarter begins; each is 1 or 0."""
UNSTATED: Final = "not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Odds ratio of a loss in a quarter with its 95 % interval, the other signs held fixed."""

    name: str
    customers: int
    odds_ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """Revenue at risk.

    Parameters
    ----------
    missing
        Why it is not measured: "customers", "orders", "complaints", "responses", "model"; "currency": orders
        in several currencies are never added up.
    customers
        Customers with an open complaint or a detractor's answer in the period; None where unknown.
    revenue
        What they ordered in the last four quarters, in `currency`.
    at_risk
        The same x their probability to leave within a quarter, at both ends of the interval of its odds.
    """

    missing: tuple[str, ...] = ()
    customers: int | None = None
    revenue: float = math.nan
    at_risk: tuple[float, float] = (math.nan, math.nan)
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Churn:
    """Losses, what goes along with them, and what is at stake.

    Parameters
    ----------
    absent
        Tables that the study lacks; without customers nothing can be said.
    rows, losses
        Customer-quarters of the last four quarters, and losses among them.
    parameters
        Coefficients that the model would have, the intercept among them.
    signs
        Odds ratios; empty where the model could not be fitted, `reason` then is the code of the refusal.
    shares
        Without a model in its place: customers with each sign, and losses among them: name, n, lost.
    reasons
        The period's losses by stated reason, as `pareto`: category, complaints (how many), share, cumulative.
    """

    absent: tuple[str, ...] = ()
    rows: int = 0
    losses: int = 0
    parameters: int = 0
    signs: tuple[Sign, ...] = ()
    reason: str = ""
    shares: pd.DataFrame
    reasons: pd.DataFrame
    stakes: Stakes


NO_SHARES: Final = pd.DataFrame(columns=["name", "n", "lost"])


def churn(sources: Sources) -> Churn:
    """Fit losses of the last four quarters and value the customers who show a sign now."""
    if not sources.has("customers"):
        nothing = Stakes(missing=("customers",))
        return Churn(absent=("customers",), shares=NO_SHARES, reasons=pareto({}), stakes=nothing)
    quarters = _quarters(sources.period)
    book, known = sources.table("customers"), _events(sources)
    spells = pd.concat([_quarter_rows(book, known, quarter) for quarter in quarters], ignore_index=True)
    usable = [name for name in SIGNS if name in spells and 0 < spells[name].mean() < 1]
    signs, reason = _fitted(spells, usable)
    shares = [
        {"name": name, "n": int(spells[name].sum()), "lost": int(spells.loc[spells[name] == 1, "lost"].sum())}
        for name in usable
    ]
    return Churn(
        rows=len(spells),
        losses=int(spells["lost"].sum()),
        parameters=len(usable) + 1,
        signs=signs,
        reason=reason,
        shares=pd.DataFrame(shares, columns=["name", "n", "lost"]),
        reasons=_reasons(book, sources.period),
        stakes=_stakes(sources, book, known, spells, usable if not reason else []),
    )


def _quarters(period: Period) -> list[Period]:
    last = period.first + period.months - 1
    return Period(last - last % 3, 3).last(QUARTERS)


def _moments(period: Period) -> tuple[pd.Timestamp, pd.Timestamp]:
    return pd.Timestamp(period.start), pd.Timestamp(period.end)


# --- what is known of a customer ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Events:
    """Complaints (customer_id, opened_at, resolved_at, reopened_at) and answers; None where absent.

    Answers: customer_id, at, satisfied (1, 0, NaN), ltr (NaN without the item).
    """

    complaints: pd.DataFrame | None
    answers: pd.DataFrame | None


def _events(sources: Sources) -> _Events:
    columns = ("customer_id", "opened_at", "resolved_at", "reopened_at")
    cases = sources.table("complaints", *columns) if sources.has("complaints") else None
    return _Events(complaints=cases, answers=customer_answers(sources))


def customer_answers(sources: Sources) -> pd.DataFrame | None:
    """Return kept answers by customer: customer_id, at, satisfied, ltr; None where they name no customer."""
    book = sources.evaluation.study.codebook
    names = sources.answers.collect_schema().names()
    customer = customer_column(names)
    overall = next((item for item in book.items if item.role == "overall" and item.id in names), None)
    if customer is None or overall is None or "submitted_at" not in names:
        return None
    ltr = next((item.id for item in book.items if item.role == "ltr" and item.id in names), None)
    rows = sources.answers.select(
        nw.col(customer).alias("customer_id"),
        nw.col("submitted_at").alias("at"),
        nw.col(overall.id).alias("overall"),
        *([nw.col(ltr).alias("ltr")] if ltr else []),
    )
    table = collect(rows.filter(~nw.col("customer_id").is_null()))
    scale = book.scale_of(overall)
    top = table["overall"].isin(scale.top_box if scale else ()).astype(float)
    ltr_values = table["ltr"] if ltr else np.nan
    return table.assign(satisfied=top.where(table["overall"].notna()), ltr=ltr_values).sort_values(
        ["at", "customer_id"], ignore_index=True
    )


def _quarter_rows(book: pd.DataFrame, known: _Events, quarter: Period) -> pd.DataFrame:
    """Return who was on the book when a quarter began, the signs then, and whether they were lost in it."""
    start, end = _moments(quarter)
    there = book[(book["start_at"] <= start) & ~(book["end_at"] < start)]
    rows = signs_at(there, known, start)
    return rows.assign(lost=(there["end_at"] < end).to_numpy().astype(float))


def signs_at(book: pd.DataFrame, known: _Events, moment: pd.Timestamp) -> pd.DataFrame:
    """Return the signs of customers at a moment.

    A complaint counts from the quarter before it, the last answer from the four quarters before it.
    """
    lately, since = (moment - pd.DateOffset(months=3 * quarters) for quarters in (1, QUARTERS))
    rows = pd.DataFrame({"customer_id": book["customer_id"].to_numpy()})
    if known.complaints is not None:
        opened = known.complaints["opened_at"]
        recent = set(known.complaints.loc[(opened >= lately) & (opened < moment), "customer_id"])
        rows["complaint"] = rows["customer_id"].isin(recent).astype(float)
    if known.answers is not None:
        inside = known.answers[(known.answers["at"] >= since) & (known.answers["at"] < moment)]
        last = inside.dropna(subset="satisfied").drop_duplicates("customer_id", keep="last")
        said = rows["customer_id"].map(last.set_index("customer_id")["satisfied"])
        rows["dissatisfied"], rows["silent"] = (said == 0).astype(float), said.isna().astype(float)
    if book["tier"].notna().any():
        for tier in ("mid", "low"):
            rows[tier] = (book["tier"] == tier).to_numpy().astype(float)
    return rows


# --- the model ----------------------------------------------------------------------------------------


def _fitted(rows: pd.DataFrame, usable: list[str]) -> tuple[tuple[Sign, ...], str]:
    if not usable:
        return (), "no_signs"
    try:
        found = binary_logit(rows["lost"], {name: rows[name] for name in usable})
    except MethodError as refusal:
        return (), refusal.code
    low, high = found.odds_interval()
    return tuple(
        Sign(name=name, customers=int(rows[name].sum()), odds_ratio=ratio, low=from_, high=to)
        for name, ratio, from_, to in zip(
            usable, map(float, found.odds_ratio), map(float, low), map(float, high), strict=True
        )
    ), ""


def _probabilities(
    rows: pd.DataFrame, usable: list[str], wanted: pd.DataFrame
) -> dict[tuple[float, ...], tuple[float, float]]:
    """Return both ends of the probability of a loss for each combination of signs that is wanted.

    The model is fitted again around each combination: its intercept is then the log odds of that combination,
    with the standard error that belongs to it.
    """
    half, found = float(critical_value()), {}
    for combination in sorted(set(wanted[usable].itertuples(index=False, name=None))):
        moved = {name: rows[name] - at for name, at in zip(usable, combination, strict=True)}
        fit = binary_logit(rows["lost"], moved)
        log_odds, error = -float(fit.threshold[0]), float(fit.threshold_error[0])
        low, high = (1 / (1 + math.exp(-(log_odds + sign * half * error))) for sign in (-1, 1))
        found[combination] = (low, high)
    return found


# --- what is at stake ---------------------------------------------------------------------------------


def _stakes(
    sources: Sources, book: pd.DataFrame, known: _Events, rows: pd.DataFrame, usable: list[str]
) -> Stakes:
    """Value customers with an open complaint or a detractor's answer; `usable` is empty without a model."""
    missing = _missing(sources, known, usable)
    if known.complaints is None or known.answers is None:
        return Stakes(missing=missing)
    start, end = _moments(sources.period)
    there = book[(book["start_at"] < end) & ~(book["end_at"] < end)]
    worried = _open(known.complaints, end) | _detractors(known.answers, start, end)
    mine = there[there["customer_id"].isin(worried)]
    if "orders" in missing:
        return Stakes(missing=missing, customers=len(mine))
    spent, currency = _revenue(sources)
    if not currency:
        return Stakes(missing=(*missing, "currency"), customers=len(mine))
    value = mine["customer_id"].map(spent).fillna(0.0).to_numpy(dtype=float)
    found = Stakes(missing=missing, customers=len(mine), revenue=float(value.sum()), currency=currency)
    if missing:
        return found
    signs = signs_at(mine, known, end)
    chances = _probabilities(rows, usable, signs)
    ends = [chances[key] for key in signs[usable].itertuples(index=False, name=None)]
    low, high = (float(value @ np.array([end[place] for end in ends])) for place in range(2))
    return replace(found, at_risk=(low, high))


def _missing(sources: Sources, known: _Events, usable: list[str]) -> tuple[str, ...]:
    lacking = {
        "orders": not sources.has("orders"),
        "complaints": known.complaints is None,
        "responses": known.answers is None or bool(known.answers["ltr"].isna().all()),
        "model": not usable,
    }
    return tuple(name for name, is_so in lacking.items() if is_so)


def _open(cases: pd.DataFrame, end: pd.Timestamp) -> set[str]:
    """Return customers with a complaint that is open at a moment; a reopened one is open again."""
    known = cases[cases["opened_at"] < end]
    solved = known["resolved_at"] < end
    again = solved & (known["reopened_at"] < end) & (known["reopened_at"] >= known["resolved_at"])
    return set(known.loc[~solved | again, "customer_id"].dropna())


def _detractors(answers: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> set[str]:
    inside = (answers["at"] >= start) & (answers["at"] < end)
    return set(answers.loc[inside & (answers["ltr"] <= DETRACTOR), "customer_id"])


def _revenue(sources: Sources) -> tuple[Mapping[str, float], str]:
    """Return what each customer ordered in the last four quarters, and in which currency."""
    quarters = _quarters(sources.period)
    start, end = pd.Timestamp(quarters[0].start), pd.Timestamp(quarters[-1].end)
    at = nw.col("ordered_at")
    inside = sources.frames["orders"].filter(
        (at >= nw.lit(start.to_pydatetime())) & (at < nw.lit(end.to_pydatetime()))
    )
    amount = nw.col("amount").cast(nw.Float64()).sum()
    table = collect(inside.group_by("customer_id", "currency").agg(amount.alias("amount")))
    currencies = sorted(table["currency"].dropna().unique())
    spent = table.set_index("customer_id")["amount"] if len(currencies) == 1 else pd.Series(dtype=float)
    return dict(spent.sort_index()), currencies[0] if len(currencies) == 1 else ""


def _reasons(book: pd.DataFrame, period: Period) -> pd.DataFrame:
    start, end = _moments(period)
    lost = book[(book["end_at"] >= start) & (book["end_at"] < end)]
    stated = lost["loss_reason"].fillna("").str.strip()
    counts = stated.where(stated != "", UNSTATED).value_counts()
    return pareto({str(reason): int(n) for reason, n in counts.items()})


# --- loyalty ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two facts of customers held against each other; `found` is None where they could not be."""

    first: str
    second: str
    correlation: RankCorrelation | None
    reason: str = ""


PAIRS: Final = (("tenure", "ltr"), ("tenure", "orders"), ("ltr", "orders"))
"""What the claim "loyal customers buy and recommend more" comes to."""


def loyalty(sources: Sources) -> tuple[Link, ...]:
    """Hold likelihood to recommend, orders of four quarters and time as a customer against each other (A08).

    No composite index is made of them. Customers of whom one of the two is unknown are left out of a pair.
    """
    answers = customer_answers(sources)
    if not sources.has("customers", "orders") or answers is None:
        return ()
    quarters = _quarters(sources.period)
    start, end = pd.Timestamp(quarters[0].start), pd.Timestamp(quarters[-1].end)
    book = sources.table("customers", "customer_id", "start_at", "end_at")
    there = book[(book["start_at"] < end) & ~(book["end_at"] < end)]
    inside = answers[(answers["at"] >= start) & (answers["at"] < end)].dropna(subset="ltr")
    last = inside.drop_duplicates("customer_id", keep="last").set_index("customer_id")["ltr"]
    placed = sources.table("orders", "customer_id", "ordered_at")
    counts = placed[(placed["ordered_at"] >= start) & (placed["ordered_at"] < end)]["customer_id"]
    facts = pd.DataFrame(
        {
            "tenure": (end - there["start_at"]).dt.total_seconds().to_numpy(),
            "ltr": there["customer_id"].map(last).to_numpy(),
            "orders": there["customer_id"].map(counts.value_counts()).fillna(0.0).to_numpy(),
        }
    )
    return tuple(_link(facts, first, second) for first, second in PAIRS)


def _link(facts: pd.DataFrame, first: str, second: str) -> Link:
    try:
        found = rank_correlation(facts[first], facts[second])
    except MethodError as refusal:
        return Link(first=first, second=second, correlation=None, reason=refusal.code)
    return Link(first=first, second=second, correlation=found)
