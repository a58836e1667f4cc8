"""A notebook kernel without a connection: IPython in this process, its outputs collected as nbformat.

It takes the process over (standard streams, `input`, the IPython singleton), so it belongs in a child that
nobody else needs: see `survey_kpi.report.engine`. A kernel of `ipykernel` gives the same outputs for the
same cells; what it adds (sockets, widgets, a history file) a rendered report has no use for.
"""

from __future__ import annotations

import builtins
import getpass
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.jsonutil import json_clean, json_default
from nbformat import NotebookNode, from_dict
from traitlets import Instance, Type
from traitlets.config import Config

SKIP_TAG = "skip-execution"
ALLOW_TAG = "raises-exception"

LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
"""What a Python kernel says of its language, its version aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a notebook stopped: the cell, and the exception with its traceback as the notebook shows it."""

    index: int
    ename: str
    evalue: str
    traceback: tuple[str, ...]
    exception: BaseException | None = None


class Outputs:
    """Outputs of the running cell in their order, and every display that a later cell may still update."""

    def __init__(self) -> None:
        self.cell: list[NotebookNode] = []
        self.descriptors: list[_Descriptor] = []
        self._displays: dict[str, list[NotebookNode]] = {}
        self._stream, self._text = "", list[str]()
        self._clear_next = False

    def begin(self) -> list[NotebookNode]:
        """Start the list of the next cell."""
        self.cell, self._clear_next = [], False
        return self.cell

    def end(self) -> None:
        """Add what is still on its way to the list."""
        self._drain()
        self._flush()

    def stream(self, name: str, text: str) -> None:
        """Append text of stdout or stderr; text that follows text of the same stream joins it."""
        self._drain()
        self._write(name, text)

    def display(self, data: Any, metadata: Any, display_id: str | None, *, update: bool) -> None:
        """Append a display, or renew all earlier ones of the same id."""
        shown = {"data": _plain(data), "metadata": _plain(metadata or {})}
        earlier = self._displays.setdefault(display_id, []) if display_id else []
        for output in earlier:
            output.data, output.metadata = shown["data"], shown["metadata"]
        if not update:
            earlier.append(self._append("display_data", shown))

    def result(self, data: Any, metadata: Any, count: int) -> None:
        """Append the value of the cell's last expression."""
        shown = {"data": _plain(data), "metadata": _plain(metadata or {}), "execution_count": count}
        self._append("execute_result", shown)

    def error(self, ename: str, evalue: str, traceback: list[str]) -> None:
        """Append an exception."""
        self._append("error", {"ename": ename, "evalue": evalue, "traceback": list(traceback)})

    def clear(self, *, wait: bool) -> None:
        """Forget the cell's outputs, now or when the next one comes."""
        self._clear_next = True
        if not wait:
            self._make_room()

    def _append(self, kind: str, content: dict[str, Any]) -> NotebookNode:
        self.end()
        self._make_room()
        self.cell.append(_node({"output_type": kind, **content}))
        return self.cell[-1]

    def _write(self, name: str, text: str) -> None:
        self._make_room()
        if name != self._stream:
            self._flush()
        self._stream = name
        self._text.append(text)

    def _flush(self) -> None:
        if self._text:
            text = "".join(self._text)
            self.cell.append(_node({"output_type": "stream", "name": self._stream, "text": text}))
        self._stream, self._text = "", []

    def _drain(self) -> None:
        """Take what was written past Python since the last output."""
        for descriptor in self.descriptors:
            if text := descriptor.take():
                self._write(descriptor.name, text)

    def _make_room(self) -> None:
        if self._clear_next:
            self.cell.clear()
            self._stream, self._text = "", []
            self._clear_next = False


def _node(content: dict[str, Any]) -> NotebookNode:
    node: NotebookNode = from_dict(content)  # type: ignore[no-untyped-call]
    return node


def _plain(bundle: Any) -> Any:
    """Return what is left of a MIME bundle after it crossed a kernel's socket as JSON."""
    try:
        text = json.dumps(bundle, default=json_default, allow_nan=False)
    except (TypeError, ValueError):
        text = json.dumps(json_clean(bundle))
    return json.loads(text)


