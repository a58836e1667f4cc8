"""Who an answer speaks about: one subject column per level, looked up at the time of the answer.

An answer belongs to the specialist who owned the customer when it was given, with the team and the role of
that person's spell on that day. Whom the answer itself names counts only where nobody can know the owner: the
study declares no table `ownership`, or the answer does not say which customer gave it. Answers of customers
whom nobody owned at the time belong to nobody, and count in the company's totals only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw

from survey_kpi.indicators.records import is_personal
from survey_kpi.study.models import Level

Lazy = nw.LazyFrame[Any]

WHO: Final = ("customer_id", "respondent_id")
"""Response fields that say who answered, the first one declared counts."""
PERSON, CUSTOMER = "person of answer", "customer of answer"


def level_column(level: Level) -> str:
    """Return the name of a level's subject column; the space keeps it apart from items and fields."""
    return f"level {level.id}"


def customer_column(columns: Collection[str]) -> str | None:
    """Return the column that says which customer answered, None where no column does."""
    return next((name for name in WHO if name in columns), None)


def attach_levels(answers: Lazy, levels: Sequence[Level], tables: Mapping[str, Lazy] | None = None) -> Lazy:
    """Add one subject column per level; null where the answer belongs to nobody known.

    Parameters
    ----------
    answers
        One row per answer with `row_id`, `submitted_at` and the columns that the levels name.
    tables
        Canonical tables of the study, of which these are used where they are there:

        - ownership: spells of customers (customer_id, specialist_id, valid_from, valid_to exclusive or null)
          without overlap. The owner at the time of the answer has it, whatever the answer says.
        - specialists: spells of persons, and what levels with `via: specialists` name. Who has no spell at
          the time of the answer is nobody.
        - customers: what levels with `via: customers` name.

    Returns
    -------
    LazyFrame
        The same rows, none lost and none doubled.

    Notes
    -----
    `customer_id` says whose answer it is; an identifier that no spell knows has no owner. Where a study has
    `respondent_id` alone, that is a customer's number only if a spell of `ownership` bears it: platforms
    write identifiers of their own there, and then the specialist who is named holds.
    """
    known = tables or {}
    if any(map(is_personal, levels)) and {"ownership", "specialists"} & set(known):
        answers = answers.join(_people(answers, levels, known), on="row_id", how="left")
    if "customers" in known and any(level.via == "customers" for level in levels):
        answers = _with_customers(answers, levels, known["customers"])
    present = answers.collect_schema().names()
    columns = [_subject(level, present).alias(level_column(level)) for level in levels]
    return answers.with_columns(*columns) if columns else answers


def _subject(level: Level, present: Sequence[str]) -> nw.Expr:
    """Return what was looked up for a level, else the answer's own column."""
    looked_up = _found(level.via or ("specialists" if is_personal(level) else ""), level.column)
    known = next((name for name in (looked_up, level.column) if name in present), None)
    return nw.col(known) if known else nw.lit(None).cast(nw.String())


def _found(table: str, column: str) -> str:
    return PERSON if column == "specialist_id" else f"{table} {column}"


def _people(answers: Lazy, levels: Sequence[Level], tables: Mapping[str, Lazy]) -> Lazy:
    """Return row_id and person of the answers that belong to somebody, with what levels take from spells."""
    belonging = _belonging(answers, tables.get("ownership"))
    if "specialists" not in tables:
        return belonging.select("row_id", PERSON)
    wanted = {
        _found("specialists", level.column): level.column for level in levels if level.via == "specialists"
    }
    wanted.pop(PERSON, None)
    spells = tables["specialists"].select(
        nw.col("specialist_id").alias("who"),
        "valid_from",
        "valid_to",
        *[nw.col(column).alias(name) for name, column in wanted.items()],
    )
    there = belonging.join(spells, left_on=PERSON, right_on="who", how="inner").filter(_in_spell())
    return there.select("row_id", PERSON, *wanted)


def _belonging(answers: Lazy, ownership: Lazy | None) -> Lazy:
    """Return row_id, submitted_at and person of the answers that belong to somebody."""
    present = answers.collect_schema().names()
    who = customer_column(present)
    stated = nw.col("specialist_id") if "specialist_id" in present else nw.lit(None).cast(nw.String())
    if ownership is None or who is None:
        return answers.select("row_id", "submitted_at", stated.alias(PERSON)).filter(
            ~nw.col(PERSON).is_null()
        )
    small = answers.select("row_id", "submitted_at", nw.col(who).alias(CUSTOMER), stated.alias("stated"))
    spells = ownership.select(
        nw.col("customer_id").alias("owned"), nw.col("specialist_id").alias(PERSON), "valid_from", "valid_to"
    )
    owned = small.join(spells, left_on=CUSTOMER, right_on="owned", how="inner").filter(_in_spell())
    named = _customer_unknown(small, spells, who).filter(~nw.col("stated").is_null())
    columns = ["row_id", "submitted_at", PERSON]
    return nw.concat(
        [owned.select(columns), named.with_columns(nw.col("stated").alias(PERSON)).select(columns)],
        how="vertical",
    )


def _customer_unknown(small: Lazy, spells: Lazy, who: str) -> Lazy:
    """Keep the answers that do not say whose they are."""
    if who == "customer_id":
        return small.filter(nw.col(CUSTOMER).is_null())
    return small.join(spells.select("owned").unique(), left_on=CUSTOMER, right_on="owned", how="anti")


def _in_spell() -> nw.Expr:
    at = nw.col("submitted_at")
    return (at >= nw.col("valid_from")) & (nw.col("valid_to").is_null() | (at < nw.col("valid_to")))


def _with_customers(answers: Lazy, levels: Sequence[Level], customers: Lazy) -> Lazy:
    who = customer_column(answers.collect_schema().names())
    if who is None:
        return answers
    wanted = {_found("customers", level.column): level.column for level in levels if level.via == "customers"}
    book = customers.select(
        nw.col("customer_id").alias(CUSTOMER),
        *[nw.col(column).alias(name) for name, column in wanted.items()],
    )
    return answers.join(book, left_on=who, right_on=CUSTOMER, how="left")
