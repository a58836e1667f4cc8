"""The command `survey-kpi cards` as an analyst meets it: files, pages, messages."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from html import unescape

import pikepdf
import pytest
from typer.testing import CliRunner

from survey_kpi import cli
from survey_kpi.errors import SpecError
from survey_kpi.evaluation import evaluate
from survey_kpi.report.blocks import MIME
from survey_kpi.scoring.coaching import judging_words

RUN = CliRunner()
HOSTILE = "../../<b>华南</b>\x1b[2J"
"""What the table of specialists calls one of the two teams."""


def command(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "survey_kpi", *map(str, arguments)],
        cwd=cwd,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A new study whose second team has a name that is fit for nothing."""
    folder = tmp_path_factory.mktemp("cards")
    assert command("init", "ours", cwd=folder).returncode == 0
    path = folder / "ours/data/specialists.csv"
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig", newline="")))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "team": HOSTILE if row["team"] == "华南" else row["team"]} for row in rows)
    return folder


def made(folder):
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def printed(page):
    """Text of a page without its markup, style and machinery."""
    body = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", page.read_text("utf-8"), flags=re.S)
    return unescape(re.sub(r"<[^>]+>", " ", body))


@pytest.fixture(scope="module")
def rendered(project, tmp_path_factory):
    """Output of each card of all teams, by its name."""
    output = tmp_path_factory.mktemp("rendered")
    for card, period in (("health", "2026-08"), ("coaching", "2026-08-12"), ("meeting", "2026Q3")):
        done = command("cards", "ours", period, "--card", card, "--output", output / card, cwd=project)
        assert done.returncode == 0, done.stderr
    return output


@pytest.mark.row("M12")
@pytest.mark.row("P11")
@pytest.mark.row("G11")
@pytest.mark.row("W16")
@pytest.mark.parametrize(
    ("card", "period", "teams"),
    [("health", "2026-08", 3), ("coaching", "2026-W33", 3), ("meeting", "2026Q3", 2)],
)
def test_every_team_has_its_page_in_both_languages(rendered, project, card, period, teams):
    files = made(rendered / card)
    place = f"ours/{period}/cards/"
    assert set(files) >= {
        f"{place}{card}-华东.{lang}.{kind}" for lang in ("zh", "en") for kind in ("html", "pdf")
    }
    pages = [path for name, path in files.items() if name.endswith(".pdf")]
    assert len(pages) == 2 * teams and f"{place}run.json" in files
    for name, path in files.items():
        assert re.fullmatch(
            rf"{place}(notebooks/)?({card}-[\w-]+\.(zh|en)\.(html|pdf|ipynb)|run\.json)", name
        ), name
        if name.endswith(".pdf"):
            with pikepdf.open(path) as pdf:
                assert len(pdf.pages) == 1
    people = list(csv.DictReader((project / "ours/data/specialists.csv").open(encoding="utf-8")))
    for page in (path for name, path in files.items() if name.endswith(".html")):
        text = printed(page)
        assert card == "meeting" or judging_words([text]) == []
        assert not any(row["name"] in text for row in people)
        assert not any(re.search(rf"(?<!\w){row['specialist_id']}(?!\w)", text) for row in people)
        assert "\x1b" not in text and "<b>华南" not in page.read_text("utf-8")


def test_a_second_run_gives_the_same_bytes(rendered, project, tmp_path):
    again = command(
        "cards",
        "ours",
        "2026-W33",
        "--card",
        "coaching",
        "--team",
        "华东",
        "--lang",
        "zh",
        "--output",
        tmp_path,
        cwd=project,
    )
    assert again.returncode == 0, again.stderr
    before = made(rendered / "coaching")
    for name, path in made(tmp_path).items():
        if not name.endswith("run.json"):
            assert (
                hashlib.sha256(path.read_bytes()).digest()
                == hashlib.sha256(before[name].read_bytes()).digest()
            )
    assert {name.rpartition("/")[2] for name in made(tmp_path)} == {
        "coaching-华东.zh.html", "coaching-华东.zh.pdf", "coaching-华东.zh.ipynb", "run.json",
    }  # fmt: skip


@pytest.mark.row("G11")
def test_figures_of_the_meeting_are_facts_of_the_quarter(rendered, project):
    facts = evaluate(project / "ours", "2026Q3", data=project / "ours/data").facts
    notebook = rendered / "meeting/ours/2026Q3/cards/notebooks/meeting-华东.en.ipynb"
    outputs = [out for cell in json.loads(notebook.read_text("utf-8"))["cells"] for out in cell["outputs"]]
    blocks = [block for out in outputs for block in out.get("data", {}).get(MIME, {}).get("blocks", ())]
    (figures, _) = [block for block in blocks if block["type"] == "table"]
    spans = [span for row in figures["rows"] for cell in row for span in cell if span["fact"]]
    assert len(figures["rows"]) == 4 and len(spans) == 12  # all that the new study has
    for span in spans:
        fact = facts[span["fact"]]
        assert fact.hash == span["hash"] and fact.key.startswith("2026Q3/") and "team:华东" in fact.key
        assert float(span["text"].rstrip("%").replace("−", "-")) == pytest.approx(fact.value, abs=0.05 + 1e-9)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["2026-08", "--card", "meeting"], "period_too_short_for_grade", marks=pytest.mark.row("P10")
        ),
        (["2026Q3", "--card", "health"], "period_not_a_month"),
        (["2026-W77", "--card", "coaching"], "week_format"),
        (["2026-08", "--team", "compny"], "did you mean 'company'?"),
        (["2026Q3", "--card", "meeting", "--team", "company"], "unknown_team"),
    ],
)
def test_a_wrong_choice_is_refused_before_anything_runs(project, arguments, said):
    with pytest.raises(SpecError) as caught:
        RUN.invoke(cli.app, ["cards", str(project / "ours"), *arguments], catch_exceptions=False)
    assert said in str(caught.value)
    assert not (project / "ours/reports").exists()


def test_a_month_without_answers_is_status_1_and_a_message(project):
    done = command(
        "cards", "ours", "2031-08", "--team", "company", "--lang", "en", "--format", "html", cwd=project
    )
    assert done.returncode == 1 and "period_unknown" in done.stderr and "Traceback" not in done.stderr
    assert not list(project.rglob("*.html"))


@pytest.mark.row("G11")
def test_check_refuses_minutes_without_owner(project, run_here):
    minutes = project / "ours/meetings/2026Q3.yaml"
    minutes.parent.mkdir()
    minutes.write_text(
        "schema_version: 1\ndecisions:\n  - { decision: call back, date: 2026-12-01 }\n", "utf-8"
    )
    for arguments in (["check", "ours"], ["cards", "ours", "2026Q3", "--card", "meeting"]):
        done = run_here(*arguments, cwd=project)
        assert done.returncode == 1
        assert "2026Q3.yaml: decisions[0], line 3: the decision has no owner" in done.stderr
    minutes.write_text(minutes.read_text("utf-8").replace("date", "owner: support, date"), "utf-8")
    assert "no mistake found" in run_here("check", "ours", cwd=project).stdout


def test_the_help_imports_nothing_heavy():
    code = "import sys, survey_kpi.cli; print({'pandas', 'numpy', 'duckdb', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
