"""The tree of a score: the goal, groups of indicators, indicators with their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.sheet import EDGE, GAP, Panel, Sheet
from survey_kpi.report.figures.text import leading, widest, wrap
from survey_kpi.report.style import FULL, LIGHT, SMALL, figure_style

_PITCH = 6.2  # from leaf to leaf in mm
_THICK = 2.6
# shares of the width: bars of weights, words of the goal and of the groups, a branch
_BAR, _ROOT, _GROUP, _BRANCH = 0.18, 0.15, 0.2, 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """An indicator: label, weight, the weight as printed."""

    label: str
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Indicators of one kind, with what they weigh together as printed."""

    label: str
    text: str
    leaves: Sequence[Leaf]


@figure_style()
def tree(root: str, groups: Sequence[Group], *, width: float = FULL) -> Figure:
    """Draw goal, groups and indicators from left to right, each indicator with a bar as long as its weight.

    What to see: what the score is made of, and which part carries it.

    Parameters
    ----------
    root
        Word of the goal.
    groups
        From top to bottom, each with its leaves.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: there is nothing to draw.
    """
    same_length("tree", groups=groups)
    leaves = [leaf for group in groups for leaf in group.leaves]
    same_length("tree", leaves=leaves)
    goal = wrap(root, _ROOT * width, bold=True)
    heads = [[*wrap(group.label, _GROUP * width), group.text] for group in groups]
    branch = _BRANCH * width
    second = EDGE + widest(goal, bold=True) + GAP + branch
    third = second + max(map(widest, heads)) + GAP + branch
    numbers = widest((leaf.text for leaf in leaves), bold=True)
    bars = width - EDGE - numbers - GAP - _BAR * width
    names = [wrap(leaf.label, bars - third - 2 * GAP) for leaf in leaves]
    heights = _heights(groups, names, heads)
    sheet = Sheet.of(width, sum(heights) + 1)
    page, middles, top = sheet.overlay(), list[float](), 0.5
    most = max(leaf.value for leaf in leaves) or 1.0
    for height, leaf, lines in zip(heights, leaves, names, strict=True):
        middle = top + height / 2
        sheet.write(lines, third + GAP, middle)
        end = bars + _BAR * width * leaf.value / most
        page.area([bars, end], [middle + _THICK / 2] * 2, [middle - _THICK / 2] * 2, LIGHT.data)
        sheet.write(leaf.text, end + GAP, middle, bold=True)
        middles.append(middle)
        top += height
    centres = _groups(sheet, page, groups, heads, middles, (second, third - branch, third))
    centre = (centres[0] + centres[-1]) / 2
    sheet.write(goal, EDGE, centre, bold=True)
    _branches(page, second - branch, second - GAP, centre, centres)
    return sheet.figure


def _heights(
    groups: Sequence[Group], names: Sequence[Sequence[str]], heads: Sequence[Sequence[str]]
) -> list[float]:
    """Height of each leaf: room for its own lines, and for its share of the lines of its group."""
    found: list[float] = []
    for group, head in zip(groups, heads, strict=True):
        own = names[len(found) : len(found) + len(group.leaves)]
        share = (len(head) * leading(SMALL) + GAP) / len(own)
        found += [max(_PITCH, len(lines) * leading(SMALL) + GAP, share) for lines in own]
    return found


def _groups(
    sheet: Sheet,
    page: Panel,
    groups: Sequence[Group],
    heads: Sequence[Sequence[str]],
    middles: Sequence[float],
    edges: tuple[float, float, float],
) -> list[float]:
    """Write the groups beside the middle of their leaves, and draw the branches to them."""
    second, start, third = edges
    centres, first = [], 0
    for group, head in zip(groups, heads, strict=True):
        own = middles[first : first + len(group.leaves)]
        centre = (own[0] + own[-1]) / 2
        sheet.write(head, second, centre)
        _branches(page, start, third, centre, own)
        centres.append(centre)
        first += len(own)
    return centres


def _branches(page: Panel, left: float, right: float, start: float, ends: Sequence[float]) -> None:
    half = (left + right) / 2
    for end in ends:
        page.line([left, half, half, right], [start, start, end, end], LIGHT.neutral_mark, 0.7)
