"""Facts of judged scores: intervals, probabilities of bands, parameters from data, counts of decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.evaluation.deciding import pool_of, pooled_quarters
from survey_kpi.evaluation.own_targets import target_facts, target_keys, told
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.rewards import reward_facts, rewards_of
from survey_kpi.evaluation.tables import scored_measure
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators import COMPANY, INDICATORS
from survey_kpi.scoring.guard import PRICE, Price
from survey_kpi.study.rewards import PayGuard

INTERVAL = "of the 95 % interval: 4,096 points of the score's distribution, drawn toward the team"
REACH = "share of 4,096 points of the score's distribution at or above {edge:g}"
NONE = "none"


def score_facts(evaluation: Evaluation) -> Iterator[Fact]:
    """Yield what is known about scores beside their values."""
    period, decisions = str(evaluation.period), evaluation.decisions
    sources, inputs = Sources.of(evaluation), _inputs(evaluation)
    yield from target_facts(evaluation.targets, sources.units)
    yield from _parameters(evaluation, sources)
    yield from _attainments(evaluation, sources)
    yield from _totals(evaluation, sources)
    yield from _intervals(inputs, evaluation.scores.assign(period=period))
    yield from _intervals(inputs, evaluation.pool)
    for row in rows_of(evaluation.reaching.dropna()):
        yield Fact(
            key=fact_key(row.period, "score", f"reach_{row.band}", row.subject),
            value=row.probability,
            unit="share",
            formula=REACH.format(edge=row.edge),
            depends=(fact_key(row.period, "score", "total", row.subject), *inputs.get(row.period, ())),
        )
    yield from _bands(period, evaluation)
    if len(decisions):
        yield from _counts(period, decisions, evaluation)
        yield from reward_facts(evaluation, rewards_of(evaluation))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Keys of the facts that scores are made from.

    Parameters
    ----------
    measure, units
        Scored measure of each indicator, and its unit.
    values
        Keys of the estimates by period of the score, indicator and subject; those of the four quarters for
        the pool, which has no estimates of its own.
    targets
        Keys of the targets of somebody's own, by period, subject and indicator.
    weights
        Keys of the indicator weights.
    """

    measure: Mapping[str, str]
    units: Mapping[str, str]
    values: Mapping[tuple[str, str, str], tuple[str, ...]]
    targets: Mapping[tuple[str, str, str], tuple[str, ...]]
    weights: tuple[str, ...]

    @classmethod
    def of(cls, evaluation: Evaluation) -> Sources:
        """Gather the keys of an evaluation."""
        study, period = evaluation.study, str(evaluation.period)
        measure = {name: scored_measure(study.indicator(name)) for name in study.rules.scored}
        units = {name: INDICATORS[study.indicator(name).kpi].measure(measure[name]).unit for name in measure}
        pool = pool_of(evaluation.period)
        spans = {period: {period}}
        if pool:
            spans[str(pool)] = {str(quarter) for quarter in pooled_quarters(evaluation.period)}
        combined = evaluation.weighting.combined
        return cls(
            measure=measure,
            units=units,
            values=_value_keys(evaluation.estimates, study.study.evaluate, measure, spans),
            targets=target_keys(evaluation.targets),
            weights=tuple(
                fact_key(period, "param", "weight_combined", name)
                for name in (combined.labels if combined else ())
            ),
        )

    def of_indicator(self, period: str, indicator: str) -> tuple[str, ...]:
        """Keys of everybody's values of one indicator."""
        mine = (keys for (span, name, _), keys in self.values.items() if (span, name) == (period, indicator))
        return tuple(key for keys in mine for key in keys)

    def of_subject(self, period: str, subject: str) -> tuple[str, ...]:
        """Keys of all values, and targets, of one subject."""
        values = (self.values.get((period, name, subject), ()) for name in self.measure)
        targets = (self.targets.get((period, subject, name), ()) for name in self.measure)
        return tuple(key for keys in (*values, *targets) for key in keys)


