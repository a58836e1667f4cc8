"""The leadership edition page by page, in both languages, from the same facts."""

import re

import pandas as pd
import pytest

from survey_kpi.report import leadership as page
from survey_kpi.report.blocks import Figure, Paragraph, Tiles
from survey_kpi.report.glyphs import check_wording
from survey_kpi.report.wording import load


@pytest.fixture(scope="module")
def reports(opened, root):
    return opened("leadership", root / "studies/sample")


@pytest.fixture(scope="module")
def pages(drawn, root):
    return drawn("leadership", root / "studies/sample")


@pytest.fixture(scope="module")
def edition(reports):
    return reports["en"].edition


@pytest.mark.row("W16")
def test_no_person_is_named(pages, root, flat, words_of):
    people = pd.read_csv(root / "data/raw/sample/specialists.csv", dtype=str)
    for found in pages.values():
        text = "\n".join([words_of(found)] + [f.alt + f.svg for f in flat(found, Figure)])
        for name in [*people["name"], *people["specialist_id"]]:
            assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text), name


def test_titles_are_findings(reports):
    assert page.HEADINGS["answer"](reports["en"])[1] == "Speed rose; nothing else can be told apart"
    assert page.HEADINGS["answer"](reports["zh"])[1] == "响应速度上升，其余指标无可辨识变化"
    assert page.HEADINGS["people"](reports["zh"])[1] == "23人中1人可辨识高于、1人低于整体，其余21人无法区分"


def test_direction_words_only_where_the_test_allows(pages, edition, words_of):
    table = edition.evaluation.comparisons.set_index("indicator")
    assert table["verdict"].value_counts()["rose"] == 1
    text = words_of(pages["en"])
    assert len(re.findall(r"\brose\b", text)) >= 1 and not re.search(r"\bfell\b|declined|increased", text)


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


def test_a_study_whose_subjects_are_no_people_names_them(root, shared, words_of, opened, drawn):
    sfo = ("leadership", root / "studies/sfo", "2018Q2", str(shared / "data/sfo"))
    report = opened(*sfo)["en"]
    assert report.edition.people.empty and len(report.edition.scores) == 7
    text = words_of(drawn(*sfo)["en"])
    assert "35.1" in text and "−5.3" in text and "Area" in text


def test_the_first_quarter_is_told_without_comparison(root, words_of, opened, drawn):
    first = ("leadership", root / "studies/sample", "2024Q4")
    report = opened(*first)["en"]
    assert "cannot be compared" in page.HEADINGS["answer"](report)[1]
    text = words_of(drawn(*first)["en"])
    assert "not compared" in text and "nan" not in text.lower().replace("finance", "")
