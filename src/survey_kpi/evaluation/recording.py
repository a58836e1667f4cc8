"""Every number of an evaluation as a fact: the one place where keys and formulas are composed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.evaluation.complaint_months import complaint_facts
from survey_kpi.evaluation.goal_results import goal_facts
from survey_kpi.evaluation.result import Evaluation, Weighting
from survey_kpi.evaluation.score_facts import Sources, score_facts
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicator_weights import WEIGHT_METHODS
from survey_kpi.indicators import COMPANY, Score
from survey_kpi.indicators.records import record_scans

KEPT = "answers kept by cleaning"
ESTIMATE = ("period", "indicator", "measure", "subject", "value", "n", "unit", "state", "reason")
INTERVAL = ("conf_low", "conf_high", "std_error", "method")
"""Columns of an estimate that its facts are made of, in the order in which they are read."""


def record(evaluation: Evaluation, scores: Sequence[Score]) -> Mapping[str, Fact]:
    """Return every number of an evaluation's tables by its key; `scores` define the measures."""
    period = str(evaluation.period)
    origins = {score.name: (score.measure.formula, KEPT) for score in scores}
    for scan in record_scans(evaluation.study.indicators.indicators):
        rows = f"rows of {', '.join(scan.view.tables)}"
        origins |= {score.name: (score.measure.formula, rows) for score in scan.scores}
    found = [
        *complaint_facts(evaluation.complaints, evaluation.period),
        *_estimates(evaluation.estimates, origins),
        *_comparisons(evaluation.comparisons, origins),
        *_weights(period, evaluation.weighting, Sources.of(evaluation)),
        *score_facts(evaluation),
        *goal_facts(evaluation.period, evaluation.goals),
        *_tiers(period, evaluation.tiers),
        *_histogram(period, evaluation.histogram),
        *_flow(period, evaluation.flow),
        *_reading(period, evaluation.intake, evaluation.rule_counts),
    ]
    return {fact.key: fact for fact in found}


def _estimates(estimates: pd.DataFrame, origins: Mapping[str, tuple[str, str]]) -> Iterator[Fact]:
    """Yield the facts of every estimate; `origins` give formula and rows of each measure.

    Column by column, because there are tens of thousands of them.
    """
    for period, indicator, measure, subject, value, n, unit, state, reason, *interval in zip(
        *(estimates[name].tolist() for name in (*ESTIMATE, *INTERVAL)), strict=True
    ):
        formula, source = origins[f"{indicator}.{measure}"]
        rows = f"{source}, {period}, {subject}"
        base = fact_key(period, indicator, measure, subject)
        yield Fact(
            key=base,
            value=value,
            unit=unit,
            state=State(state),
            reason=reason,
            formula=formula,
            filter=rows,
        )
        counted = f"{base}:n"
        what = "valid answers" if source == KEPT else "cases"
        yield Fact(key=counted, value=float(n), unit="count", formula=what, filter=rows)
        if state == State.MEASURED and not math.isnan(interval[0]):
            yield from _interval(base, unit, rows, (base, counted), *interval)


def _interval(
    base: str,
    unit: str,
    rows: str,
    depends: tuple[str, ...],
    low: float,
    high: float,
    std_error: float,
    method: str,
) -> Iterator[Fact]:
    """Yield the ends of an interval and the standard error, which medians do not have."""
    formula = f"of the 95 % interval: {method}"
    ends = (("low", low, f"low {formula}"), ("high", high, f"high {formula}"))
    for part, value, how in (*ends, ("se", std_error, "standard error")):
        if not math.isnan(value):
            key = f"{base}:{part}"
            yield Fact(key=key, value=value, unit=unit, formula=how, filter=rows, depends=depends)


def _comparisons(comparisons: pd.DataFrame, origins: Mapping[str, tuple[str, str]]) -> Iterator[Fact]:
    for row in rows_of(comparisons[comparisons["reason"] == ""]):
        _, source = origins[f"{row.indicator}.{row.measure}"]
        base = fact_key(row.period, row.indicator, row.measure, row.subject)
        earlier = fact_key(row.against, row.indicator, row.measure, row.subject)
        unit = "pp" if row.unit == "percent" else row.unit
        values = {
            "change": row.difference,
            "change_low": row.conf_low,
            "change_high": row.conf_high,
            "mdc": row.minimum_detectable,
        }
        for part, value in values.items():
            yield Fact(
                key=f"{base}:{part}",
                value=value,
                unit=unit,
                formula=f"{part}: {row.period} minus {row.against}, level {row.level_of_claim:.6g}",
                filter=f"{source}, {row.subject}",
                depends=(base, earlier),
            )
        if row.correlation:
            yield Fact(
                key=f"{base}:correlation",
                value=row.correlation,
                unit="share",
                formula=f"correlation of the values of {row.period} and {row.against}: same customers",
                filter=f"{source}, {row.subject}",
                depends=(base, earlier),
            )