def _value_keys(
    estimates: pd.DataFrame,
    level: str | None,
    measure: Mapping[str, str],
    spans: Mapping[str, Collection[str]],
) -> dict[tuple[str, str, str], tuple[str, ...]]:
    mine = estimates[(estimates["level"] == level) & estimates["indicator"].isin(measure)]
    mine = mine[mine["measure"] == mine["indicator"].map(dict(measure))]
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for at, indicator, name, subject in mine[["period", "indicator", "measure", "subject"]].itertuples(
        index=False
    ):
        for span, parts in spans.items():
            if at in parts:
                whose = (span, indicator, subject)
                found[whose] = (*found.get(whose, ()), fact_key(at, indicator, name, subject))
    return found


def _attainments(evaluation: Evaluation, sources: Sources) -> Iterator[Fact]:
    period = str(evaluation.period)
    said = _told(evaluation.targets, period)
    for row in rows_of(evaluation.score_parts):
        own = (period, row.subject, row.indicator)
        toward = said.get((row.subject, row.indicator), f"{row.target:g}")
        measured = row.attainment == row.attainment
        yield Fact(
            key=fact_key(period, "score", f"attainment_{row.indicator}", row.subject),
            value=row.attainment,
            unit="score",
            state=State.MEASURED if measured else State.UNAVAILABLE,
            reason=row.reason,
            formula=f"attainment of {row.value:.17g} toward {toward}{_graded(row)}",
            depends=(
                *sources.values.get((period, row.indicator, row.subject), ()),
                *sources.targets.get(own, ()),
            ),
        )


def _told(targets: pd.DataFrame, period: str) -> dict[tuple[str, str], str]:
    """Say toward what each person's attainment counts: own targets with the days of each."""
    found = {}
    mine = targets[targets["period"] == period]
    for (subject, indicator), rows in mine.groupby(["subject", "indicator"], sort=False):
        days = int(rows["days"].sum())
        parts = "; ".join(told(row, days) for row in rows_of(rows))
        mean = "each target in force, averaged by days: " if len(rows) > 1 else ""
        found[str(subject), str(indicator)] = mean + parts
    return found


def _graded(row: Row) -> str:
    """Say the grade of the evidence, and what it would be without caps."""
    if not row.evidence:
        return ""
    capped = f", {row.uncapped} before the cap ({row.caps})" if row.caps else ""
    return f"; evidence {row.evidence}{capped}"


def _totals(evaluation: Evaluation, sources: Sources) -> Iterator[Fact]:
    """Yield the scores, of the period and of the four quarters pooled."""
    names = list(dict.fromkeys(evaluation.score_parts["indicator"]))
    for row in rows_of(evaluation.scores.assign(period=str(evaluation.period))):
        parts = [fact_key(row.period, "score", f"attainment_{name}", row.subject) for name in names]
        yield _total(row, "sum of indicator weight x attainment", (*parts, *sources.weights))
    for row in rows_of(evaluation.pool):
        formula = "sum of indicator weight x attainment over four quarters pooled"
        yield _total(row, formula, (*sources.of_subject(row.period, row.subject), *sources.weights))


def _total(row: Row, formula: str, depends: tuple[str, ...]) -> Fact:
    return Fact(
        key=fact_key(row.period, "score", "total", row.subject),
        value=row.score,
        unit="score",
        state=State(row.state),
        reason=row.reason,
        formula=formula + _graded(row),
        depends=depends,
    )


def _bands(period: str, evaluation: Evaluation) -> Iterator[Fact]:
    """Yield how many subjects have their score in each band, and in none."""
    counts = evaluation.scores["band"].value_counts()
    for band in [*(band.id for band in evaluation.study.rules.bands), ""]:
        yield _count(period, f"band_{band or NONE}", int(counts.get(band, 0)), "subjects in band")


def _parameters(evaluation: Evaluation, sources: Sources) -> Iterator[Fact]:
    for row in rows_of(evaluation.correlations):
        yield Fact(
            key=_correlation_key(row.period, row.left, row.right),
            value=row.correlation,
            unit="share",
            formula="correlation of the answers to both around each person's mean, pooled",
            filter=f"answers kept by cleaning, {row.period}",
        )
    for row in rows_of(evaluation.priors):
        for part, value in (("mean", row.mean), ("spread", row.spread)):
            yield Fact(
                key=fact_key(row.period, "param", f"prior_{part}", row.indicator),
                value=value,
                unit="score",
                formula=f"posterior mean of the {part} of true values between people",
                depends=sources.of_indicator(row.period, row.indicator),
            )


