"""Which of many indicators earn their place: an audit of each, and a shortlist of three to five with reasons.

A composite of many indicators, most of them noise, hardly knows who is good: with 4 informative ones of 5, 20
and 133, its correlation with the truth is .94, .69 and .33 (simulated, 20 people, equal weights).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray

TWIN: Final = 0.9
"""Absolute correlation above which two indicators say the same."""
COPY: Final = 0.97
"""Absolute correlation above which one of the two is a copy, whatever else is short."""
AVAILABLE: Final = 0.8
"""Share of people on whom an indicator must be measured to be shortlisted."""
RELIABLE: Final = 0.70
"""Reliability below which an indicator tells people apart badly."""
FEWEST: Final = 3
MOST: Final = 5
WORTH: Final = 0.01
"""Share of variance that a fourth or fifth indicator must add."""
FEWEST_PEOPLE: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about indicators beside their values; what is not known is left out.

    Parameters
    ----------
    reliability
        Share of the variance between people that is not noise.
    uncontrollable
        Indicators that the people judged cannot change.
    defined_on
        Day on which a definition was last agreed.
    """

    reliability: Mapping[str, float] = field(default_factory=dict)
    uncontrollable: frozenset[str] = frozenset()
    defined_on: Mapping[str, dt.date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One indicator under audit.

    Parameters
    ----------
    available
        Share of people on whom it was measured.
    twin, twin_r
        The indicator that it is most correlated with, where |r| > .9, and r; empty and NaN otherwise.
    reliability
        NaN where unknown.
    controllable
        Whether the people judged can change it.
    influence
        Mean absolute change of people's ranks when it is left out of the composite.
    age_days
        Days since its definition was agreed; None where unknown.
    weight
        Its weight on the shortlist, with the weights of the twins it stands for; 0 when not shortlisted.
    reason
        Why it is on the shortlist, or not.
    code
        The same for programs: "covers", "twin", "uncontrollable", "unavailable", "unreliable", "little".
    other
        The indicator that stands for this one, where the code is "twin".
    gain
        Share of what all say that it adds, where the code is "covers"; NaN otherwise.
    """

    indicator: str
    available: float
    twin: str
    twin_r: float
    reliability: float
    controllable: bool
    influence: float
    age_days: int | None
    weight: float
    reason: str
    code: str = "little"
    other: str = ""
    gain: float = math.nan

    @property
    def shortlisted(self) -> bool:
        """Whether it is proposed to be kept."""
        return self.weight > 0


def composite(table: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Weighted sum of indicators per person; NaN where one with a weight is missing.

    Parameters
    ----------
    table
        People x indicators, in points of one scale, more is better: attainments.
    weights
        Indicator weights by column.
    """
    names = list(weights)
    X = table[names].to_numpy(dtype=float)
    return pd.Series(X @ np.array([weights[name] for name in names]), index=table.index)


def audit(
    table: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    facts: Facts | None = None,
    today: dt.date | None = None,
) -> tuple[AuditRow, ...]:
    """Audit indicators and propose three to five of them.

    Parameters
    ----------
    table
        People x indicators, in points of one scale, more is better: attainments; NaN where not measured.
    weights
        Indicator weights by column, not negative.
    facts
        What is known beside the values.
    today
        Day from which ages count; none without it.

    Returns
    -------
    tuple
        One row per indicator, in the order of the table. Shortlisted are, among those measured, under
        control and reliable enough, the ones that cover the others best: forward selection by the weighted
        mean share of variance that they explain, twins standing in for one another.

    Raises
    ------
    MethodError
        `too_few_subjects`: fewer than four people.

    Notes
    -----
    Principal variables: McCabe (1984), *Technometrics* 26 (2), 137-144; at most five of them, a choice of
    everyday use and not of statistics. Fewer than three are proposed only where
    fewer are eligible and no copies of one another.
    """
    known = facts or Facts()
    if len(table) < FEWEST_PEOPLE:
        raise MethodError(
            "too_few_subjects", where="audit", what="correlations need at least four people", got=len(table)
        )
    names = [str(name) for name in table.columns]
    r = _Correlations(names=names, values=table.astype(float).corr().fillna(0.0).to_numpy())
    available = dict(zip(names, table.notna().to_numpy().mean(axis=0).tolist(), strict=True))
    reasons = _unfit(names, available, known)
    kept, twins = _without_twins([name for name in names if name not in reasons], available, r, known)
    chosen = _cover(kept, list(twins), r, weights)
    reasons |= {name: f"twin of {other} (r = {r.of(name, other):.2f})" for name, other in twins.items()}
    reasons |= {name: f"covers {gain:.0%} more of what all say" for name, gain in chosen.items()}
    carried = _carried(list(chosen), twins, weights)
    influence = _influence(table, weights)
    return tuple(
        AuditRow(
            indicator=name,
            available=available[name],
            twin=(twin := r.twin(name)),
            twin_r=r.of(name, twin) if twin else math.nan,
            reliability=known.reliability.get(name, math.nan),
            controllable=name not in known.uncontrollable,
            influence=influence[name],
            age_days=_age(name, known, today),
            weight=carried.get(name, 0.0),
            reason=reasons.get(name, "adds little to what the shortlist covers"),
            code=_code(name, known, available, twins, chosen),
            other=twins.get(name, "") if name not in chosen else "",
            gain=chosen.get(name, math.nan),
        )
        for name in names
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Correlations:
    """Pairwise correlations; a column without spread is correlated with nothing."""

    names: Sequence[str]
    values: FloatArray

    def of(self, one: str, other: str) -> float:
        return float(self.values[self.names.index(one), self.names.index(other)])

    def among(self, names: Sequence[str]) -> FloatArray:
        places = [self.names.index(name) for name in names]
        return np.asarray(self.values[np.ix_(places, places)])

    def twin(self, name: str) -> str:
        """The most correlated other indicator, where the two say the same."""
        size = np.abs(self.values[self.names.index(name)])
        size[self.names.index(name)] = 0.0
        best = int(size.argmax())
        return self.names[best] if size[best] > TWIN else ""


def _unfit(names: Sequence[str], available: Mapping[str, float], known: Facts) -> dict[str, str]:
    """Why indicators cannot be shortlisted, whatever they cover."""
    reasons: dict[str, str] = {}
    for name in names:
        found = known.reliability.get(name, RELIABLE)
        if name in known.uncontrollable:
            reasons[name] = "the people judged cannot change it"
        elif available[name] < AVAILABLE:
            reasons[name] = f"measured for {available[name]:.0%} of people, fewer than {AVAILABLE:.0%}"
        elif found < RELIABLE:
            reasons[name] = f"reliability {found:.2f}, below {RELIABLE:.2f}"
    return reasons


def _code(
    name: str,
    known: Facts,
    available: Mapping[str, float],
    twins: Mapping[str, str],
    chosen: Mapping[str, float],
) -> str:
    """Name the reason that `audit` gives, for those who print it in their own words."""
    found = {
        "covers": name in chosen,
        "uncontrollable": name in known.uncontrollable,
        "unavailable": available[name] < AVAILABLE,
        "unreliable": known.reliability.get(name, RELIABLE) < RELIABLE,
        "twin": name in twins,
    }
    return next((code for code, holds in found.items() if holds), "little")


def _without_twins(
    names: Sequence[str], available: Mapping[str, float], r: _Correlations, known: Facts
) -> tuple[list[str], dict[str, str]]:
    """Keep one of those that say the same: the more reliable, then the more available; others name theirs."""
    kept: list[str] = []
    twins: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (-known.reliability.get(name, 0.0), -available[name])):
        like = max(kept, key=lambda other: abs(r.of(name, other)), default="")
        if like and abs(r.of(name, like)) > TWIN:
            twins[name] = like
        else:
            kept.append(name)
    # few people make strangers look alike: rather than one or two, keep the least alike that are no copies
    apart = sorted((abs(r.of(name, other)), name) for name, other in twins.items())
    spare = [name for size, name in apart if size <= COPY][: max(0, FEWEST - len(kept))]
    kept += spare
    return [name for name in names if name in kept], {
        name: other for name, other in twins.items() if name not in spare
    }


def _cover(
    kept: Sequence[str], twins: Sequence[str], r: _Correlations, weights: Mapping[str, float]
) -> dict[str, float]:
    """Choose at most five by forward selection, each with the share of variance that it adds."""
    names = [*kept, *twins]
    R = r.among(names)
    importance = np.array([weights.get(name, 0.0) for name in names])
    importance = importance / importance.sum() if importance.sum() > 0 else importance
    chosen: list[int] = []
    reached, added = 0.0, {}
    for _ in range(min(MOST, len(kept))):
        free = [place for place in range(len(kept)) if place not in chosen]
        gains = {place: _covered(R, [*chosen, place], importance) for place in free}
        best = max(gains, key=gains.__getitem__)
        if len(chosen) >= FEWEST and gains[best] - reached < WORTH:
            break
        chosen.append(best)
        added[names[best]] = gains[best] - reached
        reached = gains[best]
    return added


def _covered(R: FloatArray, chosen: Sequence[int], importance: FloatArray) -> float:
    """Weighted mean share of variance that the chosen explain, by a fit that survives collinearity."""
    inner = np.linalg.pinv(R[np.ix_(chosen, chosen)])
    across = R[:, chosen]
    return float(importance @ np.clip(np.einsum("ij,jk,ik->i", across, inner, across), 0, 1))


def _carried(
    chosen: Sequence[str], twins: Mapping[str, str], weights: Mapping[str, float]
) -> dict[str, float]:
    """Weights of the shortlist: each has its own and those of its twins, together 1."""
    own = {name: weights.get(name, 0.0) for name in chosen}
    for name, other in twins.items():
        if other in own:
            own[other] += weights.get(name, 0.0)
    total = sum(own.values())
    return {name: value / total for name, value in own.items()} if total > 0 else own


def _influence(table: pd.DataFrame, weights: Mapping[str, float]) -> dict[str, float]:
    """Mean absolute change of ranks, leave one out, over people with all values."""
    w = np.array([weights.get(name, 0.0) for name in table.columns])
    X = table.to_numpy(dtype=float)[:, w > 0]
    parts = X[np.isfinite(X).all(axis=1)] * w[w > 0]
    if len(parts) < 2:
        return dict.fromkeys(table.columns, math.nan)
    total = parts.sum(axis=1, keepdims=True)
    change = np.abs(stats.rankdata(total - parts, axis=0) - stats.rankdata(total, axis=0)).mean(axis=0)
    names = [name for name, weight in zip(table.columns, w, strict=True) if weight > 0]
    changed = dict(zip(names, change.tolist(), strict=True))
    return {name: changed.get(name, 0.0) for name in table.columns}


def _age(name: str, known: Facts, today: dt.date | None) -> int | None:
    agreed = known.defined_on.get(name)
    return (today - agreed).days if today and agreed else None
