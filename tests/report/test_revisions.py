"""A published period is frozen: what is said otherwise later is a revision with its difference."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from survey_kpi import cli
from survey_kpi.errors import IntegrityError, SpecError
from survey_kpi.facts import Fact
from survey_kpi.frozen import Revision, difference, from_parquet, to_parquet
from survey_kpi.publishing import publish
from survey_kpi.report import files, revisions
from survey_kpi.report import leadership as page
from survey_kpi.report.batch import Batch, frozen
from survey_kpi.report.blocks import Table
from survey_kpi.report.reading import Report
from survey_kpi.report.runs import RenderJob
from survey_kpi.report.wording import load
from survey_kpi.sample import scaffold

RUN = CliRunner()


def facts(value: float) -> dict[str, Fact]:
    return {"k": Fact(key="k", value=value, unit="points")}


def put(folder: Path, value: float, record: bytes = b"{}") -> None:
    contents = {folder / revisions.FACTS: to_parquet(facts(value)), folder / revisions.RECORD: record}
    files.publish(contents, root=folder.parent)


# --- what is kept -------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    put(tmp_path / "2026Q3", 1.0, b'{"first": 1}')
    return tmp_path / "2026Q3"


def test_what_was_published_is_kept_with_its_record(folder):
    assert revisions.revision_of(folder) == 0
    assert revisions.keep(folder, root=folder.parent) == 1
    put(folder, 2.0)
    assert revisions.revision_of(folder) == 1
    assert revisions.keep(folder, root=folder.parent) == 2
    put(folder, 3.0)
    assert revisions.revision_of(folder) == 2
    kept = [folder / "revisions" / number / "facts.parquet" for number in "01"]
    assert [from_parquet(path.read_bytes())["k"].value for path in kept] == [1.0, 2.0]
    assert (folder / "revisions/0/run.json").read_bytes() == b'{"first": 1}'
    assert revisions.first_published(folder) == kept[0]


def test_a_run_that_ended_before_it_published_leaves_nothing_to_repair(folder):
    for _ in range(3):
        assert revisions.keep(folder, root=folder.parent) == 1
        assert revisions.revision_of(folder) == 0
    put(folder, 2.0)
    assert revisions.revision_of(folder) == 1


def test_a_write_that_fails_leaves_the_published_facts(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write", full)
    with pytest.raises(Exception, match="none of them was"):
        revisions.keep(folder, root=folder.parent)
    assert revisions.revision_of(folder) == 0
    assert from_parquet((folder / "facts.parquet").read_bytes())["k"].value == 1.0
    assert not list(folder.rglob("*.survey-kpi-tmp"))


# --- a run, with the evaluation replaced --------------------------------------------------------------


def batch(root: Path) -> Batch:
    made = RenderJob(notebook=Path("n.ipynb"), parameters={"study": "s"}, out_ipynb=Path("n.ipynb"))
    folder = root / "2026Q3"
    return Batch(
        study="s", period="2026Q3", data=None, jobs=[made], root=root, record=folder / "run.json", inputs={}
    )


@pytest.fixture
def now(monkeypatch):
    """What the evaluation says at present; the child is left out."""
    said = {"value": 1.0}
    monkeypatch.setattr(revisions, "facts_now", lambda *_: facts(said["value"]))

    def ask(task, *arguments):
        try:
            return "done", task(None, *arguments)
        except (IntegrityError, SpecError) as error:
            return "error", error

    monkeypatch.setattr("survey_kpi.report.children.ask", ask)
    return said


def test_equal_facts_make_no_revision(folder, now):
    found = frozen(batch(folder.parent), folder)
    assert (found.revision, found.facts) == (0, (folder / "facts.parquet").read_bytes())
    assert found.jobs[0].parameters == {"study": "s"}
    assert not (folder / "revisions").exists()


def test_other_facts_make_one_and_the_notebooks_know(folder, now, monkeypatch):
    monkeypatch.chdir(folder.parent)
    now["value"] = 2.0
    found = frozen(batch(folder.parent), folder)
    assert found.revision == 1
    told = {"revision": 1, "published": "2026Q3/revisions/0/facts.parquet"}
    assert found.jobs[0].parameters == {"study": "s", **told}
    put(folder, 2.0)
    again = frozen(batch(folder.parent), folder)
    assert (again.revision, again.jobs[0].parameters) == (1, found.jobs[0].parameters)


def test_nothing_is_written_over_facts_that_were_changed_by_hand(folder, now):
    (folder / "facts.parquet").write_bytes(b"PAR1")
    with pytest.raises(IntegrityError, match="no file of facts"):
        frozen(batch(folder.parent), folder)


def test_a_refused_evaluation_keeps_nothing(folder, monkeypatch):
    refused = ("error", SpecError("period_unknown", where="s", what="no answers"))
    monkeypatch.setattr("survey_kpi.report.children.ask", lambda *_: refused)
    assert frozen(batch(folder.parent), folder) == batch(folder.parent)


# --- what the report shows ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def edition(evaluated, root):
    return publish(evaluated(root / "studies/sample", "2026Q3"))


@pytest.fixture(scope="module")
def moved(edition):
    """The facts as they would have been published with another NPS."""
    report = Report(edition=edition, words=load("en"))
    key = report.key(report.recommendation)
    old = edition.facts[key]
    earlier = Fact(key=key, value=old.value - 3, unit=old.unit)
    return Revision(number=2, published={**edition.facts, key: earlier})


@pytest.mark.parametrize(("language", "words"), [("en", "revision 2"), ("zh", "第2次修订")])
def test_header_and_limits_page_show_the_revision(edition, moved, language, words):
    report = Report(edition=edition, words=load(language), revision=moved)
    assert words in page.front(report)[0].period
    tables = [block for block in page.method(report) if isinstance(block, Table)]
    rows = [["".join(span.text for span in cell) for cell in row] for row in tables[-1].rows]
    assert len(rows) == 1 and rows[0][1] != rows[0][2]
    assert float(rows[0][2]) - float(rows[0][1]) == pytest.approx(3, abs=0.11)
    assert page.method(report)[-2].plain() != ""


def test_what_was_published_once_shows_no_revision(edition):
    report = Report(edition=edition, words=load("en"))
    assert "revision" not in page.front(report)[0].period
    text = "\n".join(block.plain() for block in page.method(report))
    assert "As published" not in text and "survey-kpi diff" not in text


# --- the command --------------------------------------------------------------------------------------


def test_diff_by_file_and_by_folder(folder, tmp_path):
    later = tmp_path / "later"
    put(later, 1.25)
    result = RUN.invoke(cli.app, ["diff", str(folder / "facts.parquet"), str(later)])
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "k  1.0 -> 1.25 points",
        "1 changed, 0 appeared, 0 vanished, 0 equal",
    ]
    assert RUN.invoke(cli.app, ["diff", str(folder), str(folder)]).output.endswith("vanished, 1 equal\n")


def test_diff_writes_a_table(folder, tmp_path):
    later = tmp_path / "later"
    put(later, float("nan"))
    output = tmp_path / "diff.csv"
    RUN.invoke(cli.app, ["diff", str(folder), str(later), "--output", str(output)])
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["key"], row["change"], row["before"], row["after"], row["unit"]) for row in rows] == [
        ("k", "changed", "1.0", "", "points")
    ]


def test_diff_evaluates_a_study_and_period(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(revisions, "facts_now", lambda *given: asked.append(given) or facts(1.0))
    assert RUN.invoke(cli.app, ["diff", "a:b:2026Q3", str(folder), "--data", "rows"]).output.endswith(
        "1 equal\n"
    )
    assert asked == [("a:b", "2026Q3", Path("rows"))]


@pytest.mark.parametrize("source", ["nowhere", "nowhere.parquet", ":2026Q3", "sample:"])
def test_diff_of_nothing_is_refused(folder, source):
    with pytest.raises(SpecError, match="facts_missing"):
        list(revisions.compare(str(folder), source))


# --- the whole way ------------------------------------------------------------------------------------


def command(*arguments: object, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "survey_kpi", *map(str, arguments)],
        cwd=cwd,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "run.json"
    }


@pytest.mark.slow
def test_a_changed_row_makes_a_revision_with_exactly_the_changed_facts(tmp_path, run_here):
    scaffold(tmp_path / "ours")
    asked = ("--language", "en", "--format", "html", "--output", "out")
    report = ("report", "ours", "2026Q3", *asked)
    command(*report, cwd=tmp_path)
    folder = tmp_path / "out/ours/2026Q3"
    first = contents(folder)
    made = {"facts.parquet", "leadership.en.html", "notebooks/leadership.en.ipynb"}
    assert set(first) == made  # one language and one format, as asked
    command(*report, cwd=tmp_path)
    assert contents(folder) == first
    assert "revision" not in json.loads((folder / "run.json").read_text())

    keep = shutil.copytree(folder, tmp_path / "first")
    rows = tmp_path / "ours/data/wjx_2026q3.csv"
    lines = rows.read_bytes().splitlines(keepends=True)
    rows.write_bytes(b"".join(lines[:-1]))
    command(*report, cwd=tmp_path)
    assert (folder / "revisions/0/facts.parquet").read_bytes() == first["facts.parquet"]
    assert json.loads((folder / "run.json").read_text())["revision"] == 1
    html = (folder / "leadership.en.html").read_text(encoding="utf-8")
    assert "revision 1" in html and "As published" in html

    told = run_here("diff", keep, folder, cwd=tmp_path).stdout.splitlines()
    found = difference(from_parquet(first["facts.parquet"]), revisions.read_facts(str(folder)))
    raw = next(change for change in found.changes if change.key == "2026Q3/rows.raw/company")
    assert raw.before and raw.after and raw.before.value - raw.after.value == 1
    assert len(told) == len(found.changes) + 1
    assert {line.partition("  ")[0] for line in told[:-1]} == {change.key for change in found.changes}
