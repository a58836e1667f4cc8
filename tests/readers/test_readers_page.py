"""The reference page of the readers says what is so."""

from __future__ import annotations

import doctest
from pathlib import Path

from survey_kpi.readers import READERS
from survey_kpi.readers.table import LIMITS


def test_examples_run(root: Path) -> None:
    page = root / "docs" / "reference" / "readers.md"
    found = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert found.attempted
    assert not found.failed


def test_limits_are_those_of_the_code(root: Path) -> None:
    page = (root / "docs" / "reference" / "readers.md").read_text("utf-8")
    assert LIMITS.unpacked == 1 << 30
    assert LIMITS.line == 8 << 20
    assert f"{LIMITS.columns:,} columns" in page
    assert f"{LIMITS.rows:,} rows" in page
    assert all(reader in page for reader in READERS)
