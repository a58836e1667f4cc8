"""Filled files back: what was given is kept or told, nobody vanishes, foreign files are refused by name."""

import csv
import io
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest

from survey_kpi.errors import SpecError
from survey_kpi.indicator_weights import aggregate_priorities, ahp, read_judgements
from survey_kpi.judging import CODINGS, collect, findings, lines, questionnaire
from survey_kpi.judging.questionnaire import META
from survey_kpi.study.models import Text

CONSISTENT = [("left", 2), ("left", 4), ("left", 8), ("left", 2), ("left", 4), ("left", 2)]
"""speed 8 : tone 4 : help 2 : nps 1."""
PAIRS = (
    ["speed", "tone"],
    ["speed", "help"],
    ["speed", "nps"],
    ["tone", "help"],
    ["tone", "nps"],
    ["help", "nps"],
)


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def refused(paths, questions, **more):
    with pytest.raises(SpecError) as refusal:
        collect(paths, questions, **more)
    return refusal.value


def told(collected, questions):
    return "\n".join(lines(collected, findings(collected, questions), questions))


# --- questionnaires -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_what_was_filled_in_comes_back(questions, fill, write, language):
    answers = [("left", 3), ("right", 5), ("equal", None), ("equal", 1), ("left", 9), ("right", 2)]
    path = write("a.xlsx", fill(questions, answers, expert="张工", language=language))
    rows = list(csv.reader(io.StringIO(collect([path], questions).to_csv())))
    assert rows == [
        ["expert_id", "row", "column", "value"],
        ["张工", "speed", "tone", "3"],
        ["张工", "help", "speed", "5"],
        ["张工", "speed", "nps", "1"],
        ["张工", "tone", "help", "1"],
        ["张工", "tone", "nps", "9"],
        ["张工", "nps", "help", "2"],
    ]


def test_a_consistent_expert_is_told_so_with_the_index_named(questions, fill, write):
    collected = collect([write("a.xlsx", fill(questions, CONSISTENT))], questions)
    (found,) = findings(collected, questions)
    assert (found.answered, found.asked, found.refusal, found.ratio) == (6, 6, "", 0)
    assert told(collected, questions) == (
        "e1: 6 of 6 pairs, consistency ratio 0.000 (random index alonso_lamata)"
    )


def test_the_worst_pair_is_named_with_the_value_that_repairs_it(questions, fill, write):
    answers = [*CONSISTENT[:2], ("right", 9), *CONSISTENT[3:]]
    collected = collect([write("a.xlsx", fill(questions, answers))], questions)
    (found,) = findings(collected, questions)
    assert (found.repair.row, found.repair.column) == ("speed", "nps")
    assert found.repair.implied == pytest.approx(8) and found.repair.ratio == pytest.approx(0, abs=1e-9)
    assert "first revise speed / nps" in told(collected, questions)
    assert "leaves this expert out" in told(collected, questions)
    assert not found.refusal  # the study knows what to do with such an expert


def test_gaps_are_told_and_completed_where_the_study_says_so(questions, ask, fill, write):
    path = write("a.xlsx", fill(questions, [*CONSISTENT[:5], (None, None)]))
    (strict,) = findings(collect([path], questions), questions)
    assert strict.missing == ("help / nps",) and "missing: harker" in strict.refusal
    assert strict.ratio == pytest.approx(0, abs=1e-9)
    lenient = ask(missing="harker")
    (found,) = findings(collect([path], lenient), lenient)
    assert not found.refusal and found.answered == 5
    assert "missing pairs by harker" in told(collect([path], lenient), lenient)


def test_a_worst_pair_is_one_that_was_judged(ask, fill, write):
    lenient = ask(missing="harker")
    answers = [("left", 9), ("right", 9), (None, None), ("left", 9), ("left", 2), ("left", 2)]
    collected = collect([write("a.xlsx", fill(lenient, answers))], lenient)
    (found,) = findings(collected, lenient)
    assert {found.repair.row, found.repair.column} != {"speed", "nps"}


@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        (("left", 1), "contradictory"),
        (("equal", 5), "contradictory"),
        (("left", None), "half_answered"),
        ((None, 3), "half_answered"),
        (("perhaps", 3), "not_understood"),
        (("left", "a lot"), "not_understood"),
    ],
)
def test_cells_that_say_nothing_usable_are_told_with_their_place(questions, fill, write, answer, doubt):
    collected = collect([write("a.xlsx", fill(questions, [answer, *CONSISTENT[1:]]))], questions)
    (found,) = findings(collected, questions)
    assert [cell.doubt for cell in found.doubts] == [doubt]
    assert found.missing == ("speed / tone",) and found.refusal
    assert "row 8" in found.doubts[0].where
    assert len(collected.frame()) == 5


