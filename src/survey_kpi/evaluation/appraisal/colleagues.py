"""What colleagues and customers say of a person in 360-degree ratings of the period, raw beside adjusted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from survey_kpi.evaluation.appraisal.numbers import amount, appraisal_key, of_estimate
from survey_kpi.evaluation.appraisal.sources import Sources
from survey_kpi.facts import Fact
from survey_kpi.period import Period
from survey_kpi.scoring.feedback import FEWEST_ITEMS, Feedback, feedback
from survey_kpi.study.models import Study

TABLE = "ratings360"
DECLARED, OBSERVED = "declared", "observed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Colleagues:
    """Ratings of one period.

    Parameters
    ----------
    feedback
        As `scoring.feedback` summarises them.
    ratings, raters, ratees, items
        How many there are in the period.
    highest, scale
        Top of the scale, and whether the codebook declares it or it is the highest mark of the whole table.
    unusable
        Ratings of the period without a score.
    """

    feedback: Feedback
    ratings: int
    raters: int
    ratees: int
    items: int
    highest: float
    scale: str
    unusable: int

    @property
    def lines_told(self) -> bool:
        """Whether the form has items enough to tell a straight line from an opinion."""
        return self.items >= FEWEST_ITEMS


def colleagues(sources: Sources) -> Colleagues | None:
    """Summarise the ratings of the period; None where there are none.

    Ratings without a period belong to every period: a study that gathers them once says so by leaving it out.
    """
    if not sources.has(TABLE):
        return None
    table = sources.table(TABLE)
    mine = table[_in_period(table, sources.period)]
    given = mine[mine["score"].notna()]
    if given.empty:
        return None
    declared = _declared_top(given, sources.evaluation.study)
    highest = float(table["score"].max()) if declared is None else declared
    return Colleagues(
        feedback=feedback(given, highest=highest),
        ratings=len(given),
        raters=given["rater_id"].nunique(),
        ratees=given["ratee_id"].nunique(),
        items=given["item"].nunique(),
        highest=highest,
        scale=DECLARED if declared is not None else OBSERVED,
        unusable=len(mine) - len(given),
    )


def _in_period(table: pd.DataFrame, period: Period) -> pd.Series:
    if "period" not in table:
        return pd.Series(True, index=table.index)
    return table["period"].isna() | (table["period"] == str(period))


def _declared_top(given: pd.DataFrame, study: Study) -> float | None:
    """Top of the scale of the rated items, where the codebook has all on one that holds every mark."""
    items = {item.id: item for item in study.codebook.items}
    names = {items[name].scale if name in items else None for name in given["item"].unique()}
    name = names.pop() if len(names) == 1 else None
    scale = study.codebook.scales.get(name) if name else None
    return float(scale.high) if scale and given["score"].le(scale.high).all() else None


def colleague_facts(period: Period, found: Colleagues | None) -> Iterator[Fact]:
    """Yield every number of the ratings."""
    if found is None:
        return
    text = str(period)
    told = found.feedback
    for name in ("ratings", "raters", "ratees", "items", "unusable"):
        yield amount(text, f"rated_{name}", getattr(found, name), "count", f"{name} of the period")
    yield amount(text, "rated_highest", found.highest, "score", f"top of the scale, {found.scale}")
    yield amount(text, "rated_favours", len(told.favours), "count", "pairs who favour each other")
    yield amount(text, "rated_lines", len(told.straight_lines), "count", "straight lines on whole forms")
    for group in told.groups:
        formula = f"mean of the raters' means, group {group.group}"
        yield from of_estimate(text, f"rated_{group.group}", group.estimate, formula, group.ratee)
    yield from _adjusted(text, told, found.items)
    for place, pair in enumerate(told.favours):
        formula = "mark minus the mean of the other raters"
        for name, value in (("first", pair.first_excess), ("second", pair.second_excess)):
            yield amount(text, f"favour_{name}", value, "score", formula, str(place + 1))
    for place, line in enumerate(told.straight_lines):
        yield amount(text, "line_mark", line.mark, "score", "mark on every item", str(place + 1))
        yield amount(text, "line_items", line.items, "count", "items with that mark", str(place + 1))


def _adjusted(period: str, told: Feedback, items: int) -> Iterator[Fact]:
    model = told.adjusted
    if model is None:
        return
    additive = "least squares: score = ratee + leniency of the rater, leniencies sum to 0"
    for place, ratee in enumerate(model.ratees):
        raw = appraisal_key(period, "rated_raw", ratee)
        yield amount(period, "rated_raw", model.raw[place], "score", "mean of all ratings by others", ratee)
        yield amount(period, "rated_n", model.n[place], "count", "ratings by others", ratee)
        yield amount(
            period, "rated_adjusted", model.adjusted[place], "score", additive, ratee, depends=(raw,)
        )
        error = model.adjusted_error[place]
        yield amount(period, "rated_error", error, "score", f"standard error, {additive}", ratee)
        shift = model.adjusted[place] - model.raw[place]
        yield amount(period, "rated_shift", shift, "score", "adjusted minus raw", ratee, depends=(raw,))
    for place, rater in enumerate(model.raters):
        yield amount(period, "leniency", model.leniency[place], "score", additive, rater)
        error = model.leniency_error[place]
        yield amount(period, "leniency_error", error, "score", f"standard error, {additive}", rater)
        yield amount(period, "leniency_n", model.n_given[place], "count", "ratings given", rater)
    oneway = "one-way analysis of variance between ratees"
    single = int((model.n_given <= items).sum())
    yield amount(period, "rated_single", single, "count", "raters of a single person")
    wholes = {"icc_1": model.icc_1, "icc_k": model.icc_k}
    for name, value in wholes.items():
        yield amount(period, f"rated_{name}", value, "share", oneway)
    noise = math.nan if math.isnan(model.noise) else model.noise
    yield amount(period, "rated_noise", noise, "score", "standard deviation of what neither explains")
    largest = float(abs(model.adjusted - model.raw).max())
    yield amount(period, "rated_largest_shift", largest, "score", "largest distance of adjusted from raw")
