"""The examples of the pages on the plan are true, and the codes they name exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["plan.md", "plan.zh.md"])
def test_examples_of_the_page(root: Path, name: str) -> None:
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    path = root / "docs" / name
    found = doctest.testfile(str(path), module_relative=False, optionflags=flags, encoding="utf-8")
    assert found.attempted > 15 and found.failed == 0


@pytest.mark.parametrize("name", ["plan.md", "plan.zh.md"])
def test_codes_of_the_page_exist(root: Path, name: str) -> None:
    text = (root / "docs" / name).read_text(encoding="utf-8")
    codes = re.findall(r"^\| `(\w+)` \|", text, re.M)
    source = "".join(path.read_text(encoding="utf-8") for path in (root / "src").rglob("*.py"))
    assert len(codes) == 15
    assert [code for code in codes if f'"{code}"' not in source] == []
