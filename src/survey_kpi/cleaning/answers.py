"""Expressions over the answers of one row: what counts as an answer, and what pattern the answers make.

Missing answers are SQL nulls here. A function that needs more answers than a row has yields null, never 0.
All of them take items as shown to the respondent: reversed items are recoded afterwards.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Collection, Iterable, Mapping, Sequence

import narwhals.stable.v2 as nw

from survey_kpi.cleaning.rule import VALID, Group
from survey_kpi.study.models import Codebook, Item, Scale


def scale(codebook: Codebook, item: Item) -> Scale:
    """Return the scale of a rated item."""
    return codebook.scales[str(item.scale)]


def codes(item: Item) -> tuple[float, ...]:
    """Return the declared missing codes that are numbers; words among them are the reader's affair."""
    return tuple(sorted({float(code) for code in item.missing_codes if _is_number(code)}))


def _is_number(code: int | str) -> bool:
    try:
        return float(code) == float(code)
    except ValueError:
        return False


def coded(item: Item) -> nw.Expr:
    """Whether the cell holds a declared missing code."""
    return any_of(nw.col(item.id) == code for code in codes(item))


def within(item: Item, on: Scale) -> nw.Expr:
    """Whether the cell holds an answer of the scale; null for an empty cell."""
    answer = nw.col(item.id)
    inside = (answer >= on.low) & (answer <= on.high)
    inside = inside & (answer == answer.round(0)) if on.integer else inside
    ambiguous = any(on.low <= code <= on.high for code in codes(item))
    return inside & ~coded(item) if ambiguous else inside


def outside(item: Item, on: Scale) -> nw.Expr:
    """Whether the cell holds a number that is neither an answer of the scale nor a declared missing code."""
    return ~within(item, on) & ~coded(item)


def valid(item: Item, on: Scale, *, drop_outside: bool) -> nw.Expr:
    """Return the answer; null for missing codes and, where the policy drops them, values out of range."""
    return nw.when(within(item, on) if drop_outside else ~coded(item)).then(nw.col(item.id))


def recoded(item: Item, on: Scale) -> nw.Expr:
    """Return the valid answer in the codebook's direction: low + high - x for a reversed item."""
    answer = nw.col(VALID + item.id)
    return (on.low + on.high - answer) if item.reversed else answer


def columns(items: Iterable[Item]) -> list[nw.Expr]:
    """Return the valid answers of the items."""
    return [nw.col(VALID + item.id) for item in items]


def n_valid(items: Sequence[Item]) -> nw.Expr:
    """Count the items answered."""
    return total(number(~answer.is_null()) for answer in columns(items))


def share_missing(items: Sequence[Item], asked: Mapping[str | None, frozenset[str]]) -> nw.Expr:
    """Share of the items asked of this source that the row leaves empty."""
    counts = {
        source: float(sum(item.id in known for item in items) or len(items))
        for source, known in asked.items()
    }
    base = per_source(counts) if counts else nw.lit(float(len(items)))
    return (base - n_valid(items)) / base


def straight(items: Sequence[Item], at_least: int) -> nw.Expr:
    """Whether at least `at_least` items are answered and all answers are equal."""
    answers = columns(items)
    same = largest(answers) == smallest(answers)
    return same & (n_valid(items) >= at_least)


def varied(items: Sequence[Item]) -> nw.Expr:
    """Whether two answers differ."""
    answers = columns(items)
    return nw.coalesce(largest(answers) != smallest(answers), nw.lit(False))


def longest_run(items: Sequence[Item]) -> nw.Expr:
    """Longest run of equal answers in the order of the questionnaire; a missing item ends the run.

    R's `careless::longstring` counts a missing item as a run of its own, so that it yields at least 1.
    """
    answers = columns(items)
    runs = [number(~answers[0].is_null())]
    for before, answer in itertools.pairwise(answers):
        runs.append(nw.when(answer == before).then(runs[-1] + 1).otherwise(number(~answer.is_null())))
    return largest(runs)


def variability(items: Sequence[Item]) -> nw.Expr:
    """Standard deviation (n - 1) of a row's answers; null below two.

    From sums and squares, which are exact for answers on a scale; the two-pass formula would repeat the mean
    in every term, and engines that inline expressions choke on that.
    """
    answers, n = columns(items), n_valid(items)
    squares = total(answer * answer for answer in answers) - total(answers) * total(answers) / n
    variance = nw.when(squares > 0).then(squares / (n - 1)).otherwise(0.0)
    return nw.when(n >= 2).then(variance.sqrt())


def number(condition: nw.Expr) -> nw.Expr:
    """Return 1 where the condition holds and 0 where it does not."""
    return condition.cast(nw.Int64())


def total(terms: Iterable[nw.Expr]) -> nw.Expr:
    """Sum over columns, nulls counting 0."""
    return nw.sum_horizontal(*terms)


def largest(terms: Iterable[nw.Expr]) -> nw.Expr:
    """Largest over columns, nulls aside; engines want two columns at least."""
    many = list(terms)
    return many[0] if len(many) == 1 else nw.max_horizontal(*many)


def smallest(terms: Iterable[nw.Expr]) -> nw.Expr:
    """Smallest over columns, nulls aside."""
    many = list(terms)
    return many[0] if len(many) == 1 else nw.min_horizontal(*many)


def any_of(terms: Iterable[nw.Expr]) -> nw.Expr:
    """Or over columns; false for none."""
    return functools.reduce(operator.or_, terms, nw.lit(False))


def of_sources(known: Collection[str | None], sources: Collection[str | None]) -> nw.Expr:
    """Whether the row comes from one of the `known` sources, given all `sources`."""
    if set(known) >= set(sources):
        return nw.lit(True)
    return any_of(_is(nw.col("source"), source) for source in sources if source in known)


def _is(column: nw.Expr, key: str | None) -> nw.Expr:
    return column.is_null() if key is None else column == key


def per_source(values: Mapping[str | None, float]) -> nw.Expr:
    """Return the number that belongs to each row's source; every source must be listed."""
    return _branch("source", {source: nw.lit(value) for source, value in values.items()}, values.values())


def per_group(values: Mapping[Group, float]) -> nw.Expr:
    """Return the number that belongs to each row's source and period; every group must be listed."""
    arms = {}
    for source in dict.fromkeys(source for source, _ in values):
        periods = {period: value for (of, period), value in values.items() if of == source}
        arms[source] = _branch("period", {p: nw.lit(v) for p, v in periods.items()}, periods.values())
    return _branch("source", arms, values.values())


def _branch(column: str, arms: Mapping[str | None, nw.Expr], values: Iterable[float]) -> nw.Expr:
    """Chain `when column is key then arm`; the last arm stands for the rest, one arm for equal values."""
    if not arms:  # there are no rows either
        return nw.lit(0.0)
    *others, (_, chain) = arms.items()
    for key, arm in others if len(set(values)) > 1 else ():
        chain = nw.when(_is(nw.col(column), key)).then(arm).otherwise(chain)
    return chain
