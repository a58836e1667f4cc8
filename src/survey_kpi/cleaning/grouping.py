"""Rules that compare rows with each other, by grouped sums and joins.

Window functions would say the same in fewer words, but an engine must hold every column of every row for
them; a group with its few numbers, joined back where it has more than one row, costs a fraction.
"""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from survey_kpi.cleaning import answers
from survey_kpi.cleaning.rule import HELPER, VALID, Context, Frame, Params
from survey_kpi.study.models import Item

TWIN = HELPER + "twin"
SAME = HELPER + "same"
CROWD = HELPER + "crowd"
_KEY, _AT = HELPER + "key", HELPER + "at"
TEXT_BREAK = "\x1f"


def named() -> nw.Expr:
    """Whether the respondent is named; an empty text names nobody."""
    return nw.coalesce(nw.col("respondent_id").cast(nw.String()), nw.lit("")) != ""


def unfinished() -> nw.Expr:
    """Whether the platform marks the row as a preview, a test or not submitted."""
    return nw.coalesce(nw.col("platform_status"), nw.lit("")) != ""


def keep_latest(frame: Frame, context: Context, params: Params) -> Frame:
    """Add the row that stands for its respondent and period where there are several: the latest.

    A row without a time loses against a dated one, ties go to the largest row id, and rows that name
    nobody are never twins. Neither is a preview or an unfinished sheet that is set aside anyway: it must not
    take the finished one down with it.
    """
    eligible = named() & ~unfinished() if context.finished_only else named()
    at = nw.col("submitted_at") if "submitted_at" in context.columns else nw.lit(0)
    rows = frame.filter(eligible).select("row_id", "respondent_id", _period(), at.alias(_AT))
    keys = ["respondent_id", _KEY]
    several = rows.group_by(keys).agg(nw.len().alias("rows"), nw.col(_AT).max().alias("latest"))
    several = several.filter(nw.col("rows") > 1)
    last = nw.col("latest").is_null() | (nw.col(_AT) == nw.col("latest"))
    stays = rows.join(several, on=keys).filter(last).group_by(keys).agg(nw.col("row_id").max().alias(TWIN))
    return frame.with_columns(_period()).join(stays, on=keys, how="left")


def _period() -> nw.Expr:
    return nw.coalesce(nw.col("period"), nw.lit("")).alias(_KEY)


def keep_first_of_same(frame: Frame, context: Context, params: Params) -> Frame:
    """Add the smallest row id among rows of a source and period with the same answers and comments.

    Rows with fewer than `min_items` answers, or with one and the same answer throughout each scale,
    coincide too easily to say anything.
    """
    rated = [item for item in context.codebook.rated if item.role != "attention"]
    words = [item.id for item in context.codebook.items if not item.scale and item.id in context.columns]
    scales = [
        [item for item in rated if item.scale == scale] for scale in dict.fromkeys(i.scale for i in rated)
    ]
    varied = answers.any_of(answers.varied(items) for items in scales)
    texts = [nw.coalesce(nw.col(name).cast(nw.String()), nw.lit("")) for name in [*_names(rated), *words]]
    telling = varied & (answers.n_valid(rated) >= params["min_items"])
    keys = ["source", _KEY, _AT]
    keyed = frame.with_columns(
        _period(), nw.when(telling).then(nw.concat_str(*texts, separator=TEXT_BREAK)).alias(_AT)
    )
    rows = keyed.filter(~nw.col(_AT).is_null())
    groups = rows.group_by(keys).agg(nw.len().alias("rows"), nw.col("row_id").min().alias(SAME))
    several = groups.filter(nw.col("rows") > 1).drop("rows")
    return keyed.join(several, on=keys, how="left")


def _names(items: Sequence[Item]) -> list[str]:
    return [VALID + item.id for item in items]


def count_crowd(frame: Frame, context: Context, params: Params) -> Frame:
    """Add how many answers of one person, device or channel fall into the same stretch of the clock.

    Stretches are fixed parts of the hour. Times that are exactly midnight are dates without a time.
    """
    at, keys = nw.col("submitted_at"), [params["by"], _KEY, _AT]
    timed = at != at.dt.truncate("1d")
    keyed = frame.with_columns(
        nw.when(timed).then(at.dt.truncate("1h")).alias(_KEY),
        (at.dt.minute() // params["minutes"]).alias(_AT),
    )
    rows = keyed.filter(~nw.col(_KEY).is_null() & ~nw.col(params["by"]).is_null())
    crowds = rows.group_by(keys).agg(nw.len().alias(CROWD)).filter(nw.col(CROWD) >= params["at_least"])
    return keyed.join(crowds, on=keys, how="left")


def is_superseded(helper: str) -> nw.Expr:
    """Whether another row of the group stands for this one."""
    return nw.col(helper) != nw.col("row_id")
