"""How the tests of the editions open them and read their pages: each edition is drawn once for all tests."""

import dataclasses
from collections import Counter
from functools import cache

import pytest

from survey_kpi.report import appraisal, data_quality, leadership, weighting
from survey_kpi.report.blocks import Columns, Heading, Note
from survey_kpi.report.once import once_per_run, within
from survey_kpi.report.wording import load

EDITIONS = {
    "leadership": leadership,
    "data_quality": data_quality,
    "weighting": weighting,
    "appraisal": appraisal,
}


def in_languages(report):
    return {language: dataclasses.replace(report, words=load(language)) for language in ("zh", "en")}


def pages_of(page, report):
    found = []
    for name in page.HEADINGS:
        found += [*page.heading(report, name), *getattr(page, name)(report)]
    return found


def in_both(page, report):
    return {language: pages_of(page, one) for language, one in in_languages(report).items()}


@once_per_run
def drawn_once(edition, study, period, data):
    page = EDITIONS[edition]
    return in_both(page, page.begin(study, period, "en", data=data))


@pytest.fixture(scope="session")
def opened(one_run):
    """Open an edition of a study that does not change while the tests run; reports by language."""

    @cache
    def ask(edition, study, period="2026Q3", data=None):
        with within(one_run):
            return in_languages(EDITIONS[edition].begin(study, period, "en", data=data))

    return ask


@pytest.fixture(scope="session")
def drawn(one_run):
    """Draw all pages of such an edition; lists of blocks by language."""

    @cache
    def ask(edition, study, period="2026Q3", data=None):
        with within(one_run):
            return drawn_once(edition, str(study), period, data and str(data))

    return ask


# --- reading pages: functions that tests ask for by name ---------------------------------------------------


@pytest.fixture(scope="session")
def both():
    """Draw all pages of a report in both languages."""
    return in_both


@pytest.fixture(scope="session")
def marked():
    """Count the facts that blocks print, with their hashes."""

    def count(found):
        return Counter((span.fact, span.hash) for block in found for span in block.spans() if span.fact)

    return count


def blocks_of(found, kind):
    for block in found:
        if isinstance(block, kind):
            yield block
        if isinstance(block, Columns):
            for column in block.columns:
                yield from blocks_of(column, kind)


@pytest.fixture(scope="session")
def flat():
    """Find the blocks of a kind, those in columns too."""
    return blocks_of


@pytest.fixture(scope="session")
def words_of():
    """Read what blocks say, headings and titles of notes included."""

    def read(found):
        titles = [block.text for block in blocks_of(found, Heading)]
        notes = [block.title for block in blocks_of(found, Note)]
        return "\n".join([*titles, *notes, *(block.plain() for block in found)])

    return read
