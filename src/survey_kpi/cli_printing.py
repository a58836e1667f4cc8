"""What the commands print: progress, what was written, mistakes."""

# ruff: noqa: PLC0415  heavy imports wait until a command needs them
from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from survey_kpi.errors import SurveyKpiError
    from survey_kpi.report.runs import Event, Outcome


class progress:  # noqa: N801  used as a context manager
    """Progress bars on a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self._bars: dict[str, Any] = {}
        self._screen: Any = None

    def __enter__(self) -> Callable[[Event], None]:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            # no refresh thread: a process with threads cannot fork its kernels, and would pay imports twice
            self._screen = Progress(
                *columns, console=Console(stderr=True), transient=True, auto_refresh=False
            )
            self._screen.start()
        return self._follow

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._screen:
            self._screen.stop()
        if kind is KeyboardInterrupt:
            typer.echo("interrupted: finished reports stand, nothing half-written is left", err=True)

    def _follow(self, event: Event) -> None:
        if not self._screen:
            if event.stage in {"started", "written", "failed"}:
                typer.echo(f"{event.job.name}: {event.stage}", err=True)
            return
        name = event.job.name
        if name not in self._bars:
            self._bars[name] = self._screen.add_task(name, total=event.steps + 2)
        done = {"html": event.steps, "pdf": event.steps + 1, "written": event.steps + 2}
        self._screen.update(
            self._bars[name],
            completed=done.get(event.stage, event.step),
            description=f"{name}: {event.stage}",
        )
        self._screen.refresh()


def print_outcomes(outcomes: list[Outcome]) -> bool:
    """Print what was written and what failed; return whether everything was written."""
    failures: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.error:
            failures.setdefault(str(outcome.error), []).append(outcome)
    for same in failures.values():  # a mistake in the data fails every language: say it once
        names = ", ".join(outcome.job.name for outcome in same)
        typer.echo(f"{names}: not written{f' (cell {same[0].cell})' if same[0].cell else ''}", err=True)
        if same[0].error:
            print_error(same[0].error)
        if same[0].traceback and os.environ.get("SURVEY_KPI_DEBUG"):
            typer.echo(same[0].traceback, err=True)
    for outcome in outcomes:
        for path in outcome.outputs:
            if path.suffix in {".html", ".pdf"}:
                typer.echo(_relative(path))
    return not failures


def _relative(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def print_error(error: SurveyKpiError) -> None:
    """Print every mistake of an error."""
    count = len(error.problems)
    if count > 1:
        typer.echo(f"{count} mistakes:", err=True)
    for problem in error.problems:
        typer.echo(f"{'- ' if count > 1 else ''}{printable(str(problem))}", err=True)


def printable(text: str) -> str:
    """Names and cells may carry terminal escapes: show them, do not send them."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)


def one_line(text: str) -> str:
    """Line breaks neither, so that no cell can pretend to be a line of ours.

    Examples
    --------
    >>> one_line("e1\\n5 experts, all fine")
    'e1\\\\n5 experts, all fine'
    """
    return printable(text).replace("\n", "\\n")
