"""Do the keys of one table lead to rows of another? Rates, examples, and who is named against who owns.

Rows whose key leads nowhere are counted and shown, and stay: they belong to the totals of the company alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.inference.intervals import wilson
from survey_kpi.readers.responses import AUDIT_COLUMNS
from survey_kpi.records.reading import Records
from survey_kpi.study.tables import TABLES

MATCH_COLUMNS = (
    "table",
    "column",
    "target",
    "rows",
    "blank",
    "matched",
    "unmatched",
    "rate",
    "conf_low",
    "conf_high",
    "examples",
)

_TARGETS: Mapping[str, str] = {
    "customer_id": "customers",
    "specialist_id": "specialists",
    "ratee_id": "specialists",
    "person_id": "specialists",
    "manager_id": "specialists",
    "plan_id": "service_plans",
    "done_interaction_id": "interactions",
    "campaign_id": "campaigns",
    "lead_id": "leads",
    "case_id": "complaints",
}
"""Table that a column refers to."""

_KEYS: Mapping[str, str] = {name: spec.key for name, spec in TABLES.items()} | {
    "specialists": "specialist_id"
}
_EXAMPLES = 5
_Frame = nw.LazyFrame[Any]


def match_rates(records: Records, responses: _Frame | None = None) -> pd.DataFrame:
    """Return how many rows of each table lead to a row of the table that they refer to.

    Parameters
    ----------
    records
        Tables of one study.
    responses
        Answers on the same connection; their columns customer_id, specialist_id and case_id are looked at
        where they exist.

    Returns
    -------
    DataFrame
        `MATCH_COLUMNS`, one row per column that refers to a table which is there. rate: rows with a known
        key in percent of all rows, blank ones included, with Wilson interval (Wilson 1927, level 0.95); a
        table without rows has none. examples: the first keys, in order, that lead nowhere.
    """
    frames = dict(records.frames) | ({} if responses is None else {"responses": responses})
    return pd.DataFrame([_match(frames, *link) for link in _links(frames)], columns=list(MATCH_COLUMNS))


def _links(frames: Mapping[str, _Frame]) -> Iterator[tuple[str, str, str]]:
    for table, frame in frames.items():
        present = frame.collect_schema().names()
        for column, target in _TARGETS.items():
            if target in frames and target != table and column in present:
                yield table, column, target


def _match(frames: Mapping[str, _Frame], table: str, column: str, target: str) -> dict[str, object]:
    """Count a column's keys first, so that long tables are joined by their distinct keys."""
    keys = frames[table].group_by(nw.col(column).alias("key")).agg(nw.len().alias("n"))
    known = frames[target].select(nw.col(_KEYS[target]).alias("key"), known=nw.lit(1)).unique()
    found = collect(keys.join(known, on="key", how="left"))
    rows, blank = int(found["n"].sum()), int(found.loc[found["key"].isna(), "n"].sum())
    astray = found[found["known"].isna() & found["key"].notna()]
    matched = rows - blank - int(astray["n"].sum())
    low, high = wilson(matched, rows, 0.95) if rows else (float("nan"),) * 2
    return {
        "table": table,
        "column": column,
        "target": target,
        "rows": rows,
        "blank": blank,
        "matched": matched,
        "unmatched": rows - matched,
        "rate": 100 * matched / rows if rows else float("nan"),
        "conf_low": 100 * low,
        "conf_high": 100 * high,
        "examples": sorted(astray["key"])[:_EXAMPLES],
    }


# --- who is named, who owns ---------------------------------------------------------------------------


def stated_differences(rows: _Frame, ownership: _Frame, *, table: str, key: str, time: str) -> pd.DataFrame:
    """Return audit rows `stated_specialist`: a row names another specialist than the customer's owner.

    Ownership at the time of the row wins, whatever is stated.

    Parameters
    ----------
    rows
        A table with customer_id and specialist_id.
    ownership
        Spells of customers, on the same connection.
    table, key, time
        Name of the table, its key and its time.
    """
    owned = _owned(rows.filter(~nw.col("specialist_id").is_null()), ownership, key=key, time=time)
    found = collect(owned.filter(nw.col("specialist_id") != nw.col("owner")).sort("id"))
    return _audit(
        found, table, "stated_specialist", "specialist_id", found["specialist_id"], "owner: " + found["owner"]
    )


def reassigned_after_answer(
    answers: _Frame, ownership: _Frame, *, bad: nw.Expr, key: str = "row_id", days: int = 14
) -> pd.DataFrame:
    """Return audit rows `reassigned_after_answer`: the customer moved on soon after a bad answer.

    The answer stays with the owner of its time; the move is shown, because moving bad cases away would
    make a score look better.

    Parameters
    ----------
    answers
        One row per answer: `key`, customer_id, submitted_at.
    ownership
        Spells of customers, on the same connection.
    bad
        Which answers are bad, such as `nw.col("ltr") <= 6`.
    key
        Column that identifies an answer.
    days
        Moves up to so many days after the answer count.
    """
    owned = _owned(answers.filter(bad), ownership, key=key, time="submitted_at")
    soon = nw.col("valid_to") <= nw.col("time").dt.offset_by(f"{days}d")
    next_spell = ownership.select(
        nw.col("customer_id").alias("next_customer"),
        nw.col("specialist_id").alias("next_owner"),
        nw.col("valid_from").alias("valid_to"),
    )
    moved = owned.filter(soon).join(
        next_spell, left_on=["customer_id", "valid_to"], right_on=["next_customer", "valid_to"], how="inner"
    )
    found = collect(moved.filter(nw.col("next_owner") != nw.col("owner")).sort("id"))
    detail = "moved to " + found["next_owner"] + " on " + found["valid_to"].dt.strftime("%Y-%m-%d")
    return _audit(found, "responses", "reassigned_after_answer", "customer_id", found["owner"], detail)


def _owned(rows: _Frame, ownership: _Frame, *, key: str, time: str) -> _Frame:
    """Join each row with the spell of its customer at its time."""
    stated = [nw.col("specialist_id")] if "specialist_id" in rows.collect_schema().names() else []
    spells = ownership.select(
        nw.col("customer_id").alias("owned"), nw.col("specialist_id").alias("owner"), "valid_from", "valid_to"
    )
    picked = rows.select(nw.col(key).alias("id"), "customer_id", *stated, time=nw.col(time))
    return picked.join(spells, left_on="customer_id", right_on="owned", how="inner").filter(
        nw.col("time") >= nw.col("valid_from"),
        nw.col("valid_to").is_null() | (nw.col("time") < nw.col("valid_to")),
    )


def _audit(
    found: pd.DataFrame, table: str, rule: str, item: str, values: pd.Series, detail: pd.Series
) -> pd.DataFrame:
    columns = [found["id"], table, rule, item, values, "kept", detail]
    return pd.DataFrame(dict(zip(AUDIT_COLUMNS, columns, strict=True)), dtype="str")
