"""The forked kernel behaves as a kernel does, and nothing of a notebook reaches its parent or its sibling."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import warnings
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

from survey_kpi.errors import MethodError, RunError, SpecError
from survey_kpi.report import children, engine

PYTHON = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}


@pytest.fixture(autouse=True)
def forking(monkeypatch):
    """Fork although the test runner may have threads of its own: the notebooks here touch none of them."""
    monkeypatch.setattr(children, "can_fork", lambda: True)
    monkeypatch.setattr(engine, "can_fork", lambda: True)


def write(path: Path, *cells, **tags) -> Path:
    """Write a notebook of code cells; `tags` maps `c<index>` to a tag."""
    nb = new_notebook(metadata=PYTHON)
    for index, cell in enumerate(cells):
        node = new_code_cell(cell) if isinstance(cell, str) else cell
        if tag := tags.get(f"c{index}"):
            node.metadata["tags"] = [tag]
        nb.cells.append(node)
    nbformat.write(nb, path)
    return path


def run(path: Path, engine_name: str | None = "survey_kpi_fork", **options):
    return papermill.execute_notebook(str(path), None, engine_name=engine_name, progress_bar=False, **options)


def texts(nb) -> list[str]:
    """Everything that the cells printed, one string for each code cell."""
    return [
        "".join(output.get("text", "") for output in cell.outputs)
        for cell in nb.cells
        if cell.cell_type == "code"
    ]


ANSI = re.compile("\x1b\\[[0-9;]*m")


def comparable(outputs):
    """What two runs of one cell must agree in.

    A kernel cuts streams into messages by the clock, so the text of each stream is joined; it colours a
    traceback by other means, so of a traceback count the frames inside the notebook and the last line.
    """
    streams, others = {}, []
    for output in json.loads(json.dumps(outputs)):
        if output["output_type"] == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
        elif output["output_type"] == "error":
            lines = ANSI.sub("", "\n".join(output.pop("traceback"))).split("\n")
            output["evalue"] = re.sub(r"\(.+, line", "(file, line", output["evalue"])
            others.append([output, [line.split() for line in lines if line.startswith("----> ")], lines[-1]])
        else:
            others.append(output)
    return streams, others


RICH = """
class Rich:
    def _repr_html_(self): return "<b>x</b>"
    def _repr_png_(self): return b"\\x89PNG"
    def _repr_latex_(self): return "$x$"
    def __repr__(self): return "Rich"
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"application/vnd.x.v1+json": {"a": (1, 2.5, None), "é": "漢字"}, "text/plain": "b"}
        return data, {"m": {"k": 1}}