def test_an_expert_who_left_everything_empty_is_listed(questions, fill, write):
    paths = [write("a.xlsx", fill(questions, [])), write("b.xlsx", fill(questions, CONSISTENT, expert="e2"))]
    collected = collect(paths, questions)
    assert [one.refusal for one in findings(collected, questions)] == ["there is no usable answer", ""]
    assert set(collected.frame()["expert_id"]) == {"e2"}


def test_answers_that_connect_nothing_are_refused_by_name(ask, fill, write):
    lenient = ask(missing="harker")
    answers = [("left", 2), (None, None), (None, None), (None, None), (None, None), ("left", 2)]
    (found,) = findings(collect([write("a.xlsx", fill(lenient, answers))], lenient), lenient)
    assert "comparisons_disconnected" in found.refusal


def test_a_questionnaire_of_another_study_is_refused_by_name(questions, ask, fill, write):
    path = write("a.xlsx", fill(ask(study="theirs"), CONSISTENT))
    error = refused([path], questions)
    assert error.code == "questionnaire_foreign" and "'theirs'" in str(error) and "a.xlsx" in str(error)


def test_a_questionnaire_about_other_indicators_is_refused(questions, ask, fill, write):
    labels = {**questions.labels, "price": Text(zh="价格", en="Price")}
    error = refused([write("a.xlsx", fill(ask(labels=labels, definitions=labels), CONSISTENT))], questions)
    assert error.code == "questionnaire_outdated" and "price" in str(error)


def test_changed_rules_are_told_but_do_not_refuse_answers(questions, ask, fill, write):
    collected = collect([write("a.xlsx", fill(ask(rule_hash="1" * 64), CONSISTENT))], questions)
    assert "have changed" in collected.notes[0]


def test_changed_hidden_parts_are_refused(questions, fill, write):
    for edit in (
        lambda book: book.worksheets[1].__setitem__("H8", "price"),
        lambda book: book[META].__setitem__("B1", "2"),
        lambda book: book[META].__setitem__("B7", "nowhere"),
    ):
        book = openpyxl.load_workbook(io.BytesIO(fill(questions, CONSISTENT)))
        edit(book)
        book.save(path := write("a.xlsx", b""))
        assert refused([path], questions).code == "questionnaire_damaged"


def test_a_nameless_or_harmful_expert_is_refused(questions, fill, write):
    for expert, code in (
        (None, "expert_missing"),
        ("-1+1", "expert_id_invalid"),
        ("a,b", "expert_id_invalid"),
    ):
        assert refused([write("a.xlsx", fill(questions, CONSISTENT, expert=expert))], questions).code == code


def test_one_id_in_two_files_names_both(questions, fill, write):
    paths = [write(name, fill(questions, CONSISTENT)) for name in ("a.xlsx", "b.xlsx")]
    error = refused(paths, questions)
    assert error.code == "expert_repeated" and "a.xlsx and b.xlsx" in str(error)


def test_problems_of_all_files_come_at_once(questions, ask, fill, write):
    paths = [
        write("a.xlsx", fill(ask(study="theirs"), CONSISTENT)),
        write("b.csv", "expert_id,row,column,value\ne1,speed,tome,3\n"),
        write("c.csv", "x,y\n1,2\n"),
        write("d.xlsx", b"PK\x03\x04 broken"),
    ]
    codes = [problem.code for problem in refused(paths, questions).problems]
    assert codes == ["questionnaire_foreign", "unknown_name", "judgements_unreadable", "file_damaged"]


def test_the_order_of_files_does_not_matter(questions, fill, write):
    paths = [write(f"{n}.xlsx", fill(questions, CONSISTENT, expert=f"e{n}")) for n in (2, 10, 1)]
    first = collect(paths, questions).to_csv()
    assert first == collect(paths[::-1], questions).to_csv()
    assert list(dict.fromkeys(row.split(",")[0] for row in first.splitlines()[1:])) == ["e1", "e2", "e10"]


# --- scores -------------------------------------------------------------------------------------------


def scores(questions, values, expert):
    book = openpyxl.load_workbook(io.BytesIO(questionnaire(questions, kind="scores", expert=expert)))
    for row, value in enumerate(values, start=8):
        book.worksheets[1][f"D{row}"] = value
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_scores_come_back_with_the_agreement(questions, write):
    paths = [write(f"{n}.xlsx", scores(questions, (1, 2, 3, 4), f"e{n}")) for n in (1, 2, 3)]
    collected = collect(paths, questions)
    assert collected.to_csv().splitlines()[:3] == ["expert_id,indicator,score", "e1,speed,1", "e1,tone,2"]
    assert told(collected, questions).splitlines()[-1].startswith("agreement: Kendall W 1.000 over 3 experts")


