"""What was declared before the data were opened: periods that may be graded, comparisons that were planned.

Examples
--------
>>> check_gradable(Period.parse("2026-07"))
Traceback (most recent call last):
survey_kpi.errors.SpecError: period: a month is too short to grade anybody; got 2026-07, ...
"""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from survey_kpi.errors import SpecError
from survey_kpi.period import Period
from survey_kpi.study.models import Study, StudyFile

Standing = Literal["primary", "planned", "exploratory"]


def check_gradable(period: Period) -> None:
    """Refuse scores, bands and ranks of a period that holds too few answers for them.

    Quarters are graded, small bases on four rolling quarters; a month yields a health card without grades.

    Raises
    ------
    SpecError
        `period_too_short_for_grade`.
    """
    if period.months >= 3:
        return
    quarter = Period(period.first - period.first % 3, 3)
    raise SpecError(
        "period_too_short_for_grade",
        where="period",
        what="a month is too short to grade anybody",
        got=str(period),
        expected=f"a quarter such as {quarter}, or four rolling quarters such as {quarter}-R4",
        hint="a month has a health card: counts and states, no score, band or rank",
    )


def standing(study: StudyFile, indicator: str, measure: str, level: str = "") -> Standing:
    """Tell whether a comparison was declared in advance.

    Parameters
    ----------
    level
        Level whose subjects are compared, empty for the company.

    Returns
    -------
    str
        `primary`, `planned`, or `exploratory`: then the report marks it so.
    """
    primary = study.primary
    if (indicator, measure, level) == (primary.indicator, primary.measure, ""):
        return "primary"
    planned = any(
        (indicator, level) == (comparison.indicator, comparison.level or "")
        and comparison.measure in (None, measure)
        for comparison in study.plan
    )
    return "planned" if planned else "exploratory"


def plan_hash(study: Study) -> str:
    """Return sha256 over what decides how data will be judged: comparisons, indicators, rules and goals.

    Kept when the data are opened, it tells later whether the plan is still the one of that day.
    """
    declared = {
        "primary": study.study.primary.model_dump(mode="json"),
        "plan": [comparison.model_dump(mode="json") for comparison in study.study.plan],
        "indicators": study.indicators.model_dump(mode="json"),
        "rules": study.rules.model_dump(mode="json"),
        "goals": study.goals.model_dump(mode="json"),
    }
    text = json.dumps(declared, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def changed_since_opening(study: Study, opened_with: str) -> bool:
    """Tell whether the plan is another than the one whose hash was kept when the data were opened."""
    return plan_hash(study) != opened_with
