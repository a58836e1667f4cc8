"""What `survey-kpi report` renders: a study, a period and choices become jobs with their output paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from survey_kpi.errors import ReportError, SpecError, nearest
from survey_kpi.evaluation import open_study
from survey_kpi.period import Period
from survey_kpi.publishing import EDITIONS
from survey_kpi.report.labels import check_labels
from survey_kpi.report.provenance import sha256
from survey_kpi.report.runs import Event, Outcome, RenderJob, render
from survey_kpi.study.folders import STUDIES
from survey_kpi.study.models import Study

NOTEBOOKS: Mapping[str, str] = {
    "leadership": "quarterly_evaluation",
    "data-quality": "data_quality",
    "weighting": "weighting_methods",
}
"""Notebook of each edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Jobs, the folder they write under, the record beside them and the hashes of what they read."""

    jobs: Sequence[RenderJob]
    root: Path
    record: Path
    inputs: Mapping[str, str]


def find_notebook(name: str) -> Path:
    """Return a notebook that travels with the package, or that of the checkout it runs from.

    Raises
    ------
    ReportError
        `notebook_missing`.
    """
    installed = Path(str(resources.files("survey_kpi"))) / "notebooks" / f"{name}.ipynb"
    checkout = Path(__file__).parents[3] / "notebooks" / f"{name}.ipynb"
    for path in (installed, checkout):
        if path.is_file():
            return path
    raise ReportError(
        "notebook_missing",
        where=name,
        what="the package does not carry this notebook",
        hint="install it again",
    )


def report_jobs(
    study: str,
    period: str,
    *,
    edition: str,
    languages: Sequence[str],
    formats: Sequence[str],
    data: Path | None = None,
    output: Path | None = None,
) -> Batch:
    """Check a study, a period and the choices, and lay out what is to be rendered.

    Raises
    ------
    SpecError
        The study files are wrong (all mistakes at once), `period_format`, `unknown_parameter`.
    ReportError
        `missing_glyph`: the fonts lack a character of our wording or of the study's labels.
    """
    declared = open_study(study, data=data)
    span = Period.parse(period)
    check_labels(declared)
    editions = EDITIONS if edition == "all" else (edition,)
    unknown = [name for name in editions if name not in NOTEBOOKS]
    if unknown:
        raise SpecError(
            "unknown_parameter",
            where="edition",
            what="there is no such edition",
            got=repr(unknown[0]),
            hint=nearest(unknown[0], NOTEBOOKS),
        )
    root = (output or _project(Path(declared.root)) / "reports").absolute()
    folder = root / declared.study.name / str(span)
    jobs = [
        _job(folder, name, language, formats, study, str(span), data)
        for name in editions
        for language in languages
    ]
    return Batch(jobs=jobs, root=root, record=folder / "run.json", inputs=input_hashes(declared))


def _job(
    folder: Path,
    edition: str,
    language: str,
    formats: Sequence[str],
    study: str,
    period: str,
    data: Path | None,
) -> RenderJob:
    name = f"{edition}.{language}"
    return RenderJob(
        notebook=find_notebook(NOTEBOOKS[edition]),
        parameters={
            "study": study,
            "period": period,
            "language": language,
            "data": os.fspath(data) if data else "",
        },
        out_ipynb=folder / "notebooks" / f"{name}.ipynb",
        out_html=folder / f"{name}.html" if "html" in formats else None,
        out_pdf=folder / f"{name}.pdf" if "pdf" in formats else None,
    )


def _project(study_folder: Path) -> Path:
    return study_folder.parent.parent if study_folder.parent.name == STUDIES else study_folder


def input_hashes(study: Study) -> dict[str, str]:
    """Return sha256 of every study file and every file of rows, by name."""
    root, rows = Path(study.root), Path(study.data_dir)
    files = {f"study/{path.relative_to(root).as_posix()}": path for path in _files(root)}
    files |= {f"data/{path.relative_to(rows).as_posix()}": path for path in _files(rows)}
    return {name: sha256(path.read_bytes()) for name, path in sorted(files.items())}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("[!.]*") if path.is_file()] if folder.is_dir() else []


def run_jobs(batch: Batch, *, workers: int, on_event: Callable[[Event], None] | None = None) -> list[Outcome]:
    """Render a batch; a failing report does not stop the others."""
    return render(
        batch.jobs,
        root=batch.root,
        workers=workers,
        inputs=batch.inputs,
        record=batch.record,
        on_event=on_event,
    )
