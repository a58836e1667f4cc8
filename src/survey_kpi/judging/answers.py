"""Answers of experts as they stand in files, before anyone judges whether they can be used."""

from __future__ import annotations

import math
from dataclasses import dataclass

from survey_kpi.judging.questions import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One cell of one expert.

    Parameters
    ----------
    expert
        Whose answer it is.
    row, column
        The pair judged, `value` saying how many times as important `row` is; for importance scores `row` is
        the indicator and `column` is empty.
    value
        NaN where the cell cannot be understood; it is then told and not written.
    typed, where
        What stands in the file, and where.
    doubt
        "", `not_understood`, `contradictory` (the cells of one answer disagree), `half_answered` or
        `out_of_scale`.
    """

    expert: str
    row: str
    column: str = ""
    value: float = math.nan
    typed: str = ""
    where: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The answers of one file.

    Parameters
    ----------
    file
        Its name.
    kind
        Pairs, or importance scores.
    experts
        Everybody whose answers the file holds, those who left all cells empty too, with their place in it;
        somebody who stands there twice is listed twice.
    answers
        Cells that hold something.
    notes
        What reading noticed about the file as a whole.
    """

    file: str
    kind: Kind
    experts: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()
