"""The examples of the reference page run as they stand."""

import doctest


def test_examples_of_the_page(root):
    page = root / "docs/reference/indicator-weights.md"
    results = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert results.attempted > 15
    assert results.failed == 0


def test_the_page_names_every_method(root):
    from survey_kpi.indicator_weights import WEIGHT_METHODS

    page = (root / "docs/reference/indicator-weights.md").read_text(encoding="utf-8")
    assert [name for name in WEIGHT_METHODS if f"| `{name}` |" not in page] == []
