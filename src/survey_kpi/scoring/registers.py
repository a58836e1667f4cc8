"""Registers that reports quote from, checked row by row: improvement actions and outside benchmarks.

Examples
--------
>>> check_actions(pd.DataFrame([{"action_id": "t1", "owner": "support", "due": None, "indicator": "A09"}]))
Traceback (most recent call last):
survey_kpi.errors.SpecError: actions: action t1: the action has no due; ... [action_incomplete] ...
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pandas as pd

from survey_kpi.errors import Problem, SpecError, nearest
from survey_kpi.frames import rows_of

ACTION = ("owner", "due", "indicator")
"""What makes an action one: somebody, by a day, toward a number."""
PROVENANCE = ("source", "date", "n", "wording", "scale")
"""Without these a number from outside cannot be compared with one's own."""


def check_actions(actions: pd.DataFrame, indicators: Collection[str] | None = None) -> None:
    """Refuse actions that nobody owns, that are never due, or that aim at no indicator.

    Parameters
    ----------
    actions
        Table `actions`; columns that are absent count as empty.
    indicators
        Indicators of the study; without them the names are not checked.

    Raises
    ------
    SpecError
        `action_incomplete`, one problem for each field that is missing; `unknown_name`.
    """
    problems = [problem for row in rows_of(actions) for problem in _action(row, indicators)]
    if problems:
        raise SpecError.collect(problems)


def _action(row: Mapping[str, Any], indicators: Collection[str] | None) -> Iterator[Problem]:
    where = f"actions: action {row.get('action_id', '')}"
    for name in ACTION:
        if _empty(row.get(name)):
            hint = "an action has an owner, a day and an indicator that shows whether it helped"
            what = f"the action has no {name}"
            yield Problem(code="action_incomplete", where=where, what=what, expected=name, hint=hint)
    indicator = row.get("indicator")
    if indicators is not None and not _empty(indicator) and indicator not in indicators:
        what = "the action aims at an indicator that is not declared"
        yield Problem(
            code="unknown_name",
            where=where,
            what=what,
            got=repr(indicator),
            hint=nearest(indicator, indicators),
        )


def check_benchmarks(benchmarks: pd.DataFrame) -> None:
    """Refuse numbers from outside that do not say where they come from.

    Parameters
    ----------
    benchmarks
        Table `benchmarks`; columns that are absent count as empty.

    Raises
    ------
    SpecError
        `benchmark_provenance`, naming each field that is missing: source, date, n, wording, scale.
    """
    problems = [problem for row in rows_of(benchmarks) for problem in _benchmark(row)]
    if problems:
        raise SpecError.collect(problems)


def _benchmark(row: Mapping[str, Any]) -> Iterator[Problem]:
    for name in PROVENANCE:
        if _empty(row.get(name)):
            yield Problem(
                code="benchmark_provenance",
                where=f"benchmarks: {row.get('indicator', '')}",
                what=f"the benchmark does not state its {name}",
                expected=name,
                hint="without source, date, n, wording and scale it is not shown beside the own value",
            )


def _empty(value: Any) -> bool:
    return bool(pd.isna(value)) or (isinstance(value, str) and not value.strip())
