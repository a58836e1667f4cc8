"""The questionnaire: same bytes, safe text, drop-downs, and a hint that computes what `ahp` computes."""

import io
import math
import re
import shutil
import subprocess

import numpy as np
import openpyxl
import pandas as pd
import pytest

from survey_kpi.errors import SpecError
from survey_kpi.indicator_weights import ahp
from survey_kpi.judging import questionnaire
from survey_kpi.judging.questionnaire import FIRST_ROW, META
from survey_kpi.study.models import Text

KINDS = ("pairwise", "scores")


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def sheet_of(book):
    return book.worksheets[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_equal_questions_give_equal_bytes(questions, kind, language):
    first = questionnaire(questions, kind=kind, language=language, expert="e1")
    assert first == questionnaire(questions, kind=kind, language=language, expert="e1")
    assert first != questionnaire(questions, kind=kind, language=language, expert="e2")


def test_every_pair_stands_there_once_and_in_the_language_asked_for(questions):
    for language, words in (("zh", "响应速度"), ("en", "Speed"), ("both", "响应速度\nSpeed")):
        sheet = sheet_of(opened(questionnaire(questions, language=language)))
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST_ROW)]
        assert [(row[7], row[8]) for row in rows] == list(questions.pairs)
        assert rows[0][1] == words


def test_answers_are_chosen_from_lists_and_only_they_are_unlocked(questions):
    sheet = sheet_of(opened(questionnaire(questions)))
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert lists == {"C8:C13": "lists!$A$1:$A$3", "E8:E13": "lists!$B$1:$B$9"}
    unlocked = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert sheet.protection.sheet and sheet.protection.password is None
    assert unlocked == {"C3", *(f"{column}{row}" for column in "CE" for row in range(8, 14))}


def test_scores_are_held_to_the_declared_scale(ask):
    sheet = sheet_of(opened(questionnaire(ask(rating_scale=(1.0, 5.0)), kind="scores")))
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.type, rule.formula1, rule.formula2, str(rule.sqref)) == ("decimal", "1", "5", "D8:D11")
    assert "1–5" in sheet["D7"].value


@pytest.mark.parametrize("hostile", ['=HYPERLINK("http://a.test")', "+1", "-1", "@SUM(A1)", "=1+1\x07"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_word_of_a_study_becomes_a_formula(ask, questions, hostile, kind):
    labels = dict(questions.labels)
    words = Text(zh=hostile, en=hostile)
    asked = ask(labels=labels | {"speed": words}, title=words, definitions=labels | {"speed": words})
    for sheet in opened(questionnaire(asked, kind=kind)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f" or "HYPERLINK" not in str(cell.value)
                if str(cell.value).startswith(hostile[:2]) and cell.data_type != "f":
                    assert cell.quotePrefix and "\x07" not in cell.value
    rows = sheet_of(opened(questionnaire(asked, kind=kind))).iter_rows()
    assert any(cell.quotePrefix for row in rows for cell in row)  # the label is there, as text


def test_the_hidden_sheet_says_what_was_asked(questions):
    sheet = opened(questionnaire(questions, expert="e7"))[META]
    facts = [(row[0].value, row[1].value) for row in sheet.iter_rows()]
    assert sheet.sheet_state == "veryHidden"
    assert dict(facts)["study"] == "ours" and dict(facts)["expert"] == "e7"
    assert dict(facts)["rule_hash"] == questions.rule_hash
    assert [value for key, value in facts if key == "indicator"] == list(questions.ids)


def test_an_expert_id_that_could_do_harm_is_refused(questions):
    for bad in ("=1+1", "../x", "a/b", "x" * 61, "-e1"):
        with pytest.raises(SpecError) as refusal:
            questionnaire(questions, expert=bad)
        assert refusal.value.code == "expert_id_invalid"


# --- the live hint ------------------------------------------------------------------------------------

ANSWERS = [("left", 3), ("right", 5), ("left", 2), ("right", 2), ("left", 7), ("equal", None)]


def matrix_of(answers, questions):
    table = pd.DataFrame(np.eye(len(questions.ids)), index=questions.ids, columns=questions.ids)
    for (left, right), (side, strength) in zip(questions.pairs, answers, strict=True):
        value = {"left": float(strength or 1), "equal": 1.0, "right": 1 / (strength or 1)}[side]
        table.loc[left, right], table.loc[right, left] = value, 1 / value
    return table


def expected_ratio(answers, questions):
    weights = ahp(matrix_of(answers, questions), priority="geometric_mean", consistency_limit=None)
    return weights.statistics["consistency_ratio"]


def test_the_formulas_of_the_hint_compute_the_consistency_ratio(questions):
    """The hidden sheet evaluated by a few lines that know its functions and nothing else."""
    calc = opened(questionnaire(questions))["calc"]
    values = dict(zip(range(FIRST_ROW, FIRST_ROW + 6), (3, 1 / 5, 2, 1 / 2, 7, 1), strict=True))

    def cell(name):
        sheet, _, at = name.replace("$", "").rpartition("!")
        if sheet:
            return values[int(at[1:])]
        content = calc[at].value
        return worked_out(content[1:]) if isinstance(content, str) and content.startswith("=") else content

    def span(first, last):
        return [cell(one.coordinate) for row in calc[f"{first}:{last}".replace("$", "")] for one in row]

    def worked_out(text):
        text = re.sub(r"(\$?[A-Z]+\$?\d+):(\$?[A-Z]+\$?\d+)", r"span('\1','\2')", text)
        reference = r"(?<!['\w])('[^']+'!)?(\$?[A-Z]+\$?\d+)(?!['\d])"
        text = re.sub(reference, lambda m: f"cell({(m[1] or '').strip(chr(39)) + m[2]!r})", text)
        functions = {
            "cell": cell, "span": span, "PRODUCT": math.prod, "SUM": sum, "MAX": max,
            "AVERAGE": lambda many: sum(many) / len(many),
            "ISNUMBER": lambda one: isinstance(one, (int, float)),
            "SUMPRODUCT": lambda a, b: sum(x * y for x, y in zip(a, b, strict=True)),
            "IF": lambda test, yes, no: yes if test else no,
        }  # fmt: skip
        return eval(text.replace("^", "**"), {"__builtins__": {}}, functions)

    assert cell("B9") == pytest.approx(expected_ratio(ANSWERS, questions), abs=1e-12)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_a_spreadsheet_program_shows_the_same_ratio(questions, fill, tmp_path):
    (tmp_path / "q.xlsx").write_bytes(fill(questions, ANSWERS))
    run = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"]
    run += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "out", tmp_path / "q.xlsx"]
    subprocess.run(run, check=True, capture_output=True, timeout=120)
    book = openpyxl.load_workbook(tmp_path / "out/q.xlsx", data_only=True)
    sheet = sheet_of(book)
    assert sheet["C5"].value == pytest.approx(expected_ratio(ANSWERS, questions), abs=1e-9)
    assert sheet["C4"].value == 0 and "contradictory" in sheet["D5"].value
    marked = [row for row in range(FIRST_ROW, FIRST_ROW + 6) if "look again" in sheet[f"F{row}"].value]
    assert marked == [12]  # speed against nps: judged 7, the others imply less than 1
