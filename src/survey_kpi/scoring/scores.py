"""Total scores: attainment x indicator weight, one row per subject and indicator, then one per subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.scoring.attainment import attainment
from survey_kpi.scoring.bands import band_of
from survey_kpi.study.models import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What one scored indicator is measured against."""

    indicator: str
    target: float
    direction: str
    anchor: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Scores of one period.

    Parameters
    ----------
    parts
        One row per subject and indicator: value, n, target, attainment, weight, contribution.
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
        Columns subject, indicator, value, n, state, reason; one row per subject and scored indicator.
        A base below the smallest of the evidence rule counts as not measured.
    goals
        Target, direction and anchor of every scored indicator.
    weights
        Indicator weights over the same indicators; never rescaled unless `when_unmeasured` says so.

    Returns
    -------
    Scores
        Subjects in the order of the table.
    """
    parts = pd.concat([_part(estimates, goal, weights, rules) for goal in goals], ignore_index=True)
    order = {subject: place for place, subject in enumerate(estimates["subject"].unique())}
    totals = pd.DataFrame(
        [
            {"subject": subject, **_total(group, rules)}
            for subject, group in sorted(parts.groupby("subject"), key=lambda pair: order[pair[0]])
        ],
        columns=["subject", "score", "band", "n", "state", "reason"],
    )
    return Scores(parts=parts, totals=totals)


def _part(estimates: pd.DataFrame, goal: Goal, weights: Mapping[str, float], rules: Rules) -> pd.DataFrame:
    rows = estimates.loc[estimates["indicator"] == goal.indicator]
    enough = (rows["state"] == State.MEASURED) & (rows["n"] >= rules.evidence.descriptive)
    points = attainment(
        rows["value"].where(enough).to_numpy(dtype=np.float64),
        goal.target,
        rule=rules.score,
        direction=goal.direction,
        anchor=goal.anchor,
        where=f"indicator {goal.indicator}",
    )
    weight = weights[goal.indicator]
    small = f"fewer than {rules.evidence.descriptive} answers"
    return pd.DataFrame(
        {
            "subject": rows["subject"].to_numpy(),
            "indicator": goal.indicator,
            "value": rows["value"].to_numpy(),
            "n": rows["n"].to_numpy(),
            "target": goal.target,
            "attainment": points,
            "weight": weight,
            "contribution": weight * points,
            "reason": np.where(enough, "", np.where(rows["reason"] != "", rows["reason"], small)),
        }
    )


def _total(parts: pd.DataFrame, rules: Rules) -> dict[str, object]:
    measured = parts["attainment"].notna()
    missing = ", ".join(
        f"{indicator} ({reason})"
        for indicator, reason in zip(
            parts.loc[~measured, "indicator"], parts.loc[~measured, "reason"], strict=True
        )
    )
    base = int(parts["n"].min())
    policy = rules.score.when_unmeasured
    carried = float(parts.loc[measured, "weight"].sum())
    if (missing and policy == "hold_harmless") or carried == 0:
        return {"score": np.nan, "band": "", "n": base, "state": State.UNAVAILABLE, "reason": missing}
    divisor = carried if missing and policy == "reweight_printed" else 1.0
    score = min(rules.score.cap, float(parts["contribution"].sum(skipna=True)) / divisor)
    band = band_of(score, rules.bands)
    return {
        "score": score,
        "band": band.id if band else "",
        "n": base,
        "state": State.MEASURED,
        "reason": f"{policy}: {missing}" if missing else "",
    }
