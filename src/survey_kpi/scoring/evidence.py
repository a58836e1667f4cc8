"""Evidence grades: how much a number, or a score, may be used for, by the answers behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from survey_kpi.errors import MethodError, nearest
from survey_kpi.study.models import EvidenceRule

ORDER = ("A", "B", "C", "D", "")
"""From the strongest to suppressed."""

CAPS: Final[Mapping[str, str]] = {
    "reliability": "C",
    "self_report": "C",
    "coverage_alarm": "D",
    "definition_break": "D",
}
"""Best grade that each doubt leaves: reliability of the indicator in the period below .70, self-reported
source, open alarm on invitation coverage, break of scale, wording or definition inside the period."""

RELIABILITY_FLOOR: Final = 0.70
CARRIED: Final = 0.80
"""Share of the weight whose indicators grade a score."""


def evidence_grade(n: float, rule: EvidenceRule, *, cap: str = "A") -> str:
    """Return A, B, C, D (descriptive) or "" (suppressed) for a base of n answers.

    Parameters
    ----------
    n
        Valid answers; the Kish effective size where respondent weights are used.
    cap
        Best grade allowed: C for self-reported sources, D under an open coverage alarm.

    Examples
    --------
    >>> [evidence_grade(n, EvidenceRule()) for n in (200, 199, 30, 10, 9)]
    ['A', 'B', 'C', 'D', '']
    >>> evidence_grade(500, EvidenceRule(), cap="C")
    'C'
    """
    floors = (rule.a, rule.b, rule.c, rule.descriptive)
    grade = next((name for name, floor in zip(ORDER, floors, strict=False) if n >= floor), "")
    return worst(grade, cap)


def worst(*grades: str) -> str:
    """Return the weakest of some grades.

    Examples
    --------
    >>> worst("B", "D", "A")
    'D'
    """
    return max(grades, key=ORDER.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A grade, what it would be without caps, and the reasons of the caps that bite.

    Parameters
    ----------
    grade, uncapped
        A, B, C, D or "" (suppressed).
    reasons
        Keys of `CAPS`.
    """

    grade: str
    uncapped: str
    reasons: tuple[str, ...] = ()


def graded(
    n: float,
    rule: EvidenceRule,
    *,
    doubts: Sequence[str] = (),
    reliability: float | None = None,
    error_free: bool = False,
) -> Grade:
    """Grade of one figure with its caps; the uncapped grade and the reasons are printed beside it.

    Parameters
    ----------
    n
        Valid answers, or the Kish effective size.
    doubts
        Keys of `CAPS`.
    reliability
        Reliability of the indicator in the period; None where it cannot be told.
    error_free
        An indicator without sampling error counts as A.

    Raises
    ------
    MethodError
        `unknown_name`: there is no such doubt.

    Examples
    --------
    >>> graded(250, EvidenceRule(), doubts=["self_report"], reliability=0.55)
    Grade(grade='C', uncapped='A', reasons=('reliability', 'self_report'))
    >>> graded(12, EvidenceRule(), doubts=["self_report"])
    Grade(grade='D', uncapped='D', reasons=())
    """
    for doubt in doubts:
        if doubt not in CAPS:
            raise MethodError(
                "unknown_name", where="graded", what="there is no such doubt", got=repr(doubt),
                hint=nearest(doubt, CAPS),
            )  # fmt: skip
    uncapped = "A" if error_free else evidence_grade(n, rule)
    low = reliability is not None and reliability < RELIABILITY_FLOOR
    found = [*(["reliability"] if low else []), *doubts]
    reasons = tuple(doubt for doubt in dict.fromkeys(found) if worst(CAPS[doubt], uncapped) != uncapped)
    return Grade(
        grade=worst(uncapped, *(CAPS[doubt] for doubt in reasons)), uncapped=uncapped, reasons=reasons
    )


def score_evidence(parts: pd.DataFrame) -> pd.DataFrame:
    """Grade each person's score: the worst among the indicators that carry the largest 80 % of weight.

    Parameters
    ----------
    parts
        One row per subject and indicator: subject, weight, evidence (grade), n; n is NaN where the
        indicator carries no sampling error.

    Returns
    -------
    pandas.DataFrame
        One row per subject, in the order of the table: subject, evidence, n (smallest base among those
        indicators, NaN if none has one).

    Notes
    -----
    Largest weights first, at a tie the worse grade first, until the sum reaches .80.

    Examples
    --------
    >>> parts = pd.DataFrame({"subject": "s1", "weight": [0.5, 0.3, 0.2], "evidence": ["A", "B", "D"],
    ...                       "n": [250, 120, 12]})
    >>> score_evidence(parts).to_dict("records")
    [{'subject': 's1', 'evidence': 'B', 'n': 120.0}]
    """
    place = parts["evidence"].map(ORDER.index)
    ordered = parts.assign(place=place).sort_values(
        ["weight", "place"], ascending=[False, False], kind="stable"
    )
    reached = ordered.groupby("subject")["weight"].cumsum() - ordered["weight"]
    carrying = ordered[reached < CARRIED - 1e-9]
    found = carrying.groupby("subject").agg(place=("place", "max"), n=("n", "min"))
    found = found.reindex(parts["subject"].drop_duplicates())
    return pd.DataFrame(
        {
            "subject": found.index.to_numpy(),
            "evidence": [ORDER[int(grade)] for grade in found["place"]],
            "n": found["n"].to_numpy(dtype=float),
        }
    )
