"""Rules that compare rows with each other, by grouped sums and joins.

Window functions would say the same in fewer words, but an engine must hold every column of every row for
them; a group with its few numbers, joined back where it has more than one row, costs a fraction.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from survey_kpi.cleaning import answers
from survey_kpi.cleaning.rule import HELPER, VALID, Context, Frame, Lookup, Params

TWIN = HELPER + "twin"
SAME = HELPER + "same"
CROWD = HELPER + "crowd"
_KEY, _AT = HELPER + "key", HELPER + "at"
TEXT_BREAK = "\x1f"


def named() -> nw.Expr:
    """Whether the respondent is named, null where there is no id; an empty text names nobody."""
    return nw.col("respondent_id").cast(nw.String()) != ""


def unfinished() -> nw.Expr:
    """Whether the platform marks the row as a preview, a test or not submitted."""
    return nw.coalesce(nw.col("platform_status"), nw.lit("")) != ""


def latest(frame: Frame, context: Context, params: Params) -> Lookup:
    """Find the row that stands for its respondent and period where there are several: the latest.

    A row without a time loses against a dated one, ties go to the largest row id, and rows that name
    nobody are never twins. Neither is a preview or an unfinished sheet that is set aside anyway: it must not
    take the finished one down with it.
    """
    keys = {"respondent_id": nw.col("respondent_id"), _KEY: _period()}
    at = nw.col("submitted_at") if "submitted_at" in context.columns else nw.lit(0)
    eligible = named() & ~unfinished() if context.finished_only else named()
    rows = frame.filter(eligible).select("row_id", **keys, **{_AT: at})
    groups = rows.group_by(*keys).agg(nw.len().alias("rows"), nw.col(_AT).max().alias("last"))
    several = groups.filter(nw.col("rows") > 1)
    last = nw.col("last").is_null() | (nw.col(_AT) == nw.col("last"))
    stays = rows.join(several, on=list(keys)).filter(last)
    return Lookup(keys=keys, table=stays.group_by(*keys).agg(nw.col("row_id").max().alias(TWIN)))


def _period() -> nw.Expr:
    return nw.coalesce(nw.col("period"), nw.lit(""))


def first_of_same(frame: Frame, context: Context, params: Params) -> Lookup:
    """Find the smallest row id among rows of a source and period with the same answers and comments.

    Rows with fewer than `min_items` answers, or with one and the same answer throughout each scale,
    coincide too easily to say anything.
    """
    rated = [item for item in context.codebook.rated if item.role != "attention"]
    words = [item.id for item in context.codebook.items if not item.scale and item.id in context.columns]
    names = dict.fromkeys(item.scale for item in rated)
    scales = [[item for item in rated if item.scale == name] for name in names]
    cells = [*(VALID + item.id for item in rated), *words]
    texts = [nw.coalesce(nw.col(name).cast(nw.String()), nw.lit("")) for name in cells]
    telling = answers.any_of(map(answers.varied, scales)) & (answers.n_valid(rated) >= params["min_items"])
    sheet = nw.when(telling).then(nw.concat_str(*texts, separator=TEXT_BREAK))
    keys = {"source": nw.col("source"), _KEY: _period(), _AT: sheet}
    rows = frame.select("row_id", **keys).filter(~nw.col(_AT).is_null())
    groups = rows.group_by(*keys).agg(nw.len().alias("rows"), nw.col("row_id").min().alias(SAME))
    return Lookup(keys=keys, table=groups.filter(nw.col("rows") > 1).drop("rows"))


def crowd(frame: Frame, context: Context, params: Params) -> Lookup:
    """Count the answers of one person, device or channel in the same stretch of the clock, if many.

    Stretches are fixed parts of the hour. Times that are exactly midnight are dates without a time.
    """
    at, by = nw.col("submitted_at"), params["by"]
    hour = nw.when(at != at.dt.truncate("1d")).then(at.dt.truncate("1h"))
    keys = {by: nw.col(by), _KEY: hour, _AT: at.dt.minute() // params["minutes"]}
    rows = frame.select(**keys).filter(~nw.col(_KEY).is_null() & ~nw.col(by).is_null())
    counts = rows.group_by(*keys).agg(nw.len().alias(CROWD))
    return Lookup(keys=keys, table=counts.filter(nw.col(CROWD) >= params["at_least"]))


def attach(rows: Frame, lookup: Lookup) -> Frame:
    """Put what was looked up beside each row that has it."""
    return rows.with_columns(**lookup.keys).join(lookup.table, on=list(lookup.keys), how="left")


def is_superseded(helper: str) -> nw.Expr:
    """Whether another row of the group stands for this one."""
    return nw.col(helper) != nw.col("row_id")
