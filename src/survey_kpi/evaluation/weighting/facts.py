"""Every number of an assessment of weights as a fact: the one place where its keys and formulas are composed.

Keys read `<period>/weighting.<name>/<scope>`; the scope is "company", or the indicator, pair of indicators,
expert, method or code of a subject that the number is about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from survey_kpi.estimate import State
from survey_kpi.evaluation.weighting.combining import Combining
from survey_kpi.evaluation.weighting.ground import Ground
from survey_kpi.evaluation.weighting.judgements import JudgementAssessment
from survey_kpi.evaluation.weighting.ranking import NAMED_FROM, SCENARIOS, RankStability
from survey_kpi.evaluation.weighting.ratings import RatingAssessment
from survey_kpi.evaluation.weighting.sensitivity import CHANGE, Sensitivity
from survey_kpi.evaluation.weighting.spread import Spread
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicator_weights import WEIGHT_METHODS

if TYPE_CHECKING:
    from survey_kpi.evaluation.weighting.result import WeightingAssessment

MOST_EXPERTS = 12
"""Experts whose every judgement is a fact; of more, the quartiles are."""

Make = Callable[..., Fact]


def record(assessment: WeightingAssessment, basis: Ground) -> Mapping[str, Fact]:
    """Return every number of an assessment by its key."""
    period = str(assessment.evaluation.period)

    def make(
        name: str,
        value: float,
        unit: str,
        formula: str,
        scope: str = "company",
        *,
        part: str = "",
        filter: str = "",
    ) -> Fact:
        measured = not math.isnan(value)
        return Fact(
            key=fact_key(period, "weighting", name, scope, part),
            value=float(value),
            unit=unit,
            state=State.MEASURED if measured else State.UNAVAILABLE,
            reason="" if measured else "not defined on these data",
            formula=formula,
            filter=filter,
        )

    found: list[Iterable[Fact]] = [_question(assessment, basis, make), _audit(assessment, make)]
    parts: list[tuple[object, Callable[..., Iterator[Fact]]]] = [
        (assessment.judgements, _judgements),
        (assessment.ratings, _ratings),
        (assessment.spread, _spread),
        (assessment.combining, _combining),
        (assessment.ranking, _ranking),
        (assessment.sensitivity, _sensitivity),
    ]
    found += [facts_of(part, make) for part, facts_of in parts if part is not None]
    found.append(_advice(assessment, make))
    return {fact.key: fact for facts in found for fact in facts}


def _ends(
    make: Make, name: str, scope: str, ends: tuple[float, float], unit: str, formula: str
) -> Iterator[Fact]:
    for part, value in zip(("low", "high"), ends, strict=True):
        yield make(name, value, unit, f"{part} end: {formula}", scope, part=part)


def _question(assessment: WeightingAssessment, basis: Ground, make: Make) -> Iterator[Fact]:
    study, base = assessment.evaluation.study, assessment.evaluation.weighting.combined
    yield make("seed", assessment.seed, "count", "first 8 hex digits of sha256(data hash, period)")
    yield make("indicators", len(basis.scored), "count", "scored indicators")
    yield make("subjects", len(basis.values), "count", "subjects measured on every scored indicator")
    yield make("subjects_all", len(basis.codes), "count", "subjects with answers in the period")
    applies = {one.method for one in assessment.candidates if one.weights}
    yield make("methods", len(WEIGHT_METHODS), "count", "methods of the table")
    yield make("methods_applicable", len(applies), "count", "methods that apply to this study")
    for one in assessment.candidates:
        yield make("share", one.share, "share", "declared in rules.yaml: indicator_weights.parts", one.name)
        if one.weights:
            variant = f"{one.weights.method}, {one.weights.variant}"
            for label, value in one.weights.values.items():
                yield make(f"weight_{one.name}", value, "share", variant, label)
    if base:
        for label, value in base.values.items():
            yield make("weight_base", value, "share", f"{base.method}, {base.variant}", label)
        tags = {name: study.indicator(name).tag for name in basis.scored}
        for tag in dict.fromkeys(tags.values()):
            total = math.fsum(base.values[name] for name, own in tags.items() if own == tag)
            yield make("weight_tag", total, "share", "sum of the weights of the group", tag)


def _audit(assessment: WeightingAssessment, make: Make) -> Iterator[Fact]:
    for line in assessment.audit.lines:
        yield make("least_base", line.least, "count", "fewest answers of a subject", line.indicator)
        yield make("median_base", line.median, "count", "median answers of a subject", line.indicator)
        formula = "tau2 / (tau2 + mean squared standard error), tau2 by DerSimonian and Laird"
        yield make("reliability", line.reliability, "score", formula, line.indicator)
    for pair in assessment.audit.pairs:
        scope = f"{pair.first},{pair.second}"
        formula = "Pearson correlation over the subjects"
        yield make("correlation", pair.r, "score", formula, scope)
        yield from _ends(make, "correlation", scope, (pair.low, pair.high), "score", "Fisher, 95 %")
    redundant = sum(pair.redundant for pair in assessment.audit.pairs)
    yield make("redundant_pairs", redundant, "count", "pairs with |r| > .9")
    for name, value in assessment.audit.effective.items():
        yield make("effective_number", value, "score", "1 / sum of squared weights", name)


def _judgements(found: JudgementAssessment, make: Make) -> Iterator[Fact]:
    table = f"consistency index / random index ({found.random_index})"
    yield make("experts", len(found.matrices), "count", "experts who judged")
    yield make("experts_accepted", len(found.accepted), "count", "experts within the limit")
    yield make("experts_excluded", len(found.excluded), "count", "experts above the limit")
    if found.limit is not None:
        yield make("ratio_limit", found.limit, "share", "declared in rules.yaml: consistency_limit")
    yield make("ratio_merged", found.merged_ratio, "share", f"{table}, merged judgements")
    for expert, ratio in found.ratios.items():
        yield make("ratio", ratio, "share", table, expert)
    yield from _quartiles(make, "ratio_spread", found.ratios.values(), "share", table, "experts")
    for expert, repair in found.repairs.items():
        pair = f"{repair.row} against {repair.column}"
        yield make("repair_judged", repair.judged, "score", f"{pair}, as judged", expert)
        yield make("repair_implied", repair.implied, "score", f"{pair}, as the others imply", expert)
        yield make("repair_ratio", repair.ratio, "share", f"{table}, with the implied value", expert)
    for name, count in found.other_verdicts.items():
        yield make("excluded_by", count, "count", f"experts above the limit by {name}", name)
    yield from _pairs(found, make)
    yield from _priorities(found, make)
    if found.agreement:
        yield make("agreement", found.agreement.w, "score", "Kendall's W over the experts' priorities")
        yield make("agreement_p", found.agreement.p_value, "share", "Friedman's test that W is 0")
    yield make("consensus", found.consensus, "score", "Shannon consensus S* of the priorities")
    if found.without is not None:
        formula = "largest change of a group weight without the expert"
        for row in rows_of(found.without.rename_axis("expert").reset_index()):
            yield make("without", row.largest_change, "share", formula, row.expert)
        yield make("without_most", float(found.without["largest_change"].max()), "share", formula)


def _ratings(found: RatingAssessment, make: Make) -> Iterator[Fact]:
    yield make("rating_experts", len(found.scores), "count", "experts who gave scores")
    for label in map(str, found.scores.columns):
        formula = f"{found.weights.method}, {found.weights.variant}"
        yield make("rating_weight", found.weights.values[label], "share", formula, label)
        yield from _quartiles(make, "rating_spread", found.scores[label], "score", "importance scores", label)
        if len(found.scores) <= MOST_EXPERTS:
            for expert, score in zip(found.scores.index.astype(str), found.scores[label], strict=True):
                yield make("rating", float(score), "score", "as given", f"{expert},{label}")
    if found.agreement:
        yield make("rating_agreement", found.agreement.w, "score", "Kendall's W over the experts' scores")
        yield make("rating_agreement_p", found.agreement.p_value, "share", "Friedman's test that W is 0")
    if found.without is not None:
        formula = "largest change of a weight without the expert"
        for row in rows_of(found.without.rename_axis("expert").reset_index()):
            yield make("rating_without", row.largest_change, "share", formula, str(row.expert))


def _pairs(found: JudgementAssessment, make: Make) -> Iterator[Fact]:
    labels = list(found.merged.columns)
    for place, row in enumerate(labels):
        for column in labels[place + 1 :]:
            scope = f"{row},{column}"
            formula = "geometric mean of the accepted judgements"
            yield make("merged", float(found.merged[column][row]), "score", formula, scope)
            judged = [float(matrix[column][row]) for matrix in found.matrices.values()]
            yield from _quartiles(make, "judgement_spread", judged, "score", "all experts", scope)
            if len(found.matrices) <= MOST_EXPERTS:
                for expert, value in zip(found.matrices, judged, strict=True):
                    yield make("judgement", value, "score", "as judged", f"{expert},{scope}")


def _priorities(found: JudgementAssessment, make: Make) -> Iterator[Fact]:
    own = found.priorities.loc[list(found.accepted)]
    for label in map(str, found.priorities.columns):
        formula = "eigenvector weights of the accepted experts"
        yield from _quartiles(make, "priority_spread", own[label], "share", formula, label)
        if len(found.matrices) <= MOST_EXPERTS:
            for expert, value in found.priorities[label].items():
                yield make("priority", float(value), "share", "principal eigenvector", f"{expert},{label}")
        for name, weights in found.groups.items():
            yield make(f"group_{name}", weights.values[label], "share", weights.variant, label)
        ends = (found.intervals.low[label], found.intervals.high[label])
        formula = f"95 % of {found.intervals.draws} draws of experts with replacement"
        yield from _ends(make, "group_aij_eigenvector", label, ends, "share", formula)


def _quartiles(
    make: Make, name: str, values: Iterable[float], unit: str, formula: str, scope: str
) -> Iterator[Fact]:
    ordered = sorted(values)
    for label, share in (("least", 0.0), ("lower", 0.25), ("median", 0.5), ("upper", 0.75), ("most", 1.0)):
        place = share * (len(ordered) - 1)
        below = ordered[math.floor(place)]
        value = below + (place % 1) * (ordered[math.ceil(place)] - below)
        yield make(f"{name}_{label}", value, unit, f"{label} of: {formula}", scope)


def _spread(found: Spread, make: Make) -> Iterator[Fact]:
    for variant in found.variants:
        if variant.intervals is None:
            continue
        shown = variant.intervals
        formula = f"95 % of {shown.draws} resamples of the subjects"
        for label, value in shown.weights.values.items():
            name = f"entropy_{variant.name}"
            yield make(name, value, "share", f"entropy, {shown.weights.variant}", label)
            yield from _ends(make, name, label, (shown.low[label], shown.high[label]), "share", formula)
    for label, value in found.noisy.items():
        formula = "mean weight beside one column of uniform noise"
        yield make("noisy", value, "share", formula, label)
        ends = (found.noisy_low[label], found.noisy_high[label])
        yield from _ends(make, "noisy", label, ends, "share", formula)
        yield make(
            "outweighed",
            100 * found.curve.outweighed[label],
            "percent",
            "draws in which the noise weighs more",
            label,
        )
    curve = found.curve
    for count, value in enumerate(curve.share):
        scope = str(count)
        formula = f"mean total weight of {count} columns of uniform noise"
        yield make("noise_share", value, "share", formula, scope)
        ends = (curve.conf_low[count], curve.conf_high[count])
        yield from _ends(make, "noise_share", scope, ends, "share", formula)
        yield make("noise_fair", curve.fair[count], "share", "their share at equal weights", scope)


def _combining(found: Combining, make: Make) -> Iterator[Fact]:
    yield make("alpha_declared", found.declared, "score", "share of the first method in rules.yaml")
    for name in ("order", "first", "importance"):
        formula = f"shares around {found.start:g} without a change: {name}"
        yield from _ends(make, f"alpha_{name}", "company", getattr(found, name), "score", formula)
    yield make("alpha_switches", len(found.switches), "count", "shares at which two weights change places")
    yield make("turned_most", 100 * max(found.turned), "percent", "most pairs in another order on the path")
    for mix in found.mixes:
        if mix.weights is None:
            continue
        formula = f"{mix.weights.method}: {mix.weights.variant}"
        for label, value in mix.weights.values.items():
            yield make(f"mix_{mix.name}", value, "share", formula, label)
        yield make("mix_turned", 100 * mix.turned, "percent", "pairs of subjects in another order", mix.name)
    stays = sum(point.first_stays for point in found.triangle)
    formula = "share of the mixtures of three corners in which the first place stays"
    yield make("triangle_first", 100 * stays / len(found.triangle), "percent", formula)


def _ranking(found: RankStability, make: Make) -> Iterator[Fact]:
    for method in found.ranks:
        for code, rank in found.ranks[method].items():
            yield make(f"rank_{method}", float(rank), "score", "rank, 1 is the highest score", str(code))
    for scenario in SCENARIOS:
        drawn = f"{found.acceptability[scenario].draws} draws, {scenario}"
        first = found.acceptability[scenario].first
        for code in map(str, first.index):
            yield make(
                f"first_{scenario}", 100 * float(first[code]), "percent", f"first places in {drawn}", code
            )
            for third in ("upper", "middle", "lower"):
                value = 100 * float(found.thirds[scenario][third][code])
                formula = f"ranks in the {third} third, {drawn}"
                yield make(f"{third}_{scenario}", value, "percent", formula, code)
            ends = found.rank_ends[scenario]
            limits = (float(ends["low"][code]), float(ends["high"][code]))
            yield from _ends(make, f"ranks_{scenario}", code, limits, "count", f"95 % of {drawn}")
    yield make(
        "leader_share",
        100 * found.leader[1],
        "percent",
        "largest share of first places, weights and sampling",
    )
    spans = found.rank_ends["both"]["high"] - found.rank_ends["both"]["low"] + 1
    yield make(
        "median_span", float(spans.median()), "count", "median number of ranks in the 95 % range of a subject"
    )
    both = found.acceptability["both"]
    for code in both.first[both.first >= NAMED_FROM].index:
        for label, value in both.central.loc[code].items():
            formula = "mean of the weights under which the subject is first"
            yield make("central", float(value), "share", formula, f"{code},{label}")


def _sensitivity(found: Sensitivity, make: Make) -> Iterator[Fact]:
    sizes = ", ".join(f"{count} x {name}" for name, count in found.factors.items())
    for factor, row in found.shares.iterrows():
        for kind in ("first", "total"):
            formula = f"Sobol {kind}-order share of the variance of ranks over {sizes}"
            yield make(f"variance_{kind}", 100 * float(row[kind]), "percent", formula, str(factor))
    rest = 100 * (1 - float(found.shares["first"].sum()))
    yield make("variance_rest", rest, "percent", "share of interactions: 100 minus the first-order shares")
    for label, room in found.room.iterrows():
        for name in ("first", "rank"):
            ends = (float(room[f"{name}_low"]), float(room[f"{name}_high"]))
            formula = f"weight within which {'the first place' if name == 'first' else 'every rank'} stays"
            yield from _ends(make, f"room_{name}", str(label), ends, "share", formula)
    for swing in rows_of(found.swings.rename_axis("indicator").reset_index()):
        for side in ("low", "high"):
            formula = f"margin of the first place, weight {'-' if side == 'low' else '+'}{100 * CHANGE:g} %"
            yield make(f"margin_{side}", swing[f"margin_{side}"], "score", formula, swing.indicator)


def _advice(assessment: WeightingAssessment, make: Make) -> Iterator[Fact]:
    for check in assessment.advice.checks:
        yield make("check", check.value, check.rule.unit, "diagnostic of the advice", check.code)
        yield make(
            "check_limit", check.rule.limit, check.rule.unit, "declared limit of the advice", check.code
        )
