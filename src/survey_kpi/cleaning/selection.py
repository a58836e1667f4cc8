"""Which items of the codebook a rule looks at."""

from __future__ import annotations

from survey_kpi.cleaning.rule import Params
from survey_kpi.study.models import Codebook, Item


def batteries(codebook: Codebook, params: Params) -> tuple[tuple[Item, ...], ...]:
    """Return the groups of items on one scale, or the items that the parameters name."""
    if params["items"]:
        return (tuple(codebook.item(name) for name in params["items"]),)
    asked = [item for item in codebook.rated if item.role in {"item", "overall"}]
    scales = dict.fromkeys(item.scale for item in asked)
    groups = (tuple(item for item in asked if item.scale == scale) for scale in scales)
    return tuple(group for group in groups if len(group) >= params["min_items"])


def content(codebook: Codebook, params: Params) -> tuple[Item, ...]:
    """Return the rated items that are no attention check, or the items that the parameters name."""
    if params["items"]:
        return tuple(codebook.item(name) for name in params["items"])
    return tuple(item for item in codebook.rated if item.role != "attention")


def checks(codebook: Codebook) -> tuple[Item, ...]:
    """Return the attention checks that say which answer they ask for."""
    rated = (item for item in codebook.rated if item.role == "attention")
    return tuple(item for item in rated if item.expected is not None)


def no_content(codebook: Codebook, params: Params) -> str:
    """Say that the questionnaire rates nothing, if so."""
    return "" if any(item.role != "attention" for item in codebook.rated) else "no rated item"


def no_battery(codebook: Codebook, params: Params) -> str:
    """Say that no scale has enough items, if so."""
    return "" if batteries(codebook, params) else f"no scale with {params['min_items']} items"


def no_check(codebook: Codebook, params: Params) -> str:
    """Say that the questionnaire has no attention check, if so."""
    return "" if checks(codebook) else "no attention check with an expected answer"


def dimensions(codebook: Codebook) -> dict[str, tuple[Item, ...]]:
    """Return the items of each dimension that has two or more."""
    items = content(codebook, {"items": ()})
    names = dict.fromkeys(item.dimension for item in items if item.dimension)
    groups = {name: tuple(item for item in items if item.dimension == name) for name in names}
    return {name: group for name, group in groups.items() if len(group) > 1}
