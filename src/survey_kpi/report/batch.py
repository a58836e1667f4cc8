"""What `survey-kpi report` renders: a study, a period and choices become jobs with their output paths."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from survey_kpi.errors import IntegrityError, ReportError, SpecError, nearest
from survey_kpi.evaluation import open_study
from survey_kpi.period import Period
from survey_kpi.publishing import EDITIONS
from survey_kpi.report import children, revisions
from survey_kpi.report.labels import check_labels
from survey_kpi.report.provenance import sha256
from survey_kpi.report.runs import Event, Outcome, RenderJob, render
from survey_kpi.study.folders import STUDIES
from survey_kpi.study.models import Study

NOTEBOOKS: Mapping[str, str] = {
    "leadership": "quarterly_evaluation",
    "data-quality": "data_quality",
    "weighting": "weighting_methods",
    "appraisal": "appraisal",
}
"""Notebook of each edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Jobs, the folder they write under, the record beside them and the hashes of what they read.

    `facts` are published with every report, as `revision` of those of the period; the jobs know of it.
    """

    study: str
    period: str
    data: Path | None
    jobs: Sequence[RenderJob]
    root: Path
    record: Path
    inputs: Mapping[str, str]
    facts: bytes | None = None
    revision: int = 0


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
    return Batch(
        study=study,
        period=str(span),
        data=data,
        jobs=jobs,
        root=root,
        record=folder / revisions.RECORD,
        inputs=input_hashes(declared),
    )


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
    """Render a batch; a failing report does not stop the others.

    Facts that differ from those published before make a revision: the earlier ones are kept.
    """
    with tempfile.TemporaryDirectory(prefix="survey_kpi-") as folder:
        shared = Path(folder)
        batch = frozen(batch, shared)
        return render(
            batch.jobs,
            root=batch.root,
            workers=workers,
            inputs=batch.inputs,
            record=batch.record,
            beside={batch.record.with_name(revisions.FACTS): batch.facts} if batch.facts else {},
            revision=batch.revision,
            shared=shared,
            on_event=on_event,
        )


def frozen(batch: Batch, shared: Path) -> Batch:
    """Evaluate the period, and keep what was published if it says something else by now.

    Where the evaluation is refused nothing is kept: each report tells why. It lies in `shared` for the
    reports of this run.
    """
    folder = batch.record.parent
    published = folder / revisions.FACTS
    message = children.ask(revisions.standing, batch.study, batch.period, batch.data, published, shared)
    if isinstance(message[1:] and message[1], IntegrityError):
        raise message[1]
    if message[0] != "done":
        return batch
    found: revisions.Standing = message[1]
    number = revisions.keep(folder, root=batch.root) if found.differs else revisions.revision_of(folder)
    if not number:
        return replace(batch, facts=found.facts)
    first = Path(os.path.relpath(revisions.first_published(folder))).as_posix()
    told = {"revision": number, "published": first}
    jobs = [replace(job, parameters={**job.parameters, **told}) for job in batch.jobs]
    return replace(batch, jobs=jobs, facts=found.facts, revision=number)
