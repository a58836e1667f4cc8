"""The examples of the reference page run."""

from __future__ import annotations

import doctest
from pathlib import Path


def test_examples_run(root: Path) -> None:
    page = root / "docs/reference/cleaning.md"
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testfile(str(page), module_relative=False, optionflags=flags, encoding="utf-8")
    assert tried > 5
    assert failed == 0