def _correlation_key(period: str, left: str, right: str) -> str:
    return fact_key(period, "param", "correlation", f"{left}~{right}")


def _inputs(evaluation: Evaluation) -> dict[str, tuple[str, ...]]:
    """Keys of the parameters behind the distributions of each period."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows_of(evaluation.correlations):
        key = _correlation_key(row.period, row.left, row.right)
        found[row.period] = (*found.get(row.period, ()), key)
    for row in rows_of(evaluation.priors):
        keys = (fact_key(row.period, "param", f"prior_{part}", row.indicator) for part in ("mean", "spread"))
        found[row.period] = (*found.get(row.period, ()), *keys)
    return found


def _intervals(inputs: Mapping[str, tuple[str, ...]], totals: pd.DataFrame) -> Iterator[Fact]:
    for row in rows_of(totals[totals["conf_low"].notna()]):
        base = fact_key(row.period, "score", "total", row.subject)
        for part, value in (("low", row.conf_low), ("high", row.conf_high)):
            yield Fact(
                key=f"{base}:{part}",
                value=value,
                unit="score",
                formula=f"{part} {INTERVAL}",
                depends=(base, *inputs.get(row.period, ())),
            )


def _counts(period: str, decisions: pd.DataFrame, evaluation: Evaluation) -> Iterator[Fact]:
    """How many people by band of the score, band of the evidence and grade, and in which standing."""
    table = band_counts(decisions)
    for row in rows_of(table):
        measure = bands_measure(row.raw, row.proposed, row.evidence)
        yield _count(period, measure, row.n, "people by band of the score, band by evidence and grade")
    standings = {
        "people": len(decisions),
        "held": int(decisions["held"].sum()),
        "pooled": int(decisions["pooled"].sum()),
        "unusable": int((~decisions["usable"].astype(bool)).sum()),
        "unsigned": int(decisions["cut"].sum()),
    }
    for name, count in standings.items():
        yield _count(period, f"decisions_{name}", count, f"people: {name}")
    price = price_of(decisions, evaluation.study.rules.pay)
    if price:
        formula = "simulated: 20 people, true SD 5 points around the threshold, guard of the pay rules"
        for name, share in (("deserved", price.deserved), ("unjust", price.unjust)):
            key = fact_key(period, "param", f"guard_{name}", COMPANY)
            yield Fact(key=key, value=100 * share, unit="percent", formula=f"{formula}, {price.n} answers")


def band_counts(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return raw, proposed, evidence, n: people by band of the score, band by evidence, and grade.

    A score that is not measured has no band, a grade that is suppressed no letter: both are `none`.
    """
    keys = decisions[["raw", "proposed", "evidence"]].replace("", NONE)
    return keys.groupby(["raw", "proposed", "evidence"]).size().rename("n").reset_index()


def bands_measure(raw: str, proposed: str, evidence: str) -> str:
    """Return the measure that counts one cell of the table of bands."""
    return f"bands_{raw}_{proposed}_{evidence}"


def price_of(decisions: pd.DataFrame, rule: PayGuard) -> Price | None:
    """Return what the guard costs in power at the size of this period, None where it was not simulated.

    The largest simulated number of answers that half of the people reach; the smallest if they do not.
    """
    default = PayGuard()
    bases = decisions["base"].dropna()
    if bases.empty or (rule.down, rule.up) != (default.down, default.up):
        return None
    middle = float(np.median(bases))
    return next((price for price in reversed(PRICE) if price.n <= middle), PRICE[0])


def _count(period: str, measure: str, value: int, formula: str) -> Fact:
    key = fact_key(period, "score", measure, COMPANY)
    return Fact(key=key, value=float(value), unit="count", formula=formula)
