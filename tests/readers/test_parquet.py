"""Parquet: read as text, or left in place; both ways give the same answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_kpi import engine
from survey_kpi.errors import SchemaError
from survey_kpi.readers import Responses, files, in_place, parquet, read_responses, responses
from survey_kpi.readers.table import Limits
from survey_kpi.study.models import Study

Make = Callable[..., Any]
FIELDS = {
    "respondent_id": {"missing_codes": ["-"]},
    "submitted_at": {},
    "started_at": {},
    "duration_s": {},
    "weight": {"missing_codes": [-1]},
    "language": {},
}


def items(item: Make) -> list[dict[str, Any]]:
    return [
        item("q", scale="nps", shift=-1, missing_codes=[99]),
        item("r", scale="five", labels={"1": 5, "5": 1}),
        item("gone", scale="five", versions=["v9"]),
        item("c", role="comment", missing_codes=["(空)"]),
    ]


def table(**columns: pa.Array) -> pa.Table:
    moments = [dt.datetime(2026, 7, 1, 8), dt.datetime(2026, 9, 30, 23, 59, 59), None]
    default = {
        "respondent_id": pa.array([" c1", "-", None]),
        "submitted_at": pa.array(moments, pa.timestamp("us")),
        "started_at": pa.array(moments, pa.timestamp("ns")),
        "weight": pa.array([0.5, -1.0, float("nan")]),
        "language": pa.array(["en", None, ""]).dictionary_encode(),
        "q": pa.array([1, 99, None], pa.int8()),
        "r": pa.array([1.0, 4.0, float("nan")]),
        "c": pa.array([" good ", "(空)", " "]),
    }
    return pa.table(default | columns)


@pytest.fixture
def both(tmp_path: Path, item: Make, study_of: Callable[..., Study], monkeypatch: pytest.MonkeyPatch) -> Make:
    """Read a table in place and as text."""

    def read(content: pa.Table, **more: Any) -> list[Responses]:
        pq.write_table(content, tmp_path / "a.parquet")
        source = {"id": "a", "file": "a.parquet", "language": "zh"}
        study = study_of(tmp_path, [source], more.pop("items", items(item)), FIELDS, **more)
        lazy = read_responses(study)
        with monkeypatch.context() as patch:
            patch.setattr(in_place, "possible", lambda *_: False)
            return [lazy, read_responses(study)]

    return read


def test_in_place_and_as_text_agree(both: Make) -> None:
    lazy, eager = both(table())
    left, right = (engine.collect(read.frame) for read in (lazy, eager))
    pd.testing.assert_frame_equal(left, right)
    assert left["q"].tolist()[:2] == [0, 99]
    assert left["r"].tolist()[:2] == [5, 4]
    assert left["c"].tolist()[0] == " good "
    assert left["duration_s"].tolist()[:2] == [0, 0]
    assert left["language"].tolist() == ["en", "zh", "zh"]
    assert left["row_id"].tolist() == ["a:1", "a:2", "a:3"]
    pd.testing.assert_frame_equal(lazy.intake, eager.intake)
    assert lazy.intake["missing_words"].tolist() == [{"respondent_id": 1, "weight": 1, "c": 1}]


def test_in_place_counts_rows_without_an_identifier(both: Make) -> None:
    lazy, eager = both(table())
    assert lazy.audit[["row_id", "rule", "item", "value"]].to_numpy().tolist() == [
        ["", "id_missing", "respondent_id", "1"]
    ]
    assert eager.audit["row_id"].tolist() == ["a:2", "a:3"]


def test_typed_files_never_pass_through_python(
    tmp_path: Path, item: Make, study_of: Callable[..., Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(values: Any) -> Any:
        raise AssertionError("a column was read as text")

    monkeypatch.setattr(parquet, "text_array", never)
    pq.write_table(table(), tmp_path / "a.parquet")
    study = study_of(tmp_path, [{"id": "a", "file": "a.parquet"}], items(item), FIELDS)
    assert len(engine.collect(read_responses(study).frame)) == 3


def test_zones_move_to_the_wall_clock_of_the_study(both: Make) -> None:
    moments = pa.array([dt.datetime(2026, 7, 1, 8)] * 3, pa.timestamp("us", tz="UTC"))
    lazy, eager = both(table(submitted_at=moments))
    for read in (lazy, eager):
        assert engine.collect(read.frame)["submitted_at"].tolist() == [pd.Timestamp(2026, 7, 1, 16)] * 3


@pytest.mark.parametrize(
    "column",
    [
        {"q": pa.array(["9 分", "99", "好"])},
        {"submitted_at": pa.array(["2026/7/1 8:00:00", "45538", "soon"])},
        {"weight": pa.array(["0.5", "", "x"])},
        {"q": pa.array([True, False, None])},
    ],
)
def test_text_where_numbers_belong_is_read_as_text(both: Make, column: dict[str, pa.Array]) -> None:
    lazy, eager = both(table(**column))
    pd.testing.assert_frame_equal(lazy.audit, eager.audit)
    assert not lazy.audit.empty


def test_multiple_choices_as_lists(both: Make, item: Make) -> None:
    lists = pa.array([["上门", "电话"], [], None])
    lazy, _ = both(table(m=lists), items=[*items(item), item("m", role="multi")])
    cells = engine.collect(lazy.frame)["m"].tolist()
    assert cells[:2] == ['["上门", "电话"]', "[]"]
    assert pd.isna(cells[2])


def test_names_are_data(both: Make, item: Make) -> None:
    name = 'a.b "x"; drop table y'
    content = table(**{name: pa.array([1, 2, 3]), "Q": pa.array([7, 7, 7]), "file_row": pa.array([0, 0, 0])})
    lazy, _ = both(content, items=[*items(item), item("odd", name, scale="five")])
    frame = engine.collect(lazy.frame)
    assert frame["odd"].tolist() == [1, 2, 3]
    assert frame["q"].tolist()[0] == 0  # not the column Q, which differs by case alone


@pytest.mark.parametrize("name", ["a[1].parquet", "b=c.parquet", "d'e.parquet"])
def test_file_names_are_data(tmp_path: Path, item: Make, study_of: Callable[..., Study], name: str) -> None:
    pq.write_table(table(), tmp_path / name)
    (tmp_path / "a1.parquet").write_bytes(b"PAR1 not this one")
    source = {"id": "a", "file": name.replace("[1]", "[[]1]")}
    frame = engine.collect(read_responses(study_of(tmp_path, [source], items(item))).frame)
    assert frame["file"].tolist() == [name] * 3


def test_text_and_parquet_stand_on_top_of_each_other(
    tmp_path: Path, item: Make, study_of: Callable[..., Study]
) -> None:
    pq.write_table(table(), tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text("q,r,c\n2,1,x\n")
    sources = [
        {"id": "a", "file": "a.parquet"},
        {"id": "b", "file": "b.csv"},
        {"id": "d", "file": "a.parquet"},
    ]
    frame = engine.collect(read_responses(study_of(tmp_path, sources, items(item), FIELDS)).frame)
    assert sorted(frame["row_id"]) == ["a:1", "a:2", "a:3", "b:1", "d:1", "d:2", "d:3"]
    assert frame.loc[frame["row_id"] == "b:1", ["q", "r", "c"]].to_numpy().tolist() == [[1, 5, "x"]]


def test_no_rows(both: Make) -> None:
    lazy, eager = both(table().slice(0, 0))
    assert len(engine.collect(lazy.frame)) == len(engine.collect(eager.frame)) == 0
    assert lazy.intake["rows"].tolist() == [0]


def test_long_text_is_refused(both: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    few = files.Options(limits=Limits(rows=2))
    monkeypatch.setattr(responses, "Options", lambda encoding: few)
    with pytest.raises(SchemaError) as caught:
        both(table(q=pa.array(["1", "2", "3"])))
    assert caught.value.code == "limit_exceeded"
    assert "'respondent_id' must be decoded" in str(caught.value)


CONTENT = pa.BufferOutputStream()
pq.write_table(table(), CONTENT)
BYTES = CONTENT.getvalue().to_pybytes()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_bytes_end_in_rows_or_a_named_error(
    data: Any, item: Make, study_of: Callable[..., Study], tmp_path: Path
) -> None:
    content = bytearray(BYTES)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "a.parquet").write_bytes(content)
    study = study_of(tmp_path, [{"id": "a", "file": "a.parquet"}], items(item), FIELDS)
    try:
        read_responses(study)
    except SchemaError as error:
        assert error.code in {"file_damaged", "column_missing", "limit_exceeded", "date_order"}
