"""Questionnaires for experts as workbooks: the questions, a live hint, and what reading back needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from survey_kpi.judging import hints
from survey_kpi.judging.questions import Kind, Questions, expert_id
from survey_kpi.judging.scale import SIDES, STRENGTHS
from survey_kpi.judging.sheets import (
    DATA,
    EMPTY,
    LIGHTS,
    MUTED,
    PALE,
    TILE,
    dress,
    formula,
    height,
    protect,
    put,
    to_bytes,
)
from survey_kpi.judging.wording import STEPS, Language, say, word
from survey_kpi.study.models import Text

META = "survey_kpi"
"""Hidden sheet that says of which study and which indicators the workbook is."""
LAYOUT = 1
"""Version of the workbook's layout; another one is not read."""
LISTS = "lists"
EXPERT_CELL = "C3"
FIRST_ROW = 8
HINT_LIMIT = 0.10
"""Ratio that counts as consistent where the study sets no limit."""

PAIR_WIDTHS = (6, 30, 24, 30, 34, 26)
SCORE_WIDTHS = (6, 30, 56, 16, 26)
_HIDDEN = ("H", "I", "J", "K")  # id, id, value, distance from what the weights imply


def questionnaire(
    questions: Questions, *, kind: Kind = "pairwise", language: Language = "both", expert: str = ""
) -> bytes:
    """Return the workbook that an expert fills in; equal questions give equal bytes.

    Parameters
    ----------
    kind
        "pairwise": each pair of indicators once, on Saaty's scale. "scores": one importance score each.
    language
        "zh", "en" or "both".
    expert
        Id of the expert; asked for on the sheet when empty.

    Raises
    ------
    SpecError
        `expert_id_invalid`.
    MethodError
        `random_index_missing`: the random index of the rules ends before this number of indicators.

    References
    ----------
    .. [1] Saaty (1980), The Analytic Hierarchy Process: the scale of 1 to 9.

    Examples
    --------
    >>> from survey_kpi.study.models import Text
    >>> words = {"a": Text(zh="甲", en="A"), "b": Text(zh="乙", en="B")}
    >>> asked = Questions(study="demo", title=Text(zh="例", en="Demo"), labels=words, definitions=words)
    >>> questionnaire(asked) == questionnaire(asked)
    True
    """
    expert = expert_id(expert, "--expert") if expert else ""
    book = Workbook()
    read = book.active
    read.title = word("sheet_read", language, joint=" ")
    sheet = book.create_sheet(word("sheet_answer", language, joint=" "))
    _instructions(read, questions, kind, language)
    _head(sheet, questions, language, expert, "F" if kind == "pairwise" else "E")
    (_pairs if kind == "pairwise" else _scores)(book, sheet, questions, language)
    _metadata(book, questions, kind, expert, sheet.title)
    book.active = 1
    return to_bytes(book)


# --- what both kinds share ----------------------------------------------------------------------------


def _instructions(sheet: Any, questions: Questions, kind: Kind, language: Language) -> None:
    tongues: tuple[Language, ...] = ("zh", "en") if language == "both" else (language,)
    _widths(sheet, [4, 58, 58] if language == "both" else [4, 96])
    wide = 58 if language == "both" else 96
    rows = [("", {t: say(questions.title, t) for t in tongues}, "title")]
    rows += [
        (str(at), {t: step.in_language(t) for t in tongues}, "text")
        for at, step in enumerate(STEPS[kind], start=1)
    ]
    if kind == "pairwise":
        rows.append(("", {t: word("scale", t) for t in tongues}, "head"))
        rows += [
            (str(value), {t: text.in_language(t) for t in tongues}, "text")
            for value, text in STRENGTHS.items()
        ]
    rows.append(("", {t: word("indicators", t) for t in tongues}, "head"))
    rows += [
        (
            "",
            {t: _defined(label, questions.definitions[name], t) for t in tongues},
            "text",
        )
        for name, label in questions.labels.items()
    ]
    styles: dict[str, dict[str, Any]] = {
        "title": {"size": 15, "bold": True},
        "head": {"bold": True, "color": DATA, "size": 11.5},
        "text": {},
    }
    for at, (mark, texts, style) in enumerate(rows, start=1):
        put(sheet.cell(at, 1), mark, color=MUTED, align="right")
        for column, text in enumerate(texts.values(), start=2):
            put(sheet.cell(at, column), text, **styles[style])
        sheet.row_dimensions[at].height = height(*((text, wide - 4) for text in texts.values())) + (
            10 if style != "text" else 0
        )
    sheet.sheet_view.showGridLines = False
    _on_paper(sheet, pages=1)
    protect(sheet)


