"""Every number of the company's tables as a fact, `<period>/quality.<name>/<table>`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

from survey_kpi.estimate import State
from survey_kpi.evaluation.quality.judging import percent
from survey_kpi.evaluation.quality.result import Quality, quality_key
from survey_kpi.facts import Fact
from survey_kpi.frames import rows_of

HELD = {
    "rows": "rows received, all files",
    "set_aside": "rows set aside: without a required cell, or with the key of an earlier row",
    "period": "rows of the period; of customers and spells, those that held in it",
    "before": "the same, of the period compared with",
}


def company_facts(quality: Quality) -> Iterator[Fact]:
    """Yield every number of the tables beside the answers."""
    yield from _held(quality)
    yield from _noticed(quality)
    yield from _links(quality)
    yield from _owners(quality)
    yield from _claims(quality)


def _number(quality: Quality, name: str, value: float, formula: str, scope: str = "company") -> Fact:
    key = quality_key(quality.period, name, scope)
    return Fact(key=key, value=float(value), unit="count", formula=formula, filter="all tables")


def _share(quality: Quality, name: str, part: float, whole: float, formula: str, scope: str) -> Fact:
    value = percent(part, whole)
    unknown = math.isnan(value)
    return Fact(
        key=quality_key(quality.period, name, scope),
        value=value,
        unit="percent",
        state=State.UNAVAILABLE if unknown else State.MEASURED,
        reason="nothing to divide by" if unknown else "",
        formula=formula,
        filter="all rows of the table",
    )


def _held(quality: Quality) -> Iterator[Fact]:
    number = partial(_number, quality)
    yield number("tables", len(quality.company.held), "tables that the study declares")
    yield number("table_files", len(quality.company.intake), "files and queries of these tables")
    for row in rows_of(quality.company.held):
        for name, formula in HELD.items():
            if not math.isnan(row[name]):
                yield number(f"table_{name}", row[name], formula, row.table)


def _noticed(quality: Quality) -> Iterator[Fact]:
    rules = quality.company.rules
    yield _number(
        quality, "tables_noticed", rules["n"].sum(), "rows and cells noticed by reading, all tables"
    )
    for row in rows_of(rules.groupby(["rule", "action"], sort=False)["n"].sum().reset_index()):
        formula = f"rows and cells noticed by {row.rule}, {row.action}"
        yield _number(quality, "table_noticed", row.n, formula, f"{row.rule}:{row.action}")


def _links(quality: Quality) -> Iterator[Fact]:
    for row in rows_of(quality.company.used_links):
        scope = f"{row.table}.{row.column}"
        filled = row.rows - row.blank
        formula = f"100 x rows whose {row.column} is in {row.target} / rows that have one"
        yield _share(quality, "link", row.matched, filled, formula, scope)
        astray = f"rows whose {row.column} is not in {row.target}"
        yield _number(quality, "link_astray", filled - row.matched, astray, scope)


def _owners(quality: Quality) -> Iterator[Fact]:
    stated = quality.company.stated["source"].value_counts()
    formula = "rows that name another specialist than the owner of the customer at that time"
    for table, n in stated.items():
        yield _number(quality, "stated", n, formula, str(table))
    yield _number(quality, "stated", stated.sum(), f"{formula}, all tables and the answers of the period")
    formula = "customers moved to somebody else within 14 days of a bad answer of the period"
    yield _number(quality, "reassigned", len(quality.company.moved), formula)


def _claims(quality: Quality) -> Iterator[Fact]:
    for row in rows_of(quality.company.claims):
        yield _number(quality, "claim_rows", row.rows, "rows that claim it", row.claim)
        formula = "100 x claims that another record confirms / claims"
        yield _share(quality, "claim", row.confirmed, row.rows, formula, row.claim)
