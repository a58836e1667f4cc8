"""Total scores: attainment x indicator weight, one row per subject and indicator, then one per subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.numeric import BoolArray, FloatArray
from survey_kpi.scoring.bands import band_of
from survey_kpi.scoring.totals import Goal, bonus_points, points_of, printed_scores
from survey_kpi.scoring.unmeasured import weights_used
from survey_kpi.study.models import Rules

NO_ROW = "no estimate"
NOT_ASKED = "no exposure: the target of a count or of money is 0"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Scores of one period.

    Parameters
    ----------
    parts
        One row per subject and indicator: value, n, target, attainment, weight, weight_used (after what
        `when_unmeasured` says), contribution (their product), bonus (points for reaching thresholds).
    totals
        One row per subject: score, band, n (smallest base among the indicators), state, reason.
    """

    parts: pd.DataFrame
    totals: pd.DataFrame


def score_subjects(
    estimates: pd.DataFrame, goals: Sequence[Goal], weights: Mapping[str, float], rules: Rules
) -> Scores:
    """Score every subject of a table of estimates.

    Parameters
    ----------
    estimates
        Columns subject, indicator, value, n, state, reason; at most one row per subject and scored
        indicator, none counts as not measured. A base below the smallest of the evidence rule does too.
    goals
        Target, direction and anchor of every scored indicator; own targets of people in the order of the
        table. Who cannot be asked anything (no exposure) has no attainment.
    weights
        Indicator weights over the same indicators; never rescaled unless `when_unmeasured` says so.

    Returns
    -------
    Scores
        Subjects in the order of the table.
    """
    subjects = list(estimates["subject"].unique())
    values = measured_values(estimates, subjects, goals, rules)
    values = np.where(_asked(goals, len(subjects)), values, np.nan)
    shares = [weights[goal.indicator] for goal in goals]
    used = weights_used(shares, ~np.isnan(values), rules.score.when_unmeasured)
    bases = estimates.set_index(["indicator", "subject"])
    parts = pd.concat(
        [
            _part(bases.reindex([(goal.indicator, subject) for subject in subjects]), goal, rules).assign(
                attainment=np.where(
                    np.isnan(found), np.nan, points_of(found[:, None], goal, rules.score)[:, 0]
                ),
                weight=share,
                weight_used=weight,
                bonus=bonus_points(found, goal, rules.rewards.threshold_bonuses),
            )
            for goal, share, weight, found in zip(goals, shares, used.T, values.T, strict=True)
        ],
        ignore_index=True,
    )
    parts["contribution"] = parts["weight_used"] * parts["attainment"]
    points = printed_scores(values, goals, shares, rules.score, bonuses=rules.rewards.threshold_bonuses)
    return Scores(parts=parts, totals=_totals(parts, subjects, points, rules))


def measured_values(
    estimates: pd.DataFrame, subjects: Sequence[str], goals: Sequence[Goal], rules: Rules
) -> FloatArray:
    """(subjects, indicators) values that rest on enough answers, NaN elsewhere."""
    free = estimates["indicator"].isin([goal.indicator for goal in goals if goal.error_free])
    enough = estimates[_enough(estimates, rules, free)]
    table = enough.set_index(["subject", "indicator"])["value"].unstack()  # noqa: PD010  one value per cell
    return table.reindex(index=list(subjects), columns=[goal.indicator for goal in goals]).to_numpy(
        dtype=np.float64
    )


def _enough(estimates: pd.DataFrame, rules: Rules, free: pd.Series | bool) -> pd.Series:
    """Whether values are measured on enough answers, of which the error-free ones need none."""
    return (estimates["state"] == State.MEASURED) & (free | (estimates["n"] >= rules.evidence.descriptive))


def _part(rows: pd.DataFrame, goal: Goal, rules: Rules) -> pd.DataFrame:
    """Value, base and target of one indicator, with the reason where it does not count."""
    told = rows["reason"].fillna(NO_ROW)
    asked = _asked([goal], len(rows))[:, 0]
    small = f"fewer than {rules.evidence.descriptive} answers"
    return pd.DataFrame(
        {
            "subject": rows.index.get_level_values("subject"),
            "indicator": goal.indicator,
            "value": rows["value"].to_numpy(dtype=np.float64),
            "n": rows["n"].fillna(0).to_numpy(),
            "target": goal.target if goal.own is None else goal.own.latest,
            "reason": np.select(
                [~asked, _enough(rows, rules, goal.error_free), told != ""], [NOT_ASKED, "", told], small
            ),
        }
    )


def _asked(goals: Sequence[Goal], people: int) -> BoolArray:
    """(people, indicators) whether there is a target to be measured against."""
    everybody = np.ones(people, dtype=bool)
    columns = [everybody if goal.own is None else goal.own.asked for goal in goals]
    return np.stack(columns, axis=1) if columns else np.ones((people, 0), dtype=bool)


def _totals(parts: pd.DataFrame, subjects: Sequence[str], points: FloatArray, rules: Rules) -> pd.DataFrame:
    """Score, band and base of every subject, with what was not measured as the reason."""
    absent = parts[parts["reason"] != ""]
    told = (absent["indicator"] + " (" + absent["reason"] + ")").groupby(absent["subject"]).agg(", ".join)
    missing = told.reindex(list(subjects)).fillna("").astype(object).to_numpy()
    scored, bands = ~np.isnan(points), [band_of(float(score), rules.bands) for score in points]
    policy = f"{rules.score.when_unmeasured}: "
    return pd.DataFrame(
        {
            "subject": list(subjects),
            "score": points,
            "band": [band.id if band else "" for band in bands],
            "n": parts.groupby("subject")["n"].min().reindex(list(subjects)).astype(np.int64).to_numpy(),
            "state": np.where(scored, State.MEASURED, State.UNAVAILABLE),
            "reason": np.where(scored & (missing != ""), policy + missing, missing),
        }
    )
