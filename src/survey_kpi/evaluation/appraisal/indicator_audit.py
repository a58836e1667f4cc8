"""Which of the study's indicators earn their place: all that have figures of people, under audit.

Correlations, reliability and coverage are those of the people evaluated, in the period. The shortlist treats
all indicators as equally important, so that it does not merely repeat the weights that the study already has;
the influence on ranks is that in the study's own score, with its own weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.estimate import State
from survey_kpi.evaluation.appraisal.numbers import amount, by_key
from survey_kpi.evaluation.appraisal.sources import Sources
from survey_kpi.evaluation.appraisal.trainings import evaluated_people, usable_errors
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.tables import headline_measure
from survey_kpi.evaluation.weighting.audit import mean_reliability
from survey_kpi.facts import Fact
from survey_kpi.indicators import INDICATORS
from survey_kpi.period import Period
from survey_kpi.scoring.audit import AuditRow, Facts, audit
from survey_kpi.scoring.balance import Burden, effective_number

NOT_SCORED = "the indicator is not in the score"
UNKNOWN_ERROR = "its figures carry no standard error"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndicatorAudit:
    """The audit of a study's indicators.

    Parameters
    ----------
    rows
        One per indicator with figures of people, in the order of the study; empty where `reason` says why:
        "no_people", "too_few_people", "too_few_indicators".
    influence
        Mean absolute change of people's ranks without the indicator, by scored indicator.
    unseen
        Indicators of the study without a figure of any person in the period.
    people
        People with a figure on some indicator.
    burden
        Hours that measuring costs, of all indicators of the study.
    scored, effective
        Indicators in the score, and the number of equal weights that would be as concentrated; NaN without
        weights.
    """

    rows: tuple[AuditRow, ...]
    influence: Mapping[str, float]
    unseen: tuple[str, ...]
    people: int
    burden: Burden
    scored: int
    effective: float
    facts: Mapping[str, Fact]
    reason: str = ""

    @property
    def shortlist(self) -> tuple[AuditRow, ...]:
        """Indicators proposed to be kept, largest weight first."""
        kept = [row for row in self.rows if row.shortlisted]
        return tuple(sorted(kept, key=lambda row: (-row.weight, row.indicator)))


def audit_indicators(sources: Sources) -> IndicatorAudit:
    """Audit every indicator of the study that has figures of people in the period."""
    evaluation = sources.evaluation
    sheets = evaluation.study.indicators.indicators
    values, errors = _figures(evaluation)
    names = [sheet.id for sheet in sheets if sheet.id in values and values[sheet.id].notna().any()]
    values = values[names]
    weights = evaluation.weighting.combined
    rows, reason = _audited(evaluation, values, errors)
    burden = Burden(hours={sheet.id: sheet.cost_hours for sheet in sheets})
    found = IndicatorAudit(
        rows=rows,
        influence=_influence(evaluation),
        unseen=tuple(sheet.id for sheet in sheets if sheet.id not in names),
        people=len(values),
        burden=burden,
        scored=len(evaluation.study.rules.scored),
        effective=effective_number(list(weights.values.values())) if weights else math.nan,
        facts={},
        reason=reason,
    )
    return replace(found, facts=by_key(_facts(sources.period, found)))


def _figures(evaluation: Evaluation) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return figures, and their standard errors, people x indicators; more is better in every column."""
    study = evaluation.study
    people = evaluated_people(study.study.levels, study.study.evaluate)
    if people is None:
        return pd.DataFrame(), pd.DataFrame()
    table = evaluation.estimates
    headline = {sheet.id: headline_measure(sheet) for sheet in study.indicators.indicators}
    mine = table[
        (table["level"] == people.id)
        & (table["period"] == str(evaluation.period))
        & (table["state"] == State.MEASURED)
        & (table["measure"] == table["indicator"].map(headline))
    ]
    known = mine.assign(std_error=usable_errors(mine))
    values, errors = (
        known.pivot_table(index="subject", columns="indicator", values=name, dropna=False)
        for name in ("value", "std_error")
    )
    lower = [str(name) for name in values if study.indicator(str(name)).direction == "lower"]
    return values.assign(**{name: -values[name] for name in lower}), errors


