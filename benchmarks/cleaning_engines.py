"""Cleaning against the same flags written by hand: DuckDB SQL, pandas and, where installed, polars.

    python benchmarks/cleaning_engines.py                1,000,000 responses x 12 items
    python benchmarks/cleaning_engines.py --rows 10000000 --only ours sql

Every contender reads one Parquet file, flags every response by the default policy and reports how many rows
each flag hits, how many are kept and the mean of every item among them; the answers must be equal. Each run
is a process of its own: wall and CPU seconds without imports, and the peak of its memory in MB. The figures
are medians of `--repeat` runs, and ratios to the SQL.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ITEMS = [f"q{number}" for number in range(1, 12)]
RATED = [*ITEMS, "ltr"]
FLAGS = [
    "platform_status",
    "duplicate",
    "id_missing",
    "missing_share",
    "time_order",
    "burst",
    "too_fast",
    "straight_line",
]
Result = dict[str, float]


def generate(rows: int, path: Path) -> None:
    """Write responses of three quarters: gaps, codes, slips, twins, speeders, previews."""
    import duckdb

    def noise(salt: int) -> str:  # uniform in [0, 1), the same for every run
        return f"(hash(i * 64 + {salt}) >> 11) / 9007199254740992.0"

    answers = ", ".join(
        f"case when {noise(salt)} < .03 then null when {noise(salt)} < .034 then 99 "
        f"when {noise(salt)} < .036 then 9 else 1 + floor(5 * sqrt({noise(salt + 16)})) end::double as {name}"
        for salt, name in enumerate(ITEMS)
    )
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    connection.execute(
        f"""copy (select 'r' || lpad(i::varchar, 9, '0') as row_id, 'web' as source,
            '2026Q' || (1 + i % 3) as period,
            case when {noise(40)} < .01 then null else 'c' || floor({noise(41)} * {rows} * 5)::bigint end
                as respondent_id,
            's' || floor({noise(42)} * 200)::int as specialist_id,
            timestamp '2026-01-01 00:00:01' + to_seconds(floor({noise(43)} * 7776000)::int) as submitted_at,
            exp(4.5 + 1.2 * ({noise(44)} + {noise(45)} + {noise(46)} - 1.5)) as duration_s,
            case when {noise(47)} < .01 then 'preview' else '' end as platform_status,
            {answers}, floor(11 * sqrt({noise(48)}))::double as ltr
            from range({rows}) t(i)) to '{path}' (format parquet)"""
    )


def ours(path: Path) -> Callable[[], Result]:
    """The rules of the package."""
    import narwhals.stable.v2 as nw

    from survey_kpi import engine
    from survey_kpi.cleaning import clean
    from survey_kpi.study.models import Cleaning, Codebook

    words = {"zh": "题", "en": "item"}
    words = {"question": words, "label": words}
    rated = [{"id": name, "scale": "five", "missing_codes": [99], **words} for name in ITEMS]
    rated.append({"id": "ltr", "role": "ltr", "scale": "nps", **words})
    scales = {"five": {"low": 1, "high": 5}, "nps": {"low": 0, "high": 10}}
    codebook = Codebook(schema_version=1, scales=scales, items=rated)

    def run() -> Result:
        frame = clean(engine.scan(path), codebook, Cleaning()).frame
        hits = [nw.when(nw.col(f"flag_{flag}")).then(1).count().alias(flag) for flag in FLAGS]
        kept = nw.when(nw.col("keep")).then(1).count().alias("kept")
        means = [nw.when(nw.col("keep")).then(nw.col(name)).mean().alias(name) for name in RATED]
        return dict(engine.collect(frame.select(*hits, kept, *means)).iloc[0])

    return run


def sql(path: Path) -> Callable[[], Result]:
    """The same, written by hand for DuckDB."""
    from survey_kpi import engine

    five = ", ".join(f"case when {q} between 1 and 5 and {q} = round({q}) then {q} end as {q}" for q in ITEMS)
    ltr = "case when ltr between 0 and 10 and ltr = round(ltr) then ltr end as ltr"
    answered = " + ".join(f"({q} is not null)::int" for q in ITEMS)
    listed = ", ".join(ITEMS)
    counts = ", ".join(f"count(*) filter ({flag}) as {flag}" for flag in FLAGS)
    means = ", ".join(f"avg({name}) filter (keep) as {name}" for name in RATED)
    query = f"""
    with medians as (
        select source, period, .4 * median(duration_s) filter (duration_s between 0 and 86400) as fast
        from '{path}' group by all),
    twins as (
        select row_id from '{path}' where respondent_id is not null and platform_status = ''
        qualify row_number() over (
            partition by respondent_id, period order by submitted_at desc nulls last, row_id desc) > 1),
    crowds as (
        select specialist_id, time_bucket(interval '10 minutes', submitted_at) as slot from '{path}'
        where submitted_at <> date_trunc('day', submitted_at) group by all having count(*) >= 10),
    valid as (
        select row_id, source, period, respondent_id, specialist_id, submitted_at, duration_s,
               platform_status, {five}, {ltr} from '{path}'),
    flagged as (
        select {", ".join("valid." + name for name in RATED)},
            coalesce(platform_status <> '', false) as platform_status,
            twins.row_id is not null as duplicate,
            respondent_id is null as id_missing,
            (12 - ({answered} + (ltr is not null)::int)) / 12.0 > .5 as missing_share,
            coalesce(duration_s < 0 or duration_s > 86400, false) as time_order,
            crowds.slot is not null as burst,
            coalesce(duration_s >= 0 and duration_s < fast, false) as too_fast,
            coalesce(greatest({listed}) = least({listed}) and {answered} >= 5, false) as straight_line
        from valid
        left join medians using (source, period)
        left join twins on valid.row_id = twins.row_id
        left join crowds on valid.specialist_id = crowds.specialist_id
            and time_bucket(interval '10 minutes', submitted_at) = crowds.slot),
    judged as (
        select *, not (platform_status or duplicate or missing_share or (too_fast and straight_line)) as keep
        from flagged)
    select {counts}, count(*) filter (keep) as kept, {means} from judged"""

    def run() -> Result:
        return dict(engine.connect().sql(query).df().iloc[0])

    return run


def pandas(path: Path) -> Callable[[], Result]:
    """The same in pandas."""
    import pandas as pd

    def run() -> Result:
        rows = pd.read_parquet(path)
        for name in RATED:
            low, high = (0, 10) if name == "ltr" else (1, 5)
            answer = rows[name]
            rows[name] = answer.where(answer.between(low, high) & (answer == answer.round()))
        seconds, who = rows["duration_s"], [rows["source"], rows["period"]]
        fast = 0.4 * seconds.where(seconds.between(0, 86400)).groupby(who).transform("median")
        named = rows[rows["respondent_id"].notna() & (rows["platform_status"] == "")].sort_values(
            ["submitted_at", "row_id"], na_position="first"
        )
        twins = named.index[named.duplicated(["respondent_id", "period"], keep="last")]
        crowd = rows.groupby(["specialist_id", rows["submitted_at"].dt.floor("10min")])["row_id"].transform(
            "size"
        )
        timed = rows["submitted_at"] != rows["submitted_at"].dt.normalize()
        flags = pd.DataFrame(
            {
                "platform_status": rows["platform_status"].fillna("") != "",
                "duplicate": rows.index.isin(twins),
                "id_missing": rows["respondent_id"].isna(),
                "missing_share": rows[RATED].isna().mean(axis=1) > 0.5,
                "time_order": (seconds < 0) | (seconds > 86400),
                "burst": (crowd >= 10) & timed,
                "too_fast": (seconds >= 0) & (seconds < fast),
                "straight_line": (rows[ITEMS].max(axis=1) == rows[ITEMS].min(axis=1))
                & (rows[ITEMS].notna().sum(axis=1) >= 5),
            }
        )
        careless = flags["too_fast"] & flags["straight_line"]
        keep = ~(flags["platform_status"] | flags["duplicate"] | flags["missing_share"] | careless)
        return {**flags.sum(), "kept": keep.sum(), **rows.loc[keep, RATED].mean()}

    return run


def polars(path: Path) -> Callable[[], Result]:
    """The same in polars, lazily."""
    import polars as pl

    def valid(name: str) -> pl.Expr:
        answer, low, high = pl.col(name), *((0, 10) if name == "ltr" else (1, 5))
        return pl.when(answer.is_between(low, high) & (answer == answer.round())).then(answer).alias(name)

    def run() -> Result:
        at, seconds = pl.col("submitted_at"), pl.col("duration_s")
        credible = pl.when(seconds.is_between(0, 86400)).then(seconds)
        flags = [
            (pl.col("platform_status").fill_null("") != "").alias("platform_status"),
            pl.col("duplicate").fill_null(False),
            pl.col("respondent_id").is_null().alias("id_missing"),
            (pl.mean_horizontal(pl.col(name).is_null() for name in RATED) > 0.5).alias("missing_share"),
            ((seconds < 0) | (seconds > 86400)).fill_null(False).alias("time_order"),
            (
                (pl.len().over("specialist_id", at.dt.truncate("10m")) >= 10) & (at != at.dt.truncate("1d"))
            ).alias("burst"),
            (seconds < 0.4 * credible.median().over("source", "period")).fill_null(False).alias("too_fast"),
            (
                (pl.max_horizontal(ITEMS) == pl.min_horizontal(ITEMS)).fill_null(False)
                & (pl.sum_horizontal(pl.col(name).is_not_null() for name in ITEMS) >= 5)
            ).alias("straight_line"),
        ]
        careless = pl.col("too_fast") & pl.col("straight_line")
        alone = pl.col("platform_status_") | pl.col("duplicate") | pl.col("missing_share")
        flags[0] = flags[0].alias("platform_status_")
        rows = pl.scan_parquet(path)
        named = rows.filter(pl.col("respondent_id").is_not_null() & (pl.col("platform_status") == ""))
        ordered = named.select("row_id", "respondent_id", "period", "submitted_at")
        ordered = ordered.sort("submitted_at", "row_id", nulls_last=False)
        stays = ordered.unique(["respondent_id", "period"], keep="last")
        twins = ordered.join(stays, on="row_id", how="anti").select("row_id", duplicate=True)
        rows = rows.join(twins, on="row_id", how="left").with_columns(map(valid, RATED)).with_columns(flags)
        rows = rows.with_columns(keep=~(alone | careless)).drop("platform_status")
        found = rows.rename({"platform_status_": "platform_status"}).select(
            *(pl.col(flag).sum() for flag in FLAGS),
            pl.col("keep").sum().alias("kept"),
            *(pl.col(name).filter(pl.col("keep")).mean() for name in RATED),
        )
        return found.collect().row(0, named=True)

    return run


CONTENDERS = {"sql": sql, "ours": ours, "pandas": pandas, "polars": polars}


def measure(name: str, path: Path) -> dict[str, Any]:
    """Run one contender in this process."""
    run = CONTENDERS[name](path)
    wall, cpu = time.perf_counter(), time.process_time()
    found = run()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "found": {key: round(float(value), 6) for key, value in found.items()},
    }


def in_process(name: str, path: Path) -> dict[str, Any]:
    """Run one contender in a process of its own."""
    command = [sys.executable, __file__, "--run", name, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(rows: int, names: list[str], repeat: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "responses.parquet"
        generate(rows, path)
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for _ in range(repeat):
            for name in names:
                runs[name].append(in_process(name, path))
    found = runs[names[0]][0]["found"]
    differ = [name for name in names if runs[name][0]["found"] != found]
    print(f"{rows:,} responses x {len(RATED)} items; {found['kept']:,.0f} kept")
    print("all contenders agree" if not differ else f"DIFFERENT ANSWERS: {', '.join(differ)}")
    best = {
        name: {key: statistics.median(run[key] for run in runs[name]) for key in ("wall", "cpu", "memory")}
        for name in names
    }
    base = best.get("sql", best[names[0]])
    print(f"{'':8}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}   ratio of wall, CPU, memory")
    for name, figures in best.items():
        ratios = "  ".join(f"{figures[key] / base[key]:.2f}" for key in ("wall", "cpu", "memory"))
        print(f"{name:8}{figures['wall']:9.2f}{figures['cpu']:9.2f}{figures['memory']:9.0f}   {ratios}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, metavar="NAME")
    parser.add_argument("--run", nargs=2, metavar=("NAME", "PATH"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps(measure(given.run[0], Path(given.run[1]))))
        return
    there = [name for name in CONTENDERS if name in {"sql", "ours"} or importlib.util.find_spec(name)]
    compare(given.rows, given.only or there, given.repeat)


if __name__ == "__main__":
    main()
