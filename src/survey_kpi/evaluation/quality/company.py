"""The company's tables as they came: what reading noticed, whether keys lead anywhere, how recent rows are.

Shares are of all rows that a table holds; counts, last rows and the answers' side are of the period.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.evaluation.quality.gates import CHECKS, PEOPLE, STEADY, states_owner
from survey_kpi.evaluation.quality.intake import Drift
from survey_kpi.evaluation.quality.judging import RESPONSES, percent, worst
from survey_kpi.frames import rows_of
from survey_kpi.indicators.subjects import customer_column
from survey_kpi.period import Period
from survey_kpi.records import Records, match_rates, reassigned_after_answer, stated_differences
from survey_kpi.records.model import UNREAD
from survey_kpi.records.spells import SPELLS
from survey_kpi.study.tables import TABLES, TableSpec

Lazy = nw.LazyFrame[Any]
Values = dict[str, tuple[float, str]]

REPEATED = frozenset({"duplicate_key", "conflicting_key"})
LOST = frozenset(UNREAD.values())
"""Rules of cells that hold something which is none of their kind."""
RULE_COLUMNS = ("table", "rule", "item", "action", "n")
CLAIM_COLUMNS = ("claim", "rows", "confirmed")
HELD_COLUMNS = ("table", "rows", "set_aside", "period", "before", "last", "named")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Company:
    """The tables beside the answers.

    Parameters
    ----------
    intake
        One row per file, as `Records.intake`.
    held
        `HELD_COLUMNS`, one row per table: rows received and set aside; rows of the period and of the earlier
        one, missing where rows have no time; the last time before the end of the period; rows that name a
        specialist.
    rules
        `RULE_COLUMNS`: how many rows or cells each rule of reading noticed.
    links
        `records.MATCH_COLUMNS`: keys of every table, and of the period's answers, against the tables they
        refer to.
    stated
        Audit rows of all tables and of the period's answers that name another specialist than the owner.
    moved
        Audit rows of customers who went to somebody else soon after a bad answer of the period.
    claims
        `CLAIM_COLUMNS`: what people report and other records confirm: plans marked done whose interaction is
        there (`plans_done`), profile fields of the period that an audit found right (`profiles_audited`).
    drifts
        Columns of the last file of a table against the one before, where there are several.
    """

    intake: pd.DataFrame
    held: pd.DataFrame
    rules: pd.DataFrame
    links: pd.DataFrame
    stated: pd.DataFrame
    moved: pd.DataFrame
    claims: pd.DataFrame
    drifts: tuple[Drift, ...]

    @property
    def used_links(self) -> pd.DataFrame:
        """Links of columns that are filled at all."""
        return self.links[self.links["blank"] < self.links["rows"]]


def examine(
    records: Records, answers: Lazy, period: Period, against: Period, *, bad: nw.Expr | None
) -> Company:
    """Look through every table of a study.

    Parameters
    ----------
    records
        The tables.
    answers
        Kept answers of the period, on the same connection.
    bad
        Which answers are bad, None where the questionnaire asks nothing of the kind.
    """
    known = _with_customer(answers)
    held = [_held(name, frame, records.intake, (period, against)) for name, frame in records.frames.items()]
    links = _links(records, known)
    claims = [*_plans_done(links), *_profiles_audited(records, period)]
    return Company(
        intake=records.intake,
        held=pd.DataFrame(held, columns=list(HELD_COLUMNS)),
        rules=_rules(records.audit),
        links=links,
        claims=pd.DataFrame(claims, columns=list(CLAIM_COLUMNS)),
        stated=_stated(records, known),
        moved=_moved(records, known, bad),
        drifts=_drifts(records.intake),
    )


def _with_customer(answers: Lazy) -> Lazy:
    who = customer_column(answers.collect_schema().names())
    return answers if who is None else answers.with_columns(nw.col(who).alias("customer_id"))


# --- rows ---------------------------------------------------------------------------------------------


def _held(name: str, frame: Lazy, intake: pd.DataFrame, periods: tuple[Period, Period]) -> dict[str, object]:
    """Count a table's rows in one scan."""
    spec, mine = TABLES[name], intake[intake["table"] == name]
    person = ~nw.col("specialist_id").is_null() if states_owner(spec) else None
    asked = {"period": _inside(spec, periods[0]), "before": _inside(spec, periods[1]), "named": person}
    sums = {key: what.cast(nw.Int64()).sum() for key, what in asked.items() if what is not None}
    if spec.time:
        end, time = pd.Timestamp(periods[0].end).to_pydatetime(), nw.col(spec.time)
        sums["last"] = nw.when(time < end).then(time).max()
    [row] = rows_of(collect(frame.select(nw.len().alias("n"), **sums)))
    counts = {key: math.nan if pd.isna(row.get(key)) else float(row[key]) for key in asked}
    received = {"rows": int(mine["rows"].sum()), "set_aside": int(mine["set_aside"].sum())}
    return {"table": name, **received, **counts, "last": row.get("last", pd.NaT)}


