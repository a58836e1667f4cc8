"""From an evaluation to the working papers of its appraisal: its rows once more, one function per part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from survey_kpi.evaluation.appraisal.colleagues import colleague_facts, colleagues
from survey_kpi.evaluation.appraisal.evidence import evidence
from survey_kpi.evaluation.appraisal.goals import goal_facts, goal_papers
from survey_kpi.evaluation.appraisal.improvement import improve
from survey_kpi.evaluation.appraisal.incidents import incident_facts, incidents
from survey_kpi.evaluation.appraisal.indicator_audit import audit_indicators
from survey_kpi.evaluation.appraisal.listings import list_rows
from survey_kpi.evaluation.appraisal.money import money_facts
from survey_kpi.evaluation.appraisal.numbers import by_key
from survey_kpi.evaluation.appraisal.people import names_of, people_facts
from survey_kpi.evaluation.appraisal.plan import plan_balance, plan_facts
from survey_kpi.evaluation.appraisal.result import Appraisal
from survey_kpi.evaluation.appraisal.risk import assess_risk
from survey_kpi.evaluation.appraisal.sources import open_sources
from survey_kpi.evaluation.appraisal.standing import standing, standing_facts
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.rewards import rewards_of
from survey_kpi.facts import Fact


def appraise(evaluation: Evaluation) -> Appraisal:
    """Lay out what the analyst and the committee need to decide about people.

    Parameters
    ----------
    evaluation
        Of `survey_kpi.evaluation.evaluate`.

    Returns
    -------
    Appraisal
        Names people with their figures; nothing in it is decided, and every number is a fact.

    Raises
    ------
    SchemaError, SpecError
        As `evaluate`: the files of the study are read again.
    """
    sources = open_sources(evaluation)
    found = Appraisal(
        evaluation=evaluation,
        names=names_of(sources),
        goals=goal_papers(evaluation),
        colleagues=colleagues(sources),
        incidents=incidents(sources),
        rewards=rewards_of(evaluation),
        standing=standing(evaluation),
        balance=plan_balance(evaluation),
        improvement=improve(sources),
        audit=audit_indicators(sources),
        listings=list_rows(sources),
        evidence=evidence(sources),
        risk=assess_risk(sources),
        declared=frozenset(sources.frames),
        facts={},
    )
    return replace(found, facts=by_key(_facts(found)))


def _facts(found: Appraisal) -> Iterator[Fact]:
    """Yield every number of the parts."""
    evaluation = found.evaluation
    period = evaluation.period
    yield from people_facts(evaluation)
    yield from goal_facts(evaluation, found.goals)
    yield from colleague_facts(period, found.colleagues)
    yield from incident_facts(period, found.incidents)
    yield from money_facts(evaluation, found.rewards)
    yield from standing_facts(evaluation, found.standing)
    yield from plan_facts(evaluation, found.balance)
    for part in (found.improvement, found.audit, found.listings, found.evidence, found.risk):
        yield from part.facts.values()
