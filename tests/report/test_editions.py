"""What holds for every edition, in both languages, on the sample study."""

import re
from dataclasses import dataclass

import pytest

from survey_kpi.report import appraisal, data_quality, leadership, weighting
from survey_kpi.report.blocks import Columns, Figure, Heading, Table

CAUSAL = ["导致", "带来", "使得", " causes", "leads to", "drives"]
SHAMING = ["落后", "最差", "垫底", "worst performer", "loser", "laggard", "poor performer"]


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What its pages hold: facts at least, figures, characters of alternative text, signs of changes."""

    page: object
    facts: int
    figures: int
    alt: int
    signed: bool = False


EDITIONS = {
    "leadership": Edition(page=leadership, facts=120, figures=15, alt=30),
    "data_quality": Edition(page=data_quality, facts=150, figures=5, alt=30),
    "weighting": Edition(page=weighting, facts=200, figures=12, alt=20, signed=True),
    "appraisal": Edition(page=appraisal, facts=1000, figures=1, alt=20),
}


@pytest.fixture(params=EDITIONS)
def name(request):
    return request.param


@pytest.fixture
def expected(name):
    return EDITIONS[name]


@pytest.fixture
def facts(name, opened, root):
    return opened(name, root / "studies/sample")["en"].edition.facts


@pytest.fixture
def pages(name, drawn, root):
    return drawn(name, root / "studies/sample")


def shown_value(text):
    """A number as printed and how far it may be rounded; 1/3 is how experts write a judgement below one."""
    if text[0] in "<>":  # a probability next to 0 or 1
        return float(text[1:]), 1e-3 + 1e-9
    whole = text.removeprefix("1/").split()[0]  # money may carry its currency
    value = float(re.sub(r"[,%+]", "", whole).replace("−", "-"))
    digits = len(whole.partition(".")[2].rstrip("%"))
    return (1 / value, 1e-2) if text.startswith("1/") else (value, 0.5 * 10**-digits + 1e-9)


def test_both_languages_print_the_same_facts(pages, facts, expected, marked):
    assert marked(pages["zh"]) == marked(pages["en"])
    assert len(marked(pages["zh"])) > expected.facts
    for key, digest in marked(pages["zh"]):
        assert facts[key].hash == digest


def test_every_marked_number_is_its_fact_rounded(pages, facts, expected):
    for block in pages["en"]:
        for span in block.spans():
            if span.fact:
                shown, tolerance = shown_value(span.text)
                fact = facts[span.fact]
                value = 100 * fact.value if fact.unit == "share" and "%" in span.text else fact.value
                error = shown - value if expected.signed else abs(shown) - abs(value)
                assert abs(error) <= tolerance, (span.text, fact)


def untitled(found, headed=False):
    """Figures without a title on whose page no heading of a section comes before."""
    for block in found:
        if isinstance(block, Heading):
            headed = block.level > 1
        if isinstance(block, Figure) and not (block.title or headed):
            yield block
        if isinstance(block, Columns):
            for column in block.columns:
                yield from untitled(column, headed)


def test_every_figure_says_what_to_see(pages, expected, flat):
    for found in pages.values():
        figures = list(flat(found, Figure))
        assert len(figures) == expected.figures
        for figure in figures:
            assert len(figure.alt) > expected.alt
            assert "".join(span.text for span in figure.caption)
        assert not list(untitled(found))


def test_no_causal_and_no_shaming_words(pages, words_of):
    for found in pages.values():
        text = words_of(found).lower()
        assert [word for word in CAUSAL + SHAMING if word in text] == []


def test_pages_open_in_order(pages, expected):
    for found in pages.values():
        opening = [block.anchor for block in found if isinstance(block, Heading) and block.level == 1]
        assert opening == list(expected.page.HEADINGS)


def test_tables_are_rectangular(pages, flat):
    for found in pages.values():
        for table in flat(found, Table):
            assert {len(row) for row in table.rows} == {len(table.columns)}
