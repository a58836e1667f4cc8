"""Page 3: what the company's own tables say: complaints by month and category, every indicator of records.

A study without such indicators has no such page.
"""

from __future__ import annotations

from survey_kpi.facts import fact_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.inference.charts import BASELINE
from survey_kpi.period import Period
from survey_kpi.report.blocks import (
    Block,
    Blocks,
    Column,
    Columns,
    Figure,
    Heading,
    Paragraph,
    Span,
    Table,
)
from survey_kpi.report.figures.bars import band_counts
from survey_kpi.report.figures.controls import control_chart
from survey_kpi.report.figures.shares import Part
from survey_kpi.report.leadership.charts import level_figure
from survey_kpi.report.reading import Report
from survey_kpi.report.style import HALF
from survey_kpi.report.svg import to_svg
from survey_kpi.report.wording import joined
from survey_kpi.study.models import IndicatorSheet

CATEGORY = "category"
NO_BREAK_HYPHEN = "\u2011"
UNCLASSIFIED = "unclassified"
LARGEST = 6
"""Most categories that have a bar of their own."""
SOLVED, RETAINED = "A09", "A20"
LEFT_OUT = {"A09": "not_mature", "A10": "not_due", "A36": "not_mature"}
"""Measures that count the cases which it is too early to judge, by row of the library."""


def service_title(report: Report) -> tuple[str, str]:
    """Return the topic, and which months had more complaints than chance allows."""
    kicker, months = report.words["service.kicker"], report.edition.evaluation.complaints.months
    if not _sheets(report):
        return "", ""
    if months.empty:
        return kicker, report.words["service.title_short"]
    alarms = _alarms(report)
    if not alarms:
        return kicker, report.plain("service.title_quiet", n=str(int(months["tested"].sum())))
    names = [_month(report, row.period) for row in alarms]
    if len(alarms) == 1 and alarms[0].alarm > 0:
        category = _category(report, alarms[0].category)
        return kicker, report.plain("service.title_alarm", month=names[0], category=category)
    return kicker, report.plain("service.title_alarms", months=joined(report.words, names))


def service(report: Report) -> Blocks:
    """The months with an alarm, complaints by month and by category, teams, and the table of all records."""
    if not _sheets(report):
        return Blocks([])
    return Blocks([*_complaints(report), *_teams(report), *_table(report)])


def _sheets(report: Report) -> list[IndicatorSheet]:
    """Return the indicators that are computed from the company's tables."""
    return [sheet for sheet in report.study.indicators.indicators if not sheet.item]


def _complaints(report: Report) -> list[Block]:
    found = report.edition.evaluation.complaints
    if not found.indicator:
        return []
    figures: list[list[Block]] = []
    if not found.months.empty:
        figures.append([_chart(report)])
    if not found.categories.empty:
        figures.append([_pareto(report)])
    blocks: list[Block] = [Paragraph(_lead(report), style="lead")]
    return [*blocks, Columns(figures)] if figures else blocks


def _alarms(report: Report) -> list[Row]:
    months = report.edition.evaluation.complaints.months
    return rows_of(months[months["alarm"] != 0])


def _lead(report: Report) -> list[Span]:
    """Return one sentence for each alarm, or that there is none."""
    months = report.edition.evaluation.complaints.months
    if months.empty:
        return report.words.say("service.lead_short")
    if not (alarms := _alarms(report)):
        return report.words.say("service.lead_quiet", n=str(int(months["tested"].sum())))
    gap = [Span(" ")] if report.language == "en" else []
    sentences = [_alarm(report, row) for row in alarms]
    return [span for place, said in enumerate(sentences) for span in (gap if place else []) + said]


def _alarm(report: Report, row: Row) -> list[Span]:
    above = row.alarm > 0
    slots = {
        "complaints": report.value(_key(report, row.period, "complaints")),
        "rate": report.value(_key(report, row.period, "rate")),
        "limit": report.value(_key(report, row.period, "limit_high" if above else "limit_low")),
    }
    month, per = _month(report, row.period), _per(report)
    if not above:
        return report.words.say("service.lead_below", month=month, per=per, **slots)
    subject = f"{CATEGORY}:{row.category}"
    return report.words.say(
        "service.lead_alarm",
        month=month,
        per=per,
        category=_category(report, row.category),
        k=report.value(_key(report, row.period, "complaints", subject)),
        n=report.value(_key(report, row.period, "complaints")),
        **slots,
    )


def _key(report: Report, period: object, measure: str, subject: str = COMPANY) -> str:
    return fact_key(period, report.edition.evaluation.complaints.indicator, measure, subject)


def _month(report: Report, period: str) -> str:
    """Return a month that no line breaks in two."""
    return report.period_name(Period.parse(period)).replace("-", NO_BREAK_HYPHEN)


def _per(report: Report) -> str:
    """Return what complaints are counted over, in words."""
    indicator = report.edition.evaluation.complaints.indicator
    return report.words[f"service.per.{report.sheet(indicator).params['exposure']}"] if indicator else ""


