"""`survey-kpi judgements` as its users meet it: files, lines, exit codes."""

import contextlib
import hashlib
import io
import subprocess
import sys
from typing import NamedTuple
from unittest import mock

import openpyxl
import pytest

from survey_kpi import cli
from survey_kpi.evaluation import check_study, open_study
from survey_kpi.judging.scale import SIDES, STRENGTHS
from survey_kpi.judging.wording import say
from survey_kpi.sample.scaffold import scaffold


class Ran(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def command(*arguments, cwd):
    """Run the command as its entry point does, in this process: a new one pays seconds of imports."""
    said, complained = io.StringIO(), io.StringIO()
    argv = ["survey-kpi", "judgements", *map(str, arguments)]
    with (
        contextlib.chdir(cwd),
        mock.patch.object(sys, "argv", argv),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(complained),
        pytest.raises(SystemExit) as ended,
    ):
        cli.main()
    return Ran(int(ended.value.code or 0), said.getvalue(), complained.getvalue())


@pytest.fixture(scope="module")
def study(root):
    """The shipped sample study: four scored indicators, five experts."""
    return root / "studies/sample"


def answer(path, answers):
    book = openpyxl.load_workbook(path)
    for row, (side, strength) in enumerate(answers, start=8):
        book.worksheets[1][f"C{row}"] = say(SIDES[side], "both")
        book.worksheets[1][f"E{row}"] = f"{strength} {say(STRENGTHS[strength], 'both')}"
    book.save(path)


def test_questionnaires_go_out_and_come_back(study, tmp_path):
    experts = ["--expert", "e1", "--expert", "e2"]
    made = command("template", study, *experts, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert made.stdout.split() == ["sample-pairwise-e1.xlsx", "sample-pairwise-e2.xlsx"]
    digest = hashlib.sha256((tmp_path / "sample-pairwise-e1.xlsx").read_bytes()).digest()
    (tmp_path / "again").mkdir()
    command("template", study, *experts, cwd=tmp_path / "again")
    assert hashlib.sha256((tmp_path / "again/sample-pairwise-e1.xlsx").read_bytes()).digest() == digest

    twice = command("template", study, *experts, cwd=tmp_path)
    assert twice.returncode == 1 and "target_exists" in twice.stderr and "Traceback" not in twice.stderr

    consistent = [("left", 2), ("left", 4), ("left", 8), ("left", 2), ("left", 4), ("left", 2)]
    answer(tmp_path / "sample-pairwise-e1.xlsx", consistent)
    answer(tmp_path / "sample-pairwise-e2.xlsx", [*consistent[:2], ("right", 9), *consistent[3:]])
    collect = ["collect", study, *made.stdout.split(), "--output", "ahp.csv"]
    done = command(*collect, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "e1: 6 of 6 pairs, consistency ratio 0.000 (random index alonso_lamata)" in done.stdout
    assert "first revise A01 / A07: judged 0.111, the others imply 8" in done.stdout
    assert "ahp.csv: 2 experts, 12 answers" in done.stdout
    assert len((tmp_path / "ahp.csv").read_text(encoding="utf-8").splitlines()) == 13
    assert command(*collect, cwd=tmp_path).returncode == 1
    assert command(*collect, "--replace", cwd=tmp_path).returncode == 0


def test_the_command_runs_in_a_process_of_its_own(study, tmp_path):
    run = [sys.executable, "-m", "survey_kpi", "judgements", "template", study, "--language", "zh"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0 and done.stdout == "sample-pairwise.xlsx\n", done.stderr


def test_an_expert_who_cannot_be_used_is_told_and_the_status_is_1(study, tmp_path):
    (tmp_path / "a.csv").write_text("expert_id,row,column,value\ne1,A01,A07,3\n", encoding="utf-8")
    result = command("collect", study, "a.csv", "--output", "ahp.csv", cwd=tmp_path)
    assert result.returncode == 1 and "cannot be used as it stands" in result.stdout
    assert (tmp_path / "ahp.csv").read_text(encoding="utf-8").splitlines()[1:] == ["e1,A01,A07,3"]


def test_what_cannot_be_read_leaves_no_file_and_a_message(study, tmp_path):
    (tmp_path / "a.csv").write_text("A01_A07\n-3\n", encoding="utf-8")
    result = command("collect", study, "a.csv", "--output", "ahp.csv", cwd=tmp_path)
    assert result.returncode == 1 and "coding_undeclared" in result.stderr
    assert "Traceback" not in result.stderr and not (tmp_path / "ahp.csv").exists()
    assert command("collect", study, "a.csv", "--coding", "left", cwd=tmp_path).returncode == 2


def test_a_new_study_can_be_asked_before_it_has_judgements_and_evaluated_after(root, tmp_path):
    """The declared file is where the answers go, and `check` is content with it."""
    folder = tmp_path / "ours"
    scaffold(folder)
    rules = folder / "rules.yaml"
    text = rules.read_text(encoding="utf-8")
    start = text.index("indicator_weights:")
    end = text.index("\n\n", start)
    weights = "indicator_weights:\n  ratings: judgements/scores.csv\n  parts: [{ method: expert_scores }]"
    rules.write_text(text[:start] + weights + text[end:], encoding="utf-8")
    for expert in ("e1", "e2"):
        made = command(
            "template",
            folder,
            "--kind",
            "scores",
            "--expert",
            expert,
            "--output",
            f"{expert}.xlsx",
            cwd=tmp_path,
        )
        assert made.returncode == 0, made.stderr
        book = openpyxl.load_workbook(tmp_path / f"{expert}.xlsx")
        scored = open_study(folder, judged=False).rules.scored
        for row, score in enumerate(range(9, 9 - len(scored), -1), start=8):
            book.worksheets[1][f"D{row}"] = score
        written = io.BytesIO()
        book.save(written)
        (tmp_path / f"{expert}.xlsx").write_bytes(written.getvalue())
    done = command("collect", folder, "e1.xlsx", "e2.xlsx", cwd=tmp_path)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Kendall W 1.000 over 2 experts" in done.stdout
    assert (folder / "judgements/scores.csv").is_file()
    assert check_study(folder).rows > 0
