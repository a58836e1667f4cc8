"""What a KPI is: a row that declares its measures, what rows of data add to them, how they are judged.

Two kinds of measures share one form. An `AnswerMeasure` scores one answer to one item of the questionnaire; a
`RecordMeasure` scores one row of a `View` of the company's tables (a complaint, a customer in a quarter). A
score is null where the row is not in the base, and sums of scores are all that ever leaves the row plane.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import narwhals.stable.v2 as nw

from survey_kpi.study.models import Item, Scale, Text

Family = Literal["proportion", "mean", "nps", "count", "rate", "total", "ratio", "duration", "median"]
"""How a measure follows from its sums, and which interval belongs to it; see `FAMILIES`."""

Params = Mapping[str, Any]
Frames = Mapping[str, nw.LazyFrame[Any]]
"""Canonical tables by name; `responses` are the answers kept by cleaning, `periods` the spans to evaluate."""
RowScore = Callable[[Params], nw.Expr]
NO_PARAMS: Params = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of an indicator.

    Parameters
    ----------
    name
        Name in keys: `A01.top_box`.
    family
        Which estimate and interval belong to it.
    unit, scale_by
        Unit of the value, and the factor from the family's number to it (100 for percent and NPS points).
    formula
        How the value follows, in a line, as facts carry it.
    """

    name: str
    label: Text
    family: Family
    unit: str
    formula: str
    scale_by: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMeasure(Measure):
    """A measure of answers to one item.

    Parameters
    ----------
    score
        Expression of the score of one answer, null where there is no valid answer.
    """

    score: Callable[[Item, Scale], nw.Expr]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMeasure(Measure):
    """A measure of rows of the indicator's view.

    Parameters
    ----------
    score
        What a row adds, null where it is not in the base. proportion: 1 or 0; mean: the value; count: how
        many; rate, ratio: the numerator; total: the amount; duration: hours until closed or the cut-off.
    per
        rate, ratio: what a row adds to the denominator (exposure). proportion, mean: 1 for a row that the
        measure does not apply to, by declaration; a subject that has no other rows is not applicable.
    closed
        duration: whether the row was closed; open ones are censored.
    quantile
        duration: share of cases that are closed by the time that is reported (.5 the median).
    least
        Base below which the value is withheld: a mean of fewer opinions says who gave them.
    view
        Rows that this measure is about, where they are not those of the indicator.
    """

    score: RowScore
    view: View | None = None
    per: RowScore | None = None
    closed: RowScore | None = None
    quantile: float = 0.5
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The rows that the measures of an indicator are summed over.

    Parameters
    ----------
    name
        Indicators with the same view share one scan.
    tables
        Tables that must be declared; without one of them the indicator is not measured.
    optional
        Tables that are used where they are declared: their frames may be absent.
    rows
        Frames and parameters in, one lazy frame out. Its rows carry `at` (when it happened: that decides
        period, owner and team), `customer_id` or `specialist_id` or both, `unit` (the id under which a row is
        listed), and what scores and own levels (`channel`) need. A view `by_period` yields its rows once for
        each period of `frames["periods"]` that they belong to, with that frame's columns `period`,
        `period_start`, `period_end` and `cut_off`. All other views get these four by the month of `at`; rows
        without a time are in no period.
    params
        Names of the parameters that `rows` itself uses; sheets that set them differently are scanned apart.
    until
        by_period only: column with the time until which a row's one unit is shared among the customer's
        owners by days, from `at` on; empty, or null in a row, when the owner at `at` has the whole unit.
    """

    name: str
    tables: tuple[str, ...]
    rows: Callable[[Frames, Params], nw.LazyFrame[Any]]
    optional: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    by_period: bool = False
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A row of the KPI library.

    Parameters
    ----------
    code
        A01, A07, …
    roles
        Roles of the items it may be applied to; empty when it needs no item.
    measures
        In the order of printing; empty for an indicator that is a model or a view of others.
    headline
        Name of the measure that tiles, targets and scores use unless a sheet says otherwise.
    default_anchor
        Zero point of attainment; None when the study must declare it.
    view
        Rows behind record measures.
    columns
        Columns, as `table.column`, that are not required of their tables but of this indicator: where the
        source lacks one, the indicator is not measured; blank cells of a column that is there are judged.
        Alternatives are joined by `|`, one of them is enough; `table.{name}` are the columns that the
        parameter of this name lists.
    measure_columns
        The same for single measures.
    params
        Parameters that a sheet may set, with their defaults; None marks one that a sheet must set.
    listings
        Rows that are shown one by one, by name: an expression that is true for them (chains of repeated
        complaints, unanswered comments). They are listed by the view's `unit` column.
    controllable
        Whether the person who is evaluated can move it; if not, weight on it needs a reason.
    home
        For models and views: the function that computes it, as a dotted path.
    """

    code: str
    label: Text
    definition: Text
    source: str
    measures: tuple[Measure, ...]
    headline: str
    roles: tuple[str, ...] = ()
    direction: Literal["higher", "lower"] = "higher"
    default_anchor: float | None = 0.0
    view: View | None = None
    columns: tuple[str, ...] = ()
    measure_columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    params: Params = field(default_factory=lambda: NO_PARAMS)
    listings: Mapping[str, RowScore] = field(default_factory=lambda: MappingProxyType({}))
    controllable: bool = True
    home: str = ""

    def columns_of(self, measure: str, params: Params) -> tuple[str, ...]:
        """Return the columns that a measure needs, those that parameters name written out."""
        asked = [*self.columns, *self.measure_columns.get(measure, ())]
        return tuple(name for each in asked for name in _written_out(each, params))

    def measure(self, name: str) -> Measure:
        """Return the measure of this name; KeyError when there is none."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise KeyError(name)


def _written_out(column: str, params: Params) -> list[str]:
    table, _, name = column.partition(".")
    return [f"{table}.{each}" for each in params[name[1:-1]]] if name.startswith("{") else [column]
