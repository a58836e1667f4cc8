"""The evaluation that all reports of a run speak of."""

from __future__ import annotations

from survey_kpi.evaluation import Evaluation, evaluate
from survey_kpi.report.once import once_per_run


@once_per_run
def evaluated(study: str, period: str, data: str) -> Evaluation:
    """Evaluate a period; `data` is the folder of the rows, or empty for that of the project."""
    return evaluate(study, period, data=data or None)
