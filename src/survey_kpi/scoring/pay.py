"""From a score to pay: what it may be used for, which band follows, who still has to sign.

Nothing here decides about a person: without a signature the decision stays empty and the page a draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from survey_kpi.scoring.evidence import ORDER
from survey_kpi.study.models import Band
from survey_kpi.study.rewards import PayGuard, Penalty

FOR_PAY = ("A", "B", "C")
"""Grades that may be used for pay, C with the committee's signature on every cut."""
UNMEASURED, TENURE, SUPPRESSED, GRADE_D = "unmeasured", "tenure", "suppressed", "grade_d"
CUT_GRADE, UNSIGNED, APPEAL_CLOSED = "cut_grade", "unsigned", "appeal_closed"


def pay_decisions(people: pd.DataFrame, bands: Sequence[Band], rule: PayGuard) -> pd.DataFrame:
    """Decision table: what each score may be used for and which band is paid.

    Parameters
    ----------
    people
        One row per subject: subject, score (NaN without one), evidence (grade of the score), tenure_days,
        last (id of the last published band, "" for none), guarded (id of the band that the guard supports),
        signed (a person signed), appeal_open (the appeal window is open).
    bands
        In ascending order.
    rule
        Pay guard of the study.

    Returns
    -------
    pandas.DataFrame
        In the order of `people`: subject, usable (may the score be used for pay), last, proposed (the band
        that follows from the evidence), paid (the band as things stand: a cut without grade, signature and
        appeal window pays the last band), decision (`paid` once signed, else ""), cut, draft, reasons
        (codes joined by a comma).

    Examples
    --------
    >>> from survey_kpi.study.base import Text
    >>> word = Text(zh="档", en="band")
    >>> bands = [Band(id=i, label=word, low=a, high=b) for i, a, b in [("low", 0, 80), ("full", 80, 120)]]
    >>> people = pd.DataFrame({"subject": ["s1", "s2"], "score": [70.0, 71.0], "evidence": ["B", "D"],
    ...     "tenure_days": 92, "last": "full", "guarded": "low", "signed": False, "appeal_open": True})
    >>> found = pay_decisions(people, bands, PayGuard())
    >>> found[["usable", "proposed", "paid", "decision", "reasons"]].values.tolist()
    [[True, 'low', 'full', '', 'unsigned'], [False, 'full', 'full', '', 'grade_d']]
    """
    ids = [band.id for band in bands]
    last = people["last"].where(people["last"] != "", ids[-1])
    hindrances = _hindrances(people, rule)
    usable = hindrances == ""
    graded = people["evidence"].map(ORDER.index) <= ORDER.index(rule.down_grade)
    place = {name: number for number, name in enumerate(ids)}
    wanted = people["guarded"].where(usable, last)
    weak = usable & (wanted.map(place) < last.map(place)) & ~graded
    proposed = wanted.where(~weak, last)
    cut = proposed.map(place) < last.map(place)
    unsigned, closed = cut & ~people["signed"], cut & ~people["appeal_open"]
    paid = proposed.where(~(unsigned | closed), last)
    waiting = {CUT_GRADE: weak, UNSIGNED: unsigned, APPEAL_CLOSED: closed}
    reasons = [
        ",".join([*([hindrances.iloc[row]] if hindrances.iloc[row] else [])]
                 + [code for code, mask in waiting.items() if mask.iloc[row]])
        for row in range(len(people))
    ]  # fmt: skip
    return pd.DataFrame(
        {
            "subject": people["subject"].to_numpy(),
            "usable": usable.to_numpy(),
            "last": last.to_numpy(),
            "proposed": proposed.to_numpy(),
            "paid": paid.to_numpy(),
            "decision": paid.where(people["signed"], "").to_numpy(),
            "cut": cut.to_numpy(),
            "draft": ~people["signed"].to_numpy(dtype=bool),
            "reasons": reasons,
        }
    )


