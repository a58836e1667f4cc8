"""Pairwise judgements as they arrive: rows per expert or square tables, checked cell by cell.

A judgement a(i, j) says how many times as important indicator i is as indicator j; a(j, i) = 1 / a(i, j).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, Problem, nearest
from survey_kpi.indicator_weights.result import Diagnostic, Matrix
from survey_kpi.indicator_weights.table import numbers

RECIPROCAL_TOLERANCE = 1e-8
LARGEST = 1e12  # far beyond any scale; larger ratios cannot be told from a slip of the keyboard


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judgements:
    """The matrices of several experts, and what reading them noticed.

    Parameters
    ----------
    matrices
        One square table per expert, labels on both axes, NaN where a pair was not judged.
    notes
        `reciprocal_rounded`: a typed decimal that was read as the fraction it rounds.
    """

    matrices: Mapping[str, pd.DataFrame]
    notes: tuple[Diagnostic, ...] = ()


def judgement_matrices(rows: pd.DataFrame, labels: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Turn rows (expert_id, row, column, value) into one complete matrix per expert.

    Raises
    ------
    MethodError
        As `read_judgements`.
    """
    return dict(read_judgements(rows, labels).matrices)


def read_judgements(rows: pd.DataFrame, labels: Sequence[str], *, complete: bool = True) -> Judgements:
    """Turn rows (expert_id, row, column, value) into one matrix per expert.

    Parameters
    ----------
    rows
        One judgement per row; either triangle may be given, the other follows by reciprocity. Where both
        cells of a pair are given, a decimal such as .33 is read as the 1/3 that it rounds.
    labels
        Indicators of the matrices, in order.
    complete
        Refuse experts who left pairs out; otherwise those cells are NaN.

    Raises
    ------
    MethodError
        `judgement_not_positive`, `contradictory_judgement`, `not_reciprocal`, `judgement_missing`,
        `judgement_unknown`, `expert_missing`; all mistakes of all experts at once.

    Examples
    --------
    >>> columns = ["expert_id", "row", "column", "value"]
    >>> rows = pd.DataFrame([("e1", "a", "b", 3), ("e1", "b", "a", 0.33)], columns=columns)
    >>> read = read_judgements(rows, ["a", "b"])
    >>> float(read.matrices["e1"].loc["b", "a"])
    0.3333333333333333
    >>> [note.code for note in read.notes]
    ['reciprocal_rounded']
    """
    problems = _nameless(rows)
    notes: list[Diagnostic] = []
    known = [str(label) for label in labels]
    matrices = {}
    for expert, group in rows.groupby("expert_id", sort=True):
        typed = _typed(str(expert), group, known, problems)
        matrices[str(expert)] = _square(str(expert), typed, known, problems, notes, complete=complete)
    if problems:
        raise MethodError.collect(problems)
    return Judgements(matrices=matrices, notes=tuple(notes))


def _nameless(rows: pd.DataFrame) -> list[Problem]:
    """Judgements without an expert, which would otherwise vanish from the groups."""
    return [
        Problem(
            code="expert_missing",
            where=f"judgements: {left} against {right}",
            what="the row does not say whose judgement it is",
            expected="an expert_id",
        )
        for left, right in rows.loc[rows["expert_id"].isna(), ["row", "column"]].itertuples(index=False)
    ]


def _typed(
    expert: str, rows: pd.DataFrame, labels: list[str], problems: list[Problem]
) -> dict[tuple[str, str], float]:
    """Cells as typed, each once."""
    cells: dict[tuple[str, str], float] = {}
    values = pd.to_numeric(rows["value"], errors="coerce")
    for left, right, value in zip(rows["row"], rows["column"], values, strict=True):
        where = f"expert {expert}: {left} against {right}"
        known = 1.0 if left == right else cells.get((left, right), value)
        problem = _unfit(where, [left, right], value, labels) or _differs(where, value, known)
        if problem:
            problems.append(problem)
        elif left != right:
            cells[left, right] = float(value)
    return cells


def _unfit(where: str, names: list[str], value: float, labels: list[str]) -> Problem | None:
    unknown = [name for name in names if name not in labels]
    if unknown:
        return Problem(
            code="judgement_unknown",
            where=where,
            what="the judgement names an indicator that is not scored",
            got=unknown[0],
            hint=nearest(unknown[0], labels),
        )
    return None if _usable(value) else _not_positive(where, value)


def _usable(value: float) -> bool:
    return 1 / LARGEST <= value <= LARGEST


def _not_positive(where: str, value: float) -> Problem:
    return Problem(
        code="judgement_not_positive",
        where=where,
        what="the judgement is not a positive number of a sensible size",
        got=value,
        expected=f"{1 / LARGEST:g} to {LARGEST:g}",
    )


def _differs(where: str, value: float, known: float) -> Problem | None:
    if math.isclose(known, value, rel_tol=RECIPROCAL_TOLERANCE):
        return None
    return Problem(
        code="contradictory_judgement",
        where=where,
        what="the pair was judged twice with different answers",
        got=f"{value:g} and {known:g}",
        expected="one judgement per pair",
    )


