"""Rows that are shown one by one: listed, never dropped. The one place where listings are evaluated.

A row of the indicator library may declare listings: expressions that are true for rows which somebody should
look at (repeated complaints, comments without an answer). They are evaluated here over the rows of the
indicator's view in the period, with the parameters of the study's sheet or else the library's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.estimate import Estimate
from survey_kpi.evaluation.appraisal.numbers import amount, by_key, of_estimate
from survey_kpi.evaluation.appraisal.sources import Sources, sheet_of
from survey_kpi.evaluation.tables import evaluated_level
from survey_kpi.facts import Fact
from survey_kpi.frames import rows_of
from survey_kpi.indicators import INDICATORS, level_column
from survey_kpi.indicators.cells import MONTH
from survey_kpi.indicators.complaint_charts import repeat_chains
from survey_kpi.indicators.model import Indicator
from survey_kpi.indicators.records import rows_of_view
from survey_kpi.indicators.subjects import customer_column
from survey_kpi.inference.intervals import wilson
from survey_kpi.period import Period
from survey_kpi.records.matching import stated_differences
from survey_kpi.study.tables import TABLES

Lazy = nw.LazyFrame[Any]
COLUMNS: Final = ("unit", "at", "customer_id", "specialist_id")
UNATTRIBUTED: Final = "W03.unattributed"
"""Answers that belong to nobody known: they count for the company alone."""
STATED: Final = "W03.stated_specialist"
"""Rows that name another specialist than the customer's owner at the time, who has them."""
NAMED: Final = ("complaints", "interactions", "leads", "invites")
"""Tables whose rows name a customer and a specialist."""
REFERENCES: Final[Mapping[str, str]] = {"A29": "customers"}
"""Table that the listed ids are keys of, where it is not the first of the view."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listing:
    """The rows of the period that one listing shows.

    Parameters
    ----------
    name
        Row of the library and listing: `A14.repeats`.
    table
        Table that the ids are keys of.
    rows
        unit (the id), at, customer_id, specialist_id, in the order of time; columns that the view lacks are
        empty.
    absent
        Tables or columns (`table.column`) that the study lacks; then nothing can be said, not even that there
        are none.
    """

    name: str
    table: str
    rows: pd.DataFrame
    absent: tuple[str, ...] = ()

    @property
    def measured(self) -> bool:
        """Whether the rows could be looked at."""
        return not self.absent


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listings:
    """Every listing of the period.

    Parameters
    ----------
    found
        By name, in the order of the library.
    contacts
        Customer-months by the number of our contacts: contacts, n. Empty without interactions.
    limit
        Contacts per month above which a customer is over-contacted.
    chains
        Chains of repeated complaints that reach into the period, see `repeat_chains`, with customer_id and
        category.
    attributed
        Share of the kept answers that belong to somebody known, in percent; None where nobody is evaluated.
    facts
        Every number.
    """

    found: Mapping[str, Listing]
    contacts: pd.DataFrame
    limit: float
    chains: pd.DataFrame
    attributed: Estimate | None
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """Return all rows of a listing, every id and not only those that a page has room for.

        Raises
        ------
        KeyError
            There is no such listing.
        """
        return self.found[name].rows.copy()


def list_rows(sources: Sources) -> Listings:
    """List what the library, and the checks of keys, say should be looked at in the period."""
    frames = sources.with_spans([sources.period])
    declared = [(row, name) for row in INDICATORS.values() if row.view for name in row.listings]
    found = {f"{row.code}.{name}": _library(sources, frames, row, name) for row, name in declared}
    nobody, share = _unattributed(sources)
    found |= {UNATTRIBUTED: nobody, STATED: _stated(sources)}
    contacts, limit = _contacts(sources, frames)
    listings = Listings(
        found=found,
        contacts=contacts,
        limit=limit,
        chains=_chains(sources),
        attributed=share,
    )
    return replace(listings, facts=by_key(_facts(sources.period, listings)))


# --- listings of the library --------------------------------------------------------------------------


def params_of(sources: Sources, row: Indicator) -> dict[str, Any]:
    """Return the parameters of a row of the library: the study's sheet, else its defaults.

    Comments are read from the item that the codebook marks as one.
    """
    params = dict(row.params)
    if "comment" in params:
        items = [item.id for item in sources.evaluation.study.codebook.items if item.role == "comment"]
        params |= {"comment": items[0]} if items else {}
    return {**params, **sheet_of(sources, row.code).params}


def absent_from(sources: Sources, row: Indicator) -> tuple[str, ...]:
    """Return the tables, or else the columns as `table.column`, that a row of the library needs in vain."""
    view = row.view
    known = {*sources.frames, "responses"}
    tables = tuple(name for name in (view.tables if view else ()) if name not in known)
    lacking, needed = _absent_columns(sources), row.columns_of("", params_of(sources, row))
    return tables or tuple(name for name in needed if lacking.issuperset(name.split("|")))


def _absent_columns(sources: Sources) -> set[str]:
    intake = sources.evaluation.tables
    if "absent" not in intake or "table" not in intake:
        return set()
    return {f"{row.table}.{column}" for row in rows_of(intake) for column in row.absent}


def _library(sources: Sources, frames: Mapping[str, Lazy], row: Indicator, name: str) -> Listing:
    code = f"{row.code}.{name}"
    table = REFERENCES.get(row.code, row.view.tables[0] if row.view else "")
    absent = absent_from(sources, row)
    if absent or row.view is None:
        return Listing(name=code, table=table, rows=pd.DataFrame(columns=list(COLUMNS)), absent=absent)
    params = params_of(sources, row)
    rows = rows_of_view(row.view, frames, params).filter(row.listings[name](params))
    return Listing(name=code, table=table, rows=_shown(rows))


def _shown(rows: Lazy) -> pd.DataFrame:
    names = rows.collect_schema().names()
    found = collect(rows.select([name for name in COLUMNS if name in names]))
    return found.reindex(columns=list(COLUMNS)).sort_values(["at", "unit"], ignore_index=True)


# --- keys ---------------------------------------------------------------------------------------------


def _of_period(sources: Sources) -> Lazy:
    period = sources.period
    month = nw.col(MONTH)
    return sources.answers.filter((month >= period.first) & (month < period.first + period.months))


def _unattributed(sources: Sources) -> tuple[Listing, Estimate | None]:
    level = evaluated_level(sources.evaluation.study)
    if level is None:
        rows = pd.DataFrame(columns=list(COLUMNS))
        return Listing(name=UNATTRIBUTED, table="responses", rows=rows), None
    answers, column = _of_period(sources), level_column(level)
    names = answers.collect_schema().names()
    marked = answers.with_columns(nw.col("row_id").alias("unit"))
    marked = marked.with_columns(nw.col("submitted_at").alias("at")) if "submitted_at" in names else marked
    known = collect(answers.select(nw.len().alias("n"), nw.col(column).count().alias("known")))
    n, hits = int(known["n"].iloc[0]), int(known["known"].iloc[0])
    listing = Listing(
        name=UNATTRIBUTED, table="responses", rows=_shown_by_id(marked.filter(nw.col(column).is_null()))
    )
    if not n:
        return listing, None
    low, high = (100 * float(end) for end in wilson(hits, n))
    share = Estimate(value=100 * hits / n, n=n, unit="percent", conf_low=low, conf_high=high, method="Wilson")
    return listing, share


def _shown_by_id(rows: Lazy) -> pd.DataFrame:
    names = rows.collect_schema().names()
    found = collect(rows.select([name for name in COLUMNS if name in names]))
    return found.reindex(columns=list(COLUMNS)).sort_values("unit", ignore_index=True)


def _stated(sources: Sources) -> Listing:
    """List rows of the period that name another specialist than the owner."""
    nothing = pd.DataFrame(columns=list(COLUMNS))
    if not sources.has("ownership"):
        return Listing(name=STATED, table="", rows=nothing, absent=("ownership",))
    lacking = _absent_columns(sources)  # a table that names nobody contradicts nobody
    named = [name for name in NAMED if sources.has(name) and f"{name}.specialist_id" not in lacking]
    parts = [_stated_in(sources, name) for name in named]
    answers = _stated_by_answers(sources)
    if answers is not None:
        named, parts = ["responses", *named], [answers, *parts]
    rows = pd.concat([nothing, *parts], ignore_index=True) if parts else nothing
    return Listing(name=STATED, table=", ".join(named), rows=rows)


def _stated_in(sources: Sources, name: str) -> pd.DataFrame:
    spec, period = TABLES[name], sources.period
    at = nw.col(spec.time)
    start, end = pd.Timestamp(period.start).to_pydatetime(), pd.Timestamp(period.end).to_pydatetime()
    inside = sources.frames[name].filter((at >= nw.lit(start)) & (at < nw.lit(end)))
    found = stated_differences(inside, sources.frames["ownership"], table=name, key=spec.key, time=spec.time)
    units = pd.DataFrame({"unit": found["row_id"], "specialist_id": found["value"]})
    return units.reindex(columns=list(COLUMNS))


def _stated_by_answers(sources: Sources) -> pd.DataFrame | None:
    """List answers that name another specialist than the owner; None where they name nobody."""
    answers = _of_period(sources)
    names = answers.collect_schema().names()
    customer = customer_column(names)
    if customer is None or not {"specialist_id", "submitted_at"} <= set(names):
        return None
    rows = answers.select("row_id", "specialist_id", "submitted_at", nw.col(customer).alias("customer_id"))
    found = stated_differences(
        rows, sources.frames["ownership"], table="responses", key="row_id", time="submitted_at"
    )
    units = pd.DataFrame({"unit": found["row_id"], "specialist_id": found["value"]})
    return units.reindex(columns=list(COLUMNS))


# --- contacts and chains ------------------------------------------------------------------------------


def _contacts(sources: Sources, frames: Mapping[str, Lazy]) -> tuple[pd.DataFrame, float]:
    row = INDICATORS["A29"]
    params = params_of(sources, row)
    if absent_from(sources, row) or row.view is None:
        return pd.DataFrame(columns=["contacts", "n"]), float(params["limit"])
    counted = rows_of_view(row.view, frames, params).group_by("contacts").agg(nw.len().alias("n"))
    table = collect(counted).sort_values("contacts", ignore_index=True).astype("int64")
    return table, float(params["limit"])


def _chains(sources: Sources) -> pd.DataFrame:
    columns = ["chain", "case_id", "opened_at", "days", "customer_id", "category"]
    row = INDICATORS["A14"]
    if absent_from(sources, row):
        return pd.DataFrame(columns=columns)
    cases = sources.table("complaints", "case_id", "customer_id", "category", "opened_at")
    known = cases[cases["opened_at"] < pd.Timestamp(sources.period.end)]
    window = int(params_of(sources, row)["window_days"])
    chains = repeat_chains(known, window_days=window)
    reach = chains[chains["opened_at"] >= pd.Timestamp(sources.period.start)]["chain"]
    mine = chains[chains["chain"].isin(set(reach))].merge(
        cases[["case_id", "customer_id", "category"]], on="case_id", how="left"
    )
    numbers = mine["chain"].rank(method="dense").astype("int64")
    return mine.assign(chain=numbers)[columns].reset_index(drop=True)


# --- facts --------------------------------------------------------------------------------------------


def _facts(period: Period, listings: Listings) -> Iterator[Fact]:
    for name, one in listings.found.items():
        reason = f"the study lacks {', '.join(one.absent)}"
        n = len(one.rows) if one.measured else None
        yield amount(period, "listing_rows", n, "count", f"rows listed: {name}", name, reason=reason)
    yield amount(period, "contact_limit", listings.limit, "count", "contacts per customer and month allowed")
    for row in rows_of(listings.contacts):
        formula = f"customer-months with {row.contacts} contacts of ours"
        yield amount(period, "contact_months", row.n, "count", formula, str(row.contacts))
    lengths = listings.chains.groupby("chain").size()
    yield amount(period, "chains", len(lengths), "count", "chains of repeated complaints in the period")
    longest = float(lengths.max()) if len(lengths) else None
    yield amount(period, "chain_longest", longest, "count", "complaints of the longest chain")
    if listings.attributed is not None:
        yield from of_estimate(
            period, "attributed", listings.attributed, "100 x answers of somebody known / answers kept"
        )
