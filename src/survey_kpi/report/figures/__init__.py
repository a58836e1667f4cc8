"""Figures of the reports: numbers and printed words in, a matplotlib figure out, `to_svg` does the rest.

Nothing here computes a statistic, rounds a value or knows a language: values come with their texts. NaN means
not measured; it leaves a gap or shows its reason. Sizes are millimetres.

Examples
--------
>>> from survey_kpi.report.svg import to_svg
>>> svg = to_svg(sparkline([29.6, 31.2, 33.0], [21, 23, 25], [38, 39, 41], target=35))
>>> svg[:4], "style=" in svg
('<svg', False)
"""

from survey_kpi.report.figures.bars import Step, band_counts, flow
from survey_kpi.report.figures.distributions import Factor, Quartiles, quartiles, variance_bars
from survey_kpi.report.figures.funnels import Limits, Verdict, funnel
from survey_kpi.report.figures.paths import Line, alpha_path, noise_path
from survey_kpi.report.figures.ranks import Bars, Column, rank_map
from survey_kpi.report.figures.rows import Row, dumbbell, interval_dots
from survey_kpi.report.figures.shares import Part, nps_bar, score_histogram, tier_counts
from survey_kpi.report.figures.sheet import Reference
from survey_kpi.report.figures.trees import Group, Leaf, tree
from survey_kpi.report.figures.trends import Break, sparkline, trend
from survey_kpi.report.figures.triangles import Spot, triangle
from survey_kpi.report.figures.weighting import Weighting, weights
from survey_kpi.report.style import FULL, HALF

__all__ = [
    "FULL",
    "HALF",
    "Bars",
    "Break",
    "Column",
    "Factor",
    "Group",
    "Leaf",
    "Limits",
    "Line",
    "Part",
    "Quartiles",
    "Reference",
    "Row",
    "Spot",
    "Step",
    "Verdict",
    "Weighting",
    "alpha_path",
    "band_counts",
    "dumbbell",
    "flow",
    "funnel",
    "interval_dots",
    "noise_path",
    "nps_bar",
    "quartiles",
    "rank_map",
    "score_histogram",
    "sparkline",
    "tier_counts",
    "tree",
    "trend",
    "triangle",
    "variance_bars",
    "weights",
]