def _square(
    expert: str,
    typed: Mapping[tuple[str, str], float],
    labels: list[str],
    problems: list[Problem],
    notes: list[Diagnostic],
    *,
    complete: bool,
) -> pd.DataFrame:
    matrix = np.full((len(labels), len(labels)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for i, j in pairs(len(labels)):
        there, back = typed.get((labels[i], labels[j])), typed.get((labels[j], labels[i]))
        where = f"expert {expert}: {labels[i]} against {labels[j]}"
        if there is not None and back is not None:
            matrix[i, j], matrix[j, i] = reconciled(where, there, back, problems, notes)
        elif there is not None or back is not None:
            matrix[i, j] = there if there is not None else 1 / (back or 1)
            matrix[j, i] = back if back is not None else 1 / (there or 1)
        elif complete:
            what, expected = "the pair was not judged", "one judgement per pair"
            problems.append(Problem(code="judgement_missing", where=where, what=what, expected=expected))
    return pd.DataFrame(matrix, index=labels, columns=labels)


def pairs(size: int) -> Iterator[tuple[int, int]]:
    """Cells above the diagonal, row by row."""
    return ((i, j) for i in range(size) for j in range(i + 1, size))


def reconciled(
    where: str, there: float, back: float, problems: list[Problem], notes: list[Diagnostic]
) -> tuple[float, float]:
    """Return the two cells of a pair as exact reciprocals, and note or refuse what was typed.

    Two judgements on the same side of 1 contradict each other; otherwise cells that are not reciprocal are
    a mistake of arithmetic, unless one is the other's reciprocal rounded to the digits typed.
    """
    if abs(there * back - 1) <= RECIPROCAL_TOLERANCE:
        return there, back
    if rounds_reciprocal(back, there) or rounds_reciprocal(there, back):
        rounded, whole = min(there, back), max(there, back)
        said = f"{where}: the typed {rounded:g} is read as 1/{whole:g}"
        notes.append(Diagnostic(code="reciprocal_rounded", message=said, value=rounded))
        return (whole, 1 / whole) if there == whole else (1 / whole, whole)
    same_side = (there > 1) == (back > 1) and 1 not in (there, back)
    problems.append(
        Problem(
            code="contradictory_judgement" if same_side else "not_reciprocal",
            where=where,
            what="each of the pair is judged the more important, or the less"
            if same_side
            else "the two cells of the pair are not reciprocal",
            got=f"{there:g} and {back:g}",
            expected=f"{there:g} and {1 / there:g}",
        )
    )
    return there, back


def rounds_reciprocal(typed: float, opposite: float) -> bool:
    """Tell whether a typed decimal below 1 is 1 / opposite, rounded to the digits typed; ties either way.

    Examples
    --------
    >>> [rounds_reciprocal(*cells) for cells in [(0.33, 3), (0.12, 8), (0.13, 8), (0.5, 3), (0.25, 3)]]
    [True, True, True, False, False]
    """
    if not 0 < typed < 1 < opposite:
        return False
    step = Decimal(1).scaleb(int(Decimal(repr(float(typed))).as_tuple().exponent))
    gap = abs(Decimal(repr(float(typed))) * Decimal(repr(float(opposite))) - 1)
    return gap <= step / 2 * Decimal(repr(float(opposite)))


def checked_judgements(
    judgements: pd.DataFrame, *, where: str, missing: bool = False
) -> tuple[Matrix, tuple[Diagnostic, ...]]:
    """Return a square table as floats with exact reciprocals, or name every cell that is unfit.

    Parameters
    ----------
    judgements
        The same labels on both axes, positive, 1 on the diagonal.
    where
        Name of the matrix in messages.
    missing
        Allow NaN in both cells of a pair; one given cell then fills the other.

    Raises
    ------
    MethodError
        `not_square`, `labels_repeated`, `judgement_not_positive`, `not_reciprocal`,
        `contradictory_judgement`.
    """
    matrix = numbers(judgements).copy()
    labels = [str(column) for column in judgements.columns]
    if matrix.shape[0] != matrix.shape[1] or list(map(str, judgements.index)) != labels or not labels:
        raise MethodError(
            "not_square",
            where=where,
            what="a pairwise matrix has the same labels on both axes",
            got=f"{matrix.shape[0]} x {matrix.shape[1]}",
        )
    if len(set(labels)) < len(labels):
        got = ", ".join(sorted({label for label in labels if labels.count(label) > 1}))
        what = "every indicator needs a name of its own"
        raise MethodError("labels_repeated", where=where, what=what, got=got)
    problems: list[Problem] = []
    notes: list[Diagnostic] = []
    if missing:
        matrix = np.where(np.isnan(matrix), 1 / matrix.T, matrix)
    unfit = ~((matrix >= 1 / LARGEST) & (matrix <= LARGEST)) & ~(missing & np.isnan(matrix))
    problems += [
        _not_positive(f"{where}: {labels[i]} against {labels[j]}", float(matrix[i, j]))
        for i, j in zip(*np.nonzero(unfit), strict=True)
    ]
    for i in np.flatnonzero(~unfit.diagonal() & (np.abs(matrix.diagonal() - 1) > RECIPROCAL_TOLERANCE)):
        at, what = f"{where}: {labels[i]} against itself", "an indicator is as important as itself"
        problems.append(Problem(code="not_reciprocal", where=at, what=what, got=matrix[i, i], expected=1))
    fit = np.where(unfit | unfit.T, 1.0, matrix)
    off = np.triu(np.abs(fit * fit.T - 1) > RECIPROCAL_TOLERANCE, 1)
    for i, j in zip(*np.nonzero(off), strict=True):
        cells = reconciled(
            f"{where}: {labels[i]} against {labels[j]}", matrix[i, j], matrix[j, i], problems, notes
        )
        matrix[i, j], matrix[j, i] = cells
    if problems:
        raise MethodError.collect(problems)
    return matrix, tuple(notes)
