"""Cross-checks of `indicators.yaml` and `rules.yaml`: measures, targets, weights, bands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

from survey_kpi.errors import Problem
from survey_kpi.study.check_study import parameters
from survey_kpi.study.document import Key
from survey_kpi.study.draft import Draft, Problems, repeated, unknown
from survey_kpi.study.models import Band, IndicatorSheet, ScoreRule, Target
from survey_kpi.study.vocabulary import KpiWords
from survey_kpi.study.wording import shown

INDICATORS = "indicators"
RULES = "rules"
SUM_TOLERANCE = 1e-9
ENDS: Mapping[str, tuple[float, float]] = {"percent": (0, 100), "points": (-100, 100)}
ANCHORED = ("linear", "ratio_target_over_actual")
WITHOUT_ERROR = ("total", "ratio")
"""Families of measures that are complete counts: without `error_free` their scores have no distribution."""


def sheets(draft: Draft) -> Problems:
    """Every indicator applies a row of the library to an item that fits it."""
    yield from repeated(draft, INDICATORS, "indicators", [(i, s.id) for i, s in draft.sheets.items()])
    for index, sheet in draft.sheets.items():
        where = draft.where(INDICATORS, "indicators", index, "kpi")
        yield from unknown(where, "the library has no such KPI", sheet.kpi, draft.words.kpis)
        if sheet.kpi in draft.words.kpis:
            yield from _item(draft, index, sheet, draft.words.kpis[sheet.kpi])
            yield from _measures(draft, index, sheet, draft.words.kpis[sheet.kpi])


def _item(draft: Draft, index: int, sheet: IndicatorSheet, kpi: KpiWords) -> Problems:
    where = draft.where(INDICATORS, "indicators", index, "item")
    if bool(sheet.item) != bool(kpi.roles):
        what = f"{sheet.kpi} {'needs an item' if kpi.roles else 'takes no item'}"
        yield Problem(code="item_missing" if kpi.roles else "item_unneeded", where=where, what=what)
    if not sheet.item or not kpi.roles:
        return
    yield from unknown(where, "no such item in the codebook", sheet.item, draft.names("codebook.items"))
    item = draft.item(sheet.item)
    if item and item.role not in kpi.roles:
        what = f"{sheet.kpi} cannot be computed from an item with the role '{item.role}'"
        expected = " or ".join(f"'{role}'" for role in sorted(kpi.roles))
        yield Problem(code="item_role", where=where, what=what, got=shown(sheet.item), expected=expected)


def _measures(draft: Draft, index: int, sheet: IndicatorSheet, kpi: KpiWords) -> Problems:
    path: tuple[Key, ...] = ("indicators", index)
    targeted = sheet.target.measure if sheet.target else None
    for key, name in ((("measure",), sheet.measure), (("target", "measure"), targeted)):
        if name:
            where = draft.where(INDICATORS, *path, *key)
            yield from unknown(where, f"{sheet.kpi} has no such measure", name, kpi.measures)
    item = draft.item(sheet.item) if sheet.item else None
    scale = draft.scale_of(item) if item else None
    if scale and not scale.top_box and "top_box" in (sheet.measure or kpi.headline, _measure(sheet, kpi)):
        where = draft.where(INDICATORS, *path, "item")
        what = f"the scale of '{sheet.item}' declares no top box, which the measure counts"
        yield Problem(code="top_box_missing", where=where, what=what)


def _measure(sheet: IndicatorSheet, kpi: KpiWords) -> str:
    return (sheet.target and sheet.target.measure) or sheet.measure or kpi.headline


def targets(draft: Draft) -> Problems:
    """A target has the unit of its measure and a value that can be reached."""
    for index, sheet in draft.sheets.items():
        kpi = draft.words.kpis.get(sheet.kpi)
        unit = kpi.measures.get(_measure(sheet, kpi)) if kpi else None
        if sheet.target is None or unit is None:
            continue
        where = draft.where(INDICATORS, "indicators", index, "target")
        if sheet.target.unit != unit:
            what = "the unit is not that of the measure"
            hint = _change_hint(sheet.target)
            got = sheet.target.unit
            yield Problem(code="unit_unfit", where=where, what=what, got=got, expected=unit, hint=hint)
        elif not _reachable(draft, sheet, unit):
            what = "no result can reach the target"
            shown_target = f"{sheet.target.value:g} {unit}"
            hint = _scale_hint(draft, sheet) if unit == "score" else ""
            yield Problem(code="target_range", where=where, what=what, got=shown_target, hint=hint)


def _change_hint(target: Target) -> str:
    change = target.unit in ("pp", "pct_rel")
    return f"{target.unit} is a change; write the level that is aimed at" if change else ""


def _scale_hint(draft: Draft, sheet: IndicatorSheet) -> str:
    item = draft.item(sheet.item) if sheet.item else None
    scale = draft.scale_of(item) if item else None
    ends = f"'{sheet.item}' is answered on {scale.low:g}-{scale.high:g}; " if scale else ""
    return f"{ends}a target on another scale names it under target.scale"


def _reachable(draft: Draft, sheet: IndicatorSheet, unit: str) -> bool:
    item = draft.item(sheet.item) if sheet.item else None
    scale = draft.scale_of(item) if item else None
    if sheet.target is None:
        return True
    own = sheet.target.scale or ((scale.low, scale.high) if scale else None)
    ends = ENDS.get(unit) or (own if unit == "score" else None)
    return ends is None or ends[0] <= sheet.target.value <= ends[1]


def anchors(draft: Draft) -> Problems:
    """Attainment has a zero point below (or above) the target."""
    if draft.get("rules.score").formula not in ANCHORED:
        return
    for index, sheet in draft.sheets.items():
        kpi = draft.words.kpis.get(sheet.kpi)
        if sheet.target is None or kpi is None:
            continue
        anchor = kpi.default_anchor if sheet.anchor is None else sheet.anchor
        where = draft.where(INDICATORS, "indicators", index)
        if anchor is None and sheet.direction == "higher":
            what = "the result can be negative, so attainment needs an anchor"
            hint = "the anchor of NPS is -100"
            yield Problem(code="anchor_missing", where=where, what=what, hint=hint)
        elif sheet.direction == "higher" and sheet.target.value == anchor:
            yield _degenerate(where, f"the target equals the anchor {anchor:g}")
        elif sheet.direction == "lower" and sheet.target.value == 0:
            yield _degenerate(where, "lower is better and the target is 0")


def _degenerate(where: str, what: str) -> Problem:
    hint = "score by threshold (formula: step), or set another target or anchor"
    what = f"{what}, so attainment divides by 0"
    return Problem(code="target_degenerate", where=where, what=what, hint=hint)


def scored(draft: Draft) -> Problems:
    """What is scored exists, stands there once and has a target where the formula needs one."""
    names: tuple[str, ...] = draft.get("rules.scored")
    score: ScoreRule = draft.get("rules.score")
    for place, name in enumerate(names):
        where = draft.where(RULES, "scored", place)
        yield from unknown(where, "no such indicator", name, draft.names("indicators.indicators"))
        if name in names[:place]:
            what = "the indicator is scored twice"
            yield Problem(code="duplicate_id", where=where, what=what, got=shown(name))
        sheet = draft.sheet(name)
        if sheet and sheet.target is None and score.formula not in ("identity", "none"):
            what = f"the formula '{score.formula}' needs a target in indicators.yaml"
            yield Problem(code="target_missing", where=where, what=what, got=shown(name))
        if sheet and score.formula == "identity" and not _is_share(draft, sheet):
            what = "the formula 'identity' is for percentages"
            yield Problem(code="formula_unfit", where=where, what=what, got=shown(name))


def sampled(draft: Draft) -> Problems:
    """What is scored has a sampling error that can be told, or is declared to have none."""
    names: tuple[str, ...] = draft.get("rules.scored")
    for index, sheet in draft.sheets.items():
        kpi = draft.words.kpis.get(sheet.kpi)
        if kpi is None or sheet.id not in names or sheet.error_free:
            continue
        measure = _measure(sheet, kpi)
        family = kpi.families.get(measure)
        where = draft.where(INDICATORS, "indicators", index)
        if family in WITHOUT_ERROR:
            yield Problem(
                code="error_undeclared",
                where=where,
                what=f"the score needs a sampling error, and the {family} '{measure}' carries none",
                hint="give error_free: true (money, completed of planned), or score a rate, count or time",
            )
        elif family == "mean" and not _has_ends(sheet, kpi.measures.get(measure)):
            yield Problem(
                code="scale_undeclared",
                where=where,
                what=f"the score needs the ends of the scale of the mean '{measure}'",
                hint="give target.scale: [lowest, highest], or error_free: true if it has no sampling error",
            )


def _has_ends(sheet: IndicatorSheet, unit: str | None) -> bool:
    return bool(sheet.item) or unit == "percent" or bool(sheet.target and sheet.target.scale)


def _is_share(draft: Draft, sheet: IndicatorSheet) -> bool:
    kpi = draft.words.kpis.get(sheet.kpi)
    return kpi is None or kpi.measures.get(sheet.measure or kpi.headline, "percent") == "percent"


def weights(draft: Draft) -> Problems:
    """Declared weights sum to 1 over what is scored; parts exist and their shares sum to 1."""
    rule = draft.get("rules.indicator_weights")
    where = draft.where(RULES, "indicator_weights")
    if bool(rule.declared) == bool(rule.parts):
        what = "the weights are either declared or made of parts"
        got = "both" if rule.parts else "neither"
        yield Problem(code="weights_undeclared", where=where, what=what, got=got)
    if rule.declared:
        yield from _sums_to_one(draft, ("declared",), list(rule.declared.values()), "the declared weights")
        yield from _covers(draft, rule.declared)
    if rule.parts:
        yield from _sums_to_one(draft, ("parts",), [part.share for part in rule.parts], "the shares")
    for place, part in enumerate(rule.parts):
        path: tuple[Key, ...] = ("indicator_weights", "parts", place)
        known = draft.words.weight_methods
        here = draft.where(RULES, *path, "method")
        yield from unknown(here, "no such weighting method", part.method, known)
        takes = known.get(part.method, part.params)
        yield from parameters(draft, RULES, (*path, "params"), part.params, takes)


def _sums_to_one(draft: Draft, path: tuple[Key, ...], values: list[float], what: str) -> Problems:
    total = math.fsum(values)
    if abs(total - 1) > SUM_TOLERANCE:
        where = draft.where(RULES, "indicator_weights", *path)
        what = f"{what} do not sum to 1, and nothing rescales them"
        yield Problem(code="weights_sum", where=where, what=what, got=f"{total:.12g}", expected=1)


def _covers(draft: Draft, declared: Mapping[str, float]) -> Problems:
    names = draft.get("rules.scored")
    for name in declared:
        where = draft.where(RULES, "indicator_weights", "declared", name)
        yield from unknown(where, "the indicator has a weight but is not scored", name, names)
    for name in dict.fromkeys(names):
        if name not in declared:
            where = draft.where(RULES, "indicator_weights", "declared")
            what = "a scored indicator has no weight"
            yield Problem(code="weight_missing", where=where, what=what, got=shown(name))


def bands(draft: Draft) -> Problems:
    """Half-open bands, the last one closed at the cap, tile the range of the score."""
    score: ScoreRule = draft.get("rules.score")
    yield from repeated(draft, RULES, "bands", [(index, band.id) for index, band in draft.bands.items()])
    if not score.floor <= score.base <= score.cap or score.floor >= score.cap:
        where = draft.where(RULES, "score")
        got = f"floor {score.floor:g}, base {score.base:g}, cap {score.cap:g}"
        what = "floor, base and cap are not in this order"
        yield Problem(code="score_range", where=where, what=what, got=got)
        return
    flaws = list(tiling(list(draft.bands.values()), score.floor, score.cap))
    if flaws:
        yield Problem(
            code="bands_gap",
            where=draft.where(RULES, "bands"),
            what="the bands do not tile the range of the score",
            got=", ".join(flaws),
            expected=f"[low, high) from {score.floor:g} to {score.cap:g}, the last one closed",
            hint="let every band begin where the one below it ends",
        )


def tiling(bands: list[Band], floor: float, cap: float) -> Iterator[str]:
    """Yield every hole and overlap of bands that ought to tile `[floor, cap]`.

    Examples
    --------
    >>> from survey_kpi.study.models import Text
    >>> label = Text(zh="档", en="band")
    >>> seed = [("full", 80, 100), ("half", 60, 79)]
    >>> list(tiling([Band(id=i, label=label, low=a, high=b) for i, a, b in seed], 0, 120))
    ['nothing below 60', 'nothing in [79, 80)', 'nothing above 100']
    """
    ordered = sorted(bands, key=lambda band: (band.low, band.high))
    for band in ordered:
        if band.low >= band.high:
            yield f"'{band.id}' is empty"
    if ordered[0].low > floor:
        yield f"nothing below {ordered[0].low:g}"
    if ordered[0].low < floor:
        yield f"'{ordered[0].id}' begins below {floor:g}"
    reach = ordered[0].high
    for below, band in pairwise(ordered):
        if band.low > reach:
            yield f"nothing in [{reach:g}, {band.low:g})"
        if band.low < reach:
            yield f"'{below.id}' and '{band.id}' overlap in [{band.low:g}, {min(reach, band.high):g})"
        reach = max(reach, band.high)
    if reach < cap:
        yield f"nothing above {reach:g}"
    if reach > cap:
        yield f"'{ordered[-1].id}' ends above {cap:g}"


def evidence(draft: Draft) -> Problems:
    """Better evidence needs more answers."""
    rule = draft.get("rules.evidence")
    if not rule.a > rule.b > rule.c > rule.descriptive > 0:
        where = draft.where(RULES, "evidence")
        got = f"a {rule.a}, b {rule.b}, c {rule.c}, descriptive {rule.descriptive}"
        what = "the grades do not fall from a to descriptive"
        yield Problem(code="evidence_order", where=where, what=what, got=got)


CHECKS = (
    (sheets, ()),
    (targets, ()),
    (anchors, ("rules.score",)),
    (scored, ("rules.scored", "rules.score")),
    (sampled, ("rules.scored",)),
    (weights, ("rules.indicator_weights", "rules.scored")),
    (bands, ("rules.bands", "rules.score")),
    (evidence, ("rules.evidence",)),
)