def _audited(
    evaluation: Evaluation, values: pd.DataFrame, errors: pd.DataFrame
) -> tuple[tuple[AuditRow, ...], str]:
    if values.shape[1] == 0:
        return (), "no_people"
    if values.shape[1] == 1:
        return (), "too_few_indicators"
    sheets = [evaluation.study.indicator(str(name)) for name in values.columns]
    reliable = {sheet.id: _reliability(values[sheet.id], errors[sheet.id]) for sheet in sheets}
    known = Facts(
        reliability={name: value for name, value in reliable.items() if not math.isnan(value)},
        uncontrollable=frozenset(sheet.id for sheet in sheets if not INDICATORS[sheet.kpi].controllable),
        defined_on={sheet.id: sheet.defined_on for sheet in sheets if sheet.defined_on},
    )
    spread = values.std().where(lambda found: found > 0, 1.0)
    scale = (values - values.mean()) / spread
    equal = dict.fromkeys(map(str, values.columns), 1 / values.shape[1])
    try:
        return audit(scale, equal, facts=known, today=evaluation.period.end), ""
    except MethodError:
        return (), "too_few_people"


def _reliability(values: pd.Series, errors: pd.Series) -> float:
    known = values.notna() & errors.notna()
    return mean_reliability(values[known], errors[known])


def _influence(evaluation: Evaluation) -> dict[str, float]:
    """Return the influence of each scored indicator on the ranks in the study's own score."""
    weights = evaluation.weighting.combined
    parts = evaluation.score_parts
    if weights is None or parts.empty:
        return {}
    table = parts.pivot_table(index="subject", columns="indicator", values="attainment", dropna=False)
    kept = [name for name in weights.values if name in table]
    try:
        rows = audit(table[kept], {name: weights.values[name] for name in kept})
    except MethodError:
        return {}
    return {row.indicator: row.influence for row in rows}


def _facts(period: Period, found: IndicatorAudit) -> Iterator[Fact]:
    counts = {
        "indicators": (len(found.rows), "indicators with figures of people"),
        "unseen": (len(found.unseen), "indicators without a figure of any person"),
        "people": (found.people, "people with a figure on some indicator"),
        "scored": (found.scored, "indicators in the score"),
        "shortlisted": (len(found.shortlist), "indicators on the shortlist"),
        "twins": (sum(bool(row.twin) for row in found.rows), "indicators with a twin, |r| > .9"),
        "hours_missing": (
            sum(hours is None for hours in found.burden.hours.values()),
            "indicators whose sheet does not state its hours",
        ),
    }
    for name, (value, formula) in counts.items():
        yield amount(period, f"audit_{name}", value, "count", formula)
    yield amount(
        period, "audit_effective", found.effective, "score", "1 / sum of squared indicator weights",
        reason="there are no indicator weights",
    )  # fmt: skip
    stated = [hours for hours in found.burden.hours.values() if hours is not None]
    total = found.burden.total if stated else None
    yield amount(period, "audit_hours", total, "hours", "sum of the stated hours", reason="not stated")
    for row in found.rows:
        yield from _row_facts(period, row, found)


def _row_facts(period: Period, row: AuditRow, found: IndicatorAudit) -> Iterator[Fact]:
    scope, people = row.indicator, "people evaluated"
    formula = "100 x people with a figure / people"
    yield amount(period, "audit_available", 100 * row.available, "percent", formula, scope, rows=people)
    formula = f"correlation with {row.twin}" if row.twin else "largest absolute correlation is at most .9"
    yield amount(period, "audit_twin_r", row.twin_r, "share", formula, scope, reason="no twin")
    formula = "variance between people / (that + mean squared standard error)"
    yield amount(period, "audit_reliability", row.reliability, "share", formula, scope, reason=UNKNOWN_ERROR)
    influence = found.influence.get(scope)
    formula = "mean absolute change of ranks in the score without it"
    yield amount(period, "audit_influence", influence, "score", formula, scope, reason=NOT_SCORED)
    age = None if row.age_days is None else float(row.age_days)
    formula = "days from the definition to the end of the period"
    yield amount(period, "audit_age", age, "days", formula, scope, reason="not stated")
    hours = found.burden.hours.get(scope)
    yield amount(period, "audit_cost", hours, "hours", "stated hours per quarter", scope, reason="not stated")
    if row.shortlisted:
        yield amount(period, "audit_weight", row.weight, "share", "own weight and that of its twins", scope)
        yield amount(period, "audit_gain", 100 * row.gain, "percent", "variance that it adds", scope)
