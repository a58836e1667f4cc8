"""A run checks first, renders every report whole or not at all, and repeats itself byte for byte."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from survey_kpi.errors import ReportError, RunError, SpecError
from survey_kpi.report import children, files
from survey_kpi.report.pdf import has_printed
from survey_kpi.report.provenance import sha256
from survey_kpi.report.runs import RenderJob, render

PARAMETERS = "period = '2026Q3'\nlanguage = 'en'"


@pytest.fixture(autouse=True)
def forking(monkeypatch):
    """Fork although the test runner may have threads of its own: the notebooks here touch none of them."""
    monkeypatch.setattr(children, "can_fork", lambda: True)


@pytest.fixture
def exporters(monkeypatch):
    """Stand-ins for the exporters: a document is the text that the cells printed."""

    def document(nb, name):
        printed = [out.get("text", "") for cell in nb.cells for out in cell.get("outputs", ())]
        return [{"type": "meta", "title": name}, *printed]

    def page(blocks):
        if "no alternative text\n" in blocks:
            raise ReportError("alt_text_missing", where="figure 1", what="the figure has no alternative text")
        if "broken exporter\n" in blocks:
            raise ZeroDivisionError("in the exporter")
        return f"<html>{blocks}</html>"

    fakes = {
        "extract": {"document": document},
        "html": {"render_html": page},
        "pdf": {"render_pdf": lambda blocks: f"%PDF {blocks}".encode()},
    }
    for name, functions in fakes.items():
        module = types.ModuleType(name)
        vars(module).update(functions)
        monkeypatch.setitem(sys.modules, f"survey_kpi.report.{name}", module)


def write(path: Path, *sources: str, parameters: str = PARAMETERS) -> Path:
    cells = [new_markdown_cell("# Title"), new_code_cell(parameters), *map(new_code_cell, sources)]
    cells[1].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def job(notebook: Path, language: str = "en", *, html: bool = False, pdf: bool = False) -> RenderJob:
    name = f"{notebook.stem}.{language}"
    return RenderJob(
        notebook=notebook,
        parameters={"language": language},
        out_ipynb=Path(f"notebooks/{name}.ipynb"),
        out_html=Path(f"{name}.html") if html else None,
        out_pdf=Path(f"{name}.pdf") if pdf else None,
    )


def tree(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def one(path: Path, root: Path, **options):
    (outcome,) = render([job(path)], root=root, **options)
    return outcome


# --- what a run makes ---------------------------------------------------------------------------------


def test_a_run_makes_every_file_and_its_record(tmp_path, exporters):
    path = write(tmp_path / "card.ipynb", "print('in', language)")
    jobs = [job(path, language, html=True, pdf=True) for language in ("zh", "en")]
    inputs = {"study.yaml": sha256(b"study")}
    outcomes = render(jobs, root=tmp_path / "out", record=Path("run.json"), inputs=inputs)
    made = tree(tmp_path / "out")
    names = [f"card.{language}.{kind}" for language in ("en", "zh") for kind in ("html", "pdf")]
    assert list(made) == sorted([*names, "notebooks/card.en.ipynb", "notebooks/card.zh.ipynb", "run.json"])
    assert b"in zh" in made["card.zh.html"]
    assert [outcome.job for outcome in outcomes] == jobs
    assert all(outcome.error is None for outcome in outcomes)
    for outcome in outcomes:
        assert {made[path.as_posix()]: digest for path, digest in outcome.outputs.items()} == {
            made[path.as_posix()]: sha256(made[path.as_posix()]) for path in outcome.job.outputs.values()
        }
    record = json.loads(made["run.json"])["reports"]["card.zh"]
    assert record["notebook"] == {"name": "card.ipynb", "sha256": sha256(path.read_bytes())}
    assert record["parameters"] == {"language": "zh", "period": "2026Q3"}
    assert record["inputs"] == inputs
    assert record["outputs"]["notebooks/card.zh.ipynb"] == sha256(made["notebooks/card.zh.ipynb"])
    assert set(record["seconds"]) == set(record["cpu_seconds"]) == {"cells", "html", "pdf"}
    assert record["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert re.fullmatch(r"[0-9-]{10}T[0-9:]{8}\+00:00", record["started"])


def test_a_record_keeps_what_other_runs_noted(tmp_path):
    first, second = write(tmp_path / "a.ipynb", "1"), write(tmp_path / "b.ipynb", "2")
    for path in (first, second, first):
        one(path, tmp_path / "out", record=Path("run.json"))
    assert list(json.loads((tmp_path / "out/run.json").read_text())["reports"]) == ["a.en", "b.en"]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"schema_version": 1}', b'{"schema_version": 99}', b"\xff"]
)
def test_a_damaged_record_is_replaced(tmp_path, damage):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/run.json").write_bytes(damage)
    one(write(tmp_path / "a.ipynb", "1"), tmp_path / "out", record=Path("run.json"))
    assert list(json.loads((tmp_path / "out/run.json").read_text())["reports"]) == ["a.en"]


def test_the_executed_notebook_holds_parameters_and_outputs_and_nothing_of_the_moment(tmp_path):
    path = write(tmp_path / "card.ipynb", "period, language")
    one(path, tmp_path / "out")
    text = (tmp_path / "out/notebooks/card.en.ipynb").read_text("utf-8")
    nb = nbformat.reads(text, as_version=4)
    nbformat.validate(nb)
    assert nb.cells[-1].outputs[0].data["text/plain"] == "('2026Q3', 'en')"
    assert [cell.id for cell in nb.cells] == ["cell-1", "cell-2", "cell-3", "cell-4"]
    assert [cell.metadata for cell in nb.cells] == [
        {},
        {"tags": ["parameters"]},
        {"tags": ["injected-parameters"]},
        {},
    ]
    assert set(nb.metadata) == {"kernelspec", "language_info"}
    assert "version" not in nb.metadata.language_info
    assert str(tmp_path) not in text
    assert str(Path.cwd()) not in text


SESSION = [
    "import sys, warnings\nprint('out')\nprint('err', file=sys.stderr)",
    "display({'a': 1})\n[1, 2]",
    "from IPython.display import HTML\nHTML('<b>x</b>')",
    "import pandas as pd\npd.DataFrame({'甲': [1.5, None]})",
]


def test_two_runs_are_equal_byte_for_byte_whatever_the_folder(tmp_path, exporters, monkeypatch):
    made = []
    for folder, workers in (("first", 1), ("second/deeper", 2)):
        path = write(tmp_path / folder / "card.ipynb", *SESSION)
        monkeypatch.chdir(path.parent)
        jobs = [job(path, language, html=True, pdf=True) for language in ("zh", "en")]
        outcomes = render(jobs, root=Path("reports"), record=Path("run.json"), workers=workers)
        assert not any(outcome.error for outcome in outcomes)
        made.append(tree(path.parent / "reports"))
        made[-1].pop("run.json")
    assert made[0] == made[1]
    assert len(made[0]) == 6


@pytest.mark.slow
def test_a_child_that_starts_afresh_makes_the_same_bytes(tmp_path, monkeypatch):
    path = write(tmp_path / "card.ipynb", *SESSION)
    one(path, tmp_path / "forked")
    monkeypatch.setattr(children, "can_fork", lambda: False)
    assert one(path, tmp_path / "fresh").error is None
    assert tree(tmp_path / "forked") == tree(tmp_path / "fresh")


def test_half_a_character_in_an_output_stays_readable_json(tmp_path):
    one(write(tmp_path / "card.ipynb", "print('a\\ud800b')"), tmp_path / "out")
    nb = json.loads((tmp_path / "out/notebooks/card.en.ipynb").read_bytes().decode("utf-8"))
    assert nb["cells"][-1]["outputs"][0]["text"] == ["a\ud800b\n"]


def test_events_tell_how_far_each_job_is(tmp_path, exporters):
    path, events = write(tmp_path / "card.ipynb", "1"), []
    render([job(path, html=True, pdf=True)], root=tmp_path / "out", on_event=events.append)
    assert [(event.stage, event.step, event.steps) for event in events] == [
        ("started", 1, 4),
        *[("cell", step, 4) for step in (1, 2, 3, 4)],
        ("html", 4, 4),
        ("pdf", 4, 4),
        ("written", 4, 4),
    ]
    assert events[0].job.name == "card.en"


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_notebooks_run_at_one_time_than_asked(tmp_path, workers):
    paths = [write(tmp_path / f"n{number}.ipynb", "1") for number in range(5)]
    running, most = 0, 0

    def count(event):
        nonlocal running, most
        running += {"started": 1, "written": -1}.get(event.stage, 0)
        most = max(most, running)

    render([job(path) for path in paths], root=tmp_path / "out", workers=workers, on_event=count)
    assert (running, most) == (0, workers)


# --- before anything runs -----------------------------------------------------------------------------


def refused(jobs, root, **options):
    def never(event):
        raise AssertionError("something ran")

    with pytest.raises(SpecError) as caught:
        render(jobs, root=root, on_event=never, **options)
    assert not root.exists()
    return [problem.code for problem in caught.value.problems]


def test_parameters_of_all_jobs_are_checked_first(tmp_path):
    path = write(tmp_path / "card.ipynb", "1")
    bad = RenderJob(notebook=path, parameters={"quater": 1}, out_ipynb=Path("b.ipynb"))
    same = RenderJob(notebook=path, parameters={"quater": 1}, out_ipynb=Path("c.ipynb"))
    worse = RenderJob(notebook=tmp_path / "absent.ipynb", parameters={}, out_ipynb=Path("d.ipynb"))
    codes = refused([job(path), bad, same, worse], tmp_path / "out")
    assert codes == ["unknown_parameter", "notebook_unreadable"]


@pytest.mark.parametrize("escape", ["../x.ipynb", "/tmp/x.ipynb", "a/../../x.ipynb"])
def test_no_output_leaves_the_root(tmp_path, escape):
    path = write(tmp_path / "card.ipynb", "1")
    stray = RenderJob(notebook=path, parameters={}, out_ipynb=Path(escape))
    assert refused([stray], tmp_path / "out") == ["path_escape"]
    assert refused([job(path)], tmp_path / "out", record=Path(escape)) == ["path_escape"]


def test_two_outputs_may_not_share_a_path(tmp_path):
    path = write(tmp_path / "card.ipynb", "1")
    assert refused([job(path), job(path)], tmp_path / "out") == ["duplicate_output"]
    record = Path("sub/../notebooks/card.en.ipynb")
    assert refused([job(path)], tmp_path / "out", record=record) == ["duplicate_output"]


# --- jobs that fail -----------------------------------------------------------------------------------


def test_a_failing_notebook_does_not_stop_the_others(tmp_path, exporters):
    good, bad = write(tmp_path / "good.ipynb", "1"), write(tmp_path / "bad.ipynb", "1", "x = 1\n1 / 0", "2")
    failed, done = render([job(bad, html=True), job(good, html=True)], root=tmp_path / "out")
    assert done.error is None
    assert sorted(tree(tmp_path / "out")) == ["good.en.html", "notebooks/good.en.ipynb"]
    assert type(failed.error) is RunError
    assert str(failed.error) == (
        "bad.ipynb, cell 4 `x = 1`, period='2026Q3', language='en': the cell failed; "
        "got ZeroDivisionError: division by zero. [cell_failed]"
    )
    assert failed.cell == 4
    assert "1 / 0" in re.sub("\x1b\\[[0-9;]*m", "", failed.traceback)
    assert failed.outputs == {}


def test_what_was_published_before_stays_when_a_run_fails(tmp_path):
    path = write(tmp_path / "card.ipynb", "1")
    one(path, tmp_path / "out", record=Path("run.json"))
    before = tree(tmp_path / "out")
    write(path, "1 / 0")
    assert one(path, tmp_path / "out", record=Path("run.json")).error
    assert tree(tmp_path / "out") == before


OWN = """
from survey_kpi.errors import MethodError
class StudyError(MethodError):
    pass
