"""A reworded question: the trend breaks, the comparison is refused, and both languages say so."""

from __future__ import annotations

import pandas as pd
import pytest

from survey_kpi.evaluation import evaluate, open_study
from survey_kpi.evaluation.breaks import reworded, version_breaks
from survey_kpi.period import Period
from survey_kpi.publishing import publish
from survey_kpi.report.leadership.answer import change_sentence
from survey_kpi.report.leadership.charts import trend_figure
from survey_kpi.report.leadership.customers import items_figure
from survey_kpi.report.reading import Report
from survey_kpi.report.wording import load

OLD = {"zh": "请评价以下方面—响应快慢", "en": "Please rate [Quickness]"}


@pytest.fixture(scope="module")
def reworded_study(root, tmp_path_factory):
    """The new study, whose question on speed had other words in the second quarter."""
    from survey_kpi.sample import scaffold

    folder = tmp_path_factory.mktemp("breaks") / "ours"
    scaffold(folder)
    study, codebook = folder / "study.yaml", folder / "codebook.yaml"
    text = study.read_text(encoding="utf-8")
    block = text[text.index("sources:") :].split("\n\n", 1)[0]
    sources = """sources:
  - { id: before, file: wjx_2026q2.csv, format: wenjuanxing, language: zh, version: v1 }
  - { id: now, file: wjx_2026q3.csv, format: wenjuanxing, language: zh, version: v2 }"""
    tables = block[block.index("tables:") :] if "tables:" in block else ""
    study.write_text(text.replace(block, "\n".join(filter(None, [sources, tables]))), encoding="utf-8")
    words = codebook.read_text(encoding="utf-8")
    was = f"    wordings: {{ v1: {{ zh: {OLD['zh']}, en: '{OLD['en']}' }} }}\n"
    codebook.write_text(words.replace("  - id: speed\n", f"  - id: speed\n{was}", 1), encoding="utf-8")
    export = folder / "data/wjx_2026q2.csv"
    content = export.read_bytes().decode("gb18030").replace("以下方面—响应速度", "以下方面—响应快慢")
    export.write_bytes(content.encode("gb18030"))
    return open_study(folder)


@pytest.fixture(scope="module")
def evaluation(reworded_study):
    return evaluate(reworded_study, "2026Q3")


@pytest.mark.row("P02")
@pytest.mark.row("A06")
def test_no_comparison_and_a_marker(evaluation):
    [marker] = evaluation.breaks.to_dict("records")
    assert (marker["period"], marker["against"], marker["indicator"]) == ("2026Q3", "2026Q2", "A01-speed")
    assert OLD["zh"] in marker["wording_before"] and OLD["zh"] not in marker["wording_now"]
    row = evaluation.comparisons.set_index("indicator").loc["A01-speed"]
    assert (row["verdict"], row["reason"]) == (
        "not_compared",
        "asked in other words in 2026Q2 than in 2026Q3",
    )
    assert pd.isna(row["difference"]) and pd.isna(row["p_value"])
    others = evaluation.comparisons.set_index("indicator").drop("A01-speed")
    assert (others["reason"] == "").all()
    assert not any(key.startswith("2026Q3/A01-speed.top_box/company:change") for key in evaluation.facts)


@pytest.mark.parametrize(("language", "label"), [("zh", "题目措辞已改"), ("en", "question reworded")])
def test_the_report_breaks_the_line_and_says_why(evaluation, language, label):
    report = Report(edition=publish(evaluation), words=load(language))
    figure = trend_figure(report, "A01-speed")
    assert label in figure.svg or label.replace(" ", "") in figure.svg.replace(" ", "")
    caption = "".join(span.text for span in figure.caption)
    assert ("不作比较" if language == "zh" else "are not compared") in caption
    assert ("措辞不同" if language == "zh" else "worded differently") in figure.alt
    whole = trend_figure(report, "A01")
    assert label not in whole.svg and "worded" not in whole.alt and "措辞" not in whole.alt
    said = "".join(span.text for span in change_sentence(report, report.comparison("A01-speed")))
    assert ("措辞已改" if language == "zh" else "was reworded since") in said
    assert items_figure(report).svg


def test_periods_in_which_wordings_meet_break_on_both_sides():
    first, second, third, fourth = Period.parse("2026Q4").last(4)
    asked = {
        ("A", first): frozenset({"old"}),
        ("A", second): frozenset({"old", "new"}),
        ("A", third): frozenset(),
        ("A", fourth): frozenset({"new"}),
    }
    found = version_breaks(asked, [first, second, third, fourth])
    assert found[["period", "against"]].values.tolist() == [["2026Q2", "2026Q1"], ["2026Q4", "2026Q2"]]
    assert reworded(asked, fourth, first) == {"A": "asked in other words in 2026Q1 than in 2026Q4"}
    assert reworded(asked, fourth, third) == reworded(asked, first, first) == {}
    assert version_breaks({}, [first]).empty