def _defined(label: Text, definition: Text, language: str) -> str:
    colon = "：" if language == "zh" else ": "
    return f"{label.in_language(language)}{colon}{definition.in_language(language)}"


def _head(sheet: Any, questions: Questions, language: Language, expert: str, last: str) -> None:
    put(sheet["A1"], word("title", language), size=15, bold=True)
    put(sheet["A2"], say(questions.title, language), color=MUTED)
    for row in (1, 2):
        sheet.merge_cells(f"A{row}:{last}{row}")
    for row, name in ((3, "expert"), (4, "open")):
        put(sheet[f"A{row}"], word(name, language), color=MUTED, align="right")
        sheet.merge_cells(f"A{row}:B{row}")
    put(sheet[EXPERT_CELL], expert, bold=True, boxed=True, fill="" if expert else EMPTY, unlocked=not expert)
    sheet.merge_cells(f"D3:{last}3")
    put(sheet["D3"], "" if expert else word("expert_hint", language), color=MUTED, size=9.5)
    for row, tall in ((1, 30), (2, 22), (3, 26), (4, 24), (5, 24), (6, 8)):
        sheet.row_dimensions[row].height = tall
    sheet.sheet_view.showGridLines = False
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    _on_paper(sheet)


def _header(sheet: Any, names: Sequence[str], language: Language) -> None:
    for column, name in enumerate(names, start=1):
        text = word(name, language, joint="\n")
        put(sheet.cell(FIRST_ROW - 1, column), text, bold=True, fill=PALE, align="center", boxed=True)
    sheet.row_dimensions[FIRST_ROW - 1].height = height(("a\nb" if language == "both" else "a", 10))


def _count(sheet: Any, values: str, asked: int, language: Language) -> None:
    """How many answers are missing; light and word follow."""
    formula(sheet["C4"], f"{asked}-COUNT({values})", bold=True, align="left")
    done = f'IF(C4=0,"{word("done", language)}","/ {asked}")'
    formula(sheet["D4"], done, color=MUTED)
    _light(sheet, "C4", "C4=0", "green")
    _light(sheet, "C4", "C4>0", "amber")


def _light(sheet: Any, cells: str, when: str, light: str) -> None:
    fill, ink = LIGHTS[light]
    rule = FormulaRule(
        formula=[when], fill=PatternFill("solid", bgColor=fill), font=Font(color=ink, bold=True)
    )
    sheet.conditional_formatting.add(cells, rule)


def _yellow_when_empty(sheet: Any, cells: str) -> None:
    top = cells.partition(":")[0]
    rule = FormulaRule(formula=[f'{top}=""'], fill=PatternFill("solid", bgColor=EMPTY))
    sheet.conditional_formatting.add(cells, rule)


def _widths(sheet: Any, widths: Sequence[float]) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _on_paper(sheet: Any, *, pages: int = 0) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = pages
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _metadata(book: Workbook, questions: Questions, kind: Kind, expert: str, answers: str) -> None:
    sheet = book.create_sheet(META)
    facts: list[tuple[str, str]] = [
        ("layout", str(LAYOUT)),
        ("schema_version", str(questions.schema_version)),
        ("study", questions.study),
        ("rule_hash", questions.rule_hash),
        ("kind", kind),
        ("expert", expert),
        ("sheet", answers),
        *(("indicator", name) for name in questions.ids),
    ]
    for at, (key, value) in enumerate(facts, start=1):
        put(sheet.cell(at, 1), key)
        put(sheet.cell(at, 2), value)
    sheet.sheet_state = "veryHidden"


# --- pairs --------------------------------------------------------------------------------------------


