"""Every canonical table can be read, from text and from Parquet, with all its columns and with the fewest."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from survey_kpi.engine import collect
from survey_kpi.study.tables import TABLES

WORDS = {
    "text": "a",
    "integer": "3",
    "number": "0.5",
    "money": "1.10",
    "date": "2026-07-01",
    "datetime": "2026-07-01T10:00:00+08:00",
    "flag": "yes",
}
SPECIAL = {"leave": "2026-07-01/2026-07-02 sick", "valid_to": "2026-07-31"}


@pytest.mark.parametrize("parquet", [False, True], ids=["text", "parquet"])
@pytest.mark.parametrize("fewest", [False, True], ids=["all", "fewest"])
@pytest.mark.parametrize("name", TABLES)
def test_every_table_can_be_read(desk, name, fewest, parquet) -> None:
    columns = [column for column in TABLES[name].columns if column.required or not fewest]
    cells = {
        column.name: SPECIAL.get(
            column.name, column.values[0] if column.values else WORDS.get(column.kind, "")
        )
        for column in columns
    }
    if parquet:
        pq.write_table(pa.table({key: [cell] for key, cell in cells.items()}), desk.folder / "t.parquet")
        desk.tables[name] = "t.parquet"
    else:
        desk.put(name, ",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    records = desk.read()
    [row] = collect(records.frames[name]).to_dict("records")
    assert list(row)[: len(TABLES[name].columns)] == [column.name for column in TABLES[name].columns]
    assert records.audit.empty or set(records.audit["rule"]) == {"naive_time"}
    for column in columns:
        assert row[column.name] is not None and row[column.name] == row[column.name]
