"""Page 1: what changed, is it real, and what does that support."""

from __future__ import annotations

from survey_kpi.facts import fact_key
from survey_kpi.frames import Row
from survey_kpi.indicators import COMPANY
from survey_kpi.report.blocks import (
    Block,
    Blocks,
    Bullets,
    Column,
    Columns,
    Heading,
    Paragraph,
    Span,
    Table,
    Tile,
    Tiles,
)
from survey_kpi.report.figures.trends import sparkline
from survey_kpi.report.leadership.charts import course_text, level_figure, trend_figure
from survey_kpi.report.leadership.people import funnel_figure
from survey_kpi.report.planned import marked, remark
from survey_kpi.report.reading import Report
from survey_kpi.report.svg import to_svg
from survey_kpi.report.wording import joined


def answer_title(report: Report) -> tuple[str, str]:
    """Return the topic, and the changes that are real."""
    words, against = report.words, report.period_name(report.against)
    rows = [report.comparison(name) for name in report.tiles]
    changed = [row for row in rows if row.verdict in {"rose", "fell"}]
    told = joined(
        words,
        [report.plain(f"answer.change_{row.verdict}", label=report.label(row.indicator)) for row in changed],
    )
    if all(row.verdict == "not_compared" for row in rows):
        return words["answer.kicker"], report.plain("answer.title_uncompared", against=against)
    if not changed:
        return words["answer.kicker"], report.plain("answer.title_none", against=against)
    key = "answer.title_all" if len(changed) == len(rows) else "answer.title_some"
    return words["answer.kicker"], report.plain(key, changes=told)


def answer(report: Report) -> Blocks:
    """Tiles, what is real, what it supports, and the two figures that say most."""
    return Blocks(
        [
            Paragraph(lead(report), style="lead"),
            Tiles([tile(report, name) for name in report.tiles]),
            Columns([changes(report), supports(report)]),
            Columns(_figures(report)),
        ]
    )


def lead(report: Report) -> list[Span]:
    """Return the sentence of the primary comparison."""
    primary = report.study.study.primary.indicator
    key, row = report.key(primary), report.comparison(primary)
    return report.words.say(
        "answer.lead",
        period=report.period_name(report.period),
        label=report.label(primary),
        value=report.value(key),
        interval=report.interval(key),
        change=change_sentence(report, row),
    )


def change_sentence(report: Report, row: Row) -> list[Span]:
    """Return how a headline changed: with a direction word only where the test allows one."""
    slots = {"against": report.period_name(report.against)}
    template = f"answer.lead_{row.verdict}"
    if row.verdict == "not_compared":
        between = [place for place in report.breaks(row.indicator) if _is_between(report, place)]
        return report.words.say("answer.lead_reworded" if between else template, **slots)
    key = report.key(row.indicator, "mdc" if row.verdict == "no_change" else "change")
    name = "mdc" if row.verdict == "no_change" else "d"
    return report.words.say(template, **slots, **{name: report.magnitude(key)}, unit=report.unit_word(key))


def _is_between(report: Report, place: int) -> bool:
    """Whether a place in the trend lies after the period compared with."""
    return report.period.last(report.study.study.trend_quarters)[place] > report.against


def tile(report: Report, indicator: str) -> Tile:
    """Return one tile: value, interval, target, verdict and eight quarters."""
    key, row = report.key(indicator), report.comparison(indicator)
    series = report.series(indicator)
    spark = sparkline(
        series["value"].to_list(),
        series["conf_low"].to_list(),
        series["conf_high"].to_list(),
        target=report.target_value(indicator),
        breaks=report.breaks(indicator),
    )
    verdict = Span(report.words[f"verdict.{row.verdict}"], tone=report.verdict_tone(row))
    target = report.target_text(indicator)
    return Tile(
        label=report.label(indicator),
        value=report.value(key, percent=False),
        unit=report.words[f"unit.{report.unit(indicator)}"] if report.unit(indicator) == "percent" else "",
        interval=report.interval(key),
        target=[Span(report.plain("frame.target_word", target=target), tone="muted")] if target else [],
        verdict=[verdict],
        grade=report.grade(indicator),
        spark=to_svg(spark),
        spark_alt=report.plain(
            "answer.spark_alt",
            label=report.label(indicator),
            n=str(len(series)),
            values=course_text(report, series, report.unit(indicator)),
        ),
    )


