"""The command as its users meet it: exit codes, messages, files."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from survey_kpi import __version__, cli
from survey_kpi.cli_printing import print_error
from survey_kpi.errors import Problem, SpecError
from survey_kpi.sampling.draw import hash_list

RUN = CliRunner()


def command(*arguments, cwd, env=None):
    """Run the real command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "survey_kpi", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of a stranger: a folder that `init` made, with nothing else around it."""
    folder = tmp_path_factory.mktemp("project")
    made = command("init", folder / "ours", cwd=folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def rendered(project):
    result = command("report", "ours", "2026Q3", cwd=project)
    assert result.returncode == 0, result.stderr
    return project / "ours" / "reports" / "ours" / "2026Q3", result


def test_help_and_version():
    assert "report" in RUN.invoke(cli.app, ["--help"]).output
    assert __version__ in RUN.invoke(cli.app, ["--version"]).output


def test_wrong_usage_is_status_2():
    assert RUN.invoke(cli.app, ["report", "sample"]).exit_code == 2
    assert RUN.invoke(cli.app, ["report", "sample", "2026Q3", "--language", "fr"]).exit_code == 2


def test_a_new_study_checks_lists_and_renders(project, rendered, run_here):
    folder, result = rendered
    names = {f"leadership.{language}.{kind}" for language in ("zh", "en") for kind in ("html", "pdf")}
    assert names | {"run.json", "facts.parquet", "notebooks"} == {path.name for path in folder.iterdir()}
    assert all(name in result.stdout for name in names)
    assert "no mistake found" in run_here("check", "ours", cwd=project).stdout
    assert "2026Q3" in run_here("list", "--root", "ours", cwd=project).stdout


def test_two_runs_give_the_same_bytes_in_another_folder(project, rendered, tmp_path):
    folder, _ = rendered
    shutil.copytree(project / "ours", tmp_path / "ours", ignore=shutil.ignore_patterns("reports"))
    assert command("report", "ours", "2026Q3", cwd=tmp_path).returncode == 0
    again = tmp_path / "ours/reports/ours/2026Q3"
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "run.json":
            other = again / path.relative_to(folder)
            assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()


def test_run_record_tells_inputs_outputs_and_versions(rendered):
    folder, _ = rendered
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))["reports"]["leadership.zh"]
    assert record["parameters"]["period"] == "2026Q3"
    assert any(name.startswith("data/wjx_") for name in record["inputs"])
    assert record["versions"]["survey-kpi"] == __version__
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_trace_explains_a_number_of_the_latest_report(project, rendered, run_here):
    shown = run_here("trace", "2026Q3/A07.nps/company:low", cwd=project / "ours")
    assert shown.returncode == 0, shown.stderr
    assert "adjusted Wald" in shown.stdout and "2026Q3/A07.nps/company:n" in shown.stdout
    wrong = run_here("trace", "2026Q3/A07.nsp/company", cwd=project / "ours")
    assert wrong.returncode == 1 and "did you mean" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "oors", "2026Q3"], "study_missing"),
        (["report", "ours", "2026Q9"], "period_format"),
        (["check", "nothing"], "study_missing"),
        (["init", "ours"], "target_not_empty"),
        (["list", "--root", "nowhere"], "survey-kpi init"),
    ],
)
def test_a_users_mistake_is_status_1_and_a_message(project, arguments, said, run_here):
    result = run_here(*arguments, cwd=project)
    assert result.returncode == 1
    assert said in result.stderr


def test_a_mistake_that_a_child_finds_is_a_message_without_traceback(project):
    result = command("report", "ours", "2031Q1", cwd=project)
    assert result.returncode == 1
    assert "period_unknown" in result.stderr and "Traceback" not in result.stderr


def test_all_mistakes_of_a_study_at_once(project, tmp_path, run_here):
    shutil.copytree(project / "ours", tmp_path / "ours", ignore=shutil.ignore_patterns("reports"))
    rules = tmp_path / "ours/rules.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("formula: linear", "formla: linear") + "\nsurprise: 1\n", encoding="utf-8")
    study = tmp_path / "ours/study.yaml"
    study.write_text(study.read_text(encoding="utf-8") + "\npurpos: x\n", encoding="utf-8")
    result = run_here("report", "ours", "2026Q3", cwd=tmp_path)
    assert result.returncode == 1
    for word in ("formla", "surprise", "purpos", "rules.yaml", "study.yaml", "mistakes"):
        assert word in result.stderr
    assert not (tmp_path / "ours/reports").exists()


def test_wrong_data_are_named_by_file(project, tmp_path, run_here):
    shutil.copytree(project / "ours", tmp_path / "ours", ignore=shutil.ignore_patterns("reports"))
    exports = sorted((tmp_path / "ours/data").glob("wjx_*.csv"))
    exports[0].write_bytes(b"")
    exports[1].write_bytes(exports[1].read_bytes()[:2000] + b"\xff\xfe\xff\x81")
    result = run_here("check", "ours", cwd=tmp_path)
    assert result.returncode == 1
    assert exports[0].name in result.stderr and exports[1].name in result.stderr


def test_messages_never_send_terminal_escapes(capsys):
    print_error(SpecError.collect([Problem(code="x", where="a\x1b[31m", what="b\u202ec")]))
    assert "\x1b" not in (shown := capsys.readouterr().err) and "\u202e" not in shown


def test_sample_draws_the_same_list_from_the_same_seed(tmp_path, run_here):
    strata = {"a": 523, "b": 277, "c": 131, "d": 69}
    rows = [f"{name}{place},{name}" for name, count in strata.items() for place in range(count)]
    (tmp_path / "frame.csv").write_text("\n".join(["customer_id,tier", *rows, "=1+1,a"]), encoding="utf-8")
    options = ["--size", 100, "--seed", 7, "--by", "tier", "--draw-id", "d2026Q3"]
    first = run_here("sample", "frame.csv", *options, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    for line in ("a: 52 of 524", "b: 28 of 277", "c: 13 of 131", "d: 7 of 69"):
        assert line in first.stdout
    again = run_here("sample", "frame.csv", *options, "--output", "again.csv", cwd=tmp_path)
    assert again.returncode == 0
    assert (tmp_path / "sample.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()
    record = json.loads((tmp_path / "sample.json").read_text(encoding="utf-8"))
    assert (record["draw_id"], record["seed"], record["by"]) == ("d2026Q3", 7, ["tier"])
    assert record["list_hash"] in first.stdout and len(record["strata"]) == 4
    listed = pd.read_csv(tmp_path / "sample.csv", encoding="utf-8-sig")
    assert hash_list(record["draw_id"], record["unit"], listed) == record["list_hash"]
    assert "\n=1" not in (tmp_path / "sample.csv").read_text(encoding="utf-8-sig")
    for arguments, said in [
        (["frame.csv", *options], "never overwritten"),
        (["frame.csv", "--size", 5, "--seed", 1, "--by", "teir", "--output", "x.csv"], "did you mean 'tier'"),
        (["frame.csv", "--size", 5000, "--seed", 1, "--output", "x.csv"], "sample_size"),
    ]:
        refused = run_here("sample", *arguments, cwd=tmp_path)
        assert refused.returncode == 1 and said in refused.stderr


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_status_130_and_leaves_nothing(project, tmp_path, sign):
    running = subprocess.Popen(
        [sys.executable, "-m", "survey_kpi", "report", "ours", "2026Q3", "--output", tmp_path / "out"],
        cwd=project,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "started" in running.stderr.readline()  # children are at work
    running.send_signal(sign)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "nothing half-written" in said and "Traceback" not in said
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
