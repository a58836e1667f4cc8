"""What a score is worth: its interval, the probability of every band, and the grade of its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.evaluation.circumstances import Circumstances, plain
from survey_kpi.evaluation.marginals import marginals, priors_of
from survey_kpi.frames import rows_of
from survey_kpi.inference.reliability import between_variance, reliability
from survey_kpi.inference.tiers import UNTESTED, Tiers
from survey_kpi.scoring import Scores, composite, graded, score_evidence, score_tiers
from survey_kpi.scoring.composite import POINTS, ScoreDistribution
from survey_kpi.scoring.dependence import correlations_of, within_person_correlations
from survey_kpi.scoring.distributions import usable_errors
from survey_kpi.study.models import Study


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedScores:
    """Scores of one period with what may be said about them.

    Parameters
    ----------
    parts
        As of `Scores`, with the evidence of each: evidence (grade), uncapped, caps (reasons, joined).
    totals
        As of `Scores`, with conf_low, conf_high (95 %), the same three columns, base (smallest number of
        answers among the indicators that carry four fifths of the weight), and of the test of each score
        against the others' mean: tier (above, same, below, untested), p_value, adjusted_p.
    reaching
        subject, band, edge, probability that the true score reaches the band's lower edge.
    excellent
        subject, probability that the true score is one that counts for a streak; NaN where none is declared.
    correlations
        left, right, correlation of the answers within people.
    priors
        indicator, mean, spread of true values between people (counts: coefficient of variation).
    problem
        Why scores have no distribution, empty where they have one.
    """

    parts: pd.DataFrame
    totals: pd.DataFrame
    reaching: pd.DataFrame
    excellent: pd.DataFrame
    correlations: pd.DataFrame
    priors: pd.DataFrame
    problem: str = ""


def judge_scores(
    scored: Scores,
    subjects: pd.DataFrame,
    study: Study,
    *,
    products: pd.DataFrame,
    around: Circumstances | None = None,
    tested: bool = True,
) -> JudgedScores:
    """Judge the scores of a period.

    Parameters
    ----------
    scored
        Scores of `tables.scores_of_subjects`.
    subjects
        Estimates behind them, of `tables.evaluated_subjects`.
    products
        Of `indicators.products.products_in`; empty: indicators are taken as independent.
    around
        Circumstances of the people of `scored`; by default they are there throughout, nothing is in doubt.
    tested
        Whether people are sorted into tiers; streaks need none.
    """
    rules, names = study.rules, sorted(study.rules.scored)
    around = around or plain(study, "")
    people = [str(subject) for subject in scored.totals["subject"]]
    weights = scored.parts.groupby("indicator")["weight"].first().reindex(names).to_numpy(dtype=float)
    goals = [around.goal(name) for name in names]
    rows = {name: _measured(scored.parts, subjects, name, people) for name in names}
    pooled = within_person_correlations(products)
    found, problem = marginals(rows, study, around)
    if problem or np.isnan(weights).any():
        distribution = ScoreDistribution(points=np.full((len(people), POINTS), np.nan))
        tested = False
    else:
        bases = subjects[["subject", "indicator", "n"]]
        joined = correlations_of(people, names, pooled, products[["subject", "left", "right", "n"]], bases)
        bonuses = rules.rewards.threshold_bonuses
        distribution = composite(found, goals, weights, rules.score, correlation=joined, bonuses=bonuses)
    tiers = _nobody(len(people))
    if tested:
        flat, _ = marginals(rows, study, around, shrunk=False)
        printed = scored.totals["score"]
        tiers = score_tiers(flat, printed, goals, weights, rules.score, correlation=joined, bonuses=bonuses)
    low, high = distribution.interval()
    parts = _graded_parts(scored.parts, rows, study, around)
    streak = rules.rewards.streak
    likely = distribution.at_least(streak.threshold) if streak else np.full(len(people), np.nan)
    totals = scored.totals.assign(
        conf_low=low, conf_high=high, tier=tiers.verdict, p_value=tiers.p_value, adjusted_p=tiers.adjusted
    )
    totals = totals.merge(_graded_totals(parts, study), on="subject", how="left", validate="1:1")
    words = ["evidence", "uncapped", "caps"]
    totals[words] = totals[words].astype(object).fillna("")
    return JudgedScores(
        parts=parts,
        totals=totals,
        reaching=distribution.table(people, rules.bands),
        excellent=pd.DataFrame({"subject": people, "probability": likely}),
        correlations=pooled,
        priors=priors_of(names, found),
        problem=problem,
    )


def _nobody(people: int) -> Tiers:
    """Tiers of people whose scores have no distribution."""
    unknown = np.full(people, np.nan)
    return Tiers(verdict=np.full(people, UNTESTED), p_value=unknown, adjusted=unknown)


def _measured(
    parts: pd.DataFrame, subjects: pd.DataFrame, indicator: str, people: Sequence[str]
) -> pd.DataFrame:
    """Estimates of one indicator, people in order, without values where they do not count."""
    usable = parts.loc[(parts["indicator"] == indicator) & parts["attainment"].notna(), "subject"]
    rows = subjects[(subjects["indicator"] == indicator) & subjects["subject"].isin(usable)]
    return rows.set_index("subject").reindex(list(people))


# --- evidence -----------------------------------------------------------------------------------------


def _graded_parts(
    parts: pd.DataFrame,
    rows: Mapping[str, pd.DataFrame],
    study: Study,
    around: Circumstances,
) -> pd.DataFrame:
    """Add the grade of each figure: by its effective base, capped by the doubts about it."""
    steady = {
        name: None if study.indicator(name).error_free else reliability_of(table)
        for name, table in rows.items()
    }
    grades = []
    for part in rows_of(parts):
        sheet = study.indicator(part.indicator)
        base = rows[part.indicator]["n_effective"].get(part.subject, np.nan)
        own = ["self_report"] if sheet.source == "self_report" else []
        own += ["coverage_alarm"] if sheet.item and part.subject in around.alarmed else []
        grades.append(
            graded(
                0.0 if np.isnan(base) else float(base),
                study.rules.evidence,
                doubts=[*own, *around.doubts.get(part.indicator, ())],
                reliability=steady[part.indicator],
                error_free=sheet.error_free and part.attainment == part.attainment,
            )
        )
    return parts.assign(
        evidence=[grade.grade for grade in grades],
        uncapped=[grade.uncapped for grade in grades],
        caps=[", ".join(grade.reasons) for grade in grades],
    )


def reliability_of(rows: pd.DataFrame) -> float | None:
    """Share of the variance between people that is not noise; None where it cannot be told.

    Parameters
    ----------
    rows
        value, std_error and n of an indicator, one row per person, NaN where not measured.
    """
    there = rows[rows["value"].notna() & rows["n"].gt(0)]
    if len(there) < 2 or there["std_error"].isna().all():
        return None
    try:
        errors = usable_errors(there["std_error"], there["n"])
        between = between_variance(there["value"], errors)
    except MethodError:
        return None
    return float(reliability(between, float(np.mean(errors**2)), 1))


def _graded_totals(parts: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Grade of each score, from what was measured: an unmeasured indicator counts nothing or 0, surely."""
    there = parts[parts["attainment"].notna() & parts["weight"].notna()]
    if there.empty:
        return pd.DataFrame(columns=["subject", "evidence", "uncapped", "caps", "base"], dtype=object)
    free = there["indicator"].map(lambda name: study.indicator(name).error_free).astype(bool)
    used = there.assign(weight=there["weight_used"].fillna(there["weight"]), n=there["n"].where(~free))
    capped, plain = score_evidence(used), score_evidence(used.assign(evidence=used["uncapped"]))
    told = used.groupby("subject")["caps"].agg(_union)
    caps = capped["subject"].map(told).where(capped["evidence"] != plain["evidence"], "")
    return capped.drop(columns="n").assign(uncapped=plain["evidence"], caps=caps, base=capped["n"])


def _union(caps: pd.Series) -> str:
    return ", ".join(sorted({cap for text in caps for cap in text.split(", ") if cap}))
