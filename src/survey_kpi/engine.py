"""Where rows live: a path or a frame comes in, a narwhals lazy frame on DuckDB goes out.

Everything on the row plane is written once as narwhals expressions. By default they run on an in-memory
DuckDB that spills to disk; a frame that already lives on an engine (a PySpark DataFrame) passes through.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from survey_kpi.errors import SchemaError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

THREADS = 2
_UNREADABLE = re.compile(r'read file "(?P<file>[^"\n]+)"[:\s]*(?P<reason>[^\n]*)')
"""How DuckDB names the file whose pages it could not read while a query ran."""


def connect() -> duckdb.DuckDBPyConnection:
    """Open a private in-memory database that neither loads nor installs extensions by itself."""
    import duckdb  # noqa: PLC0415  its import costs CPU that other commands need not pay

    return duckdb.connect(
        config={
            "threads": THREADS,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": True,
            # its guesses of sizes are off by orders of magnitude for rows by period and owner: it then joins
            # everybody with everything; so joins run as they are written, the smaller table to the right
            "disabled_optimizers": "join_order",
        }
    )


def in_order(connection: duckdb.DuckDBPyConnection) -> None:
    """Run what follows on one thread.

    Sums of fractions depend in their last digit on the order in which they are added, which is chance with
    several threads: equal inputs would not give equal bytes. Sums of whole numbers need no order.
    """
    connection.execute("SET threads = 1")


def scan(data: Any, *, connection: duckdb.DuckDBPyConnection | None = None) -> nw.LazyFrame[Any]:
    """Return a lazy frame over a Parquet file, a pandas or Arrow table, or a frame of another engine.

    Parameters
    ----------
    data
        Path of a Parquet file, pandas DataFrame, Arrow table, DuckDB relation or PySpark DataFrame.
    connection
        DuckDB connection to use; a new one by default. Ignored for frames that live elsewhere.
    """
    if isinstance(data, nw.LazyFrame):
        return data
    if isinstance(data, str | Path):
        return nw.from_native((connection or connect()).read_parquet(str(data)))
    library = type(data).__module__.split(".")[0]
    if library == "pandas":
        import pyarrow as pa  # noqa: PLC0415

        data, library = pa.Table.from_pandas(data, preserve_index=False), "pyarrow"
    if library == "pyarrow":
        data = (connection or connect()).from_arrow(data)
    frame: nw.LazyFrame[Any] = nw.from_native(data).lazy()
    return frame


def held(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Run a lazy frame once and keep its rows on the engine while several scans start from them.

    On DuckDB they live as long as the frame that is returned; on other engines the frame passes through.
    """
    native = frame.to_native()
    if type(native).__module__.split(".")[0] != "duckdb":
        return frame
    rows: nw.LazyFrame[Any] = nw.from_native(native.materialize())
    return rows


def collect(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Run a lazy frame and bring its (small) result to pandas.

    Raises
    ------
    SchemaError
        `file_damaged`: a file that is read in place cannot be read to its end.
    """
    import duckdb  # noqa: PLC0415

    try:
        result: pd.DataFrame = frame.collect("pyarrow").to_native().to_pandas()
    except duckdb.Error as error:
        damaged = _UNREADABLE.search(str(error))
        if damaged is None:
            raise
        raise SchemaError(
            "file_damaged",
            where=Path(damaged["file"]).name,
            what="the file cannot be read to its end",
            got=damaged["reason"].strip() or None,
            hint="export it again",
        ) from None
    return result