def _hindrances(people: pd.DataFrame, rule: PayGuard) -> pd.Series:
    """Why a score is not for pay, the first that applies; "" where it is."""
    short, absent = people["tenure_days"] < rule.tenure_days, people["score"].isna()
    hidden, weak = people["evidence"] == "", ~people["evidence"].isin(FOR_PAY)
    found = np.select([short, absent, hidden, weak], [TENURE, UNMEASURED, SUPPRESSED, GRADE_D], default="")
    return pd.Series(found, index=people.index)


def penalties_due(
    decisions: pd.DataFrame,
    probabilities: pd.DataFrame,
    penalties: Sequence[Penalty],
    bands: Sequence[Band],
    rule: PayGuard,
) -> pd.DataFrame:
    """Penalties that the evidence supports: a band that is merely held costs nothing.

    Parameters
    ----------
    decisions
        Of `pay_decisions`.
    probabilities
        subject, band, probability of reaching the band's lower edge, as of `ScoreDistribution.table`.
    penalties
        Declared penalties, each for one band.
    bands
        In ascending order.

    Returns
    -------
    pandas.DataFrame
        subject, penalty, share, probability (of reaching the band above, at most `down`), draft: not to be
        carried out before a person has signed.

    Examples
    --------
    >>> from survey_kpi.study.base import Text
    >>> word = Text(zh="档", en="band")
    >>> bands = [Band(id=i, label=word, low=a, high=b) for i, a, b in [("low", 0, 80), ("full", 80, 120)]]
    >>> reduced = Penalty(id="reduced", label=Text(zh="减发", en="reduced"), band="low", share=0.5)
    >>> decisions = pd.DataFrame({"subject": ["s1", "s2"], "usable": True, "proposed": "low", "draft": True})
    >>> reach = pd.DataFrame({"subject": ["s1", "s2"], "band": "full", "probability": [0.03, 0.4]})
    >>> penalties_due(decisions, reach, [reduced], bands, PayGuard()).values.tolist()
    [['s1', 'reduced', 0.5, 0.03, True]]
    """
    above = {low.id: high.id for low, high in pairwise(bands)}
    declared = pd.DataFrame(
        [(one.id, one.share, one.band, above[one.band]) for one in penalties if one.band in above],
        columns=["penalty", "share", "proposed", "band"],
    )
    reach = probabilities[["subject", "band", "probability"]]
    due = decisions[decisions["usable"]].drop(columns="band", errors="ignore").merge(declared, on="proposed")
    due = due.merge(reach, on=["subject", "band"])
    due = due[due["probability"] <= rule.down]
    return due[["subject", "penalty", "share", "probability", "draft"]].reset_index(drop=True)


def explanation(
    subject: str, parts: pd.DataFrame, probabilities: pd.DataFrame, decisions: pd.DataFrame, rule: PayGuard
) -> pd.DataFrame:
    """Every input and rule behind one person's decision, as the person is owed it (PIPL article 24).

    Parameters
    ----------
    parts
        subject, indicator, value, n, target, attainment, weight, contribution, as of `score_subjects`.
    probabilities
        subject, band, edge, probability, as of `ScoreDistribution.table`.
    decisions
        Of `pay_decisions`.

    Returns
    -------
    pandas.DataFrame
        source (input, probability, rule or decision), name, value.
    """
    mine = [table[table["subject"] == subject] for table in (parts, probabilities, decisions)]
    inputs = mine[0].drop(columns="subject").melt(id_vars="indicator", var_name="field", value_name="held")
    rows = [("input", f"{row.indicator}.{row.field}", row.held) for row in inputs.itertuples()]
    rows += [
        ("probability", f"score >= {row.edge:g} ({row.band})", row.probability)
        for row in mine[1].itertuples()
    ]
    rows += [("rule", name, value) for name, value in rule.model_dump().items()]
    rows += [("decision", name, mine[2][name].iloc[0]) for name in mine[2].columns if name != "subject"]
    return pd.DataFrame(rows, columns=["source", "name", "value"])
