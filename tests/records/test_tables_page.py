"""The pages about tables name every table and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_kpi.study.tables import TABLES


@pytest.mark.parametrize("page", ["tables.md", "tables.zh.md"])
def test_every_column_stands_there(root: Path, page: str) -> None:
    lines = (root / "docs" / page).read_text(encoding="utf-8").splitlines()
    for name, spec in TABLES.items():
        [line] = [line for line in lines if line.startswith(f"| `{name}` ")]
        for column in spec.columns:
            assert f"{'★' if column.required else ''}`{column.name}` " in line