def _category(report: Report, name: str) -> str:
    """Return a category as the study translates it, else as it was entered."""
    if name == UNCLASSIFIED:
        return report.words["service.unclassified"]
    sheet = report.sheet(report.edition.evaluation.complaints.indicator)
    return str(sheet.params.get("categories", {}).get(name, {}).get(report.language, name))


def _chart(report: Report) -> Figure:
    months, words, per = report.edition.evaluation.complaints.months, report.words, _per(report)
    texts = [report.value(_key(report, period, "rate")).text for period in months["period"]]
    drawn = control_chart(
        months["period"].to_list(),
        months["value"].to_list(),
        months["lower"].to_list(),
        months["upper"].to_list(),
        months["alarm"].to_list(),
        centre=float(months["centre"].iloc[0]),
        texts=texts,
        limits_label=words["service.chart_limits"],
        unit=report.plain("service.chart_unit", per=per),
        width=HALF,
        height=38.0,
    )
    names = [_month(report, row.period) for row in _alarms(report)]
    told = (
        report.plain("service.chart_alt_alarm", months=joined(words, names))
        if names
        else words["service.chart_alt_quiet"]
    )
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain(
            "service.chart_alt",
            per=per,
            first=_month(report, months["period"].iloc[0]),
            last=_month(report, months["period"].iloc[-1]),
            values=report.listed(texts),
            alarms=told,
        ),
        caption=words.say("service.chart_caption", baseline=str(BASELINE)),
        title=report.plain("service.chart", n=str(len(months))),
        width="half",
    )


def _pareto(report: Report) -> Figure:
    table, words = report.edition.evaluation.complaints.categories, report.words
    parts = [_part(report, row) for row in rows_of(table.head(LARGEST))]
    rest = table.iloc[LARGEST:]
    if len(rest):
        count = float(rest["complaints"].sum())
        parts.append(Part(count, words["service.pareto_others"], f"{count:,.0f}"))
    values = report.listed(f"{part.label} {part.text}" for part in parts)
    return Figure(
        svg=to_svg(band_counts(parts, width=HALF)),
        alt=report.plain("service.pareto_alt", values=values),
        caption=words.say("service.pareto_caption"),
        title=report.plain("service.pareto", period=report.period_name(report.period)),
        width="half",
    )


def _part(report: Report, row: Row) -> Part:
    subject = f"{CATEGORY}:{row.category}"
    count = report.value(_key(report, report.period, "complaints", subject)).text
    share = report.edition.facts[_key(report, report.period, "share", subject)]
    opening, closing = ("（", "）") if report.language == "zh" else (" (", ")")
    text = f"{count}{opening}{100 * share.value:.0f}%{closing}"
    return Part(float(row.complaints), _category(report, row.category), text)


def _teams(report: Report) -> list[Block]:
    """Return first-contact resolution and retention by team, where the study reports them."""
    level = next(iter(report.edition.groups), None)
    by_kpi = {sheet.kpi: sheet.id for sheet in _sheets(report)}
    shown = [by_kpi[kpi] for kpi in (SOLVED, RETAINED) if kpi in by_kpi]
    if level is None:
        return []
    figures = [
        [level_figure(report, level, name, width="half")]
        for name in shown
        if report.estimates_of(level, name)
    ]
    return [Columns(figures)] if figures else []


def _table(report: Report) -> list[Block]:
    words = report.words
    return [
        Heading(words["service.table"], level=2),
        Table(
            columns=[
                Column(words["service.indicator"], width=4.2),
                Column(words["service.value"], align="right", width=1.6),
                Column(words["frame.interval"], align="right", width=2.4),
                Column(words["service.base"], align="right", width=1.2),
                Column(words["frame.target"], align="right", width=1.2),
            ],
            rows=[_row(report, sheet) for sheet in _sheets(report)],
            notes=[*words.say("service.note"), *_left_out(report)],
        ),
    ]


def _left_out(report: Report) -> list[Span]:
    """Say how many cases indicators leave out because it is too early to judge them."""
    entries: list[Span] = []
    for sheet in _sheets(report):
        key = report.key(sheet.id, measure=LEFT_OUT.get(sheet.kpi, ""))
        if sheet.kpi in LEFT_OUT and report.measured(key):
            comma = [Span(report.words["frame.list_comma"])] if entries else []
            said = report.words.say(f"service.left_out.{sheet.kpi}", n=report.value(key))
            entries += [*comma, *said]
    return report.words.say("service.left_out_list", entries=entries) if entries else []


def _row(report: Report, sheet: IndicatorSheet) -> list[list[Span]]:
    unit, key = report.unit(sheet.id), report.key(sheet.id)
    label = report.text(sheet.label)
    if words := report.words.get(f"service.units.{unit}"):
        label = words.replace("{label}", label).replace("{per}", _per(report))
    digits = 0 if unit == "money" else None
    return [
        [Span(label)],
        [report.value(key, digits=digits)],
        report.interval(key),
        [report.value(f"{key}:n", tone="muted")],
        [Span(report.target_text(sheet.id, unit=False))],
    ]