def _pairs(book: Workbook, sheet: Any, questions: Questions, language: Language) -> None:
    _widths(sheet, PAIR_WIDTHS)
    _header(sheet, ("number", "left", "which", "right", "strength", "check"), language)
    _choices(book, language)
    rows = {pair: row for row, pair in enumerate(questions.pairs, start=FIRST_ROW)}
    last = FIRST_ROW + len(rows) - 1
    for number, (pair, row) in enumerate(rows.items(), start=1):
        _pair(sheet, questions, pair, row, number, language)
    _pick(sheet, f"C{FIRST_ROW}:C{last}", f"{LISTS}!$A$1:$A${len(SIDES)}", language)
    _pick(sheet, f"E{FIRST_ROW}:E{last}", f"{LISTS}!$B$1:$B${len(STRENGTHS)}", language)
    calc = book.create_sheet(hints.SHEET)
    calc.sheet_state = "hidden"
    values = {pair: f"'{sheet.title}'!$J${row}" for pair, row in rows.items()}
    found = hints.write_hints(calc, questions, values)
    for (left, right), row in rows.items():
        implied = f"{found.weight[left]}/{found.weight[right]}"
        formula(sheet[f"K{row}"], f'IF($C$4=0,ABS(LN(J{row}/({implied}))),"")')
        formula(sheet[f"F{row}"], _told(row, last, questions, found.ratio, language), color=MUTED, boxed=True)
    _count(sheet, f"J{FIRST_ROW}:J{last}", len(rows), language)
    _verdict(sheet, questions, found.ratio, language)
    _light(sheet, f"F{FIRST_ROW}:F{last}", f'ISNUMBER(SEARCH("⚠",F{FIRST_ROW}))', "amber")
    _yellow_when_empty(sheet, f"C{FIRST_ROW}:C{last}")
    for column in _HIDDEN:
        sheet.column_dimensions[column].hidden = True
    protect(sheet)


def _choices(book: Workbook, language: Language) -> None:
    sheet = book.create_sheet(LISTS)
    for at, text in enumerate(SIDES.values(), start=1):
        put(sheet.cell(at, 1), say(text, language))
    for value, text in STRENGTHS.items():
        put(sheet.cell(value, 2), f"{value} {say(text, language)}")
    sheet.sheet_state = "hidden"


def _pick(sheet: Any, cells: str, choices: str, language: Language) -> None:
    rule = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=True)
    rule.error = rule.errorTitle = word("pick", language)
    sheet.add_data_validation(rule)
    rule.add(cells)


def _pair(
    sheet: Any, questions: Questions, pair: tuple[str, str], row: int, number: int, language: Language
) -> None:
    texts = [say(questions.labels[name], language, joint="\n") for name in pair]
    put(sheet[f"A{row}"], number, color=MUTED, align="center", boxed=True)
    for column, text in zip("BD", texts, strict=True):
        put(sheet[f"{column}{row}"], text, bold=True, fill=TILE, boxed=True)
    for column in "CE":
        dress(sheet[f"{column}{row}"], align="center", boxed=True, unlocked=True)
    for column, name in zip("HI", pair, strict=True):
        put(sheet[f"{column}{row}"], name)
    formula(sheet[f"J{row}"], _value(row))
    sheet.row_dimensions[row].height = max(
        height(*((text, PAIR_WIDTHS[1] - 3) for text in texts)), 42 if language == "both" else 28
    )


def _value(row: int) -> str:
    """The judgement as a number; empty while a cell is empty or the two disagree."""
    which, much = f"$C{row}", f"$E{row}"
    left, equal, right = (f"{LISTS}!$A${at}" for at in (1, 2, 3))
    strength = f"VALUE(LEFT({much},1))"
    told = (
        f'IF({which}={equal},IF(OR({much}="",LEFT({much},1)="1"),1,""),'
        f'IF(OR({much}="",LEFT({much},1)="1"),"",'
        f'IF({which}={left},{strength},IF({which}={right},1/{strength},""))))'
    )
    return f'IF({which}="","",IFERROR({told},""))'


def _told(row: int, last: int, questions: Questions, ratio: str, language: Language) -> str:
    """What the check column says of a row."""
    half, clash, again = (word(name, language) for name in ("half", "clash", "again"))
    distances = f"$K${FIRST_ROW}:$K${last}"
    worst = f"AND($C$4=0,{ratio}>{_limit(questions)!r},K{row}=MAX({distances}))"
    open_ = f'OR(C{row}="",AND(E{row}="",C{row}<>{LISTS}!$A$2))'
    return (
        f'IF(AND(C{row}="",E{row}=""),"",IF(J{row}="",IF({open_},"⚠ {half}","⚠ {clash}"),'
        f'IF({worst},"⚠ {again}","✓")))'
    )