what = "column 'q1' is constant"
raise StudyError("no_variation", where="weights", what=what, got=lambda: 1, hint="drop it")
"""


def test_a_refusal_of_ours_passes_as_it_is(tmp_path):
    outcome = one(write(tmp_path / "card.ipynb", OWN), tmp_path / "out")
    assert type(outcome.error).__name__ == "MethodError"
    assert outcome.error.code == "no_variation"
    assert re.fullmatch(
        r"weights: column 'q1' is constant; got <function .*>\. \[no_variation\] Hint: drop it\.",
        str(outcome.error),
    )
    assert (outcome.cell, outcome.traceback) == (3, "")


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("input('who? ')", "kernel", r"cell 3 `input\('who\? '\)`, .* the cell waited for input"),
        ("import os; os.kill(os.getpid(), 9)", "kernel", r"cell 3 .* the process died; got SIGKILL"),
        ("import sys; sys.exit()", "cell_failed", r"cell 3 .* got SystemExit: "),
        ("1 +", "cell_failed", r"cell 3 `1 \+`.* got SyntaxError: invalid syntax"),
        ("while True: pass", "limit", r"cell 3 `while True: pass`, .* took longer than its time limit"),
        (
            "raise ValueError('\\ud800\\x1b[2J\\n' + 'x' * 999)",
            "cell_failed",
            r"got ValueError: \\ud800\\x1b\[2J x+…",
        ),
    ],
)
def test_every_end_has_its_name(tmp_path, source, code, words):
    outcome = one(write(tmp_path / "card.ipynb", source), tmp_path / "out", time_limit=2.0)
    assert isinstance(outcome.error, RunError)
    assert outcome.error.code == code
    assert re.search(words, str(outcome.error))
    assert len(str(outcome.error).encode("utf-8")) < 600
    assert tree(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (
            "no alternative text",
            ReportError,
            "figure 1: the figure has no alternative text. [alt_text_missing]",
        ),
        (
            "broken exporter",
            RunError,
            "html export, period='2026Q3', language='en': the process failed; got Zero",
        ),
    ],
)
def test_a_report_that_cannot_be_exported_is_not_published(tmp_path, exporters, text, error, words):
    path = write(tmp_path / "card.ipynb", f"print({text!r})")
    (outcome,) = render([job(path, html=True)], root=tmp_path / "out")
    assert type(outcome.error) is error
    assert words in str(outcome.error)
    assert ("in the exporter" in outcome.traceback) == (error is RunError)
    assert tree(tmp_path / "out") == {}


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/notebooks").write_text("a file where the folder should be")
    outcome = one(write(tmp_path / "card.ipynb", "1"), tmp_path / "out")
    assert (type(outcome.error), outcome.error.code) == (RunError, "disk")
    assert "card.en.ipynb" in str(outcome.error)


# --- interruption -------------------------------------------------------------------------------------


def test_ctrl_c_ends_the_children_and_leaves_nothing(tmp_path, monkeypatch):
    started = []
    start = children.Child.start.__func__

    def remember(cls, *args):
        started.append(start(cls, *args))
        return started[-1]

    def interrupt(event):
        if event.stage == "cell" and event.step == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(children.Child, "start", classmethod(remember))
    path = write(tmp_path / "card.ipynb", "import time; time.sleep(300)")
    with pytest.raises(KeyboardInterrupt):
        render([job(path), job(path, "zh")], root=tmp_path / "out", on_event=interrupt)
    assert len(started) == 2
    for child in started:
        with pytest.raises(ProcessLookupError):
            os.kill(child.process.pid, 0)
    assert not (tmp_path / "out").exists()


def test_an_interruption_while_files_are_written_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(targets):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "_replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        one(write(tmp_path / "card.ipynb", "1"), tmp_path / "out")
    assert tree(tmp_path / "out") == {}


SCRIPT = """
import sys
from pathlib import Path
from survey_kpi.report.runs import RenderJob, render
if __name__ == "__main__":
    job = RenderJob(notebook=Path(sys.argv[1]), parameters={}, out_ipynb=Path("a.ipynb"))
    try:
        render([job], root=Path(sys.argv[2]))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_real_signal_ends_a_real_run(tmp_path):
    pid_file = tmp_path / "pid"
    source = f"import os, pathlib, time\npathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))"
    path = write(tmp_path / "card.ipynb", f"{source}\ntime.sleep(300)")
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "script.py"), str(path), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as run:
        assert run.stdout
        while not (pid_file.exists() and pid_file.read_text()):
            assert run.poll() is None
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the whole foreground group
        assert run.wait(timeout=30) == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    assert not (tmp_path / "out").exists()


# --- with the exporters of the package ----------------------------------------------------------------


@pytest.mark.slow
def test_the_exporters_of_the_package_make_the_same_bytes_twice(tmp_path, monkeypatch):
    for name in ("extract", "html", "pdf"):
        pytest.importorskip(f"survey_kpi.report.{name}", reason="the exporters are not here yet")
    path = write(tmp_path / "card.ipynb", *SESSION)
    # other tests of this process may have printed: then children start afresh, as they would for a user
    monkeypatch.setattr(children, "can_fork", lambda: not has_printed())
    made = []
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        (outcome,) = render([job(path, "zh", html=True, pdf=True)], root=Path("reports"))
        assert outcome.error is None, outcome.traceback
        made.append(tree(tmp_path / folder))
    assert made[0] == made[1]
    kinds = {name.rpartition(".")[2]: content[:5] for name, content in made[0].items()}
    assert (kinds["pdf"], kinds["html"].lower()) == (b"%PDF-", b"<!doc")
