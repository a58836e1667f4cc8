"""A study with four indicators, and questionnaires filled in as experts do."""

import io

import openpyxl
import pytest

from survey_kpi.judging import Questions, questionnaire
from survey_kpi.judging.questionnaire import EXPERT_CELL, FIRST_ROW
from survey_kpi.judging.scale import SIDES, STRENGTHS
from survey_kpi.judging.wording import say
from survey_kpi.study.models import Text

LABELS = {
    "speed": Text(zh="响应速度", en="Speed"),
    "tone": Text(zh="服务态度", en="Tone"),
    "help": Text(zh="问题解决", en="Problem solving"),
    "nps": Text(zh="净推荐值", en="NPS"),
}


def questions_with(**more):
    given = {
        "study": "ours",
        "title": Text(zh="客户服务评估", en="Service appraisal"),
        "labels": LABELS,
        "definitions": LABELS,
        "rule_hash": "0" * 64,
    }
    return Questions(**(given | more))


@pytest.fixture(scope="session")
def questions():
    return questions_with()


@pytest.fixture(scope="session")
def ask():
    """Questions with something declared otherwise."""
    return questions_with


@pytest.fixture(scope="session")
def fill():
    """Fill in a questionnaire."""
    return filled


def filled(questions, answers, *, expert="e1", language="both"):
    """A pairwise questionnaire with (side, strength) per row; either may be None."""
    book = openpyxl.load_workbook(io.BytesIO(questionnaire(questions, language=language)))
    sheet = book.worksheets[1]
    sheet[EXPERT_CELL] = expert
    for row, (side, strength) in enumerate(answers, start=FIRST_ROW):
        sheet[f"C{row}"] = say(SIDES[side], language) if side in SIDES else side
        known = strength in STRENGTHS
        sheet[f"E{row}"] = f"{strength} {say(STRENGTHS[strength], language)}" if known else strength
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
