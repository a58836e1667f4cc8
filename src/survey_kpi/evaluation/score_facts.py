"""Facts of judged scores: intervals, probabilities of bands, parameters from data, counts of decisions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.scoring.guard import PRICE, Price
from survey_kpi.study.rewards import PayGuard

INTERVAL = "of the 95 % interval: 4,096 points of the score's distribution, drawn toward the team"
REACH = "share of 4,096 points of the score's distribution at or above {edge:g}"
NONE = "none"


def score_facts(evaluation: Evaluation) -> Iterator[Fact]:
    """Yield what is known about scores beside their values."""
    period, decisions = str(evaluation.period), evaluation.decisions
    yield from _parameters(evaluation)
    yield from _intervals(evaluation, evaluation.scores.assign(period=period))
    for row in rows_of(evaluation.pool):
        yield Fact(
            key=fact_key(row.period, "score", "total", row.subject),
            value=row.score,
            unit="score",
            state=State(row.state),
            reason=row.reason,
            formula="sum of indicator weight x attainment over four quarters pooled",
        )
    yield from _intervals(evaluation, evaluation.pool)
    for row in rows_of(evaluation.reaching.dropna()):
        yield Fact(
            key=fact_key(row.period, "score", f"reach_{row.band}", row.subject),
            value=row.probability,
            unit="share",
            formula=REACH.format(edge=row.edge),
            depends=(fact_key(row.period, "score", "total", row.subject), *_inputs(evaluation, row.period)),
        )
    if len(decisions):
        yield from _counts(period, decisions, evaluation)


def _parameters(evaluation: Evaluation) -> Iterator[Fact]:
    for row in rows_of(evaluation.correlations):
        yield Fact(
            key=_correlation_key(row.period, row.left, row.right),
            value=row.correlation,
            unit="share",
            formula="correlation of the answers to both around each person's mean, pooled",
        )
    for row in rows_of(evaluation.priors):
        for part, value in (("mean", row.mean), ("spread", row.spread)):
            yield Fact(
                key=fact_key(row.period, "param", f"prior_{part}", row.indicator),
                value=value,
                unit="score",
                formula=f"posterior mean of the {part} of true values between people",
            )


def _correlation_key(period: str, left: str, right: str) -> str:
    return fact_key(period, "param", "correlation", f"{left}~{right}")


def _inputs(evaluation: Evaluation, period: str) -> tuple[str, ...]:
    """Keys of the parameters behind the distributions of a period."""
    joined, priors = evaluation.correlations, evaluation.priors
    return (
        *(
            _correlation_key(period, row.left, row.right)
            for row in rows_of(joined[joined["period"] == period])
        ),
        *(
            fact_key(period, "param", f"prior_{part}", row.indicator)
            for row in rows_of(priors[priors["period"] == period])
            for part in ("mean", "spread")
        ),
    )


def _intervals(evaluation: Evaluation, totals: pd.DataFrame) -> Iterator[Fact]:
    known = totals[totals["conf_low"].notna()]
    inputs = {period: _inputs(evaluation, period) for period in known["period"].unique()}
    for row in rows_of(known):
        base = fact_key(row.period, "score", "total", row.subject)
        for part, value in (("low", row.conf_low), ("high", row.conf_high)):
            yield Fact(
                key=f"{base}:{part}",
                value=value,
                unit="score",
                formula=f"{part} {INTERVAL}",
                depends=(base, *inputs[row.period]),
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
