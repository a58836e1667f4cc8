"""Page 9: what is recommended by which checks, what speaks against it, and how to make it again."""

from __future__ import annotations

from survey_kpi import __version__
from survey_kpi.evaluation.weighting import Check
from survey_kpi.indicator_weights import WEIGHT_METHODS
from survey_kpi.report.blocks import Block, Blocks, Bullets, Code, Column, FactAppendix, Paragraph, Span, Tone
from survey_kpi.report.pieces import section, table
from survey_kpi.report.weighting.reading import WeightingReport

TONES: dict[str, Tone] = {"passed": "better", "failed": "worse", "not_measured": "muted"}
OTHER_SOURCES = (
    "Kendall and Babington Smith (1939), Annals of Mathematical Statistics 10(3):275-287",
    "Lahdelma and Salminen (2001), SMAA-2, Operations Research 49(3):444-454",
    "Saisana, Saltelli and Tarantola (2005), J. of the Royal Statistical Society A 168(2):307-323",
    "Mareschal (1988), European Journal of Operational Research 33(1):54-64",
    "Efron (1979), Annals of Statistics 7(1):1-26",
)
SHORT = 12


def advice_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and the recommendation."""
    words, chosen = report.words, report.assessment.advice.recommended
    return words["weighting.advice.kicker"], report.plain(
        "weighting.advice.title", m=words[f"weighting.advice.choices.{chosen}"]
    )


def advice(report: WeightingReport) -> Blocks:
    """Checks, objections, recipe, sources, changes, and the index of numbers."""
    words, chosen = report.words, report.assessment.advice.recommended
    lead = words.say("weighting.advice.lead", m=words[f"weighting.advice.choices.{chosen}"])
    lead += words.say(f"weighting.advice.because.{chosen}")
    return Blocks(
        [
            Paragraph(lead, style="lead"),
            *section(words["weighting.advice.checks"], _checks(report)),
            *section(words["weighting.advice.objections"], _objections(report)),
            *section(words["weighting.advice.recipe"], *_recipe(report)),
            *section(words["weighting.advice.sources"], _sources(report)),
            FactAppendix(words.say("frame.facts_intro")),
        ]
    )


def _checks(report: WeightingReport) -> Block:
    words = report.words
    return table(
        [
            Column(words["weighting.advice.check"], width=4.4),
            Column(words["weighting.advice.value"], align="right", width=1.1),
            Column(words["weighting.advice.limit"], align="right", width=1.1),
            Column(words["weighting.advice.outcome"], width=1.4),
            Column(words["weighting.advice.about"], width=1.4),
        ],
        [
            [
                words[f"weighting.advice.rules.{check.code}"],
                report.count("check", check.code),
                _limit(report, check),
                Span(words[f"weighting.advice.{check.verdict}"], tone=TONES[check.verdict]),
                words[f"weighting.advice.sides.{check.rule.side}"],
            ]
            for check in report.assessment.advice.checks
        ],
        notes=words.say("weighting.advice.checks_note"),
    )


def _limit(report: WeightingReport, check: Check) -> list[Span]:
    key = "at_least" if check.rule.at_least else "at_most"
    return report.words.say(f"quality.verdict.{key}", limit=report.count("check_limit", check.code))


def _objections(report: WeightingReport) -> Block:
    """What speaks against the recommendation: its known limits, and every check that failed."""
    words, found = report.words, report.assessment.advice
    entries = [words.say(f"weighting.advice.against.{found.recommended}")]
    entries += [
        words.say(f"weighting.advice.doubts.{check.code}")
        for check in found.checks
        if check.verdict == "failed"
    ]
    return Bullets(entries)


def _recipe(report: WeightingReport) -> list[Block]:
    command = f"survey-kpi report {report.study.study.name} {report.period} --edition weighting"
    run = {name: text[:SHORT] for name, text in report.run().items()}
    spans = report.words.say(
        "weighting.advice.recipe_text", version=__version__, seed=report.count("seed"), **run
    )
    return [Code(command), Paragraph([*spans, *_changes(report)])]


def _changes(report: WeightingReport) -> list[Span]:
    since = report.study.rules.effective_from
    if since is None:
        return report.words.say("weighting.advice.changes_undated")
    return report.words.say("weighting.advice.changes_since", date=f"{since:%Y-%m-%d}")


def _sources(report: WeightingReport) -> Block:
    """The publications behind every method that gave a number here."""
    applied = [one.method for one in report.assessment.candidates if one.weights]
    sources = dict.fromkeys([WEIGHT_METHODS[name].source for name in applied] + list(OTHER_SOURCES))
    return Paragraph([Span("; ".join(sources) + ".")], style="small")