def _inside(spec: TableSpec, period: Period) -> nw.Expr | None:
    """Return which rows are of a period; None where rows say nothing about it."""
    start, end = (pd.Timestamp(day).to_pydatetime() for day in (period.start, period.end))
    if spec.time:
        return (nw.col(spec.time) >= start) & (nw.col(spec.time) < end)
    if spec.name in SPELLS:
        return (nw.col("valid_from") < end) & _ongoing("valid_to", start)
    if spec.name == "customers":
        return (nw.col("start_at") < end) & _ongoing("end_at", start)
    return nw.col("period") == str(period) if spec.name == "ratings360" else None


def _ongoing(column: str, start: object) -> nw.Expr:
    return nw.col(column).is_null() | (nw.col(column) > start)


def _rules(audit: pd.DataFrame) -> pd.DataFrame:
    lines = [
        {"table": table, "rule": rule, "item": item, "action": action, "n": noticed(found)}
        for (table, rule, item, action), found in audit.fillna({"item": ""}).groupby(
            ["source", "rule", "item", "action"], sort=False
        )
    ]
    return pd.DataFrame(lines, columns=list(RULE_COLUMNS))


def noticed(found: pd.DataFrame) -> int:
    """Count audit rows; a rule that met too many to list says how many in one row."""
    if found.empty:
        return 0
    summed = (found["row_id"] == "") & (found["detail"] == "rows")
    return int(found.loc[summed, "value"].astype(int).sum()) + int((~summed).sum())


# --- keys and owners ----------------------------------------------------------------------------------


def _links(records: Records, answers: Lazy) -> pd.DataFrame:
    """Return the match of keys; respondents of whom nobody is a customer have numbers of their own."""
    links = match_rates(records, answers)
    foreign = (links["table"] == RESPONSES) & (links["column"] == "customer_id") & (links["matched"] == 0)
    return links[~foreign].reset_index(drop=True)


def _stated(records: Records, answers: Lazy) -> pd.DataFrame:
    if "ownership" not in records.frames:
        return records.audit.iloc[:0]
    owned = records.frames["ownership"]
    found = [
        stated_differences(frame, owned, table=name, key=TABLES[name].key, time=TABLES[name].time)
        for name, frame in records.frames.items()
        if states_owner(TABLES[name])
    ]
    if {"customer_id", "specialist_id"} <= set(answers.collect_schema().names()):
        found.append(stated_differences(answers, owned, table=RESPONSES, key="row_id", time="submitted_at"))
    return pd.concat([records.audit.iloc[:0], *found], ignore_index=True)


def _moved(records: Records, answers: Lazy, bad: nw.Expr | None) -> pd.DataFrame:
    named = "customer_id" in answers.collect_schema().names()
    if bad is None or not named or "ownership" not in records.frames:
        return records.audit.iloc[:0]
    return reassigned_after_answer(answers, records.frames["ownership"], bad=bad)


# --- self-report against other records ----------------------------------------------------------------


