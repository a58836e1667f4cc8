"""Every requirement has a test that says so, and the page that lists them is up to date."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

WITHOUT = "R09"
"""Requirements that no test proves yet; the list may only get shorter."""

TRAP = re.compile(r"T\d\d+")
"""Mistakes of other tools that a test catches; they have numbers and no line in the table."""


@pytest.fixture(scope="module")
def rows(root: Path) -> ModuleType:
    import importlib.util

    spec = importlib.util.spec_from_file_location("write_rows", root / "scripts/write_rows.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_123_requirements_with_both_names(rows: ModuleType) -> None:
    counts = {letter: sum(row[0] == letter for row in rows.REQUIREMENTS) for letter in rows.AREAS}
    assert counts == {"A": 53, "M": 18, "P": 14, "R": 10, "G": 12, "W": 16}
    for name in rows.REQUIREMENTS.values():
        assert re.search(r"[\u4e00-\u9fff]", name["zh"]) and re.search("[a-zA-Z]", name["en"])
    assert not rows.MANUAL - set(rows.REQUIREMENTS)


def test_every_marker_names_something_known(rows: ModuleType) -> None:
    unknown = [m for m in rows.markers() if m.row not in rows.REQUIREMENTS and not TRAP.fullmatch(m.row)]
    assert unknown == []


def test_only_these_have_no_test_yet(rows: ModuleType) -> None:
    assert " ".join(sorted(row for row, tests in rows.proofs().items() if not tests)) == WITHOUT


def test_the_page_is_up_to_date(rows: ModuleType) -> None:
    assert not rows.outdated(), "run: python scripts/write_rows.py"


def test_the_table_is_yaml_without_double_keys(rows: ModuleType, root: Path) -> None:
    text = (root / "docs/reference/rows.yaml").read_text(encoding="utf-8")
    assert re.findall(r"^  (\w+):", text, re.M) == list(yaml.safe_load(text)["requirements"])


def test_markers_are_found_in_decorators_and_parameters(rows: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "tests/test_it.py"
    path.parent.mkdir()
    path.write_text(
        "import pytest\n"
        '@pytest.mark.row("A19")\n@pytest.mark.row("A20")\ndef test_one(): ...\n'
        '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.row("M01"))])\n'
        "def test_two(x): ...\n"
        "def seed(row, x): return pytest.param(x, marks=pytest.mark.row(row))\n"
        '@pytest.mark.parametrize("x", [seed("T07", 1), 2])\ndef test_four(x): ...\n'
        "def test_three(): ...\n"
    )
    assert [tuple(marker) for marker in rows.markers(path.parent)] == [
        ("A19", "tests/test_it.py::test_one"),
        ("A20", "tests/test_it.py::test_one"),
        ("M01", "tests/test_it.py::test_two"),
        ("T07", "tests/test_it.py::test_four"),
    ]


def test_a_marker_that_decorates_no_test_is_refused(rows: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "tests/test_it.py"
    path.parent.mkdir()
    path.write_text('import pytest\npytestmark = pytest.mark.row("A19")\ndef test_one(): ...\n')
    with pytest.raises(ValueError, match="elsewhere than on a test"):
        rows.markers(path.parent)


@pytest.mark.parametrize(
    ("row", "tests", "said"),
    [("A19", ["t"], "tested"), ("W16", ["t"], "read by a person"), ("A19", [], "not yet")],
)
def test_status(rows: ModuleType, row: str, tests: list[str], said: str) -> None:
    assert said in rows.status(row, tests)