Rich()
"""

SESSION = [
    "1 + 1",
    "print('one'); print('two'); 3",
    "import sys\nprint('out'); print('err', file=sys.stderr); print('out again')",
    "'quiet';",
    "x = 5",
    RICH,
    "Bundle()",
    "display(Rich(), Bundle(), metadata={'m': 1})",
    "display('first', display_id='d')",
    "from IPython.display import update_display, clear_output, HTML, Image, JSON\n"
    "update_display(HTML('<i>second</i>'), display_id='d')",
    "print('gone'); clear_output(); print('kept')",
    "print('gone at the next'); clear_output(wait=True); print('stays')",
    "JSON({'a': [1, {'b': None}]})",
    "Image(data=b'\\x89PNG fake', format='png')",
    "_ , Out[1], In[1]",
    "%precision 3\n3.14159265",
    "import pandas as pd; pd.DataFrame({'甲': [1, None]})",
    "None",
    "",
    "# only a comment",
    "int('x')",
    "def f():\n    raise KeyError('deep')\nf()",
    "1 +",
    "raise ValueError('多行\\ntext') from KeyError(1)",
    "input('name? ')",
    "class Bad:\n    def __repr__(self): raise RuntimeError('no repr')\n[Bad()]",
    "get_ipython().execution_count, __name__",
]


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """The same session in a forked child and in a kernel of ipykernel."""
    folder = tmp_path_factory.mktemp("session")
    allowed = {f"c{index}": "raises-exception" for index in range(len(SESSION))}
    path = write(folder / "session.ipynb", *SESSION, new_markdown_cell("# end"), **allowed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(children, "can_fork", lambda: True)
        patch.setattr(engine, "can_fork", lambda: True)
        done = []
        for name in ("survey_kpi_fork", "nbclient"):
            with pytest.raises(PapermillExecutionError):  # papermill counts errors that were allowed
                papermill.execute_notebook(
                    str(path), str(folder / f"{name}.ipynb"), engine_name=name, progress_bar=False
                )
            done.append(nbformat.read(folder / f"{name}.ipynb", as_version=4))
    return [
        [cell for cell in nb.cells if "papermill-error-cell-tag" not in cell.metadata.tags] for nb in done
    ]


@pytest.mark.slow
@pytest.mark.parametrize("index", range(len(SESSION)), ids=lambda i: repr(SESSION[i].strip()[:30]))
def test_outputs_are_those_of_a_kernel(twice, index):
    ours, theirs = (cells[index] for cells in twice)
    assert comparable(ours.outputs) == comparable(theirs.outputs)
    assert ours.execution_count == theirs.execution_count
    assert ours.source == theirs.source


def test_language_is_noted_as_a_kernel_notes_it(tmp_path):
    nb = run(write(tmp_path / "n.ipynb", "1"))
    assert nb.metadata.language_info.name == "python"
    assert nb.metadata.language_info.version == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.parametrize(
    ("source", "ename", "evalue"),
    [("1 / 0", "ZeroDivisionError", "division by zero"), ("import sys; sys.exit(3)", "SystemExit", "3")],
)
def test_a_failing_cell_stops_the_notebook(tmp_path, source, ename, evalue):
    path = write(tmp_path / "n.ipynb", "1", source, "print('never')")
    out = tmp_path / "out.ipynb"
    with pytest.raises(PapermillExecutionError) as caught:
        papermill.execute_notebook(str(path), str(out), engine_name="survey_kpi_fork", progress_bar=False)
    assert (caught.value.ename, caught.value.evalue, caught.value.exec_count) == (ename, evalue, 2)
    cells = [cell for cell in nbformat.read(out, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.metadata.papermill.status for cell in cells] == ["completed", "failed", "pending"]
    assert cells[2].outputs == []


def test_cells_tagged_so_are_skipped(tmp_path):
    nb = run(write(tmp_path / "n.ipynb", "print(1)", "print(2)", c0="skip-execution"))
    assert texts(nb) == ["", "2\n"]


def test_what_programs_write_past_python_is_kept(tmp_path):
    nb = run(write(tmp_path / "n.ipynb", "import os\nos.system('echo raw')\nos.write(2, b'bad \\xff\\n');"))
    assert [(output.get("name"), output.get("text")) for output in nb.cells[0].outputs] == [
        ("stdout", "raw\n"),
        ("stderr", "bad �\n"),
    ]


def test_output_of_programs_keeps_its_place(tmp_path):
    nb = run(write(tmp_path / "n.ipynb", "import os\nprint('a')\nos.write(1, b'b')\nprint('c')"))
    assert texts(nb) == ["a\nbc\n"]


def test_much_output_stays_cheap(tmp_path):
    source = "for number in range(100_000): print('x' * 60)"
    (text,) = texts(run(write(tmp_path / "n.ipynb", source), execution_timeout=60))
    assert text == ("x" * 60 + "\n") * 100_000


def test_a_display_renewed_by_a_later_cell_shows_the_later_value(tmp_path):
    path = write(tmp_path / "n.ipynb", "shown = display('first', display_id=True)", "shown.update('second')")
    assert [output.data["text/plain"] for output in run(path).cells[0].outputs] == ["'second'"]


def test_files_left_open_are_written(tmp_path):
    left = tmp_path / "left.txt"
    run(write(tmp_path / "n.ipynb", f"handle = open({str(left)!r}, 'w')\nhandle.write('text');"))
    assert left.read_text() == "text"


def test_a_notebook_without_cells_runs(tmp_path):
    assert run(write(tmp_path / "n.ipynb")).cells == []


def test_modules_beside_the_notebook_can_be_imported(tmp_path):
    (tmp_path / "beside_me.py").write_text("VALUE = 7")
    path = write(tmp_path / "n.ipynb", "import beside_me\nprint(beside_me.VALUE)")
    assert texts(run(path, cwd=str(tmp_path))) == ["7\n"]
    assert "beside_me" not in sys.modules


# --- isolation ----------------------------------------------------------------------------------------

SPOIL = """
import builtins, os, random, sys, warnings, json, matplotlib
os.environ["LEAK"] = "1"
os.chdir("/")
sys.path.insert(0, "/leak")
matplotlib.rcParams["font.size"] = 77
warnings.simplefilter("error")
builtins.leak = json.leak = leak = 1
random.seed(1)
sys.stdout.leak = 1
"""

LOOK = """
import builtins, os, sys, warnings, json, matplotlib
print(os.environ.get("LEAK"), os.getcwd() == "/", "/leak" in sys.path, matplotlib.rcParams["font.size"] == 77,
      any(f[0] == "error" and f[2] is Warning for f in warnings.filters), hasattr(builtins, "leak"),
      hasattr(json, "leak"), "leak" in globals())
