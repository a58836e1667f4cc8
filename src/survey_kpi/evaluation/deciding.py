"""Which band the evidence supports for each person: drafts, until somebody signs.

Below `pay.pool_below` answers the last four quarters decide together, in one look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from survey_kpi.evaluation.score_distributions import JudgedScores
from survey_kpi.evaluation.tables import scored_measure
from survey_kpi.indicators import INDICATORS
from survey_kpi.numeric import Array, IntArray
from survey_kpi.period import Period
from survey_kpi.records.roster import roster
from survey_kpi.scoring import decide, guarded_bands, pay_decisions
from survey_kpi.scoring.guard import drift_of_rates, drift_of_values
from survey_kpi.study.models import Level, Study

POOL_QUARTERS: Final = 4
COLUMNS: Final = (
    "subject", "usable", "last", "raw", "proposed", "paid", "decision", "cut", "draft", "reasons",
    "pooled", "held", "evidence", "base", "drift", "target_bonus", "currency",
)  # fmt: skip
"""Of `decide_bands`: raw is the band of the printed score, held whether the evidence left the last band as it
was although the score lies in another, base the smallest number of answers behind the deciding score, drift
the p value of the test that nothing moved within the pool; target_bonus (None where it is not known) and its
currency are those of the table of people."""

STANDING: Final = ("subject", "last", "tenure_days", "target_bonus", "currency")


def pool_of(period: Period) -> Period | None:
    """Return the four quarters that end with a quarter; None for other periods.

    Examples
    --------
    >>> str(pool_of(Period.parse("2026Q3"))), pool_of(Period.parse("2026Q3-R4"))
    ('2026Q3-R4', None)
    """
    return Period(period.first - 9, 12) if period.is_quarter else None


def pooled_quarters(period: Period) -> list[Period]:
    """Return the quarters that decide together at the end of a quarter; none for other periods."""
    return period.last(POOL_QUARTERS) if period.is_quarter else []


def decide_bands(
    quarter: JudgedScores,
    pool: JudgedScores | None,
    *,
    study: Study,
    standing: pd.DataFrame,
    drift: Mapping[str, float],
) -> pd.DataFrame:
    """Decide for every subject with a row of scores.

    Parameters
    ----------
    quarter, pool
        Scores of the period, and of the last four quarters where those are another period.
    standing
        Of `standing_of`: subject, last (published band, "" for none), tenure_days, target_bonus, currency.
    drift
        p value by subject, see `drift_of`.

    Returns
    -------
    DataFrame
        `COLUMNS`, in the order of the quarter's scores. Nobody has signed yet: every row is a draft.
    """
    bands, rule = study.rules.bands, study.rules.pay
    ids = [band.id for band in bands]
    people = quarter.totals["subject"].to_list()
    known = standing.set_index("subject").reindex(people)
    last = known["last"].fillna("")
    place = np.array([ids.index(band) if band in ids else len(ids) - 1 for band in last])
    now = _guarded(quarter, people, place, study)
    both = (quarter, pool or quarter)
    year = _guarded(pool, people, place, study) if pool else now
    free = quarter.totals["score"].notna() & quarter.totals["base"].isna()  # nothing has sampling error
    bases = quarter.totals["base"].fillna(0).mask(free, np.inf)
    made = decide(now, year, bases if pool else np.full(len(people), np.inf), place, rule)
    deciding = _of_deciding(both, people, made.pooled)
    table = pay_decisions(
        pd.DataFrame(
            {
                "subject": people,
                "score": deciding["score"],
                "evidence": deciding["evidence"],
                "tenure_days": known["tenure_days"].fillna(np.inf).to_numpy(),
                "last": last.to_numpy(),
                "guarded": [ids[band] for band in made.band],
                "signed": False,
                "appeal_open": True,
            }
        ),
        bands,
        rule,
    )
    raw = quarter.totals["band"].to_numpy()
    table = table.assign(
        raw=raw,
        pooled=made.pooled,
        evidence=deciding["evidence"],
        base=deciding["base"],
        drift=[drift.get(subject, np.nan) for subject in people],
        target_bonus=known["target_bonus"].to_numpy(),
        currency=known["currency"].fillna("").to_numpy(),
    )
    table["held"] = (table["proposed"] == table["last"]) & (table["raw"] != table["last"])
    return table[list(COLUMNS)]


def _guarded(judged: JudgedScores, people: Sequence[str], last: Array, study: Study) -> IntArray:
    """Bands of the evidence; the last one for a person without score or distribution."""
    ids = [band.id for band in study.rules.bands]
    wide = judged.reaching.pivot_table(index="subject", columns="band", values="probability")
    reach = wide.reindex(index=list(people), columns=ids).to_numpy(dtype=float)
    band = judged.totals.set_index("subject")["band"].reindex(list(people))
    raw = np.array([ids.index(name) if name in ids else -1 for name in band])
    known = ~np.isnan(reach).any(axis=1) & (raw >= 0)
    return np.where(known, guarded_bands(np.nan_to_num(reach), raw, last, study.rules.pay), last)


def _of_deciding(
    judged: tuple[JudgedScores, JudgedScores], people: Sequence[str], pooled: npt.ArrayLike
) -> dict[str, Array]:
    """Score, grade and base of the period that decided, person by person."""
    now, year = (one.totals.set_index("subject").reindex(list(people)) for one in judged)
    chosen = {name: np.where(pooled, year[name], now[name]) for name in ("score", "evidence", "base")}
    return {**chosen, "evidence": pd.Series(chosen["evidence"], dtype=object).fillna("").to_numpy()}


def standing_of(specialists: pd.DataFrame | None, level: Level, period: Period) -> pd.DataFrame:
    """Return last (published band), tenure_days and target bonus of people; empty for other subjects.

    Parameters
    ----------
    specialists
        Person-spells; None where the study has no such table: nobody has a last band then, and days of
        employment are not known, so that they hold nobody back.
    """
    if specialists is None or not (level.people and level.column == "specialist_id"):
        return pd.DataFrame(columns=list(STANDING))
    there = roster(specialists, [period])[["specialist_id", "tenure_days"]].drop_duplicates("specialist_id")
    people = specialists.drop_duplicates("specialist_id").set_index("specialist_id")  # spells agree on it
    days = there.set_index("specialist_id")["tenure_days"].reindex(people.index, fill_value=0)
    told = people.reindex(columns=["last_band", "target_bonus", "currency"])
    told = told.astype(object).where(told.notna(), None)
    return pd.DataFrame(
        {
            "subject": people.index.astype(str).to_numpy(),
            "last": told["last_band"].fillna("").to_numpy(),
            "tenure_days": days.to_numpy(),
            "target_bonus": told["target_bonus"].to_numpy(),
            "currency": told["currency"].fillna("").to_numpy(),
        },
        columns=list(STANDING),
    )


def drift_of(estimates: pd.DataFrame, study: Study, level: Level, period: Period) -> dict[str, float]:
    """Return, by subject, the p value of the test that no scored indicator moved within the pool.

    Parameters
    ----------
    estimates
        With one row per quarter of the pool.

    Notes
    -----
    Chi-square for rates, Cochran's Q for means; the smallest p value times the number of indicators
    (Bonferroni), so that many indicators do not make a drift.
    """
    quarters = [str(each) for each in period.last(POOL_QUARTERS)]
    mine = estimates[(estimates["level"] == level.id) & estimates["period"].isin(quarters)]
    tests = [_drift(mine, name, study, quarters) for name in study.rules.scored]
    found = [test for test in tests if test is not None]
    table = pd.concat(found, axis=1) if found else pd.DataFrame()
    smallest = (table.min(axis=1) * table.notna().sum(axis=1)).clip(upper=1.0)
    return {str(subject): float(value) for subject, value in smallest.items()}


def _drift(mine: pd.DataFrame, indicator: str, study: Study, quarters: Sequence[str]) -> pd.Series | None:
    """p value by subject for one indicator; None where its family has no such test."""
    sheet = study.indicator(indicator)
    name = scored_measure(sheet)
    family = INDICATORS[sheet.kpi].measure(name).family
    rows = mine[(mine["indicator"] == indicator) & (mine["measure"] == name)]
    wide = rows.pivot_table(index="subject", columns="period", values=["value", "n_effective", "std_error"])
    if rows.empty or family not in {"proportion", "mean", "nps"}:
        return None
    value, n, error = (
        wide.reindex(columns=[(part, quarter) for quarter in quarters]).to_numpy(dtype=float)
        for part in ("value", "n_effective", "std_error")
    )
    if family == "proportion":
        base = np.nan_to_num(n)
        p = drift_of_rates(np.nan_to_num(value) / 100 * base, base)
    else:
        p = drift_of_values(value, error)
    return pd.Series(p, index=wide.index, name=indicator)
