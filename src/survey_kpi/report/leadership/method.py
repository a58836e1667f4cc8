"""Page 7: definitions, disclosure, limits, and how to make and check the report again."""

from __future__ import annotations

from survey_kpi.report.blocks import (
    Block,
    Blocks,
    Bullets,
    Column,
    FactAppendix,
    Heading,
    Paragraph,
    Span,
    Table,
)
from survey_kpi.report.leadership.revised import revised
from survey_kpi.report.reading import Report
from survey_kpi.study.disclosure import check_disclosure
from survey_kpi.study.tables import TABLES
from survey_kpi.workdays import COMPANY_CALENDAR

LIMITS = ("limit_cause", "limit_repeat", "limit_budget", "limit_hash")


def method_title(report: Report) -> tuple[str, str]:
    """Return the topic and the fixed title."""
    return report.words["method.kicker"], report.words["method.title"]


def method(report: Report) -> Blocks:
    """Definitions, the disclosure list, limits, reproduction, and the index of numbers."""
    words = report.words
    return Blocks(
        [
            Paragraph(words.say("method.lead"), style="lead"),
            Heading(words["method.definitions"], level=2),
            _definitions(report),
            Heading(words["method.disclosure"], level=2),
            Bullets(disclosure(report), ordered=True),
            *_calendar(report),
            Heading(words["method.limits"], level=2),
            Bullets([words.say(f"method.{limit}") for limit in LIMITS]),
            *revised(report),
            Heading(words["method.reproduce"], level=2),
            Paragraph(words.say("method.reproduce_text", **report.rerun())),
            FactAppendix(words.say("frame.facts_intro")),
        ]
    )


def _calendar(report: Report) -> list[Block]:
    """Name the calendar where a number rests on it: two versions of it may differ by a day."""
    calendar = report.edition.evaluation.calendar
    if not calendar:
        return []
    calendar = calendar.replace(COMPANY_CALENDAR, report.words["method.company_calendar"])
    return [Paragraph(report.words.say("method.calendar", calendar=calendar), style="small")]


def _definitions(report: Report) -> Table:
    words = report.words
    table = report.edition.estimates
    methods = table.drop_duplicates(["indicator", "measure"]).set_index(["indicator", "measure"])["method"]
    return Table(
        columns=[
            Column(words["method.indicator"], width=2.2),
            Column(words["method.definition"], width=5),
            Column(words["frame.target"], align="right", width=1.2),
            Column(words["method.interval"], width=1.8),
        ],
        rows=[
            [
                [Span(report.label(sheet.id))],
                [Span(report.text(sheet.definition))],
                [Span(report.target_text(sheet.id))],
                [Span(_method_name(report, methods.get((sheet.id, report.headline(sheet.id)), "")))],
            ]
            for sheet in report.study.indicators.indicators
        ],
    )


def _method_name(report: Report, method: str) -> str:
    return method.split(",", maxsplit=1)[0] if report.study.study.design.declared else method


def disclosure(report: Report) -> list[list[Span]]:
    """Return the disclosure items, each filled from the study files or with the reason why it does not apply.

    Raises
    ------
    ReportError
        `disclosure_missing`: the study is silent on an item.
    """
    words, slots = report.words, _slots(report)
    return [
        words.say(
            "method.not_applicable",
            item=words[f"method.item_names.{entry.item.name}"],
            text=report.text(entry.reason),
        )
        if entry.reason
        else words.say(f"method.items.{entry.item.name}", **slots[entry.item.name])
        for entry in check_disclosure(report.study.study)
    ]


def _slots(report: Report) -> dict[str, dict[str, str]]:
    """Return what fills the sentence of each item."""
    study, words = report.study.study, report.words
    comma = words["frame.list_comma"]
    return {
        "purpose": {"text": f"{report.text(study.purpose)} {report.text(study.decision)}"},
        "strategy": {"text": _strategy(report)},
        "sponsor": {"sponsor": report.text(study.sponsor), "by": report.text(study.conducted_by)},
        "instruments": {},
        "population": {"text": report.text(study.population)},
        "sampling": {"text": report.text(study.sampling)},
        "modes": {
            "modes": comma.join(report.text(mode) for mode in study.modes),
            "languages": comma.join(words[f"method.languages.{code}"] for code in study.languages),
        },
        "dates": {"text": report.text(study.collection)},
        "precision": {"design": _design(report)},
        "weighting": {
            "text": report.plain("method.weighted", weight=study.design.weight)
            if study.design.weight
            else words["method.unweighted"]
        },
        "processing": {},
        "limitations": {"text": report.text(study.limitations)},
    }


def _strategy(report: Report) -> str:
    tables = [report.text(TABLES[name].label) for name in report.study.study.tables]
    if not tables:
        return report.words["method.strategy_survey"]
    return report.plain("method.strategy_mixed", tables=report.listed(tables))


def _design(report: Report) -> str:
    design, none = report.study.study.design, report.words["method.none"]
    if not design.declared:
        return report.words["method.design_none"]
    return report.plain(
        "method.design",
        weight=design.weight or none,
        stratum=design.stratum or none,
        cluster=design.cluster or none,
    )