class _Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the notebook."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, name: str, fd: int, outputs: Outputs) -> None:
        self.name = f"<{name}>"
        self._channel, self._fd, self._outputs = name, fd, outputs

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._outputs.stream(self._channel, text)
        return len(text)


class _Descriptor:
    """What programs and C libraries write past Python to descriptor 1 or 2, read back after each cell."""

    def __init__(self, name: str, fd: int) -> None:
        self.name = name
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        self._read = 0
        os.dup2(self._file.fileno(), fd)

    def take(self) -> str:
        """Return what came since the last call."""
        fd = self._file.fileno()
        data = os.pread(fd, os.fstat(fd).st_size - self._read, self._read)
        self._read += len(data)
        return data.decode("utf-8", "replace")


class _Publisher(DisplayPublisher):
    """`display(...)`."""

    shell: Any

    def publish(  # type: ignore[override]  # the parameter that is left out is deprecated and ignored
        self, data: Any, metadata: Any = None, *, transient: Any = None, update: bool = False, **_: Any
    ) -> None:
        self.shell.outputs.display(data, metadata, (transient or {}).get("display_id"), update=update)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear(wait=wait)


class _Hook(DisplayHook):
    """The value of a cell's last expression."""

    shell: Any

    def write_output_prompt(self) -> None:
        """Leave the prompt to the reader's notebook."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.outputs.result(format_dict, md_dict, self.prompt_count)

    def finish_displayhook(self) -> None:
        self._is_active = False


class NotebookShell(InteractiveShell):
    """IPython without terminal, profile folder, history file or event loop."""

    outputs = Instance(Outputs, ())
    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    @classmethod
    def take_over(cls) -> NotebookShell:
        """Make this process the notebook's: its streams are captured, nobody answers `input`."""
        if InteractiveShell.initialized():
            type(InteractiveShell.instance()).clear_instance()
        history = {"enabled": False, "hist_file": ":memory:"}
        shell: NotebookShell = cls.instance(config=Config({"HistoryManager": history}))
        shell.outputs.descriptors = [_Descriptor("stdout", 1), _Descriptor("stderr", 2)]
        sys.stdout = _Stream("stdout", 1, shell.outputs)
        sys.stderr = _Stream("stderr", 2, shell.outputs)
        builtins.input = getpass.getpass = _refuse
        return shell

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """Need no folder at home."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """Need no folder at home, and read no personal settings from it."""

    def enable_gui(self, gui: Any = None) -> None:
        """Accept `%matplotlib inline`: there is no event loop to enable."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.outputs.error(etype.__name__, str(evalue), stb)

    def run(self, cell: NotebookNode) -> BaseException | None:
        """Run one code cell, fill its outputs and its number; return what it raised."""
        cell.outputs = self.outputs.begin()
        result = self.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call]
        cell.execution_count = result.execution_count
        self.outputs.end()
        raised: BaseException | None = result.error_before_exec or result.error_in_exec
        return raised


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


def run_notebook(nb: NotebookNode, watch: Callable[[str, int], None]) -> Failure | None:
    """Run the code cells of `nb` in this process until one fails; their outputs are filled in place.

    Parameters
    ----------
    nb
        Notebook of format 4.
    watch
        Called with `("start", index)` before each cell, `("end", index)` or `("failed", index)` after it.
    """
    builtins.__dict__.pop("_", None)  # what the parent last displayed (a doctest, a console) is not ours
    shell = NotebookShell.take_over()
    failure = None
    for index, cell in enumerate(nb.cells):
        watch("start", index)
        exception = shell.run(cell) if _runs(cell) else None
        failure = _failure(index, cell, exception)
        watch("failed" if failure else "end", index)
        if failure:
            break
    # as a kernel that ends: files left open are written, connections closed
    shell.reset(new_session=False)  # type: ignore[no-untyped-call]
    return failure


def _runs(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip()) and SKIP_TAG not in _tags(cell)


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", ()))


def _failure(index: int, cell: NotebookNode, exception: BaseException | None) -> Failure | None:
    errors = [output for output in cell.get("outputs", ()) if output.output_type == "error"]
    if not errors or ALLOW_TAG in _tags(cell):
        return None
    shown = errors[0]
    return Failure(
        index=index,
        ename=shown.ename,
        evalue=shown.evalue,
        traceback=tuple(shown.traceback),
        exception=exception,
    )