def _plans_done(links: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    mine = links[(links["table"] == "service_plans") & (links["column"] == "done_interaction_id")]
    for row in rows_of(mine):
        yield "plans_done", row.rows - row.blank, row.matched


def _profiles_audited(records: Records, period: Period) -> Iterator[tuple[str, int, int]]:
    if "audits" not in records.frames:
        return
    inside = _inside(TABLES["audits"], period)
    right = (nw.col("crm_value") == nw.col("true_value")).fill_null(value=False)
    audits = records.frames["audits"] if inside is None else records.frames["audits"].filter(inside)
    [row] = rows_of(collect(audits.select(nw.len().alias("rows"), confirmed=right.cast(nw.Int64()).sum())))
    yield "profiles_audited", int(row.rows), 0 if pd.isna(row.confirmed) else int(row.confirmed)


# --- layout -------------------------------------------------------------------------------------------


def _drifts(intake: pd.DataFrame) -> tuple[Drift, ...]:
    """Compare the last file of each table with the one before it, by name."""
    found = []
    for _, files in intake.groupby("table", sort=False):
        if len(files) < 2:
            continue
        before, now = rows_of(files.sort_values("file").iloc[-2:])
        new = [*_less(before["absent"], now["absent"]), *_less(now["unused"], before["unused"])]
        gone = [*_less(now["absent"], before["absent"]), *_less(before["unused"], now["unused"])]
        found.append(Drift(file=now.file, before=before.file, new=tuple(new), gone=tuple(gone)))
    return tuple(found)


def _less(names: list[str], others: list[str]) -> list[str]:
    return [name for name in names if name not in others]


# --- gates --------------------------------------------------------------------------------------------


def gate_values(company: Company, records: Records, period: Period) -> Values:
    """Return (value, where) of every check of tables that can be judged, by the name of its gate."""
    values: Values = {}
    for row in rows_of(company.held):
        mine = records.audit[records.audit["source"] == row.table]
        found = {**_of_rows(row, mine), **_of_keys(row, company), **_of_time(row, period)}
        values |= {f"{row.table}_{code}": found[code] for code in CHECKS if code in found}
    return values


def _of_rows(row: Any, audit: pd.DataFrame) -> Values:
    again = noticed(audit[audit["rule"].isin(REPEATED)])
    lost = audit[audit["rule"].isin(LOST)]
    shares = {str(item): percent(noticed(cells), row.rows) for item, cells in lost.groupby("item")}
    broken = audit[audit["rule"] == "time_order"]
    listed = broken.loc[broken["row_id"] != "", "row_id"].nunique()
    summed = noticed(broken[broken["row_id"] == ""])
    return {
        "incomplete": (percent(row.set_aside - again, row.rows), ""),
        "repeated": (percent(again, row.rows), ""),
        "unreadable": worst({"": 0.0} | shares) if row.rows else (math.nan, ""),
        "disordered": (percent(listed + summed, row.rows), ""),
        "overlapping": (0.0, ""),  # reading refuses spells that overlap
    }


def _of_keys(row: Any, company: Company) -> Values:
    links = company.links[company.links["table"] == row.table]
    stated = int((company.stated["source"] == row.table).sum())
    return {
        "strangers": _astray(links[links["column"] == "customer_id"]),
        "unlisted_people": _astray(links[links["column"].isin(PEOPLE)]),
        "stated_otherwise": (percent(stated, 0 if math.isnan(row.named) else row.named), ""),
    }


def _astray(links: pd.DataFrame) -> tuple[float, str]:
    """Return the share of filled keys that lead nowhere, in the worst column, and the first of them."""
    shares = {
        ", ".join(row.examples): percent(row.unmatched - row.blank, row.rows - row.blank)
        for row in rows_of(links)
    }
    return worst(shares)


def _of_time(row: Any, period: Period) -> Values:
    steady = row.table in STEADY
    age = math.nan if pd.isna(row["last"]) else float((pd.Timestamp(period.end) - row["last"]).days)
    return {"in_period": (row.period if steady else math.nan, ""), "stale": (age, "")}
