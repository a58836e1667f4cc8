"""Do the keys of one table lead to rows of another? What leads nowhere is kept, in a bucket of its own.

Examples
--------
>>> match_keys(["s01", "s02", "S01", None], {"s01", "s02"}).unmatched
(Unmatched(row=3, key='S01', reason='unknown', near='s01'), Unmatched(row=4, key='', reason='blank', near=''))
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from survey_kpi.errors import Problem, SchemaError, nearest
from survey_kpi.estimate import Estimate, State
from survey_kpi.inference.intervals import wilson
from survey_kpi.sampling.tables import missing_columns, text_of

UNATTRIBUTED: Final = "(unattributed)"
"""Bucket of rows whose key leads nowhere: they count in the company's totals only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A row whose key leads nowhere.

    Parameters
    ----------
    row
        Number of the row, from 1.
    key
        Its key, empty when blank.
    reason
        "blank" or "unknown".
    near
        Known key that differs only in case, width or blanks; it is named, not used.
    """

    row: int
    key: str
    reason: Literal["blank", "unknown"]
    near: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How many rows lead somewhere, and which do not.

    Parameters
    ----------
    rate
        Share of rows with a known key, in percent, with Wilson interval.
    matched
        Rows with a known key.
    unmatched
        All others, in order: `matched` and these make up every row.
    unused
        Known keys that no row leads to, in order.
    """

    rate: Estimate
    matched: int
    unmatched: tuple[Unmatched, ...]
    unused: tuple[str, ...]


def attribute(keys: Iterable[Hashable], known: Iterable[Hashable]) -> tuple[str, ...]:
    """Return each key if it is known and `UNATTRIBUTED` otherwise: as many as came in.

    Examples
    --------
    >>> attribute(["s01", "s99", None], {"s01"})
    ('s01', '(unattributed)', '(unattributed)')
    """
    exist = _existing(known)
    return tuple(key if (key := text_of(one)) in exist else UNATTRIBUTED for one in keys)


def match_keys(keys: Iterable[Hashable], known: Iterable[Hashable], *, conf_level: float = 0.95) -> Match:
    """Reconcile the keys of rows with the keys that exist.

    Parameters
    ----------
    keys
        One per row; blanks around a key do not count.
    known
        Keys that exist; a blank is none.
    conf_level
        Level of the interval.

    Returns
    -------
    Match

    Examples
    --------
    >>> found = match_keys(["s01"] * 93 + ["s99"] * 7, {"s01"})
    >>> round(found.rate.value, 1), round(found.rate.conf_low, 2), round(found.rate.conf_high, 2)
    (93.0, 86.25, 96.57)
    """
    found = [text_of(key) for key in keys]
    exist = _existing(known)
    folded = {_folded(key): key for key in sorted(exist, reverse=True)}
    unmatched = tuple(
        Unmatched(row=row, key=key, reason="unknown" if key else "blank", near=folded.get(_folded(key), ""))
        for row, key in enumerate(found, start=1)
        if key not in exist
    )
    matched = len(found) - len(unmatched)
    return Match(
        rate=_rate(matched, len(found), conf_level),
        matched=matched,
        unmatched=unmatched,
        unused=tuple(sorted(exist.difference(found))),
    )


def _existing(known: Iterable[Hashable]) -> frozenset[str]:
    return frozenset(map(text_of, known)) - {""}


def _folded(key: str) -> str:
    return "".join(unicodedata.normalize("NFKC", key).casefold().split())


def _rate(matched: int, n: int, conf_level: float) -> Estimate:
    if not n:
        return Estimate.missing(State.UNAVAILABLE, "no rows", unit="percent")
    low, high = wilson(matched, n, conf_level)
    return Estimate(
        value=100 * matched / n,
        n=n,
        unit="percent",
        conf_low=100 * low,
        conf_high=100 * high,
        conf_level=conf_level,
        method="Wilson",
    )


# --- all keys of a study ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A column that refers to a column of another table."""

    table: str
    column: str
    target: str
    target_column: str


def reconcile(tables: Mapping[str, pd.DataFrame], links: Sequence[Link]) -> dict[Link, Match]:
    """Match every link between tables: the match matrix of a study.

    Parameters
    ----------
    tables
        Tables by name.
    links
        Which columns refer to which.

    Raises
    ------
    SchemaError
        `table_missing`, `column_missing`: all of them at once.

    Examples
    --------
    >>> tables = {
    ...     "responses": pd.DataFrame({"specialist_id": ["s01", "s09"]}),
    ...     "specialists": pd.DataFrame({"specialist_id": ["s01"]}),
    ... }
    >>> link = Link(
    ...     table="responses", column="specialist_id", target="specialists", target_column="specialist_id"
    ... )
    >>> reconcile(tables, [link])[link].matched
    1
    """
    _check_links(tables, links)
    return {
        link: match_keys(tables[link.table][link.column], tables[link.target][link.target_column])
        for link in links
    }


def _check_links(tables: Mapping[str, pd.DataFrame], links: Sequence[Link]) -> None:
    ends = [(link.table, link.column) for link in links]
    ends += [(link.target, link.target_column) for link in links]
    problems = [
        problem for table, column in dict.fromkeys(ends) for problem in _absent(tables, table, column)
    ]
    if problems:
        raise SchemaError.collect(dict.fromkeys(problems))


def _absent(tables: Mapping[str, pd.DataFrame], table: str, column: str) -> list[Problem]:
    if table in tables:
        return missing_columns(tables[table], [column], table)
    what, hint = f"table '{table}' is missing", nearest(table, tables)
    return [Problem(code="table_missing", where="links", what=what, hint=hint)]
