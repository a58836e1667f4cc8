"""From a printed number back to how it came about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from survey_kpi.errors import SpecError, nearest
from survey_kpi.evaluation import evaluate
from survey_kpi.evaluation.quality import assess
from survey_kpi.evaluation.weighting import assess_study
from survey_kpi.facts import Fact
from survey_kpi.study.folders import MAIN_FILE, STUDIES

RECORD = "run.json"


def trace_fact(key: str, *, study: str | None = None, data: Path | None = None) -> Iterator[str]:
    """Yield the lines that explain a number: value, state, formula, filter, and what it depends on.

    Parameters
    ----------
    key
        Fact key as shown in a report.
    study
        Study name or folder; else that of the latest report of the key's period under `reports/`.

    Raises
    ------
    SpecError
        `unknown_fact`: the evaluation holds no such number; `study_missing`: no report tells the study.
    """
    period = key.partition("/")[0]
    named = study or latest_study(period, Path("reports"))
    facts = _maker(key)(named, period, data=data).facts
    if key not in facts:
        raise SpecError(
            "unknown_fact",
            where="key",
            what="the evaluation holds no such number",
            got=repr(key),
            hint=nearest(key, facts),
        )
    fact = facts[key]
    yield f"{fact.key}  {fact.hash}"
    yield f"  value    {fact.value!r} {fact.unit}" if fact.value == fact.value else f"  state    {fact.state}"
    for name in ("reason", "formula", "filter"):
        if getattr(fact, name):
            yield f"  {name:<8} {getattr(fact, name)}"
    for other in fact.depends:
        yield _line(facts.get(other), other)


def _maker(key: str) -> Callable[..., Any]:
    """Return what makes the numbers of this key's kind."""
    kind = key.partition("/")[2].partition(".")[0]
    return {"quality": assess, "weighting": assess_study}.get(kind, evaluate)


def _line(fact: Fact | None, key: str) -> str:
    return f"  from     {key} = {fact.value!r} {fact.unit}  {fact.hash}" if fact else f"  from     {key}"


def latest_study(period: str, reports: Path) -> Path:
    """Return the folder of the study whose report of a period is the latest under a reports folder."""
    records = sorted(reports.glob(f"*/{period}/{RECORD}"), key=lambda path: path.stat().st_mtime_ns)
    project = reports.absolute().parent
    for record in reversed(records):
        for folder in (project / STUDIES / record.parts[-3], project):
            if (folder / MAIN_FILE).is_file():
                return folder
    raise SpecError(
        "study_missing",
        where="study",
        what=f"no report of {period} stands under {reports}/, so the study must be named",
        expected="--study STUDY",
    )
