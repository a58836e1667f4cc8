"""Suppression of small bases, with further cells hidden so that none can be recomputed from a total.

Examples
--------
>>> suppress([40, 25, 8, 27]).tolist()
[False, True, True, False]
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import linalg

from survey_kpi.errors import MethodError
from survey_kpi.numeric import BoolArray, FloatArray, IntArray

MINIMUM_BASE: Final = 10


def suppress(counts: npt.ArrayLike, *, minimum: int = MINIMUM_BASE) -> BoolArray:
    """Which cells of a table with printed totals to hide.

    Cells below the minimum are hidden; then, as long as the totals give a hidden cell away, one more cell
    of its row or column is: one that crosses hidden cells already if there is one, and the smallest.

    Parameters
    ----------
    counts
        Bases, one axis (with a printed total) or two (with printed row and column totals).
    minimum
        Smallest base that may be printed.

    Returns
    -------
    numpy.ndarray
        True where the cell is hidden. A table of one cell has nothing to hide behind.

    Raises
    ------
    MethodError
        `counts_invalid`: negative or missing; `table_shape`: not one or two axes.

    Notes
    -----
    Primary and complementary cell suppression, Willenborg and de Waal (2001), Elements of Statistical
    Disclosure Control, chapter 4. Ties go to the first cell, so equal input hides equal cells.

    Examples
    --------
    >>> suppress([[40, 8, 30], [25, 50, 60], [70, 45, 80]]).astype(int).tolist()
    [[0, 1, 1], [0, 0, 0], [0, 1, 1]]
    >>> suppress([40, 25, 27]).tolist()
    [False, False, False]
    """
    table = np.asarray(counts, dtype=float)
    if table.ndim not in (1, 2):
        raise MethodError(
            "table_shape",
            where="suppression",
            what="a table has one or two axes",
            got=table.ndim,
            expected="1 or 2",
        )
    if not np.all(table >= 0):
        raise MethodError("counts_invalid", where="suppression", what="a base is negative or missing")
    square = np.atleast_2d(table)
    hidden = square < minimum
    while (place := _next(square, hidden, table.ndim)) is not None:
        hidden[place] = True
    return hidden.reshape(table.shape)


def exposed(hidden: npt.ArrayLike) -> IntArray:
    """Positions (cells, axes) of hidden cells that the printed totals determine.

    Examples
    --------
    >>> exposed([[True, True, False], [False, False, False]]).tolist()
    [[0, 0], [0, 1]]
    """
    mask = np.asarray(hidden, dtype=bool)
    cells = np.argwhere(np.atleast_2d(mask))
    if not cells.size:
        return cells
    totals = [cells[:, [axis]] == np.arange(size) for axis, size in enumerate(np.atleast_2d(mask).shape)]
    free = linalg.null_space(np.hstack(totals[: mask.ndim]).T.astype(float))
    determined: BoolArray = np.abs(free).max(axis=1, initial=0) < 1e-9
    return cells[determined].astype(np.int64)


def _next(table: FloatArray, hidden: BoolArray, axes: int) -> tuple[int, int] | None:
    """Find the cell to hide next, None when nothing is given away or nothing is left to hide."""
    given_away = exposed(hidden[0] if axes == 1 else hidden)
    choices = [
        (int(line.sum()), axis, tuple(cell))
        for cell in given_away.tolist()
        for axis, line in enumerate((hidden[cell[0]], hidden[:, cell[1]])[:axes])
        if not line.all()
    ]
    if not choices:
        return None
    _, axis, (row, column) = min(choices)
    if axis == 0:
        return row, _partner(table[row], hidden[row], hidden.sum(axis=0) > 0)
    return _partner(table[:, column], hidden[:, column], hidden.sum(axis=1) > 0), column


def _partner(values: FloatArray, hidden: BoolArray, crossing: BoolArray) -> int:
    """Smallest printed cell of a line, before others one whose crossing line has hidden cells."""
    order = np.lexsort((values, ~crossing, hidden))
    return int(order[0])


def printable_group(people: int, *, minimum: int = 5) -> bool:
    """Whether a group has enough different people for figures about it to be shown.

    Examples
    --------
    >>> printable_group(5), printable_group(4)
    (True, False)
    """
    return people >= minimum
