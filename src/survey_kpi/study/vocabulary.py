"""Names that the rooms above define and that a study file may use.

The declarations are checked on the first floor, the tables of readers, rules, indicators and methods stand
higher up; so they hand their names down as plain data.

Examples
--------
>>> nps = KpiWords(measures={"nps": "points"}, headline="nps", roles={"ltr"}, default_anchor=None)
>>> nps.measures[nps.headline]
'points'
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiWords:
    """One row of the KPI library as a study file sees it.

    Parameters
    ----------
    measures
        Unit of each measure. A measure called `top_box` counts the top box of the item's scale.
    headline
        The measure that is meant when none is named.
    roles
        Roles of the items it applies to; empty when it takes no item.
    default_anchor
        Zero point of attainment; None when a sheet with a target must declare one.
    declare
        Parameters that a sheet must name because companies read the same words differently.
    families
        Family of each measure (proportion, mean, total, …): what is scored needs a sampling error.
    conflated
        Whether its name stands for several numbers, so that a target must say which.
    controllable
        Whether a specialist can change it; a weight on one that nobody controls needs a reason.
    """

    measures: Mapping[str, str]
    headline: str
    roles: Collection[str] = ()
    default_anchor: float | None = 0.0
    declare: Collection[str] = ()
    families: Mapping[str, str] = field(default_factory=dict)
    conflated: bool = False
    controllable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All names that study files may refer to and that are not declared in them.

    Parameters
    ----------
    formats
        Export formats, `auto` included.
    rules
        Cleaning rules, each with the names of its parameters.
    kpis
        Rows of the KPI library.
    weight_methods
        Indicator-weight methods, each with the names of its parameters.
    judgement_methods
        Those of them that work on pairwise judgements.
    rating_methods
        Those of them that work on importance scores.
    random_indices
        Names of the random-index tables of the consistency ratio.
    fields
        Response fields that every reader fills by itself, so that no study declares them.
    overridable
        Those of them that a study may declare all the same: a column of the export then wins.
    reserved, reserved_prefixes
        Column names, and beginnings of column names, that the rooms above give to columns of their own.
    findings
        Signs of faulty questions that can be accepted.
    gates
        Gates of the data quality report whose limit a study may set.
    """

    formats: Collection[str]
    rules: Mapping[str, Collection[str]]
    kpis: Mapping[str, KpiWords]
    weight_methods: Mapping[str, Collection[str]]
    judgement_methods: Collection[str]
    random_indices: Collection[str]
    fields: Collection[str]
    overridable: Collection[str] = ()
    reserved: Collection[str] = ()
    reserved_prefixes: tuple[str, ...] = ()
    findings: Collection[str] = ()
    gates: Collection[str] = ()
    rating_methods: Collection[str] = ()
