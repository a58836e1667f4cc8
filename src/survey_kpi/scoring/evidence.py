"""Evidence grades: how much a number may be used for, by the answers behind it."""

from __future__ import annotations

from survey_kpi.study.models import EvidenceRule

ORDER = ("A", "B", "C", "D", "")
"""From the strongest to suppressed."""


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
    return max(grade, cap, key=ORDER.index)