def _limit(questions: Questions) -> float:
    return questions.consistency_limit or HINT_LIMIT


def _verdict(sheet: Any, questions: Questions, ratio: str, language: Language) -> None:
    """Consistency ratio, its random index by name, and green, amber or red with a word."""
    limit = _limit(questions)
    put(sheet["A5"], word("consistency", language), color=MUTED, align="right")
    sheet.merge_cells("A5:B5")
    formula(sheet["C5"], f'IF($C$4=0,{ratio},"–")', bold=True)
    sheet["C5"].number_format = '"CR = "0.000'
    green, amber, red, later = (word(name, language) for name in ("green", "amber", "red", "later"))
    graded = f'IF(C5<={limit!r},"{green}",IF(C5<={2 * limit!r},"{amber}","{red}"))'
    formula(sheet["D5"], f'IF($C$4>0,"{later}",{graded})')
    sheet.merge_cells("D5:E5")
    put(sheet["F5"], f"RI: {questions.random_index}, ≤ {limit:g}", color=MUTED, size=9)
    for light, when in (
        ("green", f"AND($C$4=0,$C$5<={limit!r})"),
        ("amber", f"AND($C$4=0,$C$5>{limit!r},$C$5<={2 * limit!r})"),
        ("red", f"AND($C$4=0,$C$5>{2 * limit!r})"),
    ):
        _light(sheet, "C5:E5", when, light)


# --- scores -------------------------------------------------------------------------------------------


def _scores(book: Workbook, sheet: Any, questions: Questions, language: Language) -> None:
    del book  # the sheet is all that scores need
    low, high = questions.rating_scale
    _widths(sheet, SCORE_WIDTHS)
    _header(sheet, ("number", "indicator", "definition", "score", "check"), language)
    title = word("score", language, joint="\n") + f"\n{low:g}–{high:g}"
    put(sheet.cell(FIRST_ROW - 1, 4), title, bold=True, fill=PALE, align="center", boxed=True)
    sheet.row_dimensions[FIRST_ROW - 1].height = height((title, 14))
    last = FIRST_ROW + len(questions.ids) - 1
    for row, name in enumerate(questions.ids, start=FIRST_ROW):
        label = say(questions.labels[name], language, joint="\n")
        meaning = say(questions.definitions[name], language, joint="\n")
        put(sheet[f"A{row}"], row - FIRST_ROW + 1, color=MUTED, align="center", boxed=True)
        put(sheet[f"B{row}"], label, bold=True, fill=TILE, boxed=True)
        put(sheet[f"C{row}"], meaning, boxed=True, size=9.5)
        dress(sheet[f"D{row}"], align="center", boxed=True, unlocked=True, bold=True)
        put(sheet[f"H{row}"], name)
        formula(sheet[f"E{row}"], f'IF(ISNUMBER(D{row}),"✓","")', color=MUTED, boxed=True)
        sheet.row_dimensions[row].height = height((label, 27), (meaning, 56))
    cells = f"D{FIRST_ROW}:D{last}"
    rule = DataValidation(
        type="decimal", operator="between", formula1=f"{low:g}", formula2=f"{high:g}", showErrorMessage=True
    )
    rule.error = rule.errorTitle = word("pick_score", language)
    sheet.add_data_validation(rule)
    rule.add(cells)
    _count(sheet, cells, len(questions.ids), language)
    put(sheet["A5"], word("spread", language), color=MUTED, align="right")
    sheet.merge_cells("A5:B5")
    alike, apart, later = (word(name, language) for name in ("alike", "apart", "later"))
    formula(sheet["C5"], f'IF($C$4>0,"{later}",IF(MAX({cells})=MIN({cells}),"{alike}","{apart}"))')
    _light(sheet, "C5", f'$C$5="{apart}"', "green")
    _light(sheet, "C5", f'$C$5="{alike}"', "amber")
    _yellow_when_empty(sheet, cells)
    sheet.column_dimensions["H"].hidden = True
    protect(sheet)
