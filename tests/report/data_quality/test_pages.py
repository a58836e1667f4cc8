"""The data quality edition page by page, in both languages, from the same facts."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from survey_kpi.errors import Problem
from survey_kpi.evaluation.quality import GATES
from survey_kpi.report import data_quality as page
from survey_kpi.report.blocks import Figure
from survey_kpi.report.data_quality.reading import MOST_IDS
from survey_kpi.report.html import render_html
from survey_kpi.sample import scaffold

HOSTILE = '<script>alert(1)</script> [x](javascript:1) $x$ #set page() "=1+1"'


@pytest.fixture(scope="module")
def reports(opened, root):
    return opened("data_quality", root / "studies/sample")


@pytest.fixture(scope="module")
def pages(drawn, root):
    return drawn("data_quality", root / "studies/sample")


def test_unmarked_digits_are_codes_not_results(pages):
    """No result stands outside the facts; row ids, file names, hashes and cells as found do."""
    loose = re.compile(r"(?<![\w:.–-])\d+(?:\.\d+)?%")
    for found in pages.values():
        for block in found:
            for span in block.spans():
                if not span.fact:
                    assert not loose.search(span.text.replace("95%", "")), span.text


def test_people_stand_there_by_code_only(pages, root, flat, words_of):
    people = pd.read_csv(root / "data/raw/sample/specialists.csv", dtype=str)
    for found in pages.values():
        text = words_of(found) + "".join(figure.alt + figure.svg for figure in flat(found, Figure))
        assert not [name for name in set(people["name"]) if name in text]
        assert "S05" in text and "不记得了" not in text


def test_titles_are_findings(reports):
    titles = {name: make(reports["en"])[1] for name, make in page.HEADINGS.items()}
    assert titles["verdict"] == (
        "The answers are fit for reporting, not for grading: people with too few answers"
    )
    assert titles["flow"] == "1,124 answers received, 30 set aside, 1,094 used"
    assert titles["keys"] == "All answers are attributed"
    assert page.HEADINGS["verdict"](reports["zh"])[1].startswith("答卷可用于报告，不可用于评级")


def test_the_sentences_of_the_specification(pages, words_of):
    text = words_of(pages["en"])
    assert re.search(r"12 answers look careless \(threshold: .*\); they were set aside\.", text)
    assert "Of 1,124 answers, 30 (2.7%) were set aside; each is listed and recoverable." in text
    assert "Without rule “Duplicate respondent”, NPS would differ by +0.1 points." in text
    assert "Answers is fit for reporting, not for grading: people with too few answers." in text


@pytest.mark.row("P04")
def test_invitations_are_told_with_their_rates_and_the_one_who_chose(pages, reports, words_of):
    text = words_of(pages["en"])
    assert "Invitation coverage is unusual for 1 of 23 specialists (FDR 5%)" in text
    assert "their CSAT is not graded until explained." in text
    assert "12 invited who were not drawn, 8 drawn who were not invited, 0 invited twice (S17)" in text
    zh = words_of(pages["zh"])
    assert "23名专员中有1名的邀请覆盖异常（FDR 5%），其满意度在说明前不用于评级。" in zh
    assert all(rate in zh and rate in text for rate in ("RR1", "RR6", "COOP1", "REF1", "CON1"))
    verdicts = {(one.table, one.purpose): one for one in reports["en"].quality.fitness}
    assert verdicts["invites", "reporting"].verdict == "fit"
    assert verdicts["invites", "grading"].gates == ("coverage", "off_list")


def test_every_row_set_aside_is_listed(pages, reports, words_of):
    text = words_of(pages["zh"])
    assert len(reports["zh"].quality.excluded) == 30
    for row_id in reports["zh"].quality.excluded["row_id"]:
        assert re.search(rf"{row_id}(?!\d)", text)


def test_declared_numbers_are_printed_as_declared(root, words_of, opened, drawn):
    """0.4 of a median of 97 s is 38.8 s, not 38.800000000000004."""
    first = ("data_quality", root / "studies/sample", "2024Q4")
    report = opened(*first)["en"]
    assert report.exact("fastest_duration", "wenjuanxing, 2024Q4").text == "38.8"
    text = words_of(drawn(*first)["en"])
    assert "not measured" in text and not re.search(r"\bnan\b", text)


def test_long_lists_are_cut_and_counted(reports):
    ids = [f"q:{row}" for row in range(MOST_IDS + 50)]
    shown = "".join(span.text for span in reports["en"].ids(ids))
    assert shown.count("q:") == MOST_IDS and shown.endswith("(first 200 of 250)")


def test_waves_with_weights_and_without_people(root, shared, marked, words_of, drawn):
    twins = drawn("data_quality", root / "studies/sfo", "2018Q2", str(shared / "data/sfo"))
    assert marked(twins["zh"]) == marked(twins["en"])
    text = words_of(twins["en"])
    assert "9 renamed" in text and "METHOD" in text
    assert "Careless answering is not measured: at least 2 kinds of signs must agree" in text
    assert "Kish's design effect of the weights is 1." in text
    assert "nan" not in re.findall(r"[a-z]+", text.lower())


@pytest.fixture(scope="module")
def hostile_report(tmp_path_factory):
    """A new study with markup in headers, cells and teams, and a person missing from the staff table."""
    folder = tmp_path_factory.mktemp("hostile") / "ours"
    scaffold(folder)
    export = sorted((folder / "data").glob("wjx_*.csv"))[-1]
    table = pd.read_csv(export, dtype=str, keep_default_na=False)
    rating = next(name for name in table.columns if "总体" in name)
    source = next(name for name in table.columns if name == "来源")
    table.loc[3, rating] = HOSTILE
    table.loc[4, source] = HOSTILE
    table = table.assign(**{"新列 <img src=x>": "1"})
    table.to_csv(export, index=False, encoding="utf-8")
    spells = folder / "data" / "specialists.csv"
    people = pd.read_csv(spells, dtype=str)
    people.loc[0, "valid_to"] = "2026-08-01"
    later = people.iloc[[0]].assign(valid_from="2026-08-01", valid_to="", team="<b>west</b>")
    people = people[people["specialist_id"] != people["specialist_id"].iloc[-1]]
    pd.concat([people, later]).to_csv(spells, index=False)
    return page.begin(folder, "2026Q3", "zh")


@pytest.fixture(scope="module")
def hostile_pages(hostile_report, both):
    return both(page, hostile_report)


def test_hostile_text_stays_text(hostile_report, hostile_pages, marked, words_of):
    report, twins = hostile_report, hostile_pages
    assert marked(twins["zh"]) == marked(twins["en"])
    assert "新列 <img src=x>" in words_of(twins["zh"])  # reported as it is, as data
    document = [block.as_json() for block in [*page.front(report), *twins["zh"]]]
    html = render_html(document)
    for markup in ("<script>alert", "<img src=x", "<b>west"):
        assert markup not in html
    assert "&lt;script&gt;alert(1)" in html


def test_people_the_staff_table_lacks_fail_it(hostile_report, hostile_pages, words_of):
    """The last person was struck off: the table is unfit for grading, and every row of theirs is listed."""
    report = hostile_report
    assert report.amount("moves") == 1
    staff = {one.purpose: one for one in report.quality.fitness if one.table == "specialists"}
    assert staff["reporting"].verdict == "fit"
    assert staff["grading"].verdict == "unfit" and staff["grading"].gates == ("unlisted",)
    assert report.amount("unmatched") == report.quality.unattributed["row_id"].nunique() > 20
    assert "Changes of team in this period: 1." in words_of(hostile_pages["en"])


def test_codings_that_were_let_pass_are_named_in_both_languages(reports, words_of):
    """Nothing hides a coding that would have been refused; without one there is no such section."""
    for language, report in reports.items():
        title = report.words["quality.problems.doubts"]
        assert title not in words_of(page.problems(report))
        item = report.study.codebook.rated[0]
        doubt = Problem(
            code="undeclared_code", where=f"wjx: item '{item.id}'", what="the value 9 keeps coming back"
        )
        key = report.key_of("doubts")
        facts = {**report.quality.facts, key: replace(report.quality.fact(key), value=1.0)}
        doubted = replace(report, quality=replace(report.quality, doubts=(doubt,), facts=facts))
        text = words_of(page.problems(doubted))
        for part in (title, "wjx", report.text(item.label), report.rule("undeclared_code")):
            assert part in text, language


def test_every_declared_table_stands_in_the_matrix_and_the_others_are_named(pages, reports, words_of):
    for language, found in pages.items():
        text, report = words_of(found), reports[language]
        for name in report.study.study.tables:
            assert report.table_name(name) in text
    assert "Not measured, as the study declares no such table: Human labels." in words_of(pages["en"])


def test_faults_of_the_tables_are_told_where_they_belong(pages, words_of):
    """The repeated complaint, the customer whom nobody knows, people named who do not own the customer."""
    text = words_of(pages["en"])
    for told in ("The same row again", "Complaints (case_id)", "C99999", "S99→"):
        assert told in text, told
    assert re.search(r"[0-9]+ rows name another specialist than the owner of the customer at that time", text)
    assert "No customer was moved to somebody else within 14 days of a bad answer" in text
    assert "complaints.csv" in text and "gb18030" in text


def test_a_failed_gate_of_a_table_names_table_owner_value_and_limit(reports, words_of):
    """The orders stop in May: they are unfit, and whoever keeps customer records has to export them again."""
    for language, report in reports.items():
        outcomes = tuple(
            replace(one, value=123.0, verdict="failed") if one.gate.name == "orders_stale" else one
            for one in report.quality.gates
        )
        unfit = tuple(
            replace(one, verdict="unfit", gates=("orders_stale",))
            if (one.table, one.purpose) == ("orders", "grading")
            else one
            for one in report.quality.fitness
        )
        key = report.key_of("gate_orders_stale")
        facts = {**report.edition.facts, key: replace(report.quality.fact(key), value=123.0)}
        late = replace(
            report,
            edition=replace(report.edition, facts=facts),
            quality=replace(report.quality, gates=outcomes, fitness=unfit, facts=facts),
        )
        text = words_of(page.verdict(late))
        label = report.words["quality.gate.stale.label"]
        for part in (report.words["quality.owner.crm"], report.words["quality.gate.stale.task"], "123"):
            assert part in text, language
        assert report.inside(label) in text and report.table_name("orders") in text


def test_every_gate_and_column_of_a_key_has_words(reports):
    for report in reports.values():
        for code in {gate.code for gate in GATES.values()}:
            assert report.words[f"quality.gate.{code}.label"] and report.words[f"quality.gate.{code}.task"]
        for column in ("plan_id", "done_interaction_id", "campaign_id", "lead_id", "case_id"):
            assert report.words[f"quality.keys.key_{column}"]
