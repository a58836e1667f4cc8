"""Streaks of excellence that luck does not make: k quarters in a row, each with evidence.

A quarter without evidence neither counts nor breaks; months never count.

Examples
--------
>>> quarters = pd.DataFrame({"subject": "s1", "period": ["2026Q1", "2026Q2", "2026Q3"],
...                          "evidence": ["B", "D", "A"], "probability": [0.9, 0.99, 0.85]})
>>> streaks(quarters, Streak(k=2, threshold=100)).to_dict("records")
[{'subject': 's1', 'current': 2, 'longest': 2, 'reached': '2026Q3'}]
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from survey_kpi.errors import SpecError
from survey_kpi.period import Period
from survey_kpi.scoring.evidence import ORDER
from survey_kpi.scoring.periods import check_graded
from survey_kpi.study.rewards import Streak


def streaks(quarters: pd.DataFrame, rule: Streak) -> pd.DataFrame:
    """Current and longest streak of each person.

    Parameters
    ----------
    quarters
        One row per subject and quarter: subject, period, evidence (grade), probability that the true score
        reaches the threshold (NaN without a score).
    rule
        Length, probability and grade of a streak.

    Returns
    -------
    pandas.DataFrame
        subject, current (quarters in a row that still run), longest, reached (the first period in which k
        were complete, "" if never).

    Raises
    ------
    SpecError
        `streak_undefined`: the rule has no k; `period_too_short_for_grade`: a month; `period_unknown`: four
        rolling quarters, which overlap.
    """
    if rule.k is None:
        raise SpecError(
            "streak_undefined", where="streaks", what="the streak does not say how many quarters it takes"
        )
    order = {text: _quarter(text) for text in quarters["period"].unique()}
    told = quarters["probability"].notna() & (
        quarters["evidence"].map(ORDER.index) <= ORDER.index(rule.grade)
    )
    table = quarters.assign(
        place=quarters["period"].map(order), told=told, excellent=quarters["probability"] >= rule.probability
    ).sort_values("place", kind="stable")
    rows = [
        {"subject": subject, **_streak(rows[rows["told"]], rule.k)}
        for subject, rows in table.groupby("subject", sort=True)
    ]
    return pd.DataFrame(rows, columns=["subject", "current", "longest", "reached"])


def _quarter(text: str) -> int:
    period = check_graded(Period.parse(text))
    if not period.is_quarter:
        raise SpecError(
            "period_unknown",
            where=f"period {text}",
            what="rolling years overlap, so that one good quarter would count four times",
            expected="a quarter such as 2026Q3",
        )
    return period.first


def _streak(told: pd.DataFrame, k: int) -> dict[str, object]:
    """Lengths over the quarters with evidence, in their order."""
    excellent = told["excellent"].to_numpy(dtype=bool)
    run = np.zeros(excellent.size, dtype=np.int64)
    for place, good in enumerate(excellent):
        run[place] = (run[place - 1] if place else 0) + 1 if good else 0
    complete = np.flatnonzero(run >= k)
    return {
        "current": int(run[-1]) if run.size else 0,
        "longest": int(run.max(initial=0)),
        "reached": str(told["period"].iloc[complete[0]]) if complete.size else "",
    }


def luck_of_run(chance: float, k: int, periods: int) -> float:
    """Probability that somebody who is excellent by chance alone has k in a row within some periods.

    Parameters
    ----------
    chance
        Probability of one excellent period, independent between periods.

    Notes
    -----
    Exact, by the length of the run so far.

    Examples
    --------
    >>> round(luck_of_run(0.1671, 3, 12), 3)
    0.039
    """
    state = np.zeros(k + 1)  # probability of a run of 0 … k, the last one absorbing
    state[0] = 1
    for _ in range(periods):
        broken = (1 - chance) * state[:k].sum()
        state = np.concatenate([[broken], chance * state[: k - 1], [state[k] + chance * state[k - 1]]])
    return float(state[k])


def luck_of_anybody(chance: float, k: int, periods: int, people: int) -> float:
    """Probability that any of some independent people has k in a row by chance alone.

    Examples
    --------
    >>> round(luck_of_anybody(0.1671, 3, 12, 20), 2)
    0.55
    """
    single = luck_of_run(chance, k, periods)
    return -math.expm1(people * math.log1p(-single)) if single < 1 else 1.0
