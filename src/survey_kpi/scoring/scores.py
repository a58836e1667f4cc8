"""Total scores: attainment x indicator weight, one row per subject and indicator, then one per subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.frames import rows_of
from survey_kpi.numeric import FloatArray
from survey_kpi.scoring.bands import band_of
from survey_kpi.scoring.totals import Goal, bonus_points, points_of, printed_scores
from survey_kpi.scoring.unmeasured import weights_used
from survey_kpi.study.models import Rules

NO_ROW = "no estimate"


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
        Target, direction and anchor of every scored indicator.
    weights
        Indicator weights over the same indicators; never rescaled unless `when_unmeasured` says so.

    Returns
    -------
    Scores
        Subjects in the order of the table.
    """
    subjects = list(estimates["subject"].unique())
    values = measured_values(estimates, subjects, [goal.indicator for goal in goals], rules)
    shares = [weights[goal.indicator] for goal in goals]
    used = weights_used(shares, ~np.isnan(values), rules.score.when_unmeasured)
    bases = estimates.set_index(["indicator", "subject"])
    parts = pd.concat(
        [
            _part(bases.reindex([(goal.indicator, subject) for subject in subjects]), goal, rules).assign(
                attainment=np.where(np.isnan(found), np.nan, points_of(found, goal, rules.score)),
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
    totals = [
        {"subject": subject, **_total(parts[parts["subject"] == subject], float(score), rules)}
        for subject, score in zip(subjects, points, strict=True)
    ]
    columns = ["subject", "score", "band", "n", "state", "reason"]
    return Scores(parts=parts, totals=pd.DataFrame(totals, columns=columns))


def measured_values(
    estimates: pd.DataFrame, subjects: Sequence[str], indicators: Sequence[str], rules: Rules
) -> FloatArray:
    """(subjects, indicators) values that rest on enough answers, NaN elsewhere."""
    enough = estimates[_enough(estimates, rules)]
    table = enough.set_index(["subject", "indicator"])["value"].unstack()  # noqa: PD010  one value per cell
    return table.reindex(index=list(subjects), columns=list(indicators)).to_numpy(dtype=np.float64)


def _enough(estimates: pd.DataFrame, rules: Rules) -> pd.Series:
    return (estimates["state"] == State.MEASURED) & (estimates["n"] >= rules.evidence.descriptive)


def _part(rows: pd.DataFrame, goal: Goal, rules: Rules) -> pd.DataFrame:
    """Value, base and target of one indicator, with the reason where it does not count."""
    told = rows["reason"].fillna(NO_ROW)
    small = f"fewer than {rules.evidence.descriptive} answers"
    return pd.DataFrame(
        {
            "subject": rows.index.get_level_values("subject"),
            "indicator": goal.indicator,
            "value": rows["value"].to_numpy(dtype=np.float64),
            "n": rows["n"].fillna(0).to_numpy(),
            "target": goal.target,
            "reason": np.where(_enough(rows, rules), "", np.where(told != "", told, small)),
        }
    )


def _total(parts: pd.DataFrame, score: float, rules: Rules) -> dict[str, object]:
    missing = ", ".join(f"{row.indicator} ({row.reason})" for row in rows_of(parts[parts["reason"] != ""]))
    base = int(parts["n"].min())
    if np.isnan(score):
        return {"score": np.nan, "band": "", "n": base, "state": State.UNAVAILABLE, "reason": missing}
    band = band_of(score, rules.bands)
    return {
        "score": score,
        "band": band.id if band else "",
        "n": base,
        "state": State.MEASURED,
        "reason": f"{rules.score.when_unmeasured}: {missing}" if missing else "",
    }
