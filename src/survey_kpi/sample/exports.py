"""Sheets to files: Wenjuanxing by text, Google Forms, and the table of specialists."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from survey_kpi.period import Period
from survey_kpi.sample.answers import SKIPPED, Sheets, moment
from survey_kpi.sample.comments import CHANNELS, EN, OTHER_SERVICES, PLACES, SERVICES, ZH
from survey_kpi.sample.dirt import EMPTY, NO_ANSWER, Cells
from survey_kpi.sample.draws import Ints, choose
from survey_kpi.sample.world import LTR, QUESTIONS, World

OVERALL_ZH = ("非常不满意", "比较不满意", "一般", "比较满意", "非常满意")
OVERALL_EN = ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied")

WENJUANXING: Mapping[str, str] = {
    "number": "序号",
    "at": "提交答卷时间",
    "duration": "所用时间",
    "channel": "来源",
    "channel_detail": "来源详情",
    "ip": "来自IP",
    "customer": "1、您的客户编号是",
    "manager": "2、您的客户经理工号是",
    "overall": "3、总体而言，您对我们本季度的服务满意吗？",
    "attitude": "4、请评价以下方面—服务态度",
    "speed": "4、请评价以下方面—响应速度",
    "problem_solving": "4、请评价以下方面—问题解决",
    "expertise": "4、请评价以下方面—专业程度",
    "recommendation": "4、请评价以下方面—方案建议",
    "ltr": "5、您向朋友或同事推荐我们的可能性有多大？",
    "services": "6、您使用过哪些服务？",
    "comment": "7、您还有什么想对我们说的？",
}
"""Columns of the Chinese questionnaire and their headers."""

GOOGLE_FORMS: Mapping[str, str] = {
    "at": "Timestamp",
    "customer": "Customer number",
    "manager": "Account manager",
    "overall": "Overall, how satisfied are you with our service this quarter?",
    "attitude": "Please rate [Attitude]",
    "speed": "Please rate [Speed]",
    "problem_solving": "Please rate [Problem solving]",
    "expertise": "Please rate [Expertise]",
    "recommendation": "Please rate [Proposed solutions]",
    "ltr": "How likely are you to recommend us to a friend or colleague? (0-10)",
    "services": "Services used",
    "comment": "Anything else you would like to tell us?",
}
"""Columns of the English questionnaire and their headers."""

SPECIALISTS = (
    "specialist_id",
    "name",
    "valid_from",
    "valid_to",
    "team",
    "role",
    "fte",
    "hired_on",
    "left_on",
    "leave",
)


def wenjuanxing_cells(world: World, quarter: str, sheets: Sheets, rng: np.random.Generator) -> dict[str, Any]:
    """Return the cells of the Chinese export as text, one array per column, in the order of the sheets."""
    period, size = Period.parse(quarter), len(sheets.person)
    channel = choose(rng, size, [0.55, 0.25])
    place = choose(rng, size, [1 / len(PLACES)] * (len(PLACES) - 1))
    octet = choose(rng, size, [1 / 254] * 253)
    cells = {
        "at": [_wenjuanxing_time(moment(period, int(at))) for at in sheets.at],
        "duration": [f"{seconds}秒" for seconds in sheets.duration],
        "channel": [CHANNELS[one][0] for one in channel],
        "channel_detail": [CHANNELS[one][1] for one in channel],
        "ip": [f"192.0.2.{last + 1}({PLACES[one]})" for last, one in zip(octet, place, strict=True)],
        **_answers(sheets, OVERALL_ZH, NO_ANSWER),
        "customer": [f"C{number}" for number in sheets.customer],
        "manager": [world.people[one].id for one in sheets.person],
        "services": _services(size, rng),
        "comment": _comments(sheets.answers[:, 0], ZH, EMPTY, rng),
    }
    return {name: np.array(column, dtype=object) for name, column in cells.items()}


def google_forms_cells(
    world: World, quarter: str, sheets: Sheets, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the cells of the English export as text, one array per column, in the order of the sheets."""
    period, size = Period.parse(quarter), len(sheets.person)
    used = rng.random((size, len(SERVICES))) < (0.5, 0.6, 0.1, 0.5)
    cells = {
        "at": [_google_time(moment(period, int(at))) for at in sheets.at],
        **_answers(sheets, OVERALL_EN, ""),
        "customer": [f"E{number}" for number in sheets.customer],
        "manager": [world.people[one].id for one in sheets.person],
        "services": [";".join(en for (_, en), yes in zip(SERVICES, row, strict=True) if yes) for row in used],
        "comment": _comments(sheets.answers[:, 0], EN, "", rng),
    }
    return {name: np.array(column, dtype=object) for name, column in cells.items()}


def _answers(sheets: Sheets, overall: Sequence[str], skipped: str) -> dict[str, list[str]]:
    columns = {}
    for place, name in enumerate(QUESTIONS):
        words = overall if name == "overall" else [str(value) for value in range(1, 6)]
        words = [str(value) for value in range(11)] if name == LTR else ["", *words]
        columns[name] = [skipped if value == SKIPPED else words[value] for value in sheets.answers[:, place]]
    return columns


def _services(size: int, rng: np.random.Generator) -> list[str]:
    used = rng.random((size, len(SERVICES))) < (0.4, 0.6, 0.7, 0.2)
    other = choose(rng, size, [0.02, 0.02, 0.02])
    cells = []
    for row, extra in zip(used, other, strict=True):
        words = [zh for (zh, _), yes in zip(SERVICES, row, strict=True) if yes]
        words += [f"其他〖{OTHER_SERVICES[extra]}〗"] if extra < len(OTHER_SERVICES) else []
        cells.append("┋".join(words) or NO_ANSWER)
    return cells


def _comments(
    overall: Ints, pools: Mapping[str, Sequence[str]], empty: str, rng: np.random.Generator
) -> list[str]:
    speaks, which = rng.random(len(overall)) < 0.22, rng.random(len(overall))
    mood = np.where(overall >= 4, "good", np.where(overall == 3, "middling", "bad"))
    return [
        pools[str(tone)][int(share * len(pools[str(tone)]))] if says else empty
        for says, share, tone in zip(speaks, which, mood, strict=True)
    ]


def _wenjuanxing_time(at: Any) -> str:
    return f"{at.year}/{at.month}/{at.day} {at.hour}:{at:%M:%S}"


def _google_time(at: Any) -> str:
    return f"{at:%Y/%m/%d} {at.hour % 12 or 12}:{at:%M:%S} {'AM' if at.hour < 12 else 'PM'} GMT+8"


def table(headers: Mapping[str, str], cells: Cells, order: Iterable[int]) -> list[list[str]]:
    """Return header and rows in the given order; a column `number` counts them."""
    rows = [list(headers.values())]
    for number, row in enumerate(order, start=1):
        rows.append([str(number) if name == "number" else str(cells[name][row]) for name in headers])
    return rows


def written(rows: Iterable[Iterable[object]], encoding: str, line_end: str) -> bytes:
    """Return rows as the bytes of a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue().encode(encoding)


def specialists(world: World) -> bytes:
    """Return the table of specialists: one row per spell, half-open dates, blank means open."""
    rows = [
        (
            person.id,
            person.name,
            spell.start,
            spell.end or "",
            spell.team,
            "客户关系专员",
            "1.0",
            person.joined,
            person.left or "",
            "; ".join(f"{start}/{back} {kind}" for start, back, kind in person.leave),
        )
        for person in world.people
        for spell in person.spells
    ]
    return written([SPECIALISTS, *rows], "utf-8", "\n")