def changes(report: Report) -> list[Block]:
    """Return the table that says which changes are real."""
    words = report.words
    rows = [[marked(report, name), *_change_cells(report, name)] for name in report.tiles]
    return [
        Heading(words["answer.table"], level=2),
        Table(
            columns=[
                Column(words["answer.table_indicator"]),
                Column(report.plain("answer.table_change", against=report.period_name(report.against))),
                Column(words["answer.table_verdict"]),
            ],
            rows=rows,
            notes=[*words.say("answer.table_note"), *remark(report, report.tiles)],
        ),
    ]


def _change_cells(report: Report, indicator: str) -> list[list[Span]]:
    row, key = report.comparison(indicator), report.key(indicator)
    verdict = Span(report.words[f"verdict.{row.verdict}"], tone=report.verdict_tone(row))
    if row.verdict == "not_compared":
        return [[Span(report.words["state.unavailable"], tone="muted")], [verdict]]
    opening, closing = ("（", "）") if report.language == "zh" else (" (", ")")
    interval = [Span(opening), *report.change_interval(key), Span(closing)]
    return [[report.change(key), *interval], [verdict]]


def supports(report: Report) -> list[Block]:
    """Return what the numbers support: on people, on bands, on data."""
    words = report.words
    entries = [_people_entry(report), _band_entry(report), _data_entry(report)]
    shown = [entry for entry in entries if entry]
    return [
        Heading(words["answer.use"], level=2),
        Bullets([text for text, _ in shown], ordered=True, notes=[note for _, note in shown]),
    ]


Entry = tuple[list[Span], list[Span]]


def _count(report: Report, indicator: str, measure: str) -> Span:
    return report.value(fact_key(report.period, indicator, measure, COMPANY))


def _number(report: Report, indicator: str, measure: str) -> float:
    found = report.fact(fact_key(report.period, indicator, measure, COMPANY))
    return found.value if found else 0.0


def _people_entry(report: Report) -> Entry | None:
    if report.edition.people.empty:
        return None
    names = ("above", "below", "same")
    slots = {name: _count(report, "tier", name) for name in names}
    some = any(_number(report, "tier", name) for name in ("above", "below"))
    text = report.words.say(
        "answer.use_people_some" if some else "answer.use_people_same",
        n=_count(report, "tier", "people"),
        **slots,
    )
    if _number(report, "tier", "too_few"):
        text += report.words.say("answer.use_people_few", few=_count(report, "tier", "too_few"))
    return text, report.words.say("answer.use_people_note")


def _band_entry(report: Report) -> Entry:
    words = report.words
    bands: list[Span] = []
    for band in report.study.rules.bands:
        bands += [Span(words["frame.list_comma"])] if bands else []
        bands += words.say(
            "answer.use_bands_part",
            label=report.text(band.label),
            count=_count(report, "score", f"band_{band.id}"),
        )
    if _number(report, "score", "band_none"):
        people = report.evaluated is not None and report.evaluated.people
        key = "answer.use_bands_none" if people else "answer.use_bands_none_group"
        bands += [
            Span(words["frame.list_comma"]),
            *words.say(key, count=_count(report, "score", "band_none")),
        ]
    return words.say("answer.use_bands", bands=bands), words.say("answer.use_bands_note")


def _data_entry(report: Report) -> Entry:
    slots = {name: _count(report, "rows", name) for name in ("raw", "excluded", "kept")}
    return report.words.say("answer.use_data", **slots), report.words.say("answer.use_data_note")


def _figures(report: Report) -> list[list[Block]]:
    left = report.recommendation or report.tiles[0]
    right: Block | None
    if report.edition.people.empty:
        level = next(iter(report.edition.groups), None)
        right = level_figure(report, level, left, width="half") if level else None
    else:
        right = funnel_figure(report, width="half")
    return [[trend_figure(report, left, width="half")], [right] if right else []]
