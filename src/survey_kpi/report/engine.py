"""papermill engine that runs a notebook in a forked child instead of a kernel process.

Registered as `survey_kpi_fork`, for plain papermill as well::

    papermill notebooks/quarterly_evaluation.ipynb out.ipynb --engine survey_kpi_fork
"""

from __future__ import annotations

import math
import platform
import time
from typing import TYPE_CHECKING, Any

from survey_kpi.report.children import Child, Send, can_fork, fault, listen

if TYPE_CHECKING:
    from nbformat import NotebookNode

CellState = dict[str, Any]


class ForkEngine:
    """Engine for papermill that runs the notebook in a forked child, without a kernel process.

    papermill loads this class while it is itself being imported, hence no base class; it behaves as a
    `papermill.engines.Engine`. Other languages, copied logs and processes that must not fork go to
    papermill's own engine.
    """

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, **options: Any) -> NotebookNode:
        """Run `nb` and return it with outputs; see `papermill.execute_notebook` for the options."""
        from papermill.engines import Engine  # noqa: PLC0415

        done: NotebookNode = Engine.execute_notebook.__func__(cls, nb, kernel_name, **options)
        return done

    @staticmethod
    def nb_kernel_name(nb: NotebookNode, name: str | None = None) -> str:
        """Return the kernel's name as the notebook states it."""
        from papermill.utils import nb_kernel_name  # noqa: PLC0415

        return str(nb_kernel_name(nb, name))

    @staticmethod
    def nb_language(nb: NotebookNode, language: str | None = None) -> str:
        """Return the language as the notebook states it."""
        from papermill.utils import nb_language  # noqa: PLC0415

        return str(nb_language(nb, language))

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, execution_timeout: float | None = None, **options: Any
    ) -> None:
        """Run the cells that `nb_man` holds and tell it of each.

        Raises
        ------
        RunError
            `kernel`: the child died; `limit`: a cell took longer than `execution_timeout` seconds.
        """
        _rest_progress(nb_man.pbar)
        logs = any(options.get(name) for name in ("log_output", "stdout_file", "stderr_file"))
        if logs or not can_fork() or cls.nb_language(nb_man.nb) != "python":
            from papermill.engines import NBClientEngine  # noqa: PLC0415

            options["execution_timeout"] = execution_timeout
            NBClientEngine.execute_managed_notebook(nb_man, kernel_name, **options)
        else:
            _run_managed(nb_man, execution_timeout or math.inf)


def _run_managed(nb_man: Any, patience: float) -> None:
    from survey_kpi.report.shell import LANGUAGE  # noqa: PLC0415

    child = Child.start(_execute, nb_man.nb)
    try:
        _follow(child, nb_man, patience)
    finally:
        child.stop()
    nb_man.nb.metadata["language_info"] = {**LANGUAGE, "version": platform.python_version()}


def _execute(send: Send, nb: NotebookNode) -> list[CellState]:
    """Run the notebook in the child; its cells come back twice, as each ends and when all have ended."""
    from survey_kpi.report.shell import run_notebook  # noqa: PLC0415

    def watch(kind: str, index: int) -> None:
        send(kind, index, None if kind == "start" else _state(nb.cells[index]))

    run_notebook(nb, watch)
    return [_state(cell) for cell in nb.cells]


def _follow(child: Child, nb_man: Any, patience: float) -> None:
    cells = nb_man.nb.cells
    where = "the notebook"
    while True:
        match listen([child])[1]:
            case ("news", "start", index, _):
                child.deadline = time.monotonic() + patience
                where = f"cell {index + 1}"
                nb_man.cell_start(cells[index], index)
            case ("news", kind, index, state):
                cells[index].update(state)
                if kind == "failed":
                    nb_man.cell_exception(cells[index], index)
                nb_man.cell_complete(cells[index], index)
            case ("done", states):
                for cell, state in zip(cells, states, strict=True):  # a later cell may renew earlier displays
                    cell.update(state)
                return
            case message:
                raise fault(message, where=where)


def _state(cell: NotebookNode) -> CellState:
    return {name: cell[name] for name in ("outputs", "execution_count") if name in cell}


def _rest_progress(bar: Any) -> None:
    """Stop the thread with which tqdm watches its bars; it starts anew with the next bar."""
    if monitor := getattr(type(bar), "monitor", None):
        monitor.exit()
        type(bar).monitor = None
