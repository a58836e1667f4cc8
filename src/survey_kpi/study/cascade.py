"""How goals hang together: from the company through departments to people, and whether they can be reached.

Examples
--------
>>> from survey_kpi.study.goals import Goal
>>> words = {"zh": "目标", "en": "goal"}
>>> company = Goal(goal_id="c", text=words, owner={"level": "company"})
>>> team = Goal(goal_id="d", text=words, owner={"level": "department", "id": "east"}, parent_id="c")
>>> lost = Goal(goal_id="p", text=words, owner={"level": "person", "id": "s07"})
>>> tree = cascade([company, team, lost])
>>> [(depth, goal.goal_id) for depth, goal in tree.walk()], tree.orphans
([(0, 'c'), (1, 'd'), (0, 'p')], ('p',))
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.estimate import Estimate
from survey_kpi.numeric import critical_value
from survey_kpi.study.findings import Finding
from survey_kpi.study.goals import Goal, latest

QUARTERS: Final = 8
"""Quarters of history that a target is compared with."""
ERRORS: Final = 2
"""Standard errors of a change beyond the best quarter from which a target looks out of reach."""
FEWEST: Final = 4
"""Quarters in common that a correlation needs: with three its interval is infinite."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cascade:
    """The tree of the goals in force.

    Parameters
    ----------
    goals
        Newest version of each goal by id.
    children
        Ids of the goals that serve each goal.
    orphans
        Goals of departments and people that serve no goal of the file.
    load
        Goals of each person.
    findings
        `goal_orphan` and `too_many_goals`.
    """

    goals: Mapping[str, Goal]
    children: Mapping[str, tuple[str, ...]]
    orphans: tuple[str, ...]
    load: Mapping[str, int]
    findings: tuple[Finding, ...]

    def walk(self) -> Iterator[tuple[int, Goal]]:
        """Yield (depth, goal) from the top of the tree down, children after their parent."""
        waiting = [(0, name) for name, goal in self.goals.items() if goal.parent_id not in self.goals][::-1]
        while waiting:
            depth, name = waiting.pop()
            yield depth, self.goals[name]
            waiting += [(depth + 1, child) for child in reversed(self.children.get(name, ()))]


def cascade(goals: Iterable[Goal], *, most_per_person: int = 7) -> Cascade:
    """Hang goals under the goals that they serve.

    Parameters
    ----------
    goals
        Versions of goals; the newest of each counts.
    most_per_person
        Goals of one person above which the plan is overloaded.

    Returns
    -------
    Cascade
        Goals that serve each other in a circle are no part of the walk; loading a study refuses them.
    """
    newest = {goal.goal_id: goal for goal in latest(goals)}
    children: dict[str, tuple[str, ...]] = {}
    for name, goal in newest.items():
        if goal.parent_id in newest:
            children[goal.parent_id] = (*children.get(goal.parent_id, ()), name)
    orphans = tuple(name for name, goal in newest.items() if _is_orphan(goal, newest))
    load = Counter(
        goal.owner.id or "" for goal in newest.values() if goal.owner and goal.owner.level == "person"
    )
    return Cascade(
        goals=newest,
        children=children,
        orphans=orphans,
        load=dict(load),
        findings=(*_lost(orphans), *_overloaded(load, most_per_person)),
    )


def _is_orphan(goal: Goal, goals: Mapping[str, Goal]) -> bool:
    top = goal.owner is not None and goal.owner.level == "company"
    return goal.parent_id not in goals and not top


def _lost(orphans: Sequence[str]) -> Iterator[Finding]:
    for name in orphans:
        message = "the goal serves no goal above it; name one under parent_id or drop the goal"
        yield Finding(code="goal_orphan", where=f"goals.yaml: goal {name}", message=message)


def _overloaded(load: Mapping[str, int], most: int) -> Iterator[Finding]:
    for person, count in load.items():
        if count > most:
            message = f"{count} goals; with more than {most} none of them leads"
            yield Finding(code="too_many_goals", where=f"goals.yaml: {person}", message=message)


# --- against history ----------------------------------------------------------------------------------


def feasibility(
    target: float, history: Sequence[Estimate], *, direction: str = "higher", where: str = "goal"
) -> Finding | None:
    """Tell whether a target lies farther out than the best quarter so far by more than chance explains.

    Parameters
    ----------
    target
        The level aimed at, in the unit of the estimates.
    history
        Estimates of past quarters, oldest first; the last eight that were measured count.
    direction
        "higher" or "lower" is better.

    Returns
    -------
    Finding or None
        A warning `goal_out_of_reach` when the target lies beyond the best quarter by more than two standard
        errors of a change, √(SE² of the best quarter + SE² of the latest); a note `goal_without_history` when
        nothing was measured; None otherwise.

    Examples
    --------
    >>> quarter = Estimate(value=80.0, n=400, std_error=2.0, unit="percent")
    >>> feasibility(85.0, [quarter]) is None, feasibility(86.0, [quarter]).code
    (True, 'goal_out_of_reach')
    """
    measured = [quarter for quarter in history if quarter.measured][-QUARTERS:]
    if not measured:
        message = "nothing was measured before, so nobody can say whether the target can be reached"
        return Finding(code="goal_without_history", where=where, message=message, kind="note")
    sign = 1 if direction == "higher" else -1
    best = max(measured, key=lambda quarter: sign * quarter.value)
    error = math.hypot(_error(best), _error(measured[-1]))
    beyond = sign * (target - best.value)
    if beyond <= ERRORS * error:
        return None
    message = (
        f"the target {target:g} lies {beyond:.3g} beyond the best of the last {len(measured)} quarters, "
        f"{best.value:.3g}; two standard errors of a change are {ERRORS * error:.2g}"
    )
    return Finding(code="goal_out_of_reach", where=where, message=message)


def _error(quarter: Estimate) -> float:
    return 0.0 if math.isnan(quarter.std_error) else quarter.std_error


def relation(child: npt.ArrayLike, parent: npt.ArrayLike, *, where: str = "goal") -> Finding | None:
    """Tell whether the indicator of a goal has moved together with that of the goal it serves.

    Parameters
    ----------
    child, parent
        Values of the same periods, oldest first; NaN where not measured.

    Returns
    -------
    Finding or None
        A note `goal_unrelated` when the 95 % interval of Pearson's r (Fisher's z) includes 0, or when fewer
        than four periods are in common; None when the two are related.

    Notes
    -----
    R: `cor.test(child, parent)`. Moving together is no proof that one brings the other about.
    """
    x, y = np.asarray(child, dtype=float), np.asarray(parent, dtype=float)
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if x.size < FEWEST or np.ptp(x) == 0 or np.ptp(y) == 0:
        message = f"{x.size} periods in common are too few, or without change, to relate it to the goal above"
        return Finding(code="goal_unrelated", where=where, message=message, kind="note")
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    half = float(critical_value(0.95)) / math.sqrt(x.size - 3)
    z = math.atanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
    low, high = math.tanh(z - half), math.tanh(z + half)
    if not low <= 0 <= high:
        return None
    message = (
        f"over {x.size} periods it has not moved together with the goal above: r = {r:.2f}, "
        f"95 % interval {low:.2f} to {high:.2f}"
    )
    return Finding(code="goal_unrelated", where=where, message=message, kind="note")