"""


def test_nothing_leaks_to_the_parent_or_to_the_next_notebook(tmp_path):
    import matplotlib

    before = (dict(os.environ), Path.cwd(), list(sys.path), dict(matplotlib.rcParams), list(warnings.filters))
    state = (sys.stdout, sys.displayhook, sys.modules["__main__"], set(sys.modules) - {"beside_me"})
    spoilt = run(write(tmp_path / "a.ipynb", SPOIL, LOOK))
    assert texts(spoilt)[1].split() == ["1", *["True"] * 7]
    assert texts(run(write(tmp_path / "b.ipynb", LOOK))) == [" ".join(["None", *["False"] * 7]) + "\n"]
    assert before == (
        dict(os.environ),
        Path.cwd(),
        list(sys.path),
        dict(matplotlib.rcParams),
        list(warnings.filters),
    )
    assert state[:3] == (sys.stdout, sys.displayhook, sys.modules["__main__"])
    assert not hasattr(json, "leak")


@pytest.mark.slow
def test_a_shell_in_the_parent_does_not_answer_in_the_child():
    code = """
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
mine = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
from nbformat.v4 import new_notebook, new_code_cell
from survey_kpi.report import children, engine
nb = new_notebook(cells=[new_code_cell("type(get_ipython()).__name__")])
child = children.Child.start(engine._execute, nb)
while (message := children.listen([child])[1])[0] == "news": pass
child.stop()
assert message[1][0]["outputs"][0]["data"]["text/plain"] == "'NotebookShell'", message
assert InteractiveShell.instance() is mine
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# --- ends ---------------------------------------------------------------------------------------------


def test_a_cell_that_takes_too_long_is_ended(tmp_path):
    path = write(tmp_path / "n.ipynb", "1", "import time; time.sleep(60)")
    with pytest.raises(RunError, match=r"cell 2: .* time limit") as caught:
        run(path, execution_timeout=1)
    assert caught.value.code == "limit"


@pytest.mark.parametrize(
    ("source", "got"),
    [
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
        ("import os; os._exit(7)", "exit status 7"),
        ("import os; os.kill(os.getpid(), 15)", "SIGTERM"),
        ("import os\nif os.fork(): os._exit(7)\nelse:\n    import time; time.sleep(300)", "exit status 7"),
    ],
)
def test_a_dead_child_is_noticed(tmp_path, source, got):
    with pytest.raises(RunError, match=rf"cell 2: the process died; got {got}\. \[kernel\]"):
        run(write(tmp_path / "n.ipynb", "1", source))


def test_nothing_that_a_notebook_started_outlives_it(tmp_path):
    source = "import subprocess\nprocess = subprocess.Popen(['sleep', '300'])\nprint(process.pid)"
    pid = int(texts(run(write(tmp_path / "n.ipynb", source)))[0])
    assert gone(pid)


def gone(pid: int, patience: float = 5.0) -> bool:
    """Whether the process ends, or is a zombie that its reaper has yet to collect."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            if re.search(r"State:\s+Z", Path(f"/proc/{pid}/status").read_text()):
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("ask", ["input()", "import getpass; getpass.getpass()"])
def test_nobody_answers_input(tmp_path, ask):
    with pytest.raises(PapermillExecutionError) as caught:
        run(write(tmp_path / "n.ipynb", ask))
    assert caught.value.ename == "StdinNotImplementedError"


def test_standard_input_is_empty(tmp_path):
    assert texts(run(write(tmp_path / "n.ipynb", "import os; print(os.read(0, 9))"))) == ["b''\n"]


# --- where forking is not safe ------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["threads", "log_output", "language"])
def test_papermills_own_engine_takes_over(tmp_path, monkeypatch, reason):
    from papermill.engines import NBClientEngine

    called = []
    monkeypatch.setattr(
        NBClientEngine,
        "execute_managed_notebook",
        lambda nb_man, kernel_name, **_: called.append(kernel_name),
    )
    options = {"log_output": True} if reason == "log_output" else {}
    if reason == "threads":
        monkeypatch.setattr(engine, "can_fork", lambda: False)
    path = write(tmp_path / "n.ipynb", "1")
    if reason == "language":
        path.write_text(path.read_text().replace('"language": "python"', '"language": "R"'))
    run(path, **options)
    assert called == ["python3"]


def can_fork_after(code: str) -> str:
    code = f"{code}\nfrom survey_kpi.report.children import can_fork\nprint(can_fork())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


needs_tasks = pytest.mark.skipif(not children.TASKS.is_dir(), reason="threads are counted in /proc")


@pytest.mark.slow
@needs_tasks
def test_forking_is_safe_once_everything_is_imported():
    code = """
