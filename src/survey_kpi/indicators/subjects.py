"""Who an answer speaks about: one subject column per level, looked up at the time of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.study.models import Level


def level_column(level: Level) -> str:
    """Return the name of a level's subject column; the space keeps it apart from items and fields."""
    return f"level {level.id}"


def attach_levels(
    answers: nw.LazyFrame[Any], levels: Sequence[Level], specialists: nw.LazyFrame[Any] | None = None
) -> nw.LazyFrame[Any]:
    """Add one subject column per level; null where the answer belongs to nobody known.

    Parameters
    ----------
    answers
        One row per answer with `row_id`, `submitted_at` and the columns that the levels name.
    specialists
        Person-spells (specialist_id, valid_from, valid_to exclusive or null, and the columns that levels
        with `via: specialists` name) without overlap. When given, a person who has no spell at the time
        of the answer is nobody: the answer counts in the company's totals only.

    Returns
    -------
    LazyFrame
        The same rows, none lost and none doubled.
    """
    if specialists is not None:
        answers = _with_spells(answers, levels, specialists)
    columns = [nw.col(_source_column(level, specialists)).alias(level_column(level)) for level in levels]
    return answers.with_columns(*columns) if columns else answers


def _source_column(level: Level, specialists: nw.LazyFrame[Any] | None) -> str:
    if specialists is None:
        return level.column
    if level.via == "specialists":
        return _spell(level.column)
    return _spell("specialist_id") if level.column == "specialist_id" else level.column


def _spell(column: str) -> str:
    return f"spell {column}"


def _with_spells(
    answers: nw.LazyFrame[Any], levels: Sequence[Level], specialists: nw.LazyFrame[Any]
) -> nw.LazyFrame[Any]:
    wanted = dict.fromkeys(
        ["specialist_id", *(level.column for level in levels if level.via == "specialists")]
    )
    spells = specialists.select(
        "valid_from", "valid_to", *[nw.col(name).alias(_spell(name)) for name in wanted]
    )
    matched = (
        answers.select("row_id", "specialist_id", "submitted_at")
        .join(spells, left_on="specialist_id", right_on=_spell("specialist_id"), how="inner")
        .filter(
            nw.col("submitted_at") >= nw.col("valid_from"),
            nw.col("valid_to").is_null() | (nw.col("submitted_at") < nw.col("valid_to")),
        )
        .select(
            "row_id",
            nw.col("specialist_id").alias(_spell("specialist_id")),
            *[_spell(name) for name in wanted if name != "specialist_id"],
        )
    )
    return answers.join(matched, on="row_id", how="left")