def _weights(period: str, weighting: Weighting, sources: Sources) -> Iterator[Fact]:
    methods = weighting.named
    parts = list(methods)
    if weighting.combined:
        methods["combined"] = weighting.combined
    everybody = tuple(key for name in sources.measure for key in sources.of_indicator(period, name))
    for method, weights in methods.items():
        variant = f"{weights.method}, {weights.variant}"
        data = weights.method in WEIGHT_METHODS and WEIGHT_METHODS[weights.method].needs == "data"
        for label, value in weights.values.items():
            key = fact_key(period, "param", f"weight_{method}", label)
            mixed = tuple(fact_key(period, "param", f"weight_{part}", label) for part in parts)
            depends = mixed if method == "combined" else everybody if data else ()
            yield Fact(key=key, value=value, unit="share", formula=variant, depends=depends)
        for name, value in weights.statistics.items():
            key = fact_key(period, "param", f"{method}_{name}", COMPANY)
            yield Fact(key=key, value=float(value), unit="score", formula=variant)
    yield from _wobbles(period, weighting)


def _wobbles(period: str, weighting: Weighting) -> Iterator[Fact]:
    """Intervals of weights made from spread, and what one column of noise would earn."""
    for method, found in weighting.intervals.items():
        for label in found.weights.labels:
            base = fact_key(period, "param", f"weight_{method}", label)
            for part, value in (("low", found.low[label]), ("high", found.high[label])):
                yield Fact(
                    key=f"{base}:{part}",
                    value=value,
                    unit="share",
                    formula=f"{part} of the 95 % interval: {found.draws} resamples of the subjects",
                    depends=(base,),
                )
    for method, curve in weighting.noise.items():
        key = fact_key(period, "param", f"{method}_noise_weight", COMPANY)
        formula = "mean weight of one column of uniform noise beside the indicators"
        yield Fact(key=key, value=curve.share[1], unit="share", formula=formula)


def _tiers(period: str, tiers: pd.DataFrame) -> Iterator[Fact]:
    if tiers.empty:
        return
    formula = "exact hypergeometric test against the rest, Benjamini-Hochberg 5 %"
    for verdict in ("above", "same", "below", "too_few"):
        count = int((tiers["verdict"] == verdict).sum())
        yield _count(period, "tier", verdict, count, formula)
    yield _count(period, "tier", "people", len(tiers), "people with answers in the period")
    yield Fact(
        key=fact_key(period, "tier", "centre", COMPANY),
        value=100 * float(tiers["successes"].sum()) / float(tiers["n"].sum()),
        unit="percent",
        formula="100 x successes of all people / their answers",
    )


def _histogram(period: str, histogram: pd.DataFrame) -> Iterator[Fact]:
    for row in rows_of(histogram):
        yield _count(period, row.indicator, f"answers_{row.answer:g}", int(row.n), "answers of this value")


def _flow(period: str, flow: pd.DataFrame) -> Iterator[Fact]:
    yield _count(period, "rows", "raw", int(flow["rows"].sum()), "rows received")
    kept = flow["rule"] == ""
    yield _count(period, "rows", "kept", int(flow.loc[kept, "rows"].sum()), "rows kept by cleaning")
    yield _count(period, "rows", "excluded", int(flow.loc[~kept, "rows"].sum()), "rows set aside")
    yield _count(period, "rows", "unattributed", int(flow["unattributed"].sum()), "kept rows of nobody known")
    for row in rows_of(flow[~kept]):
        yield _count(period, "rows", f"excluded_{row.rule}", int(row.rows), f"set aside first by {row.rule}")


def _reading(period: str, intake: pd.DataFrame, counts: pd.DataFrame) -> Iterator[Fact]:
    for row in rows_of(intake):
        key = fact_key(period, "file", "rows", row.file)
        yield Fact(
            key=key, value=float(row.rows), unit="count", formula="rows of the file", filter=row.sha256
        )
    totals = counts.groupby("rule", sort=False)[["flagged", "excluded"]].sum()
    for rule, sums in totals.iterrows():
        for name, value in sums.items():
            yield _count(period, "rule", f"{rule}_{name}", int(value), f"rows {name} by {rule}, all files")


def _count(period: str, indicator: str, measure: str, value: int, formula: str) -> Fact:
    return Fact(
        key=fact_key(period, indicator, measure, COMPANY), value=float(value), unit="count", formula=formula
    )
