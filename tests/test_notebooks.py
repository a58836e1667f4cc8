"""The shipped notebooks: thin, without outputs, and at home in the plain Jupyter tools."""

import ast
import json
import os
import subprocess
import sys

import nbformat
import pytest
from nbconvert.exporters import get_exporter

from survey_kpi.sample import scaffold

NOTEBOOKS = {
    "quarterly_evaluation": "No indicator changed detectably",
    "data_quality": "fit for reporting, not for grading",
    "weighting_methods": "No expert was asked",
    "appraisal": "Who may see this",
}
"""Each with words of its English report of 2026Q3 on a new study."""


@pytest.fixture(params=NOTEBOOKS)
def notebook(request, root):
    return root / "notebooks" / f"{request.param}.ipynb"


def test_cells_are_thin(notebook):
    nb = nbformat.read(notebook, as_version=4)
    nbformat.validate(nb)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert code[0].metadata.tags == ["parameters"]
    for cell in code:
        tree = ast.parse(cell.source)
        forbidden = (ast.FunctionDef, ast.Lambda, ast.For, ast.While, ast.If, ast.ListComp, ast.ClassDef)
        assert not [node for node in ast.walk(tree) if isinstance(node, forbidden)]
        assert len(tree.body) <= 6


def test_nothing_of_a_run_is_in_git(notebook):
    nb = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project") / "ours"
    scaffold(folder)
    return folder


def test_papermill_and_nbconvert_by_name(notebook, ours, root, tmp_path):
    """`papermill NOTEBOOK OUT -p …` with a plain kernel, then nbconvert with our exporters by their names."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", *map(str, arguments)],
            cwd=root,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]

    out = tmp_path / "out.ipynb"
    run("papermill", notebook, out, "-p", "study", ours, "-p", "period", "2026Q3", "-p", "language", "en")
    run("nbconvert", "--to", "survey_kpi_pdf", out)
    html, _ = get_exporter("survey_kpi_html")().from_filename(str(out))
    assert NOTEBOOKS[notebook.stem] in html and "Content-Security-Policy" in html
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF-1.7")
