"""`survey-kpi new-quarter`: what is there, what is missing, what is called differently; nothing is lost."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from survey_kpi.next_period import with_source
from survey_kpi.sample import scaffold
from survey_kpi.study.models import Source

ROOT = Path(__file__).resolve().parents[1]
NewQuarter = Callable[..., CompletedProcess[str]]


@pytest.fixture
def new_quarter(project: Path, run_here: Callable[..., CompletedProcess[str]]) -> NewQuarter:
    """Run `survey-kpi new-quarter` in the project."""
    return lambda *arguments: run_here("new-quarter", *arguments, cwd=project)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sample study with the files of three quarters."""
    shutil.copytree(ROOT / "studies/sample", tmp_path / "studies/sample")
    rows = tmp_path / "data/raw/sample"
    rows.mkdir(parents=True)
    for name in ("wjx_2026q1.csv", "wjx_2026q2.csv", "wjx_2026q3.csv", "google_forms_overseas.csv"):
        shutil.copy(ROOT / "data/raw/sample" / name, rows)
    for path in (ROOT / "data/raw/sample").glob("*.csv"):
        if path.name not in {p.name for p in rows.iterdir()} and not path.name.startswith("wjx"):
            shutil.copy(path, rows)
    return tmp_path


def test_missing_files_and_the_dated_codebook(project, new_quarter):
    result = new_quarter("sample", "2026Q4")
    assert result.returncode == 0, result.stderr
    kept = project / "studies/sample/codebooks/2026Q3.yaml"
    assert kept.read_bytes() == (project / "studies/sample/codebook.yaml").read_bytes()
    for said in (
        "sample: 2026Q4, after 2026Q3",
        "written:",
        "codebook: unchanged since 2026Q3",
        "source wenjuanxing: missing; no file of 'wjx_*.csv' holds answers of 2026Q4",
        "for example as wjx_2026q4.csv",
        "source overseas: missing",
        "with all answers to date, as google_forms_overseas.csv",
        "survey-kpi report sample 2026Q4",
    ):
        assert said in result.stdout
    kept.write_bytes(kept.read_bytes() + b"# ours\n")
    again = new_quarter("sample", "2026Q4")
    assert "written:" not in again.stdout and kept.read_bytes().endswith(b"# ours\n")


def test_a_file_that_is_there_and_headers_that_drift(project, new_quarter):
    rows = project / "data/raw/sample"
    text = (rows / "wjx_2026q3.csv").read_bytes().decode("utf-8-sig")
    for month, later in (("2026/7/", "2026/10/"), ("2026/8/", "2026/11/"), ("2026/9/", "2026/12/")):
        text = text.replace(month, later)
    text = text.replace("4、请评价以下方面—响应速度", "4、请评价以下方面—响应的速度").replace(
        "来自IP", "来自地区"
    )
    (rows / "wjx_2026q4.csv").write_text(text, encoding="utf-8")
    codebook = project / "studies/sample/codebook.yaml"
    new_quarter("sample", "2026Q4")
    words = codebook.read_text(encoding="utf-8")
    codebook.write_text(
        words.replace("您向朋友或同事推荐我们的可能性有多大？", "您会推荐我们吗？"), encoding="utf-8"
    )
    result = new_quarter("sample", "2026Q4")
    assert result.returncode == 0, result.stderr
    for said in (
        "codebook: 1 changes since 2026Q3",
        "wording ltr: ",
        "-> 您会推荐我们吗？",
        "break the trend",
        "source wenjuanxing: wjx_2026q4.csv holds 1,0",
        "rows of 2026Q4",
        "the codebook does not know the header '来自地区'",
        "no column for 'speed'",
        "did you mean '4、请评价以下方面—响应的速度'?",
    ):
        assert said in result.stdout, result.stdout
    assert "'序号'" not in result.stdout  # a column that was never asked for is no news


def test_a_wave_of_its_own_gets_its_entry(project, new_quarter):
    shutil.copytree(ROOT / "studies/sfo", project / "studies/sfo")
    path = project / "studies/sfo/study.yaml"
    before = path.read_text(encoding="utf-8")
    result = new_quarter("sfo", "2019Q2")
    assert result.returncode == 0, result.stderr
    assert "source wave_2019: new, sfo_2019.csv.gz for 2019Q2" in result.stdout
    after = path.read_text(encoding="utf-8")
    start = after.index("  - id: 'wave_2019'")
    added = after[start : start + len(after) - len(before)]
    assert after.replace(added, "", 1) == before
    assert "    file: 'sfo_2019.csv.gz'\n" in added and "    period: '2019Q2'\n" in added
    assert "mode: 'METH'" in added  # the layout of the wave before
    again = new_quarter("sfo", "2019Q2")
    assert again.returncode == 0 and path.read_text(encoding="utf-8") == after
    assert "source wave_2019: cannot be read yet" in again.stdout and "file_missing" in again.stdout


def test_a_form_that_cannot_be_extended_is_left_alone():
    source = Source(id="b", file="b.csv", period="2026Q4")
    assert with_source("sources: [{ id: a, file: a.csv, period: 2026Q3 }]\nname: x\n", source) is None
    block = "sources:\n  - id: a\n    file: a.csv\n\n# about names\nname: x\n"
    found = with_source(block, source)
    assert found is not None and found.index("- id: 'b'") < found.index("# about names")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sample", "2026Q4-R4"), "collected by month or quarter"),
        (("sample", "Q4"), "period_format"),
        (("sampel", "2026Q4"), "did you mean 'sample'"),
    ],
)
def test_mistakes_are_a_message_and_write_nothing(project, new_quarter, arguments, said):
    result = new_quarter(*arguments)
    assert result.returncode == 1 and said in result.stderr
    assert not (project / "studies/sample/codebooks").exists()


def test_the_commands_that_come_next_run_where_folder_and_study_have_other_names(tmp_path, run_here):
    """A study's name has no hyphen; its folder may."""
    folder, rows = tmp_path / "our-survey", tmp_path / "our rows"
    scaffold(folder)
    shutil.move(folder / "data", rows)
    told = run_here("new-quarter", "our-survey", "2026Q4", "--data", rows, cwd=tmp_path)
    printed = [line.partition("survey-kpi ")[2] for line in told.stdout.splitlines() if "survey-kpi " in line]
    again, check, report = map(shlex.split, printed)
    assert report == ["report", "our-survey", "2026Q4", "--edition", "all", "--data", str(rows)]
    for command in (again, check):
        done = run_here(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
