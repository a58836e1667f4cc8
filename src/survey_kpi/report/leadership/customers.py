"""Page 2: what customers said."""

from __future__ import annotations

from survey_kpi.indicators import COMPANY
from survey_kpi.report.blocks import Block, Blocks, Columns, Figure, Paragraph, Span
from survey_kpi.report.figures.rows import Row as DotRow
from survey_kpi.report.figures.rows import dumbbell, interval_dots
from survey_kpi.report.figures.shares import Part, score_histogram
from survey_kpi.report.leadership.charts import BOUNDS, trend_figure
from survey_kpi.report.planned import remark
from survey_kpi.report.reading import Report
from survey_kpi.report.style import HALF
from survey_kpi.report.svg import to_svg

ZONES = ("detractors", "passives", "promoters")


def customers_title(report: Report) -> tuple[str, str]:
    """Return the topic, and where NPS stands."""
    indicator, kicker = report.recommendation, report.words["customers.kicker"]
    if not indicator:
        return kicker, report.words["customers.items_alone"]
    key, row = report.key(indicator), report.comparison(indicator)
    value = report.value(key).text
    if row.verdict == "not_compared":
        return kicker, report.plain("customers.title", a=value)
    return kicker, report.plain(
        "customers.title_change", a=value, change=report.words[f"verdict.{row.verdict}"]
    )


def customers(report: Report) -> Blocks:
    """NPS and its distribution, items against the earlier period, satisfaction over time."""
    blocks: list[Block] = []
    if report.recommendation:
        blocks.append(Paragraph(_lead(report, report.recommendation), style="lead"))
        blocks.append(
            Columns(
                [
                    [histogram_figure(report, report.recommendation)],
                    [trend_figure(report, report.satisfaction or report.recommendation, width="half")],
                ]
            )
        )
    blocks.append(items_figure(report))
    return Blocks(blocks)


def _lead(report: Report, indicator: str) -> list[Span]:
    shares = {zone: report.value(report.key(indicator, measure=zone)) for zone in ZONES}
    key = report.key(indicator)
    now = {"a": report.value(key), "n": report.value(f"{key}:n"), **shares}
    if report.comparison(indicator).verdict == "not_compared":
        return report.words.say("customers.lead_alone", **now, interval=report.interval(key))
    before = key.replace(str(report.period), str(report.against), 1)
    return report.words.say(
        "customers.lead", **now, b=report.value(before), mdc=report.value(f"{key}:mdc", percent=False)
    )


def histogram_figure(report: Report, indicator: str) -> Figure:
    """Return the answers 0 to 10 in their three zones."""
    table = report.edition.evaluation.histogram
    counts = table[table["indicator"] == indicator].sort_values("answer")
    texts = [
        report.value(report.key(indicator, measure=f"answers_{answer}")).text for answer in counts["answer"]
    ]
    zones = [
        Part(
            size=0.0,
            label=report.words[f"customers.{zone}"],
            text=report.value(report.key(indicator, measure=zone)).text,
        )
        for zone in ZONES
    ]
    drawn = score_histogram(
        counts["n"].to_list(),
        zones,
        texts=texts,
        caption=report.words["unit.answers"],
        width=HALF,
        height=52.0,
    )
    listed = report.listed(f"{answer}: {text}" for answer, text in zip(counts["answer"], texts, strict=True))
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain("customers.histogram_alt", values=listed),
        caption=report.words.say("customers.histogram_caption"),
        title=report.words["customers.histogram"],
        width="half",
    )


def items_figure(report: Report) -> Figure:
    """Return every satisfaction indicator against the earlier period, in the order of the study."""
    asked = [sheet.id for sheet in report.study.indicators.indicators if sheet.item]
    shown = [name for name in asked if report.unit(name) == "percent"]
    rows = [_item_row(report, name) for name in shown]
    compared = any(row.before == row.before for row in rows)
    n_head, unit, bounds = report.words["frame.n"], report.words["unit.percent"], BOUNDS["percent"]
    drawn = (
        dumbbell(
            rows,
            before_label=f"{report.words['customers.before']} {report.period_name(report.against)}",
            now_label=f"{report.words['customers.now']} {report.period_name(report.period)}",
            bounds=bounds,
            n_head=n_head,
            unit=unit,
        )
        if compared
        else interval_dots(rows, bounds=bounds, n_head=n_head, unit=unit)
    )
    values = report.listed(f"{row.label} {row.text}" for row in rows)
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain("customers.items_alt", values=values),
        caption=[*report.words.say("customers.items_caption"), *remark(report, shown)] if compared else [],
        title=report.words["customers.items" if compared else "customers.items_alone"],
    )


def _item_row(report: Report, indicator: str) -> DotRow:
    series = report.series(indicator, COMPANY).iloc[-1]
    key, row = report.key(indicator), report.comparison(indicator)
    before = report.fact(key.replace(str(report.period), str(report.against), 1))
    n = report.value(f"{key}:n").text
    if not report.measured(key):
        return DotRow(label=report.label(indicator), n=n, text=report.value(key).text, tone="muted")
    interval = "".join(span.text for span in report.interval(key))
    opening, closing = ("（", "）") if report.language == "zh" else (" (", ")")
    tone = report.verdict_tone(row)
    return DotRow(
        label=report.label(indicator),
        value=float(series["value"]),
        low=float(series["conf_low"]),
        high=float(series["conf_high"]),
        before=before.value if before and row.verdict != "not_compared" else float("nan"),
        n=n,
        text=f"{report.value(key).text}{opening}{interval}{closing}",
        tone=tone if tone in {"better", "worse"} else "",
    )
