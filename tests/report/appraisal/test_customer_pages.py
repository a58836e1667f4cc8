"""Pages on actions, indicators, listings and customers: in both languages, and of a study without tables."""

import dataclasses
import re
from collections import Counter

import pytest

from survey_kpi.evaluation.appraisal import appraise
from survey_kpi.evaluation.appraisal.risk import assess_risk
from survey_kpi.evaluation.appraisal.sources import open_sources
from survey_kpi.report import appraisal as page
from survey_kpi.report.appraisal.listings import FIRST_IDS
from survey_kpi.report.blocks import Columns, Figure, Heading, Paragraph, Table
from survey_kpi.report.html import render_html
from survey_kpi.report.lexicon import tone

PAGES = ("improvement", "audit", "listings", "evidence", "risk", "staying", "care", "market")
LANGUAGES = ("zh", "en")
HOSTILE = '<script>alert(1)</script> #set page() "=1+1"'


def in_both(found):
    return {language: page.opened(found, language) for language in LANGUAGES}


def blocks(report, names=PAGES):
    return [block for name in names for block in [*page.heading(report, name), *getattr(page, name)(report)]]


def flat(found, kind):
    for block in found:
        if isinstance(block, kind):
            yield block
        if isinstance(block, Columns):
            for column in block.columns:
                yield from flat(column, kind)


def words_of(found):
    titles = [block.text for block in flat(found, Heading)]
    return "\n".join([*titles, *(block.plain() for block in found)])


def marked(found):
    return Counter((span.fact, span.hash) for block in found for span in block.spans() if span.fact)


@pytest.fixture(scope="module")
def appraisal(evaluated, root):
    return appraise(evaluated(root / "studies/sample", "2026Q3"))


@pytest.fixture(scope="module")
def reports(appraisal):
    return in_both(appraisal)


@pytest.fixture(scope="module")
def pages(reports):
    return {language: blocks(report) for language, report in reports.items()}


def test_every_page_stands_in_the_notebook_and_in_the_contents(root):
    text = (root / "notebooks/appraisal.ipynb").read_text(encoding="utf-8")
    for name in PAGES:
        assert name in page.HEADINGS
        assert f'page.heading(report, \\"{name}\\")' in text and f"page.{name}(report)" in text


def test_both_languages_print_the_same_facts(pages, reports):
    assert marked(pages["zh"]) == marked(pages["en"])
    assert len(marked(pages["zh"])) > 250
    for key, digest in marked(pages["zh"]):
        assert reports["zh"].edition.facts[key].hash == digest


def test_every_marked_number_is_its_fact_rounded(pages, reports):
    for block in pages["en"]:
        for span in block.spans():
            if not span.fact:
                continue
            value = reports["en"].edition.facts[span.fact].value
            shown = float(re.sub(r"[,%+]|\s?CNY", "", span.text).replace("−", "-"))
            digits = len(span.text.split(" ")[0].partition(".")[2].rstrip("%"))
            assert abs(shown - value) <= 0.5 * 10**-digits + 1e-9, span


def test_no_page_shames_or_claims_a_cause(pages):
    for language, found in pages.items():
        assert not list(tone({"text": words_of(found)}, language))


def test_rows_have_as_many_cells_as_columns(pages):
    for found in pages.values():
        for table in flat(found, Table):
            assert all(len(row) == len(table.columns) for row in table.rows)


def test_verdicts_of_actions_read_as_the_sentence_says(pages):
    english = words_of(pages["en"])
    assert "effect cannot be judged: everybody took part" in english
    assert re.search(r"Action T8: effect cannot be judged; net of regression to the mean −?\d", english)
    assert "误报预算" in words_of(pages["zh"]) and "向均值回归" in words_of(pages["zh"])
    assert "regression to the mean" in english


def test_listings_print_the_first_ids_and_say_how_to_get_all(appraisal, pages):
    listed = appraisal.listings.found["A31.incomplete"].rows["unit"].tolist()
    assert len(listed) > FIRST_IDS
    english = words_of(pages["en"])
    assert ", ".join(listed[:FIRST_IDS]) in english and listed[FIRST_IDS + 1] not in english
    assert "report.appraisal.listings.table" in english
    assert len(appraisal.listings.table("A31.incomplete")) == len(listed)


def test_reasons_stand_beside_the_word_associated(pages):
    english = words_of(pages["en"])
    assert "Associated with, not the cause of" in english
    assert "仅为相关" in words_of(pages["zh"])


@pytest.fixture(scope="module")
def empty(appraisal, evaluated, root):
    """The same answers in a study that declares no table at all."""
    evaluation = evaluated(root / "studies/sample", "2026Q3")
    real = open_sources(evaluation)
    bare = dataclasses.replace(real, records=dataclasses.replace(real.records, frames={}))
    from survey_kpi.evaluation.appraisal.evidence import evidence
    from survey_kpi.evaluation.appraisal.improvement import improve
    from survey_kpi.evaluation.appraisal.listings import list_rows

    parts = {
        "improvement": improve(bare),
        "listings": list_rows(bare),
        "evidence": evidence(bare),
        "risk": assess_risk(bare),
    }
    facts = {key: fact for key, fact in appraisal.facts.items() if "audit_" in key}
    for part in parts.values():
        facts |= part.facts
    return dataclasses.replace(appraisal, **parts, facts=facts)


def test_a_study_without_tables_says_not_measured_on_every_page(empty):
    for language, report in in_both(empty).items():
        found = blocks(report)
        assert not list(flat(found, Figure))
        told = " ".join(block.plain() for block in flat(found, Paragraph))
        word = {"zh": "未测量", "en": "ot measured"}[language]
        assert told.count(word) >= 7
        assert {"zh": "没有措施登记表", "en": "no register of actions"}[language] in words_of(found)
    assert marked(blocks(in_both(empty)["zh"])) == marked(blocks(in_both(empty)["en"]))


def test_text_of_tables_reaches_the_page_as_text(appraisal):
    """Owners of actions, and reasons of losses, are whatever somebody typed."""
    one = dataclasses.replace(appraisal.improvement.open[0], owner=HOSTILE)
    hostile = dataclasses.replace(
        appraisal, improvement=dataclasses.replace(appraisal.improvement, open=(one,))
    )
    report = in_both(hostile)["en"]
    html = render_html([block.as_json() for block in [*page.front(report), *page.improvement(report)]])
    assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html
