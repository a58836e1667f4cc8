"""What colleagues and customers say of a person, and what was seen in critical incidents.

Raw and adjusted means stand side by side; leniencies, straight lines and favour pairs are for the
administrator alone. Nothing is deleted, and nothing here scores anybody by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.estimate import Estimate, State
from survey_kpi.frames import rows_of
from survey_kpi.numeric import wilson_bounds
from survey_kpi.psychometrics.leniency import Leniency, rater_leniency
from survey_kpi.psychometrics.rating_groups import GroupMean, group_means
from survey_kpi.psychometrics.reciprocity import FavourPair, favour_pairs

SELF: Final = "self"
SUPERIOR: Final = "superior"
FEWEST_ITEMS: Final = 5
"""Items on which equal marks are a straight line rather than an opinion."""
Z: Final = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class StraightLine:
    """A rater who gave one person the same mark on every item."""

    rater: str
    ratee: str
    items: int
    mark: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feedback:
    """360-degree feedback of one period.

    Parameters
    ----------
    groups
        Mean by person and group of raters; suppressed below three raters. A superior may be alone and is then
        `identifiable`: the report says so.
    adjusted
        Raw and leniency-adjusted means of persons, with the leniencies; None when they cannot be told apart.
    problem
        Why nothing is adjusted; empty otherwise.
    straight_lines, favours
        For the administrator.
    """

    groups: tuple[GroupMean, ...]
    adjusted: Leniency | None
    problem: str
    straight_lines: tuple[StraightLine, ...]
    favours: tuple[FavourPair, ...]


def feedback(
    ratings: pd.DataFrame, *, highest: float, at_least: int = 3, fewest_items: int = FEWEST_ITEMS
) -> Feedback:
    """Summarise ratings of one period.

    Parameters
    ----------
    ratings
        Table `ratings360`: rater_id, ratee_id, rater_group, item, score; rows without a score are left out.
    highest
        Top of the rating scale.
    at_least
        Raters that every group but the superior needs.
    fewest_items
        Items from which equal marks count as a straight line.

    Returns
    -------
    Feedback
        What people say of themselves has its own group and enters neither adjustment nor favour pairs.

    Examples
    --------
    >>> rows = [("R1", "T1", 4), ("R1", "T2", 3), ("R2", "T2", 4), ("R2", "T3", 6), ("R3", "T3", 4),
    ...         ("R3", "T4", 1), ("R1", "T4", 2), ("R2", "T1", 5)]
    >>> table = pd.DataFrame(rows, columns=["rater_id", "ratee_id", "score"])
    >>> found = feedback(table.assign(rater_group="peer", item="b01"), highest=7)
    >>> found.adjusted.raw.tolist(), found.adjusted.adjusted.round(9).tolist()
    ([4.5, 3.5, 5.0, 1.5], [4.0, 3.0, 5.0, 2.0])
    """
    given = ratings.dropna(subset=["score"])
    others = given[(given["rater_group"] != SELF) & (given["rater_id"] != given["ratee_id"])]
    adjusted, problem = _adjusted(others)
    return Feedback(
        groups=group_means(
            given["rater_id"].tolist(),
            given["ratee_id"].tolist(),
            given["rater_group"].tolist(),
            given["score"].to_numpy(dtype=float),
            identifiable={SUPERIOR, SELF},
            at_least=at_least,
        ),
        adjusted=adjusted,
        problem=problem,
        straight_lines=tuple(_straight_lines(others, fewest_items)),
        favours=favour_pairs(
            others["rater_id"].tolist(),
            others["ratee_id"].tolist(),
            others["score"].to_numpy(dtype=float),
            highest=highest,
        ),
    )


def _adjusted(ratings: pd.DataFrame) -> tuple[Leniency | None, str]:
    try:
        found = rater_leniency(
            ratings["rater_id"].tolist(),
            ratings["ratee_id"].tolist(),
            ratings["score"].to_numpy(dtype=float),
        )
    except MethodError as error:
        return None, str(error)
    return found, ""


def _straight_lines(ratings: pd.DataFrame, fewest: int) -> Iterator[StraightLine]:
    for (rater, ratee), rows in ratings.groupby(["rater_id", "ratee_id"], sort=True):
        items = rows["item"].nunique()
        if items >= fewest and float(rows["score"].max()) == float(rows["score"].min()):
            mark = float(rows["score"].iloc[0])
            yield StraightLine(rater=str(rater), ratee=str(ratee), items=int(items), mark=mark)


# --- critical incidents -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Behaviour that was seen, by item of the list.

    Parameters
    ----------
    rates
        By item: ticks with evidence ÷ incidents whose list has the item.
    unproven
        (incident, item) of ticks without evidence: not counted, but listed.
    unread
        (incident, text) of entries that are no `item=true` or `item=false`.
    """

    rates: Mapping[str, Estimate]
    unproven: tuple[tuple[str, str], ...]
    unread: tuple[tuple[str, str], ...]


def checklist(incidents: pd.DataFrame) -> Checklist:
    """Count the ticks of incident checklists that have evidence.

    Parameters
    ----------
    incidents
        Table `incidents`: incident_id, checklist (`calmed=true;informed=false`), evidence_id.

    Examples
    --------
    >>> rows = [("k1", "calmed=true", "e1"), ("k2", "calmed=true", None), ("k3", "calmed=false", "e3")]
    >>> found = checklist(pd.DataFrame(rows, columns=["incident_id", "checklist", "evidence_id"]))
    >>> round(found.rates["calmed"].value, 1), found.unproven
    (33.3, (('k2', 'calmed'),))
    """
    counted: dict[str, list[bool]] = {}
    unproven: list[tuple[str, str]] = []
    unread: list[tuple[str, str]] = []
    for row in rows_of(incidents):
        for entry in _entries(row.checklist):
            item, _, ticked = (part.strip() for part in entry.partition("="))
            if ticked not in ("true", "false") or not item:
                unread.append((row.incident_id, entry))
                continue
            proven = not pd.isna(row.evidence_id) and bool(str(row.evidence_id).strip())
            if ticked == "true" and not proven:
                unproven.append((row.incident_id, item))
            counted.setdefault(item, []).append(ticked == "true" and proven)
    return Checklist(
        rates={item: _share(seen) for item, seen in counted.items()},
        unproven=tuple(unproven),
        unread=tuple(unread),
    )


def _entries(text: str | None) -> list[str]:
    return [] if pd.isna(text) else [part for part in str(text).split(";") if part.strip()]


def _share(seen: list[bool]) -> Estimate:
    low, high = wilson_bounds(sum(seen), len(seen), Z)
    return Estimate(
        value=100 * sum(seen) / len(seen),
        n=len(seen),
        conf_low=100 * float(low),
        conf_high=100 * float(high),
        unit="percent",
        method="Wilson",
        state=State.MEASURED,
    )
