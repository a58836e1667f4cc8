"""What a cleaning rule is, and what it may look at.

A rule on the row plane is a narwhals expression that says of each row whether it is noticed. Some rules
compare rows with each other: those add a helper column by a grouped join first (`lookup`). Rules that need
correlations score a matrix after the scan (`score`) and name the rows they notice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from survey_kpi.study.models import Codebook, Text

Action: TypeAlias = Literal["refuse", "exclude", "set_missing", "flag", "off"]
Params: TypeAlias = Mapping[str, Any]
Frame: TypeAlias = nw.LazyFrame[Any]
Group: TypeAlias = tuple[str | None, str | None]
"""Source and period: one export of one period, the unit in which thresholds are taken from data."""

FLAG, KEEP, EXCLUDED_BY = "flag_", "keep", "excluded_by"
"""Columns that cleaning adds: one flag per row rule, the verdict, and the rule that claims a row."""
VALID = "valid__"
"""Prefix of the columns that hold an item without missing codes and values out of range, not yet reversed."""
HELPER = "helper__"
"""Prefix of the columns that a rule's grouped join adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A parameter of a rule: its default, its bounds and what it means."""

    default: Any
    meaning: Text
    low: float = float("-inf")
    high: float = float("inf")
    choices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a rule may look at beside the rows: the codebook, the columns, the scalars taken from data first.

    Parameters
    ----------
    codebook
        Items and scales.
    columns
        Columns of the responses.
    asked
        Items that anybody of a source answered; a source that never asked an item does not miss it.
    identified
        Sources in which at least one respondent is named; the others are anonymous.
    finished_only
        Whether previews and unfinished sheets are set aside for that alone.
    limits
        Smallest credible duration in seconds per source and period.
    found
        Rows noticed by the rules that score a matrix: rule, row id, index.
    """

    codebook: Codebook
    columns: frozenset[str]
    asked: Mapping[str | None, frozenset[str]] = field(default_factory=dict)
    identified: frozenset[str | None] = frozenset()
    finished_only: bool = False
    limits: Mapping[Group, float] = field(default_factory=dict)
    found: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lookup:
    """A table of the few groups that matter, and the keys by which a row finds its group."""

    keys: Mapping[str, nw.Expr]
    table: Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table of rules.

    Parameters
    ----------
    code
        Stable name, as in `study.yaml` and in the audit.
    label, reason
        What it is called and why a row or an answer is noticed.
    level
        `item` judges single answers, `row` the whole response.
    actions, action
        What may happen, the strongest first, and what happens by default: `refuse` the data, `exclude` the
        row, `set_missing` the answer, `flag`, `off`.
    params
        Parameters with defaults.
    sign
        Kind of careless answering that the rule is a sign of; empty for rules that are no such sign. Rules
        of one sign are not independent: several of them count once.
    columns
        Columns the rule needs, given its parameters.
    unmet
        Says what else is missing for the rule to apply, or nothing.
    flag
        Expression that is true for rows noticed; may be null where it cannot be judged.
    lookup
        What rules that compare rows need to know about groups of rows.
    score
        Index of each row of an items matrix, NaN where undefined, and whether it is noticed.
    value, detail
        What the audit prints beside a row: a number and a few words.
    """

    code: str
    label: Text
    reason: Text
    level: Literal["item", "row"]
    actions: tuple[Action, ...]
    action: Action
    params: Mapping[str, Param] = field(default_factory=dict)
    sign: str = ""
    columns: Callable[[Params], tuple[str, ...]] = lambda params: ()
    unmet: Callable[[Codebook, Params], str] = lambda codebook, params: ""
    flag: Callable[[Context, Params], nw.Expr] | None = None
    lookup: Callable[[Frame, Context, Params], Lookup] | None = None
    score: Callable[[NDArray[np.float64], Context, Params], Scored] | None = None
    value: Callable[[Context, Params], nw.Expr] | None = None
    detail: Callable[[Context, Params], nw.Expr] | None = None

    @property
    def careless(self) -> bool:
        """Whether the rule is a sign of careless answering, which alone never sets a row aside by default."""
        return bool(self.sign)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Index per row of a matrix and the rows that it notices."""

    index: NDArray[np.float64]
    noticed: NDArray[np.bool_]
