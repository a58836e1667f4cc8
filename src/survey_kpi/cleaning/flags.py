"""The expressions of the row rules, each with the number that the audit prints beside it."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from survey_kpi.cleaning import answers, grouping
from survey_kpi.cleaning.rule import Context, Params
from survey_kpi.cleaning.selection import batteries, checks, content
from survey_kpi.study.models import Item


def platform_status(context: Context, params: Params) -> nw.Expr:
    """Not an ordinary, finished response."""
    return grouping.unfinished()


def superseded(context: Context, params: Params) -> nw.Expr:
    """Another sheet stands for the respondent; a sheet that is unfinished anyway is no candidate."""
    other = grouping.is_superseded(grouping.TWIN)
    return other & ~grouping.unfinished() if context.finished_only else other


def nameless(context: Context, params: Params) -> nw.Expr:
    """No respondent id, in a source that names respondents."""
    return ~nw.coalesce(grouping.named(), nw.lit(False)) & answers.of_sources(
        context.identified, context.asked
    )


def gap_share(context: Context, params: Params) -> nw.Expr:
    """Share of the items left empty."""
    return answers.share_missing(content(context.codebook, params), context.asked)


def gaps(context: Context, params: Params) -> nw.Expr:
    """Too few answers."""
    return gap_share(context, params) > nw.lit(params["above"])


def failed_check(context: Context, params: Params) -> nw.Expr:
    """An attention check without the answer it asks for, in a source that has the check."""
    return answers.any_of(_fails(item, context) for item in checks(context.codebook))


def _fails(item: Item, context: Context) -> nw.Expr:
    asked = {source for source, items in context.asked.items() if item.id in items}
    passed = nw.coalesce(nw.col(item.id) == nw.lit(item.expected), nw.lit(False))
    return ~passed & answers.of_sources(asked, context.asked)


def impossible_times(context: Context, params: Params) -> nw.Expr:
    """Negative or absurd duration, or submitted before started."""
    wrong = []
    if "duration_s" in context.columns:
        seconds = nw.col("duration_s")
        wrong += [seconds < 0, seconds > params["max_s"]]
    if {"started_at", "submitted_at"} <= context.columns:
        wrong.append(nw.col("submitted_at") < nw.col("started_at"))
    return answers.any_of(wrong)


def duration(context: Context, params: Params) -> nw.Expr:
    """Seconds taken, null where the export has no durations."""
    return nw.col("duration_s") if "duration_s" in context.columns else nw.lit(None)


def too_fast(context: Context, params: Params) -> nw.Expr:
    """Faster than credible for the source and period."""
    seconds = nw.col("duration_s")
    return (seconds >= 0) & (seconds < answers.per_group(context.limits))


def straight(context: Context, params: Params) -> nw.Expr:
    """All answers on one scale equal."""
    groups = batteries(context.codebook, params)
    return answers.any_of(answers.straight(items, params["min_items"]) for items in groups)


def straight_answer(context: Context, params: Params) -> nw.Expr:
    """The answer that a straight-liner repeats."""
    groups = batteries(context.codebook, params)
    return nw.coalesce(
        [
            nw.when(answers.straight(items, params["min_items"])).then(
                answers.largest(answers.columns(items))
            )
            for items in groups
        ]
    )


def longest_run(context: Context, params: Params) -> nw.Expr:
    """Longest run of equal answers on one scale."""
    groups = batteries(context.codebook, params)
    return answers.largest(answers.longest_run(items) for items in groups)


def long_string(context: Context, params: Params) -> nw.Expr:
    """A long run of equal answers."""
    return longest_run(context, params) >= nw.lit(params["at_least"])


def variability(context: Context, params: Params) -> nw.Expr:
    """Smallest standard deviation of the answers on one scale."""
    groups = batteries(context.codebook, params)
    return answers.smallest(answers.variability(items) for items in groups)


def flat(context: Context, params: Params) -> nw.Expr:
    """Hardly any variation on one scale."""
    return variability(context, params) < nw.lit(params["below"])


def crowd(context: Context, params: Params) -> nw.Expr:
    """One of many answers within minutes."""
    return nw.col(grouping.CROWD) >= nw.lit(params["at_least"])
