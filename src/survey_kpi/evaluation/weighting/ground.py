"""What is weighed: subjects by code, their values and attainments, and the generators of all draws."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.evaluation import tables
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.indicators import INDICATORS
from survey_kpi.scoring.attainment import attainment
from survey_kpi.study.models import IndicatorSheet, Study

SEED_DIGITS = 8
RATIO_UNITS = frozenset({"percent", "count", "hours", "money", "share"})
NATURAL_ENDS = {"percent": (0.0, 100.0), "points": (-100.0, 100.0)}
"""Ends of a scale that follow from its unit: shares, and NPS."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """Complete tables of the subjects that are measured on every scored indicator.

    Parameters
    ----------
    scored
        Indicators in the order of the rules.
    values, errors
        Codes x indicators: measured value and its standard error.
    points, point_errors
        The same on the scale of attainment, more is better.
    direction
        "higher" or "lower" per indicator.
    codes
        Code by subject, over all evaluated subjects.
    attain
        Maps a table of values to attainments.
    """

    scored: tuple[str, ...]
    values: pd.DataFrame
    errors: pd.DataFrame
    points: pd.DataFrame
    point_errors: pd.DataFrame
    direction: Mapping[str, str]
    codes: pd.Series
    attain: Callable[[pd.DataFrame], pd.DataFrame]


def ground(evaluation: Evaluation) -> Ground:
    """Gather what an evaluation holds about the evaluated subjects."""
    study = evaluation.study
    subjects = tables.evaluated_subjects(evaluation.estimates, study, evaluation.period)
    codes = subject_codes(study, sorted(set(subjects["subject"])))
    matrix = tables.score_matrix(subjects, study)
    scored = list(study.rules.scored)
    errors = (
        subjects.set_index(["subject", "indicator"])["std_error"].unstack()  # noqa: PD010  one per cell
        .reindex(index=matrix.index, columns=scored).fillna(0.0)
    )  # fmt: skip
    order = codes[matrix.index].sort_values()
    values, errors = (
        table.loc[order.index].set_axis(order.to_list(), axis=0).rename_axis(index=None, columns=None)
        for table in (matrix, errors)
    )
    attain = _attainments(study)
    points = attain(values)
    return Ground(
        scored=tuple(scored),
        values=values,
        errors=errors,
        points=points,
        point_errors=(attain(values + errors) - attain(values - errors)).abs() / 2,
        direction=tables.directions(study),
        codes=codes,
        attain=attain,
    )


def _attainments(study: Study) -> Callable[[pd.DataFrame], pd.DataFrame]:
    goals = [tables.goal_of(study.indicator(name)) for name in study.rules.scored]

    def attain(values: pd.DataFrame) -> pd.DataFrame:
        columns = {
            goal.indicator: attainment(
                values[goal.indicator].to_numpy(dtype="float64"),
                goal.target,
                rule=study.rules.score,
                direction=goal.direction,
                anchor=goal.anchor,
            )
            for goal in goals
        }
        return pd.DataFrame(columns, index=values.index)

    return attain


def subject_codes(study: Study, subjects: list[str]) -> pd.Series:
    """Return a code for every subject: P01, P02, … for people, the group's own name otherwise.

    People are numbered in the order of a hash, so that neither name, nor number, nor rank shows.
    """
    level = tables.evaluated_level(study)
    if level is None or not level.people:
        prefix = f"{level.id}:" if level else ""
        return pd.Series({subject: subject.removeprefix(prefix) for subject in subjects}, dtype=object)
    order = sorted(subjects, key=lambda subject: _digest(f"{study.study.name}/{subject}"))
    width = max(2, len(str(len(order))))
    return pd.Series({subject: f"P{place:0{width}d}" for place, subject in enumerate(order, 1)}, dtype=object)


def interval_scales(study: Study) -> tuple[str, ...]:
    """Return the scored indicators whose zero is a convention: NPS, means of a rating scale."""
    return tuple(name for name in study.rules.scored if _unit(study.indicator(name)) not in RATIO_UNITS)


def declared_ends(study: Study) -> dict[str, tuple[float, float]] | None:
    """Return both ends of every scored indicator's scale, None where one is not declared."""
    ends = {}
    for name in study.rules.scored:
        sheet = study.indicator(name)
        scale = study.codebook.scale_of(study.codebook.item(sheet.item)) if sheet.item else None
        if (unit := _unit(sheet)) in NATURAL_ENDS:
            ends[name] = NATURAL_ENDS[unit]
        elif unit == "score" and scale is not None:
            ends[name] = (scale.low, scale.high)
    return ends if len(ends) == len(study.rules.scored) else None


def _unit(sheet: IndicatorSheet) -> str:
    return INDICATORS[sheet.kpi].measure(tables.scored_measure(sheet)).unit


def seed_of(*content: str) -> int:
    """Return a seed that depends on the content and nothing else.

    Examples
    --------
    >>> seed_of("data", "2026Q3")
    1242372092
    """
    return int(_digest("\n".join(content))[:SEED_DIGITS], 16)


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one section, so that sections never disturb each other's draws."""
    return np.random.default_rng([seed, int(_digest(name)[:SEED_DIGITS], 16)])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
