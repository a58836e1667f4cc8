"""Scores and decisions person by person: the numbers that the evaluation does not keep as facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_kpi.evaluation.appraisal.numbers import amount, appraisal_key
from survey_kpi.evaluation.appraisal.sources import Sources
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.tables import scored_measure
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicators import INDICATORS


def names_of(sources: Sources) -> Mapping[str, str]:
    """Return the name of each specialist by code, as their latest spell has it."""
    if not sources.has("specialists"):
        return {}
    spells = sources.table("specialists", "specialist_id", "name", "valid_from")
    latest = spells.sort_values("valid_from", kind="stable").drop_duplicates("specialist_id", keep="last")
    return {str(row.specialist_id): str(row.name) for row in rows_of(latest) if isinstance(row["name"], str)}


def people_facts(evaluation: Evaluation) -> Iterator[Fact]:
    """Yield targets, contributions, bases, and how many bands the evidence moves."""
    period = str(evaluation.period)
    parts, decisions = evaluation.score_parts, evaluation.decisions
    units = {name: _unit(evaluation, name) for name in parts["indicator"].unique()}
    for row in rows_of(parts):
        scope = f"{row.indicator}~{row.subject}"
        yield amount(period, "target", row.target, units[row.indicator], "target in force", scope)
        depends = (fact_key(period, "score", f"attainment_{row.indicator}", row.subject),)
        formula = "weight used x attainment"
        yield amount(period, "contribution", row.contribution, "score", formula, scope, depends=depends)
    for row in rows_of(decisions):
        formula = "fewest answers among the indicators that carry four fifths of the weight"
        yield amount(period, "base", row.base, "count", formula, row.subject)
        formula = "p value of the test that nothing moved within the pooled quarters"
        yield amount(period, "drift", row.drift, "share", formula, row.subject)
    few = int((parts["reason"] != "").sum())
    yield amount(period, "values_few", few, "count", "values of people that do not count, with a reason each")
    moved = decisions["proposed"] != decisions["last"]
    cut = decisions["cut"].astype(bool)
    counts = {"moved": int(moved.sum()), "cuts": int(cut.sum()), "raised": int((moved & ~cut).sum())}
    for name, value in counts.items():
        yield amount(period, f"decisions_{name}", value, "count", f"drafts of decisions: {name}")


def _unit(evaluation: Evaluation, indicator: str) -> str:
    """Unit of the scored measure of an indicator."""
    sheet = evaluation.study.indicator(indicator)
    return INDICATORS[sheet.kpi].measure(scored_measure(sheet)).unit


def contribution_key(period: object, indicator: str, subject: str) -> str:
    """Return the key of what an indicator adds to a person's score."""
    return appraisal_key(period, "contribution", f"{indicator}~{subject}")


def deciding_periods(evaluation: Evaluation) -> Mapping[str, str]:
    """Return, by subject, the period whose scores decide: this one, or the pooled four quarters."""
    pooled = "".join(evaluation.pool["period"].unique()[:1])
    return {
        row.subject: pooled if row.pooled and pooled else str(evaluation.period)
        for row in rows_of(evaluation.decisions)
    }
