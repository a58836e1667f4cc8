"""Databases are read only, by one SELECT, and no message holds a password."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from survey_kpi.engine import collect
from survey_kpi.errors import SchemaError, SpecError
from survey_kpi.records import database, read_records

ROWS = [
    ("k1", "c1", "2026-07-01T10:00:00+08:00", None, 2, 1),
    ("k2", "c2", "2026-07-01T02:00:00Z", "2026-07-03 00:00", 1, 0),
    (None, "c3", "2026-07-01T02:00:00Z", None, None, None),
]
CREATE = (
    "CREATE TABLE complaints (case_id TEXT, customer_id TEXT, opened_at TEXT, resolved_at TEXT, "
    "contacts INTEGER, product_fault INTEGER)"
)


@pytest.fixture
def crm(desk) -> Path:
    path = desk.folder / "crm.db"
    with sqlite3.connect(path) as connection:
        connection.execute(CREATE)
        connection.executemany("INSERT INTO complaints VALUES (?, ?, ?, ?, ?, ?)", ROWS)
    connection.close()
    return path


def test_sqlite(desk, crm) -> None:
    before = crm.read_bytes()
    desk.tables["complaints"] = {"url": "sqlite:///crm.db"}
    records = desk.read()
    rows = collect(records.frames["complaints"]).sort_values("case_id")
    assert rows["case_id"].tolist() == ["k1", "k2"]
    assert rows["opened_at"].dt.hour.tolist() == [10, 10]
    assert rows["product_fault"].tolist() == [True, False]
    assert records.intake.loc[0, ["file", "rows", "set_aside"]].tolist() == ["database", 3, 1]
    assert crm.read_bytes() == before


def test_a_query_with_a_colon_and_a_percent_sign(desk, crm) -> None:
    query = "SELECT *, 'a:b' AS note FROM complaints WHERE case_id LIKE 'k%' AND customer_id <> ':x';"
    desk.tables["complaints"] = {"url": "sqlite:///crm.db", "query": query}
    assert len(desk.frame("complaints")) == 2


def test_chunks_make_one_table(desk, crm, monkeypatch) -> None:
    desk.tables["complaints"] = {
        "url": "sqlite:///crm.db",
        "query": "SELECT * FROM complaints ORDER BY opened_at DESC",
    }
    whole = desk.read()
    monkeypatch.setattr(database, "CHUNK", 1)
    desk.tables["complaints"]["query"] = "SELECT * FROM complaints"
    parts = desk.read()
    assert collect(parts.frames["complaints"]).sort_values("case_id").to_csv(index=False) == collect(
        whole.frames["complaints"]
    ).sort_values("case_id").to_csv(index=False)
    assert parts.intake["sha256"].tolist() == whole.intake["sha256"].tolist()
    assert parts.audit.query("rule == 'id_missing'")["row_id"].tolist() == ["complaints:3"]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM complaints",
        "SELECT 1; DROP TABLE complaints",
        "PRAGMA writable_schema = 1",
        "/* SELECT */ UPDATE complaints SET case_id = 1",
        "SELECT ';' ; SELECT 2",
        "",
    ],
)
def test_only_one_select(desk, crm, query) -> None:
    desk.tables["complaints"] = {"url": "sqlite:///crm.db", "query": query}
    with pytest.raises(SpecError) as raised:
        desk.read()
    assert raised.value.code == "not_a_select"


def test_a_select_that_writes_changes_nothing(desk, crm) -> None:
    before = crm.read_bytes()
    query = "WITH gone AS (SELECT 1) DELETE FROM complaints"
    desk.tables["complaints"] = {"url": "sqlite:///crm.db", "query": query}
    with pytest.raises(SchemaError, match="readonly"):
        desk.read()
    assert crm.read_bytes() == before


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite:///../crm.db", "path_escape"),
        ("sqlite:////etc/passwd", "path_escape"),
        ("sqlite://", "path_escape"),
        ("sqlite:///crm.db?mode=rwc", "path_escape"),
        ("sqlite:///cmr.db", "table_missing"),
        ("postgresql://me:secret@localhost/crm", "database_url"),
        ("nonsense secret", "database_url"),
        ("oraculum://me@localhost/crm", "database_url"),
        ("mysql+mysqldb://me@localhost/crm", "driver_missing"),
    ],
)
def test_addresses_that_are_refused(desk, crm, url, code) -> None:
    desk.tables["complaints"] = {"url": url}
    with pytest.raises((SpecError, SchemaError)) as raised:
        desk.read()
    assert raised.value.code == code
    assert "secret" not in str(raised.value)


def test_an_address_from_the_environment(desk, crm, monkeypatch) -> None:
    desk.tables["complaints"] = {"url_from": "CRM_ADDRESS"}
    monkeypatch.delenv("CRM_ADDRESS", raising=False)
    with pytest.raises(SpecError, match="CRM_ADDRESS is not set"):
        desk.read()
    monkeypatch.setenv("CRM_ADDRESS", "sqlite:///crm.db")
    assert len(desk.frame("complaints")) == 2
    monkeypatch.setenv("CRM_ADDRESS", "postgresql://me:topsecret@127.0.0.1:9/crm")
    with pytest.raises(SchemaError) as raised:
        desk.read()
    assert raised.value.code == "table_missing"
    assert "topsecret" not in str(raised.value)


def test_a_table_that_the_database_lacks(desk, crm) -> None:
    desk.tables["orders"] = {"url": "sqlite:///crm.db"}
    with pytest.raises(SchemaError, match="no such table: orders"):
        desk.read()


# --- a real server ------------------------------------------------------------------------------------


@pytest.fixture
def server() -> str:
    """Address of a PostgreSQL server that tests may write to."""
    address = os.environ.get("SURVEY_KPI_POSTGRES", "")
    if not address:
        pytest.skip("no PostgreSQL server: set SURVEY_KPI_POSTGRES to its address")
    return address


@pytest.fixture
def served(server, desk, monkeypatch):
    """The rows above on the server, in types of its own."""
    monkeypatch.setenv("CRM_ADDRESS", server)
    engine = sa.create_engine(server.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS complaints, orders"))
        connection.execute(sa.text("CREATE SEQUENCE IF NOT EXISTS counter"))
        connection.execute(
            sa.text(
                "CREATE TABLE complaints (case_id text, customer_id text, opened_at timestamptz, "
                "resolved_at timestamp, contacts int, product_fault boolean)"
            )
        )
        connection.execute(
            sa.text("INSERT INTO complaints VALUES (:a, :b, :c, :d, :e, :f)"),
            [
                dict(zip("abcdef", (*row[:5], None if row[5] is None else bool(row[5])), strict=True))
                for row in ROWS
            ],
        )
        connection.execute(
            sa.text(
                "CREATE TABLE orders AS SELECT 'o' || n AS order_id, 'c1' AS customer_id, "
                "date '2026-07-01' AS ordered_at, n * 0.01::numeric(12, 2) AS amount, 'CNY' AS currency "
                "FROM generate_series(1, 120000) AS n"
            )
        )
    yield desk
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS complaints, orders"))
        connection.execute(sa.text("DROP SEQUENCE counter"))
    engine.dispose()


def test_postgresql_types(served) -> None:
    served.tables["complaints"] = {"url_from": "CRM_ADDRESS"}
    rows = served.frame("complaints").sort_values("case_id")
    assert rows["case_id"].tolist() == ["k1", "k2"]
    assert rows["opened_at"].dt.hour.tolist() == [10, 10]
    assert rows["product_fault"].tolist() == [True, False]


def test_postgresql_streams_and_counts_to_the_cent(served) -> None:
    served.tables["orders"] = {
        "url_from": "CRM_ADDRESS",
        "query": "SELECT * FROM orders WHERE order_id LIKE 'o%'",
    }
    records = read_records(served.study())
    rows = collect(records.frames["orders"])
    assert len(rows) == 120_000
    assert str(rows["amount"].sum()) == "72000600.00"


@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM complaints RETURNING *) SELECT * FROM gone",
        "SELECT *, nextval('counter') AS number FROM complaints",
    ],
)
def test_postgresql_is_read_only(served, query) -> None:
    served.tables["complaints"] = {"url_from": "CRM_ADDRESS", "query": query}
    with pytest.raises(SchemaError, match=r"read-only transaction|data-modifying"):
        served.read()
    served.tables["complaints"] = {"url_from": "CRM_ADDRESS"}
    assert len(served.frame("complaints")) == 2
