"""Page 7: what the headline figures would be with each cleaning rule decided otherwise."""

from __future__ import annotations

from survey_kpi.evaluation.quality import Toggle
from survey_kpi.report.blocks import (
    Block,
    Blocks,
    Bullets,
    Column,
    Columns,
    FactAppendix,
    Figure,
    Paragraph,
    Span,
)
from survey_kpi.report.data_quality.reading import QualityReport
from survey_kpi.report.figures.rows import Row, interval_dots
from survey_kpi.report.figures.sheet import Reference
from survey_kpi.report.pieces import section, table
from survey_kpi.report.style import HALF
from survey_kpi.report.svg import to_svg
from survey_kpi.report.tables import number

MOST_SENTENCES = 3
"""Sentences about one figure, the largest differences; figure and table hold them all."""


def sensitivity_title(report: QualityReport) -> tuple[str, str]:
    """Return the topic, and how far one rule can move the first figure."""
    kicker = report.words["quality.sensitivity.kicker"]
    names = _names(report)
    if not names or not report.quality.toggles[1:]:
        return kicker, report.words["quality.sensitivity.title_none"]
    key = report.key_of(f"toggled_{names[0]}_largest")
    title = report.plain(
        "quality.sensitivity.title",
        label=_label(report, names[0]),
        d=report.magnitude(key).text,
        unit=report.unit_word(key),
    )
    return kicker, title


def sensitivity(report: QualityReport) -> Blocks:
    """Sentences, one figure per headline, the table, and the index of numbers."""
    words = report.words
    return Blocks(
        [
            Paragraph(words.say("quality.sensitivity.lead"), style="lead"),
            _sentences(report),
            *_figures(report),
            *section(words["quality.sensitivity.table"], _table(report), *_others(report)),
            Paragraph(words.say("quality.sensitivity.reproduce", **report.rerun()), style="small"),
            FactAppendix(words.say("frame.facts_intro")),
        ]
    )


def _names(report: QualityReport) -> list[str]:
    return list(report.quality.toggles[0].values)


def _label(report: QualityReport, name: str) -> str:
    return report.label(name.partition(".")[0])


def _difference(report: QualityReport, name: str, rule: str) -> str:
    return report.key_of(f"toggled_{name}_difference", rule)


def _moved(report: QualityReport, name: str) -> list[Toggle]:
    """Return the toggles that change a figure, the largest change first, as a tornado has them."""
    keys = {one.rule: _difference(report, name, one.rule) for one in report.quality.toggles[1:]}
    sizes = {rule: abs(report.quality.fact(key).value) for rule, key in keys.items() if report.measured(key)}
    found = [one for one in report.quality.toggles[1:] if sizes.get(one.rule)]
    return sorted(found, key=lambda one: -sizes[one.rule])


def _sentences(report: QualityReport) -> Block:
    columns = [[told] for name in _names(report) if (told := _told(report, name)).items]
    if not columns:
        return Paragraph(report.words.say("quality.sensitivity.sentences_none"))
    return Columns(columns)


def _told(report: QualityReport, name: str) -> Bullets:
    """Return the sentences about one figure."""
    return Bullets(
        [
            report.words.say(
                "quality.sensitivity.without" if one.action == "off" else "quality.sensitivity.with",
                rule=report.rule(one.rule),
                label=_label(report, name),
                d=_signed(report, name, one.rule),
                unit=report.unit_word(_difference(report, name, one.rule)),
            )
            for one in _moved(report, name)[:MOST_SENTENCES]
            if _signed(report, name, one.rule).text.strip("+−0.")
        ]
    )


def _signed(report: QualityReport, name: str, rule: str) -> Span:
    """Return a difference with its sign, with the decimals that tell it from nothing."""
    key = _difference(report, name, rule)
    found = report.quality.fact(key)
    digits = 1 if abs(found.value) >= 0.05 or not found.value else 2
    text = number(found.value, found.unit, digits=digits, sign=False)
    sign = "+" if found.value > 0 and text.strip("0.") else ""
    return Span(f"{sign}{text}", fact=key, hash=found.hash, glue=True)


