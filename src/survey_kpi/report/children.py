"""Child processes that start with everything imported, report on the way and never outlive their parent.

A fresh kernel costs seconds of CPU before the first cell; a fork costs hundredths. A process may fork only
while it has a single thread, so `pinned` keeps numeric libraries from starting pools, and `can_fork` looks.
Where it may not fork (Windows, macOS, inside Jupyter) a child starts afresh: slower, same results.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survey_kpi import errors
from survey_kpi.errors import RunError, SurveyKpiError

if TYPE_CHECKING:
    from nbformat import NotebookNode

PINS: Mapping[str, str] = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MPLBACKEND": "agg",  # figures stand in the outputs, never in windows
}
"""Environment in which numeric libraries start no thread; sums also keep their order, so bytes stay equal."""

TASKS = Path("/proc/self/task")
"""Where Linux lists the threads of this process, those of C libraries too."""

FORK_SAFE = frozenset({"jemalloc_bg_thd"})
"""Names of threads that survive or renew themselves when the process forks (pyarrow's allocator)."""

TICK = 0.2
"""Seconds between two looks at whether a silent child is alive."""

GRACE = 2.0
"""Seconds that a child which hung up has to tell its exit status."""

Message = tuple[Any, ...]
Send = Callable[..., None]


@contextlib.contextmanager
def pinned() -> Iterator[None]:
    """Set `PINS` for a while; libraries read them when they are first imported."""
    before = {name: os.environ.get(name) for name in PINS}
    os.environ.update(PINS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def can_fork() -> bool:
    """Return whether this process may fork: its threads can be counted, and no other would be lost."""
    pdf = sys.modules.get("survey_kpi.report.pdf")
    if not TASKS.is_dir() or threading.active_count() > 1 or (pdf and pdf.has_printed()):
        return False
    if _threads() > 1:
        _rest_pools()
    return _threads() == 1


def _threads() -> int:
    names = []
    for task in TASKS.glob("*/comm"):
        with contextlib.suppress(OSError):  # a thread may end while we look
            names.append(task.read_text().strip())
    return sum(name not in FORK_SAFE for name in names)


def _rest_pools() -> None:
    """Fork for nothing: a library that prepares for forks (OpenBLAS) ends its threads when one happens."""
    with warnings.catch_warnings(), _held(signal.SIGINT, signal.SIGTERM):
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 suspects every fork beside threads
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)


def preload(modules: Iterable[str]) -> None:
    """Import what the children will need; a module that fails is left to the cell that asks for it."""
    with _hidden("rfc3987_syntax"):
        importlib.import_module("nbformat")
    for module in modules:
        with contextlib.suppress(Exception, SystemExit):
            importlib.import_module(module)


@contextlib.contextmanager
def _hidden(module: str) -> Iterator[None]:
    """Make `module` look absent: jsonschema imports this one, for more than a second, to check IRIs."""
    hide = module not in sys.modules
    if hide:
        sys.modules[module] = None  # type: ignore[assignment]  # import then raises ImportError
    try:
        yield
    finally:
        if hide:
            del sys.modules[module]


def imports(nb: NotebookNode) -> list[str]:
    """Return the modules that the notebook's cells import, in their order.

    Examples
    --------
    >>> from nbformat import from_dict
    >>> cell = {"cell_type": "code", "source": "import json\\nfrom os import path"}
    >>> imports(from_dict({"cells": [cell]}))
    ['json', 'os', 'os.path']
    """
    found: dict[str, None] = {}
    for cell in nb.cells:
        with contextlib.suppress(SyntaxError, ValueError):
            for node in ast.parse(cell.source if cell.cell_type == "code" else "").body:
                found.update(dict.fromkeys(_modules(node)))
    return list(found)


def _modules(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


@dataclass(slots=True, eq=False)
class Child:
    """A process that does one task and reports on the way.

    Messages are `("news", …)` from the task, then one of `("done", result)`, `("error", SurveyKpiError)` and
    `("crash", exception, traceback)`; when it can no longer speak, `("died", exit status)` or `("late",)`.
    """

    process: BaseProcess
    inbox: Connection
    deadline: float = math.inf

    @classmethod
    def start(cls, task: Callable[..., Any], *args: Any) -> Child:
        """Run `task(send, *args)` in a new process; everything that crosses must be picklable."""
        context: Any = multiprocessing.get_context("fork" if can_fork() else "spawn")
        inbox, outbox = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(outbox, task, args))
        child = cls(process, inbox)
        try:
            with _held(signal.SIGINT, signal.SIGTERM):
                process.start()
            outbox.close()
        except KeyboardInterrupt:  # held back until now: the child runs, and nobody knows it yet
            child.stop()
            raise
        return child

    def hear(self, *, ready: bool) -> Message | None:
        """Return the next message if there is one."""
        try:
            if ready or self.inbox.poll():
                message: Message = self.inbox.recv()
                return message
        except (EOFError, OSError):
            self.process.join(GRACE)
            return "died", self.process.exitcode
        if not self.process.is_alive() and not self.inbox.poll():
            return "died", self.process.exitcode
        return ("late",) if time.monotonic() > self.deadline else None

    def stop(self) -> None:
        """End the process and whatever it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg") and self.process.pid:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.inbox.close()


@contextlib.contextmanager
def _held(*signals: signal.Signals) -> Iterator[None]:
    """Hold signals back: Python ignores what a handler raises inside the hooks that run around a fork."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def listen(children: Collection[Child]) -> tuple[Child, Message]:
    """Wait for the next message of any of the children."""
    while True:
        ready = wait([child.inbox for child in children], TICK)
        for child in children:
            if message := child.hear(ready=child.inbox in ready):
                return child, message


def ask(task: Callable[..., Any], *args: Any) -> Message:
    """Run one task in a child to its end and return its last message."""
    child = Child.start(task, *args)
    try:
        while True:
            _, message = listen([child])
            if message[0] != "news":
                return message
    finally:
        child.stop()


def fault(message: Message, *, where: str) -> SurveyKpiError:
    """Return the error that a child's last message amounts to.

    Examples
    --------
    >>> print(fault(("late",), where="scorecard.ipynb, cell 3"))
    scorecard.ipynb, cell 3: the notebook took longer than its time limit. [limit] Hint: raise ...
    >>> fault(("died", -9), where="scorecard.ipynb, cell 3").problems[0].got
    'SIGKILL'
    """
    match message:
        case ("error", SurveyKpiError() as error):
            return error
        case ("late",):
            what = "the notebook took longer than its time limit"
            return RunError("limit", where=where, what=what, hint="raise the limit, or look at this cell")
        case ("died", status):
            hint = "it was killed from outside, ran out of memory, or a library crashed"
            return RunError("kernel", where=where, what="the process died", got=_status(status), hint=hint)
        case _:
            return RunError("kernel", where=where, what="the process failed", got=message[1])


def _status(code: int | None) -> str:
    if code is not None and code < 0:
        return next((entry.name for entry in signal.Signals if entry == -code), f"signal {-code}")
    return f"exit status {code}"


def _work(outbox: Connection, task: Callable[..., Any], args: tuple[Any, ...]) -> None:
    _settle()

    def send(*news: Any) -> None:
        outbox.send(("news", *news))

    try:
        answer: Message = ("done", task(send, *args))
    except SurveyKpiError as error:
        answer = ("error", portable(error))
    except BrokenPipeError:  # the parent is gone, and with it the reason to go on
        return
    except BaseException as error:
        answer = ("crash", one_line(f"{type(error).__name__}: {error}"), traceback.format_exc())
    outbox.send(answer)


def portable(error: SurveyKpiError) -> SurveyKpiError:
    """Return the error with the same words and nothing that could fail to cross between processes."""
    kind: type[SurveyKpiError] = next(
        base for base in type(error).__mro__ if base.__module__ == errors.__name__
    )
    return kind.collect(
        replace(problem, got=_text(problem.got), expected=_text(problem.expected))
        for problem in error.problems
    )


def one_line(text: str, length: int = 300) -> str:
    """Return a text as one short line that any terminal can print.

    Examples
    --------
    >>> print(one_line("first\\nsecond \\x1b[2J", length=16))
    first second \\x…
    """
    flat = " ".join(text.split())
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in flat)
    return shown if len(shown) <= length else f"{shown[: length - 1]}…"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _settle() -> None:
    """Leave the parent's terminal, signals and garbage behind."""
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # Ctrl-C reaches the parent, which then ends us all
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if "" not in sys.path:
        sys.path.insert(0, "")  # as in a kernel: modules beside the notebook
    gc.freeze()  # what the parent imported is not ours to sweep
