"""Mean ratings of a person by group of raters, shown only where no rater can be picked out.

Examples
--------
>>> rows = group_means(["p1", "p2", "p3", "c1", "boss"], ["ann"] * 5, ["peer"] * 3 + ["customer", "superior"],
...                    [5, 6, 7, 2, 6], identifiable={"superior"})
>>> [(row.group, row.estimate.state.value, row.estimate.value) for row in rows]
[('customer', 'suppressed', nan), ('peer', 'measured', 6.0), ('superior', 'measured', 6.0)]
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import SpecError
from survey_kpi.estimate import Estimate, State
from survey_kpi.numeric import FloatArray, critical_value


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMean:
    """Mean rating of one person by one group; `identifiable` where its rater may be known by name."""

    ratee: str
    group: str
    estimate: Estimate
    identifiable: bool


def group_means(
    raters: Sequence[str],
    ratees: Sequence[str],
    groups: Sequence[str],
    scores: npt.ArrayLike,
    *,
    identifiable: Collection[str] = (),
    at_least: int = 3,
) -> tuple[GroupMean, ...]:
    """Mean of each ratee by group of raters, in sorted order.

    Several ratings by one rater enter as their mean, so that the base counts people.

    Parameters
    ----------
    raters, ratees, groups
        Who rated whom, and as what (peer, superior, …), one entry per rating.
    scores
        Ratings, in points of the scale.
    identifiable
        Groups that may be shown with fewer raters because everybody knows who they are, and that say so.
    at_least
        Raters that any other group needs; below, the mean is suppressed.

    Raises
    ------
    SpecError
        `sizes_differ`: the four have different lengths; `missing_cell`: a score is missing.
    """
    y = np.asarray(scores, dtype=float)
    if not len(raters) == len(ratees) == len(groups) == y.size:
        raise SpecError(
            "sizes_differ", where="group_means", what="every rating needs its rater, ratee and group"
        )
    if not np.isfinite(y).all():
        raise SpecError(
            "missing_cell", where="group_means", what="a score is missing", hint="leave such ratings out"
        )
    given: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for rater, ratee, group, score in zip(raters, ratees, groups, y.tolist(), strict=True):
        given[ratee, group][rater].append(score)
    return tuple(
        GroupMean(
            ratee=ratee,
            group=group,
            estimate=_mean(
                np.array([np.mean(marks) for marks in by_rater.values()]),
                1 if group in identifiable else at_least,
            ),
            identifiable=group in identifiable,
        )
        for (ratee, group), by_rater in sorted(given.items())
    )


def _mean(marks: FloatArray, at_least: int) -> Estimate:
    n = marks.size
    if n < at_least:
        return Estimate.missing(State.SUPPRESSED, f"fewer than {at_least} raters", unit="score", n=n)
    error = float(marks.std(ddof=1) / math.sqrt(n)) if n > 1 else math.nan
    half = float(critical_value(0.95, n - 1)) * error if n > 1 else math.nan
    mean = float(marks.mean())
    return Estimate(
        value=mean,
        n=n,
        std_error=error,
        conf_low=mean - half,
        conf_high=mean + half,
        unit="score",
        method="t interval",
    )
