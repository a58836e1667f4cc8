"""From a notebook to its executed copy, HTML, PDF and record: each report appears whole, or not at all.

Every job is checked before anything runs. Then one child process per job runs the cells and makes the report
in memory; the parent alone touches the disk. A job that fails leaves what was published before in place and
does not stop the others. Two runs with equal inputs give equal bytes; only the record differs.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from survey_kpi.errors import Problem, RunError, SpecError, SurveyKpiError
from survey_kpi.report import children, files, making, parameters, provenance

if TYPE_CHECKING:
    from nbformat import NotebookNode

PRELOAD = ("papermill.parameterize", "pandas", "duckdb", "matplotlib.pyplot", *making.MODULES)
"""Imported once before the children start, with the exporters and with what the notebooks import."""

QUOTED = 60
"""Characters that a message quotes of a cell's first line and of a parameter."""

Stage = Literal["started", "cell", "html", "pdf", "written", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """One notebook, its parameters, and where the results go; paths are absolute or relative to the root."""

    notebook: Path
    parameters: Mapping[str, Any]
    out_ipynb: Path
    out_html: Path | None = None
    out_pdf: Path | None = None

    @property
    def name(self) -> str:
        """Name of the report, such as `leadership.en`."""
        return self.out_ipynb.name.removesuffix(".ipynb")

    @property
    def outputs(self) -> dict[str, Path]:
        """Path of every file that the job makes, by kind."""
        paths = {"ipynb": self.out_ipynb, "html": self.out_html, "pdf": self.out_pdf}
        return {kind: path for kind, path in paths.items() if path}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What just happened to a job: it reached a stage, `step` of `steps` cells have begun."""

    job: RenderJob
    stage: Stage
    step: int
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended.

    Parameters
    ----------
    error
        Why nothing was written, or None.
    cell
        Number of the cell that failed, from 1, among the notebook's own cells.
    traceback
        For those who debug; empty when the error speaks for itself.
    outputs
        sha256 of every file written.
    seconds, cpu_seconds
        Wall and CPU time of the cells and of each export.
    """

    job: RenderJob
    error: SurveyKpiError | None = None
    cell: int | None = None
    traceback: str = ""
    outputs: Mapping[Path, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)


def render(
    jobs: Sequence[RenderJob],
    *,
    root: Path,
    workers: int = 2,
    time_limit: float = 900.0,
    inputs: Mapping[str, str] | None = None,
    record: Path | None = None,
    beside: Mapping[Path, bytes] | None = None,
    revision: int = 0,
    shared: Path | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> list[Outcome]:
    """Render every job and return how each ended, in their order.

    Parameters
    ----------
    jobs
        What to render.
    root
        Output folder; nothing is written outside it.
    workers
        Notebooks that run at one time.
    time_limit
        Seconds that one job may take.
    inputs
        sha256 by name of what the notebooks read, for the record.
    record
        Place of `run.json`, or None for no record; it changes together with each report.
    beside
        Files that are published together with each report, by path: the facts that they print.
    revision
        Number of the facts' revision, for the record.
    shared
        Private folder of what the notebooks have in common; see `survey_kpi.report.once`.
    on_event
        Called in this process as the jobs proceed.

    Raises
    ------
    SpecError
        Before anything runs: see `survey_kpi.report.parameters.validate` and
        `survey_kpi.report.files.contained`; `duplicate_output`: two outputs share a path.
    KeyboardInterrupt
        After every child has ended; reports finished by then stand, of the others there is nothing.

    Notes
    -----
    An outcome's error is what a cell refused with (any `SurveyKpiError`, as it is), or a `RunError`:
    `cell_failed` (any other exception), `kernel` (the process died, or a cell waited for input), `limit`
    (time), `disk`.

    Where this process may not fork, children start afresh and import the caller's main module: a script
    then needs its `if __name__ == "__main__"`.
    """
    _check_outputs(jobs, root, record)
    values = _check_parameters(jobs)
    with children.pinned():
        tasks = _prepare(jobs, values)
        made_with = provenance.environment(Path())
        shelf = _Shelf(
            root=root,
            record=record,
            inputs=inputs or {},
            made_with=made_with,
            beside=beside or {},
            revision=revision,
        )
        outcomes: dict[int, Outcome] = {}
        with closing(_messages(tasks, workers, time_limit, shared)) as messages:
            for task, message in messages:
                if message[0] == "news":
                    task.stage, task.index = message[1:]
                else:
                    outcomes[task.number] = outcome = _conclude(task, message, shelf)
                    task.stage = "failed" if outcome.error else "written"
                if on_event:
                    on_event(task.event())
    return [outcomes[task.number] for task in tasks]


# --- before anything runs -----------------------------------------------------------------------------


def _check_outputs(jobs: Sequence[RenderJob], root: Path, record: Path | None) -> None:
    paths = [path for job in jobs for path in job.outputs.values()] + ([record] if record else [])
    places = Counter(files.contained(path, root) for path in paths)
    if twice := [str(place) for place, count in places.items() if count > 1]:
        what = "two outputs share one path"
        raise SpecError("duplicate_output", where=str(root), what=what, got=", ".join(twice))


def _check_parameters(jobs: Sequence[RenderJob]) -> list[dict[str, parameters.Value]]:
    values, problems = [], list[Problem]()
    for job in jobs:
        try:
            values.append(parameters.validate(job.notebook, job.parameters))
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError.collect(dict.fromkeys(problems))  # languages of one report share their mistakes
    return values


@dataclass(slots=True, eq=False, kw_only=True)
class _Task:
    """A job on its way."""

    number: int
    job: RenderJob
    values: dict[str, parameters.Value]
    nb: NotebookNode
    notebook_hash: str
    began: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    stage: Stage = "started"
    index: int = 0

    def event(self) -> Event:
        """Return where the task is, for those who watch."""
        return Event(job=self.job, stage=self.stage, step=self.index + 1, steps=len(self.nb.cells))

    def cell(self, index: int) -> int:
        """Return the number of a cell, from 1, as if papermill had not put one in."""
        cells = self.nb.cells[: index + 1]
        return sum("injected-parameters" not in cell.metadata.get("tags", ()) for cell in cells)

    def where(self, index: int) -> str:
        """Return notebook, cell or export, and parameters, for a message."""
        line = self.nb.cells[index].source.strip().partition("\n")[0] if self.nb.cells else ""
        place = f"{self.stage} export" if self.stage in making.EXPORTERS else f"cell {self.cell(index)}"
        quoted = (
            f" `{children.one_line(line, QUOTED)}`" if line and self.stage not in making.EXPORTERS else ""
        )
        told = [f"{name}={children.one_line(repr(value), QUOTED)}" for name, value in self.values.items()]
        return ", ".join([self.job.notebook.name, place + quoted, *told])


def _prepare(jobs: Sequence[RenderJob], values: Sequence[dict[str, parameters.Value]]) -> list[_Task]:
    """Import what the children need, once, and put the parameters into the notebooks."""
    kinds = {kind for job in jobs for kind in job.outputs}
    children.preload([*PRELOAD, *(making.EXPORTERS[kind] for kind in making.EXPORTERS if kind in kinds)])
    tasks = [
        _Task(number=number, job=job, values=given, **_read(job.notebook, given))
        for number, (job, given) in enumerate(zip(jobs, values, strict=True))
    ]
    children.preload(module for task in tasks for module in children.imports(task.nb))
    return tasks


def _read(notebook: Path, values: dict[str, parameters.Value]) -> dict[str, Any]:
    import nbformat  # noqa: PLC0415  `preload` knows how to import it in a tenth of the time
    from papermill.iorw import load_notebook_node  # noqa: PLC0415
    from papermill.parameterize import parameterize_notebook  # noqa: PLC0415

    content = notebook.read_bytes()
    nb = load_notebook_node(nbformat.reads(content.decode(), as_version=4))  # type: ignore[no-untyped-call]
    if values:
        nb = parameterize_notebook(nb, values, kernel_name="python3", language="python")
    return {"nb": nb, "notebook_hash": provenance.sha256(content)}


# --- while children run -------------------------------------------------------------------------------


def _messages(
    tasks: Sequence[_Task], workers: int, time_limit: float, shared: Path | None
) -> Generator[tuple[_Task, children.Message], None, None]:
    """Yield every message of every task; no child outlives this generator."""
    waiting = deque(tasks)
    running: dict[children.Child, _Task] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                task = waiting.popleft()
                child = children.Child.start(making.make, task.nb, task.job.outputs, shared)
                child.deadline = time.monotonic() + time_limit
                running[child] = task
                yield task, ("news", "started", 0)
            child, message = children.listen(running)
            task = running[child]
            if message[0] != "news":
                del running[child]
                child.stop()
            yield task, message
    finally:
        for child in running:
            child.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """Where finished reports go, and what the record says of all of them."""

    root: Path
    record: Path | None
    inputs: Mapping[str, str]
    made_with: Mapping[str, Any]
    beside: Mapping[Path, bytes]
    revision: int

    def put(self, task: _Task, made: making.Made) -> dict[Path, str]:
        """Publish a report together with its record; return the hash of every file of the report."""
        hashes = {path: provenance.sha256(content) for path, content in made.contents.items()}
        contents = {**made.contents, **self.beside}
        if self.record:
            contents[self.record] = self._renewed(self.record, task, made, hashes)
        files.publish(contents, root=self.root)
        return hashes

    def _renewed(self, record: Path, task: _Task, made: making.Made, hashes: Mapping[Path, str]) -> bytes:
        place = self.root / record
        entry = provenance.run_record(
            notebook=task.job.notebook.name,
            notebook_hash=task.notebook_hash,
            parameters=task.values,
            inputs=self.inputs,
            outputs={_relative(self.root / path, place.parent): digest for path, digest in hashes.items()},
            started=task.began,
            seconds=made.seconds,
            cpu_seconds=made.cpu_seconds,
            made_with=self.made_with,
        )
        existing = place.read_bytes() if place.is_file() else None
        return provenance.with_record(existing, task.job.name, entry, revision=self.revision)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _conclude(task: _Task, message: children.Message, shelf: _Shelf) -> Outcome:
    match message:
        case ("done", making.Made() as made):
            return _published(task, made, shelf)
        case ("done", making.Stopped() as stopped):
            return _failed_cell(task, stopped)
        case _:
            traceback = message[2] if message[0] == "crash" else ""
            fault = children.fault(message, where=task.where(task.index))
            return Outcome(job=task.job, error=fault, traceback=traceback)


def _published(task: _Task, made: making.Made, shelf: _Shelf) -> Outcome:
    outcome = Outcome(job=task.job, seconds=made.seconds, cpu_seconds=made.cpu_seconds)
    try:
        return replace(outcome, outputs=shelf.put(task, made))
    except SurveyKpiError as error:
        return replace(outcome, error=error)


def _failed_cell(task: _Task, stopped: making.Stopped) -> Outcome:
    cell = task.cell(stopped.index)
    if stopped.error:
        return Outcome(job=task.job, error=stopped.error, cell=cell)
    asked = stopped.ename == "StdinNotImplementedError"
    error = RunError(
        "kernel" if asked else "cell_failed",
        where=task.where(stopped.index),
        what="the cell waited for input" if asked else "the cell failed",
        got=None if asked else f"{stopped.ename}: {children.one_line(stopped.evalue)}",
        hint="nobody answers while a report renders: make it a parameter" if asked else "",
    )
    return Outcome(job=task.job, error=error, cell=cell, traceback=stopped.traceback)
