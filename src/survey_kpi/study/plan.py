"""What was declared before the data were opened: the comparisons that were planned, and a hash of the plan.

A comparison that nobody planned may be shown; it is marked as exploratory, since somebody looked first.
"""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from survey_kpi.study.models import Study, StudyFile

Standing = Literal["primary", "planned", "exploratory"]


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
