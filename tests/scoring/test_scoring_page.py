"""The examples of the reference page are true."""

from __future__ import annotations

import doctest


def test_examples_of_the_page(root):
    page = root / "docs" / "reference" / "scoring.md"
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    found = doctest.testfile(str(page), module_relative=False, optionflags=flags, encoding="utf-8")
    assert found.attempted > 25 and found.failed == 0
