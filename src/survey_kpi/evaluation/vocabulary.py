"""The names that study files may use, gathered from the tables of the rooms below."""

from __future__ import annotations

from survey_kpi.cleaning import RULES
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG, HELPER, KEEP, VALID
from survey_kpi.indicator_weights import RANDOM_INDEX, WEIGHT_METHODS
from survey_kpi.indicators import INDICATORS, Indicator
from survey_kpi.indicators.cells import MONTH
from survey_kpi.indicators.designed import SUBJECT
from survey_kpi.readers import BASE_COLUMNS, READERS
from survey_kpi.readers.responses import OVERRIDABLE
from survey_kpi.sampling.lint import CHECKS
from survey_kpi.study.vocabulary import KpiWords, Vocabulary

CONFLATED = frozenset({"A31"})
"""Rows whose everyday name stands for several numbers: profiles that are complete, and that are accurate."""


def vocabulary() -> Vocabulary:
    """Return every name of a format, rule, KPI, weighting method, field and table."""
    from survey_kpi.evaluation.quality.gates import LIMITED  # noqa: PLC0415  that room opens studies itself

    return Vocabulary(
        formats=["auto", *READERS],
        rules={code: list(rule.params) for code, rule in RULES.items()},
        kpis={code: _words(indicator) for code, indicator in INDICATORS.items()},
        weight_methods={name: list(method.params) for name, method in WEIGHT_METHODS.items()},
        judgement_methods=_needing("judgements"),
        rating_methods=_needing("ratings"),
        random_indices=list(RANDOM_INDEX),
        fields=list(BASE_COLUMNS),
        overridable=OVERRIDABLE,
        reserved=(KEEP, EXCLUDED_BY, MONTH, SUBJECT),
        reserved_prefixes=(FLAG, VALID, HELPER),
        findings=list(CHECKS),
        gates=LIMITED,
    )


def _needing(what: str) -> list[str]:
    return [name for name, method in WEIGHT_METHODS.items() if method.needs == what]


def _words(indicator: Indicator) -> KpiWords:
    return KpiWords(
        measures={measure.name: measure.unit for measure in indicator.measures},
        families={measure.name: measure.family for measure in indicator.measures},
        headline=indicator.headline,
        roles=indicator.roles,
        default_anchor=indicator.default_anchor,
        declare=[name for name, default in indicator.params.items() if default is None],
        conflated=indicator.code in CONFLATED,
        controllable=indicator.controllable,
    )
