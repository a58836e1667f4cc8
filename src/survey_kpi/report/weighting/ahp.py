"""Page 4: the judgements pair by pair, consistency with its table of random indices, both aggregations."""

from __future__ import annotations

from itertools import combinations

from survey_kpi.evaluation.weighting import JudgementAssessment
from survey_kpi.evaluation.weighting.facts import MOST_EXPERTS
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Figure, Paragraph, Span
from survey_kpi.report.figures.rows import Row, interval_dots
from survey_kpi.report.figures.sheet import Reference
from survey_kpi.report.pieces import Cell, section, shortened, table
from survey_kpi.report.style import HALF
from survey_kpi.report.svg import to_svg
from survey_kpi.report.weighting.reading import WeightingReport

GROUPS = ("aij_eigenvector", "aij_geometric_mean", "aip_eigenvector", "aip_geometric_mean")
QUARTILES = ("least", "lower", "median", "upper", "most")
MOST_NAMED = 3
MOST_REPAIRS = 5
MOST_RATIOS = 8
MOST_PAIRS = 15


def ahp_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and how many experts pass."""
    kicker, found = report.words["weighting.ahp.kicker"], report.assessment.judgements
    if found is None:
        return kicker, report.words["weighting.ahp.title_none"]
    counts = {name: report.count(f"experts{part}").text for name, part in
              (("n", ""), ("k", "_excluded"), ("m", "_accepted"))}  # fmt: skip
    key = "title_some" if found.excluded else "title_all"
    return kicker, report.plain(f"weighting.ahp.{key}", **counts)


def ahp(report: WeightingReport) -> Blocks:
    """Who is excluded and what to revise first, the pairs, the weights of the group."""
    words, found = report.words, report.assessment.judgements
    if found is None:
        return Blocks([report.not_applicable("judgements")])
    return Blocks(
        [
            Paragraph(_lead(report, found), style="lead"),
            *section(words["weighting.ahp.pairs"], _pairs(report, found)),
            Columns(
                [
                    section(words["weighting.ahp.ratios"], _ratios(report, found)),
                    section(words["weighting.ahp.worst"], _repairs(report, found)),
                ]
            ),
            *section(words["weighting.ahp.groups"], _groups(report, found)),
        ]
    )


def _lead(report: WeightingReport, found: JudgementAssessment) -> list[Span]:
    words = report.words
    spans: list[Span] = []
    worst = sorted(found.excluded, key=lambda expert: -found.ratios[expert])
    for expert in worst[:MOST_NAMED]:
        repair = found.repairs[expert]
        spans += words.say(
            "weighting.ahp.excluded",
            e=shortened(expert),
            cr=report.ratio("ratio", expert),
            limit=report.count("ratio_limit", digits=2),
            i=report.label(repair.row),
            j=report.label(repair.column),
        )
    if len(worst) > MOST_NAMED:
        spans += words.say("weighting.ahp.excluded_more", n=report.count("experts_excluded"))
    if found.limit is None:
        spans += words.say("weighting.ahp.no_limit", most=report.ratio("ratio_spread_most", "experts"))
    elif not worst:
        limit = report.count("ratio_limit", digits=2)
        most = report.ratio("ratio_spread_most", "experts")
        spans += words.say("weighting.ahp.all_within", limit=limit, most=most)
    spans += words.say("weighting.ahp.merged", cr=report.ratio("ratio_merged"), source=_source(report, found))
    return [*spans, *_other_tables(report, found)]


def _source(report: WeightingReport, found: JudgementAssessment) -> str:
    return report.words.get(f"weighting.tables.{found.random_index}", str(found.random_index))


def _other_tables(report: WeightingReport, found: JudgementAssessment) -> list[Span]:
    """Name the tables that would turn a verdict round; say so when none would."""
    words = report.words
    turned = [name for name, count in found.other_verdicts.items() if count != len(found.excluded)]
    if not found.other_verdicts:
        return []
    if not turned:
        return words.say("weighting.ahp.tables_agree")
    spans: list[Span] = []
    for place, name in enumerate(turned):
        spans += [Span(words["frame.list_comma"])] if place else []
        count = report.count("excluded_by", name)
        spans += words.say("weighting.ahp.table_entry", table=words[f"weighting.tables.{name}"], n=count)
    return words.say("weighting.ahp.tables_differ", tables=spans)


def _pairs(report: WeightingReport, found: JudgementAssessment) -> Block:
    words, few = report.words, len(found.matrices) <= MOST_EXPERTS
    heads = [Column(words["weighting.ahp.pair"], width=4)]
    heads += (
        [Column(shortened(expert), align="right", width=1) for expert in found.matrices]
        if few
        else [Column(words[f"weighting.quartiles.{part}"], align="right", width=1.1) for part in QUARTILES]
    )
    heads.append(Column(words["weighting.ahp.merged_head"], align="right", width=1.2))
    pairs = list(combinations(map(str, found.merged.columns), 2))
    rows: list[list[Cell]] = []
    for row, column in _widest(report, pairs):
        scope = f"{row},{column}"
        judged = (
            [report.judged("judgement", f"{expert},{scope}") for expert in found.matrices]
            if few
            else [report.judged(f"judgement_spread_{part}", scope) for part in QUARTILES]
        )
        rows.append([report.pair(row, column), *judged, report.judged("merged", scope)])
    notes = words.say("weighting.ahp.pairs_note")
    if len(pairs) > MOST_PAIRS:
        notes += words.say("weighting.ahp.pairs_more", shown=str(MOST_PAIRS), n=str(len(pairs)))
    return table(heads, rows, notes=notes)


def _widest(report: WeightingReport, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs in order; of too many for a page, those about which experts differ most."""

    def spread(pair: tuple[str, str]) -> float:
        ends = (report.amount(f"judgement_spread_{end}", ",".join(pair)) for end in ("most", "least"))
        return next(ends) / next(ends)

    if len(pairs) <= MOST_PAIRS:
        return pairs
    kept = set(sorted(pairs, key=spread, reverse=True)[:MOST_PAIRS])
    return [pair for pair in pairs if pair in kept]