def _figures(report: QualityReport) -> list[Block]:
    """Return the figures side by side, two in a row."""
    found = [figure for name in _names(report) for figure in _figure(report, name)]
    return [Columns([[one] for one in found[place : place + 2]]) for place in range(0, len(found), 2)]


def _figure(report: QualityReport, name: str) -> list[Figure]:
    moved = _moved(report, name)
    published = report.key_of(f"published_{name}")
    if not moved or not report.measured(published):
        return []
    words, label = report.words, _label(report, name)
    value = report.value(published)
    rows = [_dot(report, name, one) for one in moved]
    drawn = interval_dots(
        rows,
        n_head=words["quality.sensitivity.kept"],
        text_head=words["quality.sensitivity.difference"],
        reference=Reference(
            report.quality.fact(published).value,
            report.plain("quality.sensitivity.published", value=value.text),
        ),
        unit=words[f"unit.{report.quality.fact(published).unit}"],
        width=HALF,
    )
    listed = report.listed(f"{row.label} {row.text}" for row in rows)
    return [
        Figure(
            svg=to_svg(drawn),
            alt=report.plain(
                "quality.sensitivity.figure_alt", label=label, values=listed, published=value.text
            ),
            caption=words.say("quality.sensitivity.figure_caption"),
            title=report.plain("quality.sensitivity.figure", label=label),
            width="half",
        )
    ]


def _dot(report: QualityReport, name: str, one: Toggle) -> Row:
    value, low, high = one.values[name]
    return Row(
        label=report.rule(one.rule),
        value=value,
        low=low,
        high=high,
        n=report.count("toggled_kept", one.rule).text,
        text=_signed(report, name, one.rule).text,
    )


def _table(report: QualityReport) -> Block:
    words, names = report.words, _names(report)
    heads = [
        Column(words["quality.sensitivity.rule"], width=2.4),
        Column(words["quality.sensitivity.change"], width=1.7),
        Column(words["quality.sensitivity.kept"], align="right", width=1.3),
    ]
    for name in names:
        heads += [
            Column(_label(report, name), align="right", width=2.1),
            Column(words["quality.sensitivity.difference"], align="right", width=1.2),
        ]
    published: list[Span | str] = [
        words["quality.sensitivity.as_published"],
        "",
        report.count("kept"),
        *[cell for name in names for cell in (report.count(f"published_{name}"), Span(""))],
    ]
    rows = [_line(report, names, one) for one in report.quality.toggles[1:] if _differs(report, one)]
    return table(heads, [published, *rows], notes=words.say("quality.sensitivity.table_note"))


def _differs(report: QualityReport, one: Toggle) -> bool:
    published = report.quality.toggles[0]
    return not one.reason and (one.kept, one.values) != (published.kept, published.values)


def _others(report: QualityReport) -> list[Block]:
    """Name the rules that change nothing, and those that cannot run."""
    words, rest = report.words, [one for one in report.quality.toggles[1:] if not _differs(report, one)]
    found = {
        "unchanged": [report.rule(one.rule) for one in rest if not one.reason],
        "cannot": [report.rule(one.rule) for one in rest if one.reason],
    }
    return [
        Paragraph(words.say(f"quality.sensitivity.{key}", rules=report.listed(rules)))
        for key, rules in found.items()
        if rules
    ]


def _line(report: QualityReport, names: list[str], one: Toggle) -> list[Span | str]:
    change = report.words[f"quality.sensitivity.change_{one.action}"]
    cells: list[Span | str] = [report.rule(one.rule), change, report.count("toggled_kept", one.rule)]
    for name in names:
        shown = report.measured(_difference(report, name, one.rule))
        cells += [
            report.count(f"toggled_{name}", one.rule),
            _signed(report, name, one.rule) if shown else "",
        ]
    return cells
