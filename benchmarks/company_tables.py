"""How evaluating a large company's tables grows: complaints, contacts, customers of 2,000 specialists.

python benchmarks/company_tables.py          5,000,000 contacts, 1,000,000 complaints; and a fifth of it
python benchmarks/company_tables.py --write  and write the table into the documentation

Tables are drawn by DuckDB into Parquet files in a temporary folder; only reading and estimating is timed.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import narwhals.stable.v2 as nw
import page
import pandas as pd

from survey_kpi.engine import connect
from survey_kpi.evaluation import open_study
from survey_kpi.evaluation.from_records import estimate_from_records
from survey_kpi.evaluation.reach import reach_of
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.records import read_records
from survey_kpi.study.models import IndicatorSheet, TableSource

CODES = ("A09", "A10", "A13", "A14", "A15", "A16", "A19", "A20", "A28", "A29", "A30")
PARAMS = {
    "A13": {"exposure": "customers"},
    "A19": {"denominator": "period_start"},
    "A20": {"denominator": "period_start"},
}
QUARTERS = 4
START = "TIMESTAMP '2025-10-01'"
SPAN = 365 * 86_400


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="evaluate the tables of a folder and print one line")
    parser.add_argument("--write", action="store_true", help="write the table into docs/benchmarks.md")
    options = parser.parse_args()
    if options.folder:
        print(measured(options.folder))
        return
    heads = ["| rows | estimates | CPU s | wall s | peak MB |", "|---:|---:|---:|---:|---:|"]
    found = [run(scale) for scale in (0.2, 1.0)]
    print(*heads, *found, sep="\n")
    if options.write:
        page.write("company_tables", "one evaluation", ("duckdb", "narwhals", "pandas"), [*heads, *found])


def run(scale: float) -> str:
    """Write the tables, and evaluate them in a process of its own, whose peak is that of the evaluation."""
    with tempfile.TemporaryDirectory() as folder:
        rows = write_tables(Path(folder), scale)
        command = [sys.executable, __file__, "--folder", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return f"| {rows:,} {done.stdout.strip().splitlines()[-1]}"


def measured(folder: Path) -> str:
    """Evaluate the tables of a folder, and return the line of the table without its first cell."""
    before = time.process_time(), time.perf_counter()
    found = evaluate_tables(folder)
    cpu, wall = time.process_time() - before[0], time.perf_counter() - before[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"| {found:,} | {cpu:.1f} | {wall:.1f} | {peak:,.0f} |"


def write_tables(folder: Path, scale: float) -> int:
    """Write the tables and return how many rows they have together."""
    people, customers = int(2_000 * scale), int(200_000 * scale)
    contacts, complaints = int(5_000_000 * scale), int(1_000_000 * scale)
    moment = f"{START} + to_seconds((hash({{seed}}, i) % {SPAN})::BIGINT)"
    tables = {
        "specialists": f"SELECT 's' || i AS specialist_id, 'n' || i AS name, DATE '2020-01-01' AS valid_from,"
        f" 't' || i % 40 AS team FROM range({people}) r(i)",
        "customers": "SELECT 'c' || i AS customer_id, ['high', 'mid', 'low'][1 + i % 3] AS tier,"
        f" DATE '2024-01-01' AS start_at, CASE WHEN hash(7, i) % 10 = 0 THEN DATE '2025-10-01' +"
        f" (hash(8, i) % 365)::INTEGER END AS end_at FROM range({customers}) r(i)",
        "ownership": f"SELECT 'c' || i AS customer_id, 's' || i % {people} AS specialist_id,"
        f" DATE '2023-01-01' AS valid_from FROM range({customers}) r(i)",
        "complaints": f"SELECT 'k' || i AS case_id, 'c' || hash(1, i) % {customers} AS customer_id,"
        f" {moment.format(seed=2)} AS opened_at, opened_at + INTERVAL 1 HOUR AS first_response_at,"
        " opened_at + INTERVAL 48 HOUR AS due_at,"
        " CASE WHEN hash(3, i) % 50 > 0 THEN opened_at + to_seconds((7200 + hash(3, i) % 300000)::BIGINT)"
        " END AS resolved_at,"
        " 1 + hash(4, i) % 3 AS contacts, 'k' || hash(5, i) % 5 AS category,"
        f" ['phone', 'email'][1 + i % 2] AS channel FROM range({complaints}) r(i)",
        "interactions": f"SELECT 'i' || i AS interaction_id, 'c' || hash(1, i) % {customers} AS customer_id,"
        f' {moment.format(seed=6)} AS "at", "at" + to_seconds((hash(9, i) % 200000)::BIGINT) AS recorded_at,'
        " ['solved', 'positive', 'neutral'][1 + i % 3] AS outcome, 'x' AS summary,"
        f" CASE WHEN i % 9 > 0 THEN 'y' END AS next_step,"
        f" ['phone', 'email'][1 + i % 2] AS channel FROM range({contacts}) r(i)",
    }  # fmt: skip
    connection = duckdb.connect()
    total = 0
    for name, query in tables.items():
        connection.execute(f"COPY ({query}) TO '{folder / name}.parquet' (FORMAT parquet)")
        total += connection.execute(f"SELECT count(*) FROM '{folder / name}.parquet'").fetchone()[0]
    return total


def evaluate_tables(folder: Path) -> int:
    """Read the tables and estimate every indicator of `CODES` for everybody in four quarters."""
    sample = open_study("sample")
    words = sample.study.title
    sheets = tuple(
        IndicatorSheet(id=code, kpi=code, label=words, definition=words, params=PARAMS.get(code, {}))
        for code in CODES
    )
    names = ("specialists", "customers", "ownership", "complaints", "interactions")
    tables = {name: TableSource(file=f"{name}.parquet") for name in names}
    calendar = sample.study.calendar.model_copy(update={"file": None})
    study = sample.model_copy(
        update={
            "data_dir": str(folder),
            "study": sample.study.model_copy(update={"tables": tables, "calendar": calendar}),
            "indicators": sample.indicators.model_copy(update={"indicators": sheets}),
        }
    )
    connection = connect()
    records = read_records(study, connection=connection)
    answers = read_responses(sample, connection=connection).frame
    none = answers.with_columns(nw.lit("none").alias("excluded_by"))
    periods = Period.parse("2026Q3").last(QUARTERS)
    reach = reach_of(study, records, cells=pd.DataFrame())
    found = estimate_from_records(study, records.frames, none, periods, connection, reach=reach)
    return sum(len(table) for table in found)


if __name__ == "__main__":
    main()
