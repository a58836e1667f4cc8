"""Page 1: what is weighed, by which rule, declared when, and which methods there are."""

from __future__ import annotations

from survey_kpi.evaluation.weighting import Candidate
from survey_kpi.indicator_weights import WEIGHT_METHODS
from survey_kpi.report.blocks import Block, Blocks, Column, Figure, Paragraph, Span
from survey_kpi.report.figures.trees import Group, Leaf, tree
from survey_kpi.report.pieces import section, table
from survey_kpi.report.svg import to_svg
from survey_kpi.report.weighting.reading import WeightingReport

SIGNS = {"sum_": "Σ_", "sum ": "Σ ", "lambda": "λ", " x ": " × ", " - ": " − ", "^2": "²", ">=": "≥"}


def question_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and how many of the methods apply here."""
    counts = {name: report.count(name).text for name in ("methods", "methods_applicable", "indicators")}
    return report.words["weighting.question.kicker"], report.plain("weighting.question.title", **counts)


def question(report: WeightingReport) -> Blocks:
    """The rule and its date, the tree of indicators, the table of methods, the hashes."""
    words = report.words
    return Blocks(
        [
            Paragraph([*_rule(report), *_locked(report)], style="lead"),
            *_tree(report),
            *section(words["weighting.question.table"], _methods(report)),
            Paragraph(words.say("weighting.question.hashes", **report.run()), style="small"),
        ]
    )


def _rule(report: WeightingReport) -> list[Span]:
    parts = [one for one in report.assessment.candidates if one.share]
    if not parts:
        return report.words.say("weighting.question.rule_declared")
    spans: list[Span] = []
    for place, one in enumerate(parts):
        spans += [Span(" + ")] if place else []
        share = report.count("share", one.name, digits=2)
        spans += report.words.say("weighting.question.part", share=share, method=report.method(one.name))
    return report.words.say("weighting.question.rule", parts=spans)


def _locked(report: WeightingReport) -> list[Span]:
    """Say since when the rule is declared, and against the first day of the period; claim no more."""
    since, start = report.study.rules.effective_from, report.period.start
    if since is None:
        return report.words.say("weighting.question.undated")
    key = "locked" if since <= start else "late"
    return report.words.say(f"weighting.question.{key}", date=f"{since:%Y-%m-%d}", start=f"{start:%Y-%m-%d}")


def _tree(report: WeightingReport) -> list[Block]:
    if report.edition.evaluation.weighting.combined is None:
        return [report.not_applicable("ranking")]
    words, groups = report.words, []
    tags = {name: report.sheet(name).tag for name in report.scored}
    for tag in dict.fromkeys(tags.values()):
        leaves = [
            Leaf(
                label=report.label(name),
                value=report.amount("weight_base", name),
                text=report.count("weight_base", name).text,
            )
            for name in report.scored
            if tags[name] == tag
        ]
        total = report.count("weight_tag", tag).text
        groups.append(Group(label=words[f"weighting.tags.{tag}"], text=total, leaves=leaves))
    listed = report.listed(f"{leaf.label} {leaf.text}" for group in groups for leaf in group.leaves)
    return [
        Figure(
            svg=to_svg(tree(words["weighting.question.goal"], groups)),
            alt=report.plain("weighting.question.tree_alt", values=listed),
            caption=words.say("weighting.question.tree_caption"),
            title=words["weighting.question.tree"],
        )
    ]


def _methods(report: WeightingReport) -> Block:
    words = report.words
    return table(
        [
            Column(words["weighting.question.method"], width=2.2),
            Column(words["weighting.question.needs"], width=1.5),
            Column(words["weighting.question.formula"], width=3.6),
            Column(words["weighting.question.here"], width=3.4),
        ],
        [
            [
                report.head(one.name),
                words[f"weighting.needs.{WEIGHT_METHODS[one.method].needs}"],
                Span(_set(WEIGHT_METHODS[one.method].formula), tone="muted"),
                _here(report, one),
            ]
            for one in report.assessment.candidates
        ],
        notes=words.say("weighting.question.table_note"),
    )


def _set(formula: str) -> str:
    """Return a formula of the table with the signs of print."""
    for typed, printed in SIGNS.items():
        formula = formula.replace(typed, printed)
    return formula


def _here(report: WeightingReport, one: Candidate) -> list[Span]:
    words = report.words
    if one.share:
        return words.say("weighting.question.used", share=report.count("share", one.name, digits=2))
    if one.weights:
        return words.say("weighting.question.compared")
    return [Span(report.plain("weighting.question.refused", reason=report.refusal(one.code)), tone="muted")]
