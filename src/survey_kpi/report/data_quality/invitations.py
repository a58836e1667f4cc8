"""Page 5, where invitations are declared: what became of them, outcome rates, and whom they reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from survey_kpi.evaluation.quality.invitations import Invited
from survey_kpi.report.blocks import Block, Column, Columns, Figure, Paragraph, Span
from survey_kpi.report.data_quality.reading import QualityReport
from survey_kpi.report.figures.rows import Row, dumbbell
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.style import HALF
from survey_kpi.report.svg import to_svg
from survey_kpi.sampling import SpecialistCoverage

RATES = ("RR1", "RR2", "RR3", "RR4", "RR5", "RR6", "COOP1", "REF1", "CON1")
"""Outcome rates that are printed; all sixteen are facts."""
SHARES = (0.0, 100.0)


def _asked(report: QualityReport) -> Invited:
    found = report.quality.invited
    if found is None:
        raise ValueError("the study declares no invitations")
    return found


def asked_title(report: QualityReport) -> str:
    """Return how many answered in full, and for how many people the coverage is unusual."""
    asked, rate = _asked(report), report.count("outcome", "RR1").text
    if not asked.coverage:
        return report.plain("quality.frame.title_untested", rate=rate)
    if not asked.unusual:
        return report.plain("quality.frame.title_usual", rate=rate)
    return report.plain("quality.frame.title_open", rate=rate, n=report.count("coverage_unusual").text)


def invitations(report: QualityReport, others: Sequence[Block] = ()) -> list[Block]:
    """Return dispositions above coverage by person, beside them rates, what coverage says, and `others`."""
    words, figure = report.words, _figure(report)
    told = [Paragraph(said) for said in _sentences(report)]
    left = [
        *section(words["quality.frame.dispositions"], _dispositions(report)),
        *([figure] if figure else []),
    ]
    right = [
        *section(words["quality.frame.rates"], _rates(report)),
        *section(words["quality.frame.coverage"], *_unusual(report), *told),
        *others,
    ]
    return [Paragraph(_lead(report), style="lead"), Columns([left, right])]


def _lead(report: QualityReport) -> list[Span]:
    asked = _asked(report)
    return report.words.say(
        "quality.frame.rates_lead",
        n=report.count("invites"),
        e=report.exact("eligible_share", "company"),
        how=report.words[f"quality.frame.e_{'declared' if asked.declared_share else 'known'}"],
        rr1=report.count("outcome", "RR1"),
        rr3=report.count("outcome", "RR3"),
        interval=report.interval(report.key_of("outcome", "RR1")),
    )


def _dispositions(report: QualityReport) -> Block:
    words = report.words
    heads = [
        Column(words["quality.frame.disposition"], width=2.4),
        Column(words["quality.frame.count"], align="right", width=1),
    ]
    codes = [code for code, count in asdict(_asked(report).dispositions).items() if count]
    rows: list[list[Cell]] = [
        [words[f"quality.frame.code_{code}"], report.count("disposition", code)] for code in codes
    ]
    return table(heads, rows)


def _rates(report: QualityReport) -> Block:
    """Return the rates with their intervals, two in a row."""
    words, half = report.words, (len(RATES) + 1) // 2
    pair = [Column(words["quality.frame.rate"], width=1.3), Column(words["quality.frame.share"], width=2.6)]
    right = [_rate(report, code) for code in RATES[half:]]
    right += [["", ""]] * (half - len(right))
    rows = [[*_rate(report, code), *beside] for code, beside in zip(RATES[:half], right, strict=True)]
    return table([*pair, *pair], rows, notes=words.say("quality.frame.rates_note"))


def _rate(report: QualityReport, code: str) -> list[Cell]:
    ends = report.interval(report.key_of("outcome", code))
    shown = [Span(" "), *ends] if ends else []
    return [code, [report.count("outcome", code), *shown]]


# --- coverage -----------------------------------------------------------------------------------------


def _sentences(report: QualityReport) -> list[list[Span]]:
    return [*_alarm(report), *_list(report), *_frame(report), *_rested(report)]


def _alarm(report: QualityReport) -> list[list[Span]]:
    words, asked = report.words, _asked(report)
    if not asked.coverage:
        return [words.say("quality.frame.coverage_unknown")]
    every, level = report.count("covered"), report.exact("alarm_level", "company")
    if asked.unusual:
        unusual = report.count("coverage_unusual")
        found = [words.say("quality.frame.coverage_alarm", n=unusual, all=every, level=level)]
        if asked.explained:
            people = report.listed(asked.explained)
            found.append(words.say("quality.frame.coverage_explained", people=people))
        return found
    tested = sorted((one for one in asked.coverage if one.power is not None), key=lambda one: one.power or 0)
    if not tested:
        return [words.say("quality.frame.coverage_unknown")]
    low, high = (report.exact("coverage_power", one.subject) for one in (tested[0], tested[-1]))
    return [words.say("quality.frame.coverage_none", all=every, level=level, low=low, high=high)]


def _list(report: QualityReport) -> list[list[Span]]:
    asked = _asked(report)
    if asked.deviations is None:
        return []
    if not asked.deviations:
        return [report.words.say("quality.frame.list_kept")]
    kinds = {"added": "not_drawn", "left": "not_invited", "twice": "invited_twice"}
    counts = {slot: report.count("departures", kind) for slot, kind in kinds.items()}
    people = report.listed(asked.departures)
    return [report.words.say("quality.frame.list_exact", **counts, people=people)]


def _frame(report: QualityReport) -> list[list[Span]]:
    if report.key_of("frame_gap") not in report.quality.facts:
        return []
    return [
        report.words.say(
            "quality.frame.frame_gap",
            strata=report.count("frame_strata"),
            units=report.count("frame_units"),
            gap=report.magnitude(report.key_of("frame_gap")),
        )
    ]


def _rested(report: QualityReport) -> list[list[Span]]:
    return [
        report.words.say("quality.frame.rested", n=report.count("rested"), days=report.count("rest_days"))
    ]


def _unusual(report: QualityReport) -> list[Block]:
    words, asked = report.words, _asked(report)
    if not asked.unusual:
        return []
    names = ("known", "satisfied", "invited", "both", "p")
    heads = [
        Column(words["quality.frame.coverage_unusual_head"], width=1.2),
        *[
            Column(words[f"quality.frame.coverage_{name}"], align="right", width=width)
            for name, width in zip(names, (1, 1.3, 1.1, 0.8, 1), strict=True)
        ],
    ]
    rows: list[list[Cell]] = [
        [
            person,
            *[
                report.count(f"coverage_{name}", person)
                for name in ("customers", "satisfied", "invited", "invited_satisfied")
            ],
            report.value(report.key_of("coverage_p", person), digits=4),
        ]
        for person in asked.unusual
    ]
    return [table(heads, rows)]


def _figure(report: QualityReport) -> Figure | None:
    """Return the share invited of those satisfied before and of the others, person by person."""
    tested = [one for one in _asked(report).coverage if one.verdict != "untested"]
    if not tested:
        return None
    words = report.words
    rows = [_row(report, one) for one in tested]
    drawn = dumbbell(
        rows,
        before_label=words["quality.frame.coverage_before"],
        now_label=words["quality.frame.coverage_now"],
        n_head=words["quality.frame.count"],
        bounds=SHARES,
        unit=words["unit.percent"],
        width=HALF,
    )
    shares = {
        one.subject: [
            report.count(f"coverage_share_{name}", one.subject).text for name in ("satisfied", "others")
        ]
        for one in tested
    }
    listed = report.listed(f"{who} {' / '.join(pair)}" for who, pair in shares.items())
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain("quality.frame.coverage_alt", values=listed),
        caption=words.say("quality.frame.coverage_caption"),
        title=words["quality.frame.coverage_figure"],
        width="half",
    )


def answered(report: QualityReport, subject: str) -> bool:
    """Whether the period's answers of a subject are counted."""
    return report.key_of("mix_n", f"subject:{subject}") in report.quality.facts


def _row(report: QualityReport, one: SpecialistCoverage) -> Row:
    answers = f"subject:{one.subject}"
    return Row(
        label=one.subject,
        n=report.count("mix_n", answers).text if answered(report, one.subject) else "",
        value=report.amount("coverage_share_satisfied", one.subject),
        before=report.amount("coverage_share_others", one.subject),
        tone="worse" if one.verdict == "unusual" else "",
    )
