"""Margins to calibrate to: variables and their targets, checked against each other before any weight moves.

All problems of all margins are collected into one error.

Examples
--------
>>> margins = check_margins(3, {"sex": ["m", "f", "f"]}, {"sex": {"f": .5, "m": .5}}, None)
>>> margins[0].levels, margins[0].target.tolist(), margins[0].code.tolist()
(('m', 'f'), [0.5, 0.5], [0, 1, 1])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from survey_kpi.errors import MethodError, Problem, nearest
from survey_kpi.numeric import FloatArray, IntArray

TOLERANCE: Final = 1e-6
"""How far a margin may stay from its target, as a share of the whole."""

Variables: TypeAlias = Mapping[str, npt.ArrayLike]
Targets: TypeAlias = Mapping[str, Mapping[Any, float]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Margin:
    """One variable: its name, its levels, their targets, and the level of each row or cell."""

    name: str
    levels: tuple[object, ...]
    target: FloatArray
    code: IntArray


def check_margins(rows: int, variables: Variables, targets: Targets, total: float | None) -> list[Margin]:
    """Code each variable by row, with the target of each of its levels.

    Raises
    ------
    MethodError
        `margin_missing`, `margin_levels`, `margins_disagree`, `rows_differ`; see `rake`.
    """
    problems = _unmatched(variables, targets)
    coded = {name: pd.factorize(pd.Series(variables[name])) for name in variables if name in targets}
    for name, (code, levels) in coded.items():
        problems += _problems(name, code, levels, targets[name], rows)
    problems += total_problems({name: targets[name] for name in coded}, total)
    if problems:
        raise MethodError.collect(problems)
    return [_margin(name, code, levels, targets[name]) for name, (code, levels) in coded.items()]


def _unmatched(variables: Variables, targets: Targets) -> list[Problem]:
    """Name what stands only in the variables or only in the targets."""
    lonely = [(name, "target", list(targets)) for name in variables if name not in targets]
    lonely += [(name, "variable", list(variables)) for name in targets if name not in variables]
    return [
        Problem(
            code="margin_levels",
            where=f"margin '{name}'",
            what=f"the margin has no {missing}",
            hint=nearest(name, known),
        )
        for name, missing, known in lonely
    ]


def _problems(
    name: str, code: IntArray, levels: Iterable[Any], target: Mapping[Any, float], rows: int
) -> list[Problem]:
    where = f"margin '{name}'"
    if len(code) != rows:
        what = "wrong number of rows"
        return [Problem(code="rows_differ", where=where, what=what, got=len(code), expected=rows)]
    found = []
    empty = int((code < 0).sum())
    if empty:
        found.append(
            Problem(
                code="margin_missing",
                where=where,
                what="rows without a category cannot be raked",
                got=f"{empty} of {rows} rows",
                expected="a category in every row",
                hint="give them a category of their own with its target, or set the rows aside",
            )
        )
    return found + _level_problems(where, set(levels), target)


def _level_problems(where: str, present: set[Any], target: Mapping[Any, float]) -> list[Problem]:
    wanted = {level for level, share in target.items() if share > 0}
    differences = (
        (present - wanted, "categories of the sample have no target above 0"),
        (wanted - present, "categories with a target do not occur in the sample"),
    )
    return [
        Problem(
            code="margin_levels",
            where=where,
            what=what,
            got=", ".join(sorted(map(repr, levels))),
            hint="merge categories until the sample and the targets name the same ones",
        )
        for levels, what in differences
        if levels
    ]


def total_problems(targets: Targets, total: float | None) -> list[Problem]:
    """Refuse negative targets and margins whose sums differ from the total (1 for shares)."""
    expected = 1.0 if total is None else total
    sums = {name: float(np.sum(list(target.values()))) for name, target in targets.items()}
    wrong = [name for name, found in sums.items() if not abs(found - expected) <= TOLERANCE * expected]
    wrong += [name for name, target in targets.items() if not all(share >= 0 for share in target.values())]
    if not wrong:
        return []
    return [
        Problem(
            code="margins_disagree",
            where="margins " + ", ".join(f"'{name}'" for name in dict.fromkeys(wrong)),
            what="targets must be numbers from 0 up with one and the same sum",
            got=", ".join(f"{name} {found:.9g}" for name, found in sums.items()),
            expected=f"{expected:.9g} for every margin",
            hint="give shares that sum to 1, or counts together with their total",
        )
    ]


def _margin(name: str, code: IntArray, levels: Iterable[Any], target: Mapping[Any, float]) -> Margin:
    names = tuple(levels)
    return Margin(
        name=name,
        levels=names,
        target=np.array([target[level] for level in names], dtype=float),
        code=code.astype(np.int64, copy=False),
    )
