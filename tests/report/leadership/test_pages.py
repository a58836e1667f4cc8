"""The leadership edition page by page, in both languages, from the same facts."""

import re
from collections import Counter

import pandas as pd
import pytest

from survey_kpi.evaluation import evaluate, open_study
from survey_kpi.facts import Fact
from survey_kpi.publishing import publish
from survey_kpi.report import leadership as page
from survey_kpi.report.blocks import Figure, Heading, Paragraph, Table, Tiles
from survey_kpi.report.glyphs import check_wording
from survey_kpi.report.reading import Report
from survey_kpi.report.wording import load

SHAMING = ["落后", "最差", "垫底", "worst", "loser", "laggard", "poor performer"]
CAUSAL = ["导致", "带来", "使得", " causes", "leads to", "drives"]


@pytest.fixture(scope="module")
def edition(root):
    return publish(evaluate(open_study(root / "studies/sample"), "2026Q3"))


@pytest.fixture(scope="module")
def reports(edition):
    return {language: Report(edition=edition, words=load(language)) for language in ("zh", "en")}


def blocks(report):
    found = []
    for name in page.HEADINGS:
        found += [*page.heading(report, name), *getattr(page, name)(report)]
    return found


@pytest.fixture(scope="module")
def pages(reports):
    return {language: blocks(report) for language, report in reports.items()}


def marked(found):
    return Counter((span.fact, span.hash) for block in found for span in block.spans() if span.fact)


def test_both_languages_print_the_same_facts(pages, edition):
    assert marked(pages["zh"]) == marked(pages["en"])
    assert len(marked(pages["zh"])) > 120
    for key, digest in marked(pages["zh"]):
        assert edition.facts[key].hash == digest


def test_every_marked_number_is_its_fact_rounded(pages, edition):
    for block in pages["en"]:
        for span in block.spans():
            if span.fact:
                shown = float(re.sub(r"[,%+]", "", span.text).replace("−", "-"))
                fact: Fact = edition.facts[span.fact]
                value = 100 * fact.value if fact.unit == "share" and "%" in span.text else fact.value
                digits = len(span.text.partition(".")[2].rstrip("%"))
                assert abs(abs(shown) - abs(value)) <= 0.5 * 10**-digits + 1e-9, (span.text, fact)


@pytest.mark.row("W16")
def test_no_person_is_named(pages, root):
    people = pd.read_csv(root / "data/raw/sample/specialists.csv", dtype=str)
    for found in pages.values():
        text = "\n".join([words_of(found)] + [f.alt + f.svg for f in figures(found)])
        for name in [*people["name"], *people["specialist_id"]]:
            assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text), name


def words_of(found):
    titles = [block.text for block in found if isinstance(block, Heading)]
    return "\n".join([*titles, *(block.plain() for block in found)])


def figures(found):
    for block in found:
        if isinstance(block, Figure):
            yield block
        for column in getattr(block, "columns", ()):
            if isinstance(column, (list, tuple)):
                yield from figures(column)


def test_every_figure_says_what_to_see(pages):
    for found in pages.values():
        shown = list(figures(found))
        assert len(shown) >= 8
        for figure in shown:
            assert len(figure.alt) > 30 and figure.title
            assert "".join(span.text for span in figure.caption)


def test_titles_are_findings(reports):
    assert page.HEADINGS["answer"](reports["en"])[1] == "Speed rose; nothing else can be told apart"
    assert page.HEADINGS["answer"](reports["zh"])[1] == "响应速度上升，其余指标无可辨识变化"
    assert page.HEADINGS["people"](reports["zh"])[1] == "23人中1人可辨识高于、1人低于整体，其余21人无法区分"


def test_direction_words_only_where_the_test_allows(pages, edition):
    table = edition.evaluation.comparisons.set_index("indicator")
    assert table["verdict"].value_counts()["rose"] == 1
    text = words_of(pages["en"])
    assert len(re.findall(r"\brose\b", text)) >= 1 and not re.search(r"\bfell\b|declined|increased", text)


def test_no_shaming_and_no_causal_words(pages):
    for found in pages.values():
        text = words_of(found).lower()
        assert [word for word in SHAMING + CAUSAL if word in text] == []


def test_the_answer_is_short(reports):
    """At most 180 Chinese characters or 140 English words of prose, tables and captions aside."""
    zh = [b for b in page.answer(reports["zh"]) if isinstance(b, Paragraph)]
    en = [b for b in page.answer(reports["en"]) if isinstance(b, Paragraph)]
    assert sum(len(block.plain()) for block in zh) <= 180
    assert sum(len(block.plain().split()) for block in en) <= 140


def test_five_tiles_with_interval_grade_and_sparkline(reports):
    tiles = next(block for block in page.answer(reports["zh"]) if isinstance(block, Tiles)).tiles
    assert len(tiles) == 5
    for tile in tiles:
        assert tile.interval and tile.grade == "A" and "<svg" in tile.spark and tile.spark_alt


def test_wording_has_the_same_keys_and_slots_and_the_fonts_can_print_it():
    zh, en = load("zh"), load("en")
    assert set(zh) == set(en)
    slot = re.compile(r"\{(\w+)\}")
    for key in zh:
        assert set(slot.findall(zh[key])) == set(slot.findall(en[key])), key
    check_wording({f"{words.language}.yaml: {key}": words[key] for words in (zh, en) for key in words})


def test_chinese_text_leaves_spacing_to_the_typesetter():
    cjk = "\u4e00-\u9fff"
    for key, text in load("zh").items():
        assert not re.search(rf"[{cjk}] [A-Za-z0-9]|[A-Za-z0-9] [{cjk}]", text), key
        assert not re.search(rf"[{cjk}][,;:?!()]", text), key


def test_level_one_headings_open_every_page(pages):
    for found in pages.values():
        opened = [block.anchor for block in found if isinstance(block, Heading) and block.level == 1]
        assert opened == list(page.HEADINGS)


def test_tables_are_rectangular(pages):
    for found in pages.values():
        for block in found:
            if isinstance(block, Table):
                assert {len(row) for row in block.rows} == {len(block.columns)}


def test_a_study_whose_subjects_are_no_people_names_them(root, shared):
    study = open_study(root / "studies/sfo", data=shared / "data/sfo")
    report = Report(edition=publish(evaluate(study, "2018Q2")), words=load("en"))
    assert report.edition.people.empty and len(report.edition.scores) == 7
    text = "\n".join(block.plain() for block in blocks(report))
    assert "35.1" in text and "−5.3" in text and "Area" in text


def test_the_first_quarter_is_told_without_comparison(root):
    report = Report(edition=publish(evaluate(root / "studies/sample", "2024Q4")), words=load("en"))
    assert "cannot be compared" in page.HEADINGS["answer"](report)[1]
    text = "\n".join(block.plain() for block in blocks(report))
    assert "not compared" in text and "nan" not in text.lower().replace("finance", "")
