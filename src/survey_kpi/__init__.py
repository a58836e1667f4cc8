"""Reproducible appraisal of customer-facing work: estimates, indicator weights, scores, reports.

>>> from survey_kpi import evaluate  # doctest: +SKIP
>>> evaluate("sample", "2026Q3").to_frame()  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from survey_kpi.evaluation import Evaluation, evaluate, open_study

__version__ = "0.1.0"
__all__ = ["Evaluation", "__version__", "evaluate", "open_study"]


def __getattr__(name: str) -> Any:
    """Import the engine room only when it is asked for: `survey-kpi --help` must not pay for it."""
    if name in {"Evaluation", "evaluate", "open_study"}:
        from survey_kpi import evaluation  # noqa: PLC0415

        return getattr(evaluation, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
