"""Figures that several pages share, with their alternative texts."""

from __future__ import annotations

import math
from typing import Literal

import pandas as pd

from survey_kpi.frames import Row
from survey_kpi.indicators import COMPANY
from survey_kpi.report.blocks import Figure
from survey_kpi.report.figures.rows import Row as DotRow
from survey_kpi.report.figures.rows import interval_dots
from survey_kpi.report.figures.sheet import Reference
from survey_kpi.report.figures.trends import Break, trend
from survey_kpi.report.reading import Report
from survey_kpi.report.style import FULL, HALF
from survey_kpi.report.svg import to_svg
from survey_kpi.report.tables import number
from survey_kpi.study.models import Level

Width = Literal["full", "half"]
MILLIMETRES = {"full": FULL, "half": HALF}
BOUNDS = {"percent": (0.0, 100.0), "points": (-100.0, 100.0)}
FREE = (-math.inf, math.inf)


def course_text(report: Report, series: pd.DataFrame, unit: str) -> str:
    """Return a series in words: what alternative texts say."""
    return report.listed(
        report.words["state.unavailable"] if math.isnan(value) else number(value, unit)
        for value in series["value"]
    )


def target_line(report: Report, indicator: str) -> Reference | None:
    """Return the target as a line with its word, None without a target."""
    text = report.target_text(indicator)
    if not text:
        return None
    return Reference(report.target_value(indicator), report.plain("frame.target_word", target=text))


def trend_figure(report: Report, indicator: str, *, width: Width = "full") -> Figure:
    """Return the course of an indicator with its interval band."""
    series, unit = report.series(indicator), report.unit(indicator)
    periods = report.period.last(report.study.study.trend_quarters)
    broken = report.breaks(indicator)
    drawn = trend(
        [report.period_tick(period) for period in periods],
        series["value"].to_list(),
        series["conf_low"].to_list(),
        series["conf_high"].to_list(),
        last=report.value(report.key(indicator)).text,
        target=target_line(report, indicator),
        unit=report.words[f"unit.{unit}"],
        interval_label="95%",
        breaks=[Break(place, report.words["answer.break_label"]) for place in broken],
        bounds=BOUNDS.get(unit, FREE),
        width=MILLIMETRES[width],
        height=52.0 if width == "half" else 56.0,
    )
    label = report.label(indicator)
    alt = report.plain(
        "answer.trend_alt",
        label=label,
        first=report.period_name(periods[0]),
        last=report.period_name(periods[-1]),
        values=course_text(report, series, unit),
    )
    told = [report.plain("answer.break_alt", period=report.period_name(periods[place])) for place in broken]
    return Figure(
        svg=to_svg(drawn),
        alt="".join([alt, *told]),
        caption=[
            *report.words.say("answer.trend_caption"),
            *(report.words.say("answer.break_caption") if broken else []),
        ],
        title=report.plain("answer.trend", label=label, n=str(len(periods))),
        width=width,
    )


def level_figure(report: Report, level: Level, indicator: str, *, width: Width = "full") -> Figure:
    """Return the subjects of a level with their intervals, beside the company."""
    unit = report.unit(indicator)
    rows = [dot_row(report, level, row) for row in report.estimates_of(level, indicator)]
    whole = report.fact(report.key(indicator, subject=COMPANY))
    reference = (
        Reference(
            whole.value, report.plain("frame.whole_word", value=report.value(report.key(indicator)).text)
        )
        if whole and whole.value == whole.value
        else None
    )
    drawn = interval_dots(
        rows,
        n_head=report.words["frame.n" if report.sheet(indicator).item else "service.base"],
        text_head=report.words["frame.interval"],
        reference=reference,
        target=target_line(report, indicator),
        unit=report.words[f"unit.{unit}"],
        bounds=BOUNDS.get(unit, FREE),
        width=MILLIMETRES[width],
    )
    label, name = report.label(indicator), report.text(level.label)
    values = report.listed(f"{row.label} {row.text}" for row in rows)
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain("groups.figure_alt", label=label, level=name, values=values),
        caption=report.words.say(
            "groups.figure_caption" if report.sheet(indicator).item else "service.level_caption", label=label
        ),
        title=report.plain("answer.areas_figure", level=name, label=label),
        width=width,
    )


def dot_row(report: Report, level: Level, row: Row) -> DotRow:
    """Return one subject as a row of a figure; what is not shown says why."""
    subject = row.subject
    key = f"{row.period}/{row.indicator}.{row.measure}/{subject}"
    value, n = report.value(key), report.value(f"{key}:n").text
    label = report.subject_label(level, subject)
    if not report.measured(key):
        return DotRow(label=label, n=n, text=value.text, tone="muted")
    interval = "".join(span.text for span in report.interval(key))
    return DotRow(
        label=label,
        value=row.value,
        low=row.conf_low,
        high=row.conf_high,
        n=n,
        text=f"{value.text} ({interval})" if report.language == "en" else f"{value.text}（{interval}）",
    )
