"""What a child process does with one notebook: run its cells, strip what is of the moment, export.

Nothing here touches the output folder; results travel to the parent as bytes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_kpi.errors import SurveyKpiError
from survey_kpi.report import once
from survey_kpi.report.children import Send, portable

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from survey_kpi.report.shell import Failure

MODULES = ("survey_kpi.report.shell", "survey_kpi.report.extract")
EXPORTERS = {"html": "survey_kpi.report.html", "pdf": "survey_kpi.report.pdf"}
"""What the work below imports, for the parent to import first."""

VOLATILE = ("papermill", "execution", "ExecuteTime")
"""Metadata in which tools note times and paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Content of every output by path, and what each stage took."""

    contents: dict[Path, bytes]
    seconds: dict[str, float]
    cpu_seconds: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The cell that failed; `error` when it refused in our own words."""

    index: int
    ename: str
    evalue: str
    traceback: str
    error: SurveyKpiError | None


@dataclass(slots=True)
class _Clock:
    """Wall and CPU time by stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    _wall: float = field(default_factory=time.perf_counter)
    _cpu: float = field(default_factory=time.process_time)

    def stop(self, stage: str) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        self.seconds[stage], self.cpu_seconds[stage] = wall - self._wall, cpu - self._cpu
        self._wall, self._cpu = wall, cpu


def make(send: Send, nb: NotebookNode, outputs: Mapping[str, Path], shared: Path | None) -> Made | Stopped:
    """Run the notebook and return its outputs: a path for `ipynb`, and for `html` and `pdf` if wanted.

    `shared` is the folder of what the notebooks of the run have in common.
    """
    from survey_kpi.report.shell import run_notebook  # noqa: PLC0415  IPython's import takes its time

    clock = _Clock()

    def watch(kind: str, index: int) -> None:
        if kind == "start":
            send("cell", index)

    with once.within(shared):
        failure = run_notebook(nb, watch)
    if failure:
        return _stopped(failure)
    strip(nb)
    contents = {outputs["ipynb"]: as_bytes(nb)}
    clock.stop("cells")
    for stage in EXPORTERS:
        if stage in outputs:
            send(stage, len(nb.cells) - 1)
            contents[outputs[stage]] = _export(stage, nb, outputs["ipynb"].stem)
            clock.stop(stage)
    return Made(contents=contents, seconds=clock.seconds, cpu_seconds=clock.cpu_seconds)


def strip(nb: NotebookNode) -> None:
    """Remove times, paths and random ids, so that equal inputs give equal bytes."""
    from survey_kpi.report.shell import LANGUAGE  # noqa: PLC0415

    _forget(nb.metadata)
    nb.metadata["language_info"] = dict(LANGUAGE)
    for number, cell in enumerate(nb.cells, 1):
        _forget(cell.metadata)
        cell["id"] = f"cell-{number}"
        if not cell.metadata.get("tags"):
            cell.metadata.pop("tags", None)


def _forget(metadata: dict[str, Any]) -> None:
    for key in VOLATILE:
        metadata.pop(key, None)


def as_bytes(nb: NotebookNode) -> bytes:
    """Return the notebook as a file; half a character of UTF-16 stays the JSON escape that it must be."""
    import nbformat  # noqa: PLC0415

    text: str = nbformat.writes(nb)  # type: ignore[no-untyped-call]
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _export(stage: str, nb: NotebookNode, name: str) -> bytes:
    from survey_kpi.report.extract import document  # noqa: PLC0415

    if stage == "pdf":
        from survey_kpi.report.pdf import render_pdf  # noqa: PLC0415

        return render_pdf(document(nb, name=name))
    from survey_kpi.report.html import render_html  # noqa: PLC0415

    return render_html(document(nb, name=name)).encode("utf-8", "xmlcharrefreplace")


def _stopped(failure: Failure) -> Stopped:
    raised = failure.exception
    return Stopped(
        index=failure.index,
        ename=failure.ename,
        evalue=failure.evalue,
        traceback="\n".join(failure.traceback),
        error=portable(raised) if isinstance(raised, SurveyKpiError) else None,
    )
