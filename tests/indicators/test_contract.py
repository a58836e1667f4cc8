"""What every row of the KPI library promises, whatever it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_kpi.engine import connect
from survey_kpi.engine import scan as scan_table
from survey_kpi.indicators.library import INDICATORS
from survey_kpi.indicators.model import Indicator, RecordMeasure
from survey_kpi.indicators.record_estimates import RECORD_FAMILIES, estimate_records, missing_records
from survey_kpi.indicators.records import count_records, period_frames, record_scans, view_of
from survey_kpi.period import Period
from survey_kpi.study.models import IndicatorSheet, Level, Text
from survey_kpi.study.tables import TABLES

DECLARED: Mapping[str, Any] = {
    "denominator": "period_start",
    "exposure": "customers",
    "item": "overall",
    "top_box": [4, 5],
    "promise_hours": {"high": 24, "mid": 48},
    "product": "x",
}
"""Values of parameters that a sheet must set."""
DTYPES = {
    "text": "str", "choice": "str", "integer": "Int64", "number": "float64", "money": "float64",
    "date": "datetime64[us]", "datetime": "datetime64[us]", "flag": "boolean",
}  # fmt: skip
EXTRA: Mapping[str, Mapping[str, str]] = {
    "responses": {
        "row_id": "text", "response_id": "text", "customer_id": "text", "submitted_at": "datetime",
        "type": "text", "case_id": "text", "overall": "integer", "comment": "text",
    },
    "goals_due": {"goal_id": "text", "specialist_id": "text", "at": "datetime", "met": "flag"},
}  # fmt: skip
"""Tables that do not come as files of their own."""
COLUMNS: Mapping[str, Mapping[str, str]] = {
    **{name: {column.name: column.kind for column in spec.columns} for name, spec in TABLES.items()},
    **EXTRA,
}
SPECIALIST = Level(
    id="specialist", label=Text(zh="专员", en="specialist"), column="specialist_id", people=True
)
TIER = Level(id="tier", label=Text(zh="层级", en="tier"), column="tier", via="customers")
LEVELS = [SPECIALIST, TIER]
QUARTER = Period.parse("2026Q3")
ROWS = list(INDICATORS.values())
CODES = list(INDICATORS)
WITH_RECORDS = [row.code for row in ROWS if any(view_of(row, measure) for measure in row.measures)]
BLANK_TEXTS = ("", "  ")


# --- a company made at random -----------------------------------------------------------------------------


def made(name: str, rows: int, random: np.random.Generator) -> pd.DataFrame:
    columns = {
        column: series(name, column, kind, rows, random).astype(DTYPES[kind])
        for column, kind in COLUMNS[name].items()
    }
    return pd.DataFrame(columns)


def series(table: str, column: str, kind: str, rows: int, random: np.random.Generator) -> pd.Series:
    spec = TABLES.get(table)
    identity = column in ((spec.key if spec else ""), "row_id", "response_id", "goal_id")
    required = column in ("at", "submitted_at", "customer_id", "specialist_id") or (
        spec is not None and spec.column(column).required
    )
    if identity:
        return pd.Series([f"{column[0]}{n}" for n in range(rows)], dtype=object)
    values = pd.Series(random_values(table, column, kind, rows, random), dtype=object)
    blank = random.random(rows) < 0.2
    return values if required else values.mask(pd.Series(blank))


def random_values(table: str, column: str, kind: str, rows: int, random: np.random.Generator) -> list[Any]:
    if column in ("customer_id", "specialist_id", "case_id", "plan_id", "person_id"):
        return [f"{column[0]}{n}" for n in random.integers(0, 6, rows)]
    if kind in ("date", "datetime"):
        hours = random.integers(0, 24 * 130, rows)
        return [pd.Timestamp("2026-06-01") + pd.Timedelta(hours=int(n)) for n in hours]
    if kind == "flag":
        return random.choice([True, False], rows).tolist()
    if kind in ("integer", "number", "money"):
        return random.integers(0, 7, rows).tolist()
    words = TABLES[table].column(column).values if table in TABLES else ()
    choices = words or ("x", "y", "complaint_followup", "mystery", *BLANK_TEXTS)
    return random.choice(choices, rows).tolist()


def company_at_random(seed: int) -> dict[str, pd.DataFrame]:
    """All tables, every customer of a tier and of one owner, every person in service."""
    random = np.random.default_rng(seed)
    tables = {name: made(name, 40, random) for name in COLUMNS}
    begun = pd.Timestamp("2026-06-15")
    customers = (
        tables["customers"]
        .head(6)
        .assign(customer_id=[f"c{n}" for n in range(6)], start_at=begun, tier=["high", "mid", "low"] * 2)
    )
    left = customers["end_at"].where(customers["end_at"] > begun)
    tables["customers"] = customers.assign(end_at=left)
    for name, begin in (("complaints", "opened_at"), ("leads", "created_at")):
        tables[name] = with_times_in_order(tables[name], begin, random)
    people = [f"s{n}" for n in range(6)]
    spells = {"valid_from": pd.Timestamp("2020-01-01"), "valid_to": pd.NaT}
    tables["ownership"] = made("ownership", 6, random).assign(
        customer_id=[f"c{n}" for n in range(6)], specialist_id=people, **spells
    )
    tables["specialists"] = made("specialists", 6, random).assign(specialist_id=people, **spells)
    tables["training"] = tables["training"].assign(person_id=[f"s{n}" for n in random.integers(0, 6, 40)])
    return {
        name: table.astype({column: DTYPES[kind] for column, kind in COLUMNS[name].items()})
        for name, table in tables.items()
    }


STAGE_HOURS = {
    "confirmed_at": (0, 5), "first_response_at": (5, 20), "resolved_at": (20, 200), "due_at": (10, 250),
    "feedback_at": (200, 400), "reopened_at": (200, 700),
    "passed_at": (0, 100), "won_at": (100, 900), "lost_at": (0, 900),
}  # fmt: skip
"""Hours after the beginning; times that contradict each other are taken out by the reader."""


def with_times_in_order(table: pd.DataFrame, begin: str, random: np.random.Generator) -> pd.DataFrame:
    times = {
        stage: (table[begin] + pd.to_timedelta(random.integers(low, high, len(table)), unit="h")).where(
            table[stage].notna()
        )
        for stage, (low, high) in STAGE_HOURS.items()
        if stage in table
    }
    return table.assign(**times)


def sheets(codes: list[str]) -> list[IndicatorSheet]:
    return [
        IndicatorSheet(
            id=code, kpi=code, label=Text(zh=code, en=code), definition=Text(zh=code, en=code),
            params={name: DECLARED[name] for name, value in INDICATORS[code].params.items() if value is None},
        )
        for code in codes
    ]  # fmt: skip


def estimated(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    connection = connect()
    plain = {**tables, **period_frames([QUARTER])}
    frames = {name: scan_table(table, connection=connection) for name, table in plain.items()}
    found = [
        estimate_records(count_records(scan, frames, LEVELS), scan.scores, LEVELS, [str(QUARTER)])
        for scan in record_scans(sheets(WITH_RECORDS))
    ]
    keys = ["indicator", "measure", "level", "subject"]
    return pd.concat(found, ignore_index=True).sort_values(keys, ignore_index=True)


def shuffled(tables: Mapping[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    return {name: table.sample(frac=1, random_state=seed) for name, table in tables.items()}


@pytest.fixture(scope="module")
def whole() -> pd.DataFrame:
    return estimated(company_at_random(5))


@pytest.fixture(scope="module")
def empty() -> pd.DataFrame:
    return estimated({name: table.head(0) for name, table in company_at_random(5).items()})


def families() -> dict[tuple[str, str], str]:
    return {(row.code, measure.name): measure.family for row in ROWS for measure in row.measures}


# --- what a row says ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=CODES)
def test_a_row_speaks_both_languages(row: Indicator) -> None:
    for text in (row.label, row.definition, *(measure.label for measure in row.measures)):
        assert text.zh.strip() and text.en.strip()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh), text.zh
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in text.en), text.en
    assert row.source and all(measure.formula and measure.unit for measure in row.measures)


@pytest.mark.parametrize("row", ROWS, ids=CODES)
def test_a_row_is_of_one_piece(row: Indicator) -> None:
    names = [measure.name for measure in row.measures]
    assert len(set(names)) == len(names)
    assert row.headline in names if names else row.home and not row.headline
    for measure in row.measures:
        if isinstance(measure, RecordMeasure):
            assert view_of(row, measure), f"{row.code}.{measure.name} has no rows"
            assert measure.family in RECORD_FAMILIES
            assert (measure.closed is not None) == (measure.family == "duration")
    assert not row.listings or row.view
    assert set(row.measure_columns) <= set(names)
    needed = {name for measure in row.measures if (view := view_of(row, measure)) for name in view.tables}
    params = {**row.params, **{name: DECLARED[name] for name, value in row.params.items() if value is None}}
    for place in {
        place for name in names for each in row.columns_of(name, params) for place in each.split("|")
    }:
        table, column = place.split(".")
        assert column in COLUMNS[table] and not TABLES[table].column(column).required
        assert table in needed


HARMLESS = {
    "A16.open": "complaints.reopened_at", "A16.median": "complaints.reopened_at",
    "A27.extra": "interactions.purpose", "A29.over_contacted": "interactions.direction",
    "A42.on_time": "specialists.team", "A42.own_department": "specialists.team",
}  # fmt: skip
"""Measures whose definition says what a blank cell means, and which cell that is."""


@pytest.mark.slow
@pytest.mark.parametrize("code", WITH_RECORDS)
def test_what_a_source_lacks_is_declared_and_never_zero(code: str) -> None:
    """Take every column away that an indicator does not declare: no share becomes 0 or 100, no count 0."""
    row, tables = INDICATORS[code], company_at_random(3)
    sheet = sheets([code])[0]
    places = {place for m in row.measures for each in row.columns_of(m.name, {**row.params, **sheet.params})
              for place in each.split("|")} | set(HARMLESS.values())  # fmt: skip
    bare = {name: without_undeclared(name, table, places) for name, table in tables.items()}
    full, less = (company_of(each, sheet) for each in (tables, bare))
    for measure, value in less.items():
        if value in (0.0, 100.0) and f"{code}.{measure}" not in HARMLESS:
            assert full[measure] == value, f"{code}.{measure} rests on a column that its row does not declare"


def without_undeclared(name: str, table: pd.DataFrame, places: set[str]) -> pd.DataFrame:
    spec = TABLES.get(name)
    lost = (
        [c.name for c in spec.columns if not c.required and f"{name}.{c.name}" not in places] if spec else []
    )
    return table.assign(
        **{column: pd.Series([None] * len(table), dtype=table[column].dtype) for column in lost}
    )


def company_of(tables: Mapping[str, pd.DataFrame], sheet: IndicatorSheet) -> dict[str, float]:
    """Return the measured values of the company."""
    connection = connect()
    plain = {**tables, **period_frames([QUARTER])}
    frames = {name: scan_table(table, connection=connection) for name, table in plain.items()}
    found = pd.concat(
        estimate_records(count_records(scan, frames, []), scan.scores, [], [str(QUARTER)])
        for scan in record_scans([sheet])
    )
    return dict(zip(found["measure"], found["value"], strict=True))


# --- what its numbers are -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", WITH_RECORDS)
def test_nothing_is_never_a_number(empty: pd.DataFrame, code: str) -> None:
    rows = empty[empty["indicator"] == code]
    known = families()
    assert set(rows["measure"]) == {measure.name for measure in INDICATORS[code].measures}
    for row in rows.to_dict("records"):
        assert row["subject"] == "company" and row["n"] == 0
        if known[code, row["measure"]] in ("count", "total"):
            assert (row["value"], row["state"]) == (0, "measured")
        else:
            assert np.isnan(row["value"]) and row["state"] == "unavailable" and row["reason"]


@pytest.mark.parametrize("code", WITH_RECORDS)
def test_a_missing_table_is_not_measured(code: str) -> None:
    for scan in record_scans(sheets([code])):
        rows = missing_records(scan.scores, ["2026Q3"], reason=f"no table {scan.view.tables[0]}")
        assert rows["value"].isna().all() and (rows["state"] == "unavailable").all()
        assert rows["reason"].str.startswith("no table").all()


@pytest.mark.parametrize("code", WITH_RECORDS)
def test_values_lie_within_their_bounds(whole: pd.DataFrame, code: str) -> None:
    known = families()
    for row in whole[(whole["indicator"] == code) & (whole["state"] == "measured")].to_dict("records"):
        family = known[code, row["measure"]]
        assert np.isfinite(row["value"])
        assert not row["conf_low"] > row["value"] + 1e-9 and not row["conf_high"] < row["value"] - 1e-9
        if family == "proportion":
            assert 0 <= row["conf_low"] <= row["value"] <= row["conf_high"] <= 100
        if family in ("count", "duration", "rate"):
            assert row["value"] >= 0


def test_the_order_of_rows_does_not_matter(whole: pd.DataFrame) -> None:
    again = estimated(shuffled(company_at_random(5), seed=1))
    pd.testing.assert_frame_equal(whole, again, rtol=1e-12)


@pytest.mark.parametrize("level", ["specialist", "tier"])
def test_the_parts_of_what_belongs_to_somebody_are_the_whole(whole: pd.DataFrame, level: str) -> None:
    keys = ["indicator", "measure"]
    parts = whole[whole["level"] == level].groupby(keys)["n"].sum()
    company = whole[whole["level"] == "company"].set_index(keys)["n"]
    assert len(parts) > 40
    pd.testing.assert_series_equal(parts, company[parts.index], rtol=1e-9, check_dtype=False)


def test_what_belongs_to_nobody_counts_for_the_company_alone(whole: pd.DataFrame) -> None:
    tables = company_at_random(5)
    tables["ownership"] = tables["ownership"].head(4)
    found = estimated(tables)
    company = ["level", "indicator", "measure", "value", "n", "state"]
    pd.testing.assert_frame_equal(
        whole.loc[whole["level"] == "company", company].reset_index(drop=True),
        found.loc[found["level"] == "company", company].reset_index(drop=True),
    )
    keys = ["indicator", "measure"]
    parts = found[found["level"] == "specialist"].groupby(keys)["n"].sum()
    totals = found[found["level"] == "company"].set_index(keys)["n"][parts.index]
    assert (parts <= totals + 1e-9).all() and (parts < totals).any()