def test_scores_that_are_missing_or_off_the_scale_are_told(questions, write):
    paths = [
        write("1.xlsx", scores(questions, (1, 2, None, 4), "e1")),
        write("2.xlsx", scores(questions, (1, 2, 11, 4), "e2")),
        write("3.xlsx", scores(questions, (1, 2, "many", 4), "e3")),
    ]
    collected = collect(paths, questions)
    found = findings(collected, questions)
    assert [one.missing for one in found] == [("help",), (), ("help",)]
    assert [[cell.doubt for cell in one.doubts] for one in found] == [
        [],
        ["out_of_scale"],
        ["not_understood"],
    ]
    assert all(one.refusal for one in found)
    assert "e2,help,11" in collected.to_csv()  # given, so kept; the study refuses it by name


def test_the_two_kinds_are_not_mixed(questions, fill, write):
    paths = [
        write("a.xlsx", fill(questions, CONSISTENT)),
        write("b.xlsx", scores(questions, (1, 2, 3, 4), "e2")),
    ]
    assert refused(paths, questions).code == "kinds_mixed"


# --- CSV ----------------------------------------------------------------------------------------------


def test_our_own_csv_is_read_and_decimals_are_told_as_the_fractions_they_round(questions, write):
    rows = "".join(f"e1,{a},{b},3\ne1,{b},{a},.33\n" for a, b in PAIRS)
    collected = collect([write("a.csv", f"expert_id,row,column,value\n{rows}")], questions)
    (found,) = findings(collected, questions)
    assert found.answered == 6 and not found.refusal
    assert found.notes[0] == "expert e1: speed against tone: the typed 0.33 is read as 1/3"
    assert len(collected.frame()) == 12


def test_a_pair_judged_both_ways_is_kept_and_told(questions, write):
    text = "expert_id,row,column,value\ne1,speed,tone,3\ne1,tone,speed,3\ne1,speed,help,1\ne1,help,nps,12\n"
    collected = collect([write("a.csv", text)], questions)
    (found,) = findings(collected, questions)
    assert "contradictory_judgement" in found.refusal and "speed against tone" in found.refusal
    assert [cell.doubt for cell in found.doubts] == ["out_of_scale"]
    assert collected.to_csv() == text.replace("e1,", "e1,")


def test_a_fraction_that_became_a_date_is_explained(questions, write):
    text = "expert_id,row,column,value\ne1,speed,tone,3-Jan\ne1,speed,help,1/3\n"
    collected = collect([write("a.csv", text)], questions)
    assert "turns a typed 1/3 into a date" in told(collected, questions)
    assert collected.to_csv().splitlines()[1:] == ["e1,help,speed,3"]


def test_bare_numbers_are_not_guessed(questions, write):
    path = write("a.csv", "speed_tone,speed_help\n-3,5\n")
    error = refused([path], questions)
    assert error.code == "coding_undeclared" and "negative-left" in str(error)
    assert refused([path], questions, coding="left").code == "coding_unknown"


@pytest.mark.parametrize(
    ("coding", "texts", "rows"),
    [
        ("negative-left", ("-3", "5", "-1"), ["speed,tone,3", "help,speed,5", "speed,nps,1"]),
        ("negative-right", ("-3", "5", "1"), ["tone,speed,3", "speed,help,5", "speed,nps,1"]),
        ("ratio", ("3", "1/5", "1"), ["speed,tone,3", "help,speed,5", "speed,nps,1"]),
        ("positions-17", ("1", "17", "9"), ["speed,tone,9", "help,speed,9", "speed,nps,1"]),
        ("positions-9", ("4", "9", "5"), ["speed,tone,3", "help,speed,9", "speed,nps,1"]),
    ],
)
def test_each_coding_is_read_as_declared(questions, write, coding, texts, rows):
    path = write("panel 1.csv", "speed_tone,speed_help,nps_speed\n" + ",".join(texts) + "\n")
    text = collect([path], questions, coding=coding).to_csv()
    expected = [f"panel-1-1,{row}".replace("speed,nps,1", "nps,speed,1") for row in rows]
    assert text.splitlines()[1:] == expected


@pytest.mark.parametrize("coding", CODINGS)
def test_numbers_without_meaning_in_a_coding_are_told_and_not_written(questions, write, coding):
    path = write("a.csv", "speed_tone,speed_help\n0,0\n")
    collected = collect([path], questions, coding=coding)
    assert [cell.doubt for cell in collected.answers] == ["out_of_scale"] * 2
    assert collected.frame().empty and findings(collected, questions)[0].refusal


def test_a_header_with_two_readings_is_refused(ask, write):
    words = {name: Text(zh=name, en=name) for name in ("a", "a_b", "b_c", "c")}
    error = refused([write("x.csv", "a_b_c\n左边3\n")], ask(labels=words, definitions=words))
    assert error.code == "column_ambiguous" and "a / b_c" in str(error)


