"""Where rows live."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from survey_kpi.engine import collect, connect, held, in_order, scan
from survey_kpi.errors import SchemaError

ROWS = pd.DataFrame({"who": ["a", None, "a"], "x": [1.0, 2.0, float("nan")]})


@pytest.fixture(params=["pandas", "arrow", "parquet", "relation", "frame"])
def data(request, tmp_path):
    table = pa.Table.from_pandas(ROWS, preserve_index=False)
    if request.param == "parquet":
        ROWS.to_parquet(tmp_path / "rows.parquet")
        return tmp_path / "rows.parquet"
    return {
        "pandas": ROWS,
        "arrow": table,
        "relation": connect().from_arrow(table),
        "frame": nw.from_native(connect().from_arrow(table)),
    }[request.param]


def test_every_source_becomes_the_same_lazy_frame(data):
    frame = scan(data)
    assert isinstance(frame, nw.LazyFrame)
    counts = collect(frame.group_by("who").agg(nw.len().alias("n"), nw.col("x").sum()))
    assert counts.set_index("who")["n"].to_dict() == {"a": 2, None: 1} or counts["n"].sum() == 3
    assert counts["x"].sum() == 3  # NaN of pandas is a missing value, not a number


def test_two_frames_of_one_connection_can_be_joined():
    connection = connect()
    left, right = (scan(ROWS, connection=connection) for _ in range(2))
    assert len(collect(left.join(right.select("who"), on="who"))) == 4


def test_the_database_loads_no_extension_by_itself():
    setting = connect().sql("select current_setting('autoinstall_known_extensions')").fetchall()
    assert setting == [(False,)]


def test_pages_damaged_on_disk_are_told_by_file(tmp_path):
    path = tmp_path / "answers.parquet"
    pd.DataFrame({"a": np.random.default_rng(1).random(50_000)}).to_parquet(path, compression="zstd")
    content = bytearray(path.read_bytes())
    for place in range(1_000, 90_000, 7):
        content[place] ^= 0x5A
    path.write_bytes(content)
    with pytest.raises(SchemaError) as caught:
        collect(scan(path))
    assert caught.value.code == "file_damaged"
    assert str(caught.value).startswith("answers.parquet: the file cannot be read to its end")


def test_held_rows_are_computed_once_and_leave_the_catalog_alone(tmp_path) -> None:
    """A change of the catalog would make DuckDB bind every frame of the evaluation again."""
    connection, path = connect(), tmp_path / "rows.parquet"
    pd.DataFrame({"a": [1, 2, 3]}).to_parquet(path)
    rows = held(scan(path, connection=connection))
    path.unlink()
    assert collect(rows.filter(nw.col("a") > 1))["a"].tolist() == [2, 3]
    assert collect(rows)["a"].tolist() == [1, 2, 3]
    assert connection.sql("SHOW TABLES").fetchall() == []


def test_sums_of_fractions_are_equal_to_the_last_bit_however_often_they_are_made() -> None:
    connection = connect()
    shares = np.random.default_rng(1).random(1_000_000) / 3
    frame = scan(pd.DataFrame({"who": np.arange(1_000_000) % 7, "share": shares}), connection=connection)
    in_order(connection)
    rows = held(frame)
    sums = [
        collect(rows.group_by("who").agg(nw.col("share").sum())).sort_values("who")["share"].tolist()
        for _ in range(5)
    ]
    assert sums == [sums[0]] * 5