from survey_kpi.report import children
with children.pinned():
    children.preload(["pandas", "pyarrow", "duckdb", "matplotlib.pyplot", "papermill", "nbconvert"])
import sys
assert "duckdb" in sys.modules and "nbconvert" in sys.modules and "rfc3987_syntax" not in sys.modules
"""
    assert can_fork_after(code) == "True"


@needs_tasks
def test_pools_that_rest_for_a_fork_do_not_forbid_it():
    assert can_fork_after("import os\nos.environ['OPENBLAS_NUM_THREADS'] = '2'\nimport numpy") == "True"


@needs_tasks
@pytest.mark.parametrize(
    "code",
    [
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1,)).start()",
        "import duckdb\none = duckdb.connect(config={'threads': 3})\none.sql('select 1').fetchall()",
        "import zmq\ncontext = zmq.Context()\ncontext.socket(zmq.PUB).setsockopt(zmq.LINGER, 0)",
    ],
    ids=["python", "duckdb", "zmq"],
)
def test_a_thread_forbids_forking(code):
    assert can_fork_after(f"{code}") == "False"


def test_the_environment_is_pinned_for_a_while_only(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    with children.pinned():
        assert (os.environ["OMP_NUM_THREADS"], os.environ["MPLBACKEND"]) == ("1", "agg")
    assert os.environ["OMP_NUM_THREADS"] == "5"
    assert "MPLBACKEND" not in os.environ


def test_preload_leaves_missing_and_broken_modules_to_the_cells(tmp_path, monkeypatch):
    (tmp_path / "broken_on_import.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    children.preload(["no_such_module_here", "broken_on_import", "colorsys"])
    assert "colorsys" in sys.modules


# --- plain papermill ----------------------------------------------------------------------------------


COMMAND = """
import os, sys, warnings
warnings.warn_explicit("careful", UserWarning, "f.py", 1)
print(value, type(get_ipython()).__name__, "ipykernel.kernelapp" in sys.modules)
"""


@pytest.mark.slow
def test_the_papermill_command_forks(tmp_path):
    path = write(tmp_path / "n.ipynb", "value = 1", COMMAND, c0="parameters")
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", str(path), str(out), "-p", "value", "2"]
    subprocess.run([*command, "--engine", "survey_kpi_fork"], check=True, capture_output=True, timeout=120)
    warned, printed = nbformat.read(out, as_version=4).cells[-1].outputs
    assert (warned.name, warned.text.split("\n")[0]) == ("stderr", "f.py:1: UserWarning: careful")
    assert (printed.name, printed.text) == ("stdout", "2 NotebookShell False\n")


@pytest.mark.slow
def test_the_engine_can_be_imported_before_papermill():
    code = (
        "from survey_kpi.report.engine import ForkEngine\nfrom papermill.engines import papermill_engines\n"
        "assert papermill_engines.get_engine('survey_kpi_fork') is ForkEngine"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# --- errors that cross --------------------------------------------------------------------------------


def test_an_error_crosses_with_its_words():
    class OwnError(MethodError):
        """Raised by a notebook's own code, unknown to the parent."""

    error = OwnError("no_variation", where="w", what="x", got=lambda: 1, expected=[1, 2], hint="h")
    crossed = children.portable(error)
    assert type(crossed) is MethodError
    assert str(crossed) == str(error)
    assert type(children.portable(SpecError("c", where="w", what="x"))) is SpecError


def refuse(send):
    send("on the way")
    raise SpecError("weights_sum", where="rules.yaml", what="weights do not sum to 1", got=0.5)


def crash(send):
    raise OSError("no luck")


@pytest.mark.parametrize(
    ("task", "kind", "text"),
    [(refuse, "error", "weights do not sum to 1"), (crash, "crash", "OSError: no luck")],
)
def test_what_a_task_raises_arrives(task, kind, text):
    child = children.Child.start(task)
    try:
        messages = [children.listen([child])[1]]
        while messages[-1][0] == "news":
            messages.append(children.listen([child])[1])
    finally:
        child.stop()
    assert messages[-1][0] == kind
    assert text in str(children.fault(messages[-1], where="here"))