# --- Wenjuanxing --------------------------------------------------------------------------------------

META_COLUMNS = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
FACTS = ["2026/11/1 9:00:00", "60秒", "微信", "无", "192.0.2.1(上海)"]


def wenjuanxing(joint, cells):
    zh = {"speed": "响应速度", "tone": "服务态度", "help": "问题解决", "nps": "净推荐值"}
    headers = [f"1、请比较下列指标的重要性—{zh[a]}{joint}{zh[b]}" for a, b in PAIRS]
    return [[*META_COLUMNS, *headers], ["1", *FACTS, *cells], ["2", *FACTS, *["(跳过)"] * 6]]


@pytest.mark.parametrize("joint", [":", "：", "与", " vs ", "比"])
@pytest.mark.parametrize("form", ["utf-8-sig", "gb18030", "xlsx"])
def test_matrix_questions_of_wenjuanxing_by_text(questions, write, joint, form):
    words = ["左边稍微重要", "右边明显重要(5)", "同等重要", "左边 2", "右侧极端重要", "前者 3"]
    table = wenjuanxing(joint, words)
    if form == "xlsx":
        book = openpyxl.Workbook()
        for row in table:
            book.active.append(row)
        book.save(path := write("wjx.xlsx", b""))
    else:
        text = io.StringIO()
        csv.writer(text).writerows(table)
        path = write("wjx.csv", text.getvalue().encode(form))
    collected = collect([path], questions)
    expected = ["speed,tone,3", "help,speed,5", "speed,nps,1", "tone,help,2", "nps,tone,9", "help,nps,3"]
    assert collected.to_csv().splitlines()[1:] == [f"wjx-1,{row}" for row in expected]
    first, second = findings(collected, questions)
    assert first.answered == 6 and second.refusal == "there is no usable answer"


def test_matrix_questions_of_wenjuanxing_by_code(questions, write):
    text = io.StringIO()
    rows = wenjuanxing(":", ["7", "13", "9", "8", "17", "7"])
    rows[2][6:] = ["-3"] * 6
    csv.writer(text).writerows(rows)
    collected = collect([write("wjx.csv", text.getvalue())], questions, coding="positions-17")
    assert collected.to_csv().splitlines()[1:3] == ["wjx-1,speed,tone,3", "wjx-1,help,speed,5"]
    assert len(collected.frame()) == 6


def test_matrix_scores_of_wenjuanxing(questions, write):
    headers = [f"1、请为重要性打分—{text.zh}" for text in questions.labels.values()]
    text = io.StringIO()
    csv.writer(text).writerows([[*META_COLUMNS, *headers], ["7", *FACTS, "9", "8", "(空)", "2"]])
    collected = collect([write("wjx.csv", text.getvalue())], questions)
    assert collected.to_csv().splitlines()[1:] == ["wjx-7,speed,9", "wjx-7,tone,8", "wjx-7,nps,2"]


# --- published numbers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def city(shared):
    """city200 as collected, and what R's ahpsurvey prints for it."""
    return shared / "data/ahp/city200.csv", json.loads(
        (shared / "references/published/ahpsurvey.json").read_text(encoding="utf-8")
    )


def test_city200_is_collected_to_the_numbers_that_ahpsurvey_prints(city, ask):
    """README of the R package ahpsurvey, commit 70be66d; its RI(5) of 1.11 is that of Saaty (2005)."""
    path, published = city
    items = {name: Text(zh=name, en=name) for name in published["items"]}
    asked = ask(labels=items, definitions=items, random_index="saaty_2005", consistency_limit=None)
    collected = collect([path], asked, coding="negative-left")
    found = findings(collected, asked)
    assert len(found) == 200 and not any(one.refusal or one.doubts or one.missing for one in found)

    matrices = read_judgements(collected.frame(), list(items)).matrices
    experts = [f"city200-{number}" for number in range(1, 201)]
    assert list(matrices) == sorted(experts)
    weights = [ahp(matrices[name], consistency_limit=None) for name in experts]
    for weight, one, known in zip(weights, found, published["individual_rows_1_to_6"], strict=False):
        assert list(weight.values.values()) == pytest.approx(known["weights"], abs=1e-6)
        assert one.ratio == pytest.approx(known["CR"], abs=1e-6)
    spread = pd.DataFrame([weight.values for weight in weights]).std()
    assert list(spread) == pytest.approx(published["sd_of_weights"], abs=1e-6)
    printed = np.array(published["printed_aggpref"]["values"])  # not normalised there, see the warning
    group = aggregate_priorities(weights, mean="geometric").as_array()
    assert group == pytest.approx(printed / printed.sum(), abs=1e-6)