def _ratios(report: WeightingReport, found: JudgementAssessment) -> Block:
    words = report.words
    order = list(found.ratios)
    if len(order) > MOST_EXPERTS:
        order = sorted(order, key=lambda expert: -found.ratios[expert])[:MOST_RATIOS]
    rows = [
        Row(
            label=shortened(expert),
            value=found.ratios[expert],
            low=0.0,
            high=found.ratios[expert],
            text=report.ratio("ratio", expert).text,
            tone="worse" if expert in found.excluded else "",
        )
        for expert in order
    ]
    limit = (
        Reference(found.limit, report.plain("weighting.ahp.limit", limit=f"{found.limit:g}"))
        if found.limit is not None
        else None
    )
    key = "ratios_caption" if len(order) == len(found.ratios) else "ratios_caption_some"
    return Figure(
        svg=to_svg(interval_dots(rows, target=limit, bounds=(0.0, 1e9), width=HALF)),
        alt=report.plain(
            "weighting.ahp.ratios_alt", values=report.listed(f"{row.label} {row.text}" for row in rows)
        ),
        caption=words.say(f"weighting.ahp.{key}", n=report.count("experts"), shown=str(len(rows))),
        width="half",
    )


def _repairs(report: WeightingReport, found: JudgementAssessment) -> Block:
    words = report.words
    order = sorted(found.repairs, key=lambda expert: -found.ratios[expert])[:MOST_REPAIRS]
    if not order:
        return Paragraph(words.say("weighting.ahp.no_repairs"))
    return table(
        [
            Column(words["weighting.experts.expert"], width=1.2),
            Column(words["weighting.ahp.pair_short"], width=3),
            Column(words["weighting.ahp.judged"], align="right", width=1.1),
            Column(words["weighting.ahp.implied"], align="right", width=1.2),
            Column(words["weighting.ahp.after"], align="right", width=1.1),
        ],
        [
            [
                shortened(expert),
                report.pair(found.repairs[expert].row, found.repairs[expert].column),
                report.judged("repair_judged", expert),
                report.judged("repair_implied", expert),
                report.ratio("repair_ratio", expert),
            ]
            for expert in order
        ],
        notes=words.say("weighting.ahp.worst_note"),
    )


def _groups(report: WeightingReport, found: JudgementAssessment) -> Block:
    words = report.words
    return table(
        [
            Column(words["weighting.audit.indicator"], width=2),
            *[
                Column(words[f"weighting.ahp.{name}"], align="right", width=2.4 if place == 0 else 1.5)
                for place, name in enumerate(GROUPS)
            ],
        ],
        [
            [
                report.label(label),
                report.beside("group_aij_eigenvector", label),
                *[report.count(f"group_{name}", label) for name in GROUPS[1:]],
            ]
            for label in found.merged.columns
        ],
        notes=words.say("weighting.ahp.groups_note", draws=f"{found.intervals.draws:,}"),
    )
