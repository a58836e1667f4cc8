"""Cross-checks of a plan's substance: rules that load but do not mean what the company thinks they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_kpi.errors import Problem, SpecError
from survey_kpi.study.check_goals import conflated
from survey_kpi.study.draft import Draft, Problems
from survey_kpi.study.interval import looks_like_interval, parse_interval
from survey_kpi.study.models import IndicatorSheet, IndicatorWeightRule
from survey_kpi.study.scales import item_ends, shown_ends
from survey_kpi.study.vocabulary import KpiWords
from survey_kpi.study.wording import shown

INDICATORS = "indicators"
RULES = "rules"
UNDECLARED: Mapping[str, tuple[str, str]] = {
    "denominator": (
        "denominator_undeclared",
        "the definition does not say what is divided by: customers at the start, at the end, or on average",
    ),
}
"""Code and words for a parameter that a sheet must name; any other is `parameter_undeclared`."""


def _rows(draft: Draft) -> Iterator[tuple[int, IndicatorSheet, KpiWords]]:
    for index, sheet in draft.sheets.items():
        if sheet.kpi in draft.words.kpis:
            yield index, sheet, draft.words.kpis[sheet.kpi]


def declarations(draft: Draft) -> Problems:
    """Parameters that companies read differently are declared in the sheet."""
    for index, sheet, kpi in _rows(draft):
        for name in kpi.declare:
            if name not in sheet.params:
                where = draft.where(INDICATORS, "indicators", index, "params")
                what = f"{sheet.kpi} has no usual value of this parameter, so the sheet must declare it"
                code, what = UNDECLARED.get(name, ("parameter_undeclared", what))
                hint = f"give params.{name}; reports print it"
                yield Problem(code=code, where=where, what=what, got=shown(sheet.kpi), hint=hint)


def intervals(draft: Draft) -> Problems:
    """An interval says whether its ends are inside."""
    for index, sheet in draft.sheets.items():
        for name, value in sheet.params.items():
            if looks_like_interval(value):
                try:
                    parse_interval(value, where=draft.where(INDICATORS, "indicators", index, "params", name))
                except SpecError as error:
                    yield from error.problems


def joint_targets(draft: Draft) -> Problems:
    """A target on a name that stands for several numbers says which."""
    for index, sheet, kpi in _rows(draft):
        if kpi.conflated and sheet.target and not (sheet.target.measure or sheet.measure):
            where = draft.where(INDICATORS, "indicators", index, "target")
            yield conflated(where, sheet.id, kpi)


def composites(draft: Draft) -> Problems:
    """A view of several figures is not asked for one number."""
    scored = draft.get("rules.scored")
    for index, sheet, kpi in _rows(draft):
        if not kpi.measures and (sheet.id in scored or sheet.target or sheet.measure):
            where = draft.where(INDICATORS, "indicators", index)
            what = f"{sheet.kpi} shows several figures side by side and defines no single number"
            hint = "score or target the figures it shows, each by its own indicator"
            yield Problem(code="undefined_composite", where=where, what=what, got=shown(sheet.id), hint=hint)


def control(draft: Draft) -> Problems:
    """What a specialist cannot change has no weight, unless the company says why."""
    rule: IndicatorWeightRule = draft.get("rules.indicator_weights")
    scored = draft.get("rules.scored")
    for index, sheet, kpi in _rows(draft):
        weighted = sheet.id in scored and (bool(rule.parts) or rule.declared.get(sheet.id, 0) > 0)
        if weighted and not kpi.controllable and sheet.weight_reason is None:
            where = draft.where(INDICATORS, "indicators", index)
            what = "the indicator has a weight, and no specialist can change it"
            hint = "take it out of scored, declare weight 0, or give weight_reason"
            yield Problem(
                code="uncontrollable_indicator", where=where, what=what, got=shown(sheet.id), hint=hint
            )


def scales(draft: Draft) -> Problems:
    """A target stands on the scale of the answers, or its sheet says how they come onto one."""
    for index, sheet in draft.sheets.items():
        item = draft.item(sheet.item) if sheet.item else None
        own = item_ends(sheet, draft.scale_of(item) if item else None)
        aimed = sheet.target.scale if sheet.target else None
        where = draft.where(INDICATORS, "indicators", index, "target")
        if aimed and aimed[0] >= aimed[1]:
            what = "the scale of the target has no lower and higher end"
            yield Problem(code="scale_empty", where=where, what=what, got=shown_ends(aimed))
        elif own and aimed and own != aimed and sheet.rescale is None:
            yield Problem(
                code="scale_mixed",
                where=where,
                what=f"the target stands on another scale than the answers in column '{sheet.item}'",
                got=f"a target on {shown_ends(aimed)} and answers on {shown_ends(own)}",
                hint="set the target on the answers' scale, or give rescale: linear, which reports print",
            )


CHECKS = (
    (declarations, ()),
    (intervals, ()),
    (joint_targets, ()),
    (composites, ("rules.scored",)),
    (control, ("rules.scored", "rules.indicator_weights")),
    (scales, ()),
)
