"""Generated dirty exports in every format: rows in = kept + excluded, every row known, and no other error."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_kpi import engine
from survey_kpi.cleaning import audit_rows, clean
from survey_kpi.errors import SchemaError
from survey_kpi.indicators.cells import with_period
from survey_kpi.readers import AUDIT_COLUMNS, READING_RULES, Responses, read_responses
from survey_kpi.study.models import Cleaning, Study

Rows = Sequence[Sequence[str]]
Make = Callable[..., Any]

HEADS: dict[str, list[list[str]]] = {
    "wenjuanxing": [["序号", "提交答卷时间", "所用时间", "来源", "1、q", "2、m", "3、c"]],
    "tencent": [
        [
            "编号",
            "开始答题时间",
            "结束答题时间",
            "答题时长",
            "1.q",
            "2.m:甲",
            "2.m:乙",
            "2.m:乙[补充内容]",
            "3.c",
        ]
    ],
    "google_forms": [["Timestamp", "q", "m", "c"]],
    "surveymonkey": [
        ["Respondent ID", "Collector ID", "Start Date", "End Date", "q", "m", "", "c"],
        ["", "", "", "", "Response", "甲", "Other (please specify)", "Open-Ended Response"],
    ],
    "qualtrics": [
        ["StartDate", "EndDate", "Status", "Finished", "ResponseId", "q", "m", "c"],
        ["Start Date", "End Date", "Response Type", "Finished", "Response ID", "q?", "m?", "c?"],
        [
            f'{{"ImportId":"{name}"}}'
            for name in ("startDate", "endDate", "status", "finished", "_recordId", "1", "2", "3")
        ],
    ],
    "limesurvey": [
        ["id", "submitdate", "lastpage", "startlanguage", "startdate", "q", "m[SQ001]", "m[other]", "c"]
    ],
    "csv": [["submitted_at", "duration_s", "response_id", "q", "m", "c"]],
}
TIMES = [
    "2024/9/3 12:01:35",
    "2024-09-30 23:59:59",
    "09/30/2024 11:59:50 PM",
    "45538.5",
    "2024/02/30",
    "12/31/1899 01:00:00 AM",
]
WORDS = [
    "5",
    "９",
    "9 分",
    "非常满意",
    "(跳过)",
    "-3",
    "0",
    "",
    " ",
    "甲",
    "甲┋乙〖x〗",
    "A.甲",
    "10 - Extremely likely",
    "Y",
]
HOSTILE = [
    "=1+1",
    '"',
    '""',
    "a,b",
    "a;b",
    "line\nbreak",
    "\r\n",
    "\ufeff",
    "\u202e",
    "<b>",
    "[",
    "〖",
    "\ufffd",
    "👍",
    "nan",
]
CELL = st.sampled_from(TIMES + WORDS + HOSTILE) | st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
)


@pytest.fixture(scope="module")
def declared(item: Make) -> dict[str, Any]:
    scales = {"ten": {"low": 0, "high": 10, "labels": {10: {"zh": "非常满意", "en": "Very satisfied"}}}}
    items = [
        item("q", scale="ten", missing_codes=[99, "Blank"]),
        item("m", role="multi"),
        item("c", role="comment"),
    ]
    names = [
        "submitted_at",
        "started_at",
        "duration_s",
        "response_id",
        "respondent_id",
        "channel",
        "language",
    ]
    return {"items": items, "fields": {name: {} for name in names}, "scales": scales}


@cache
def database() -> Any:
    """Open the one database of these tests: opening one costs more than a small file."""
    return engine.connect()


def columns_of(name: str) -> int:
    return len(HEADS[name][0])


@st.composite
def exports(draw: st.DrawFn) -> tuple[str, Rows]:
    """A format and its data rows; a row that is blank from end to end is no answer, so none is."""
    name = draw(st.sampled_from(sorted(HEADS)))
    width = columns_of(name)
    row = st.lists(CELL, min_size=width, max_size=width).filter(any)
    return name, draw(st.lists(row, max_size=6))


def check(study: Study, rows: int) -> None:
    """Read a file: all rows come out, or a named error; every audit row is about one of them."""
    try:
        responses = read_responses(study, connection=database())
    except SchemaError as error:
        assert {problem.code for problem in error.problems} <= {
            "date_order",
            "ragged_rows",
            "encoding",
            "header_rows",
        }
        return
    frame = engine.collect(responses.frame)
    assert frame["row_id"].tolist() == [f"s:{number}" for number in range(1, rows + 1)]
    assert responses.intake["rows"].tolist() == [rows]
    assert frame["platform_status"].isin(["", "preview", "unfinished"]).all()
    audit = responses.audit
    assert tuple(audit.columns) == AUDIT_COLUMNS
    assert set(audit["row_id"]) <= {"", *frame["row_id"]}
    assert set(audit["rule"]) <= set(READING_RULES)
    assert set(audit["action"]) <= {"kept", "set_missing", "parsed"}
    check_cleaned(study, responses, rows)


def check_cleaned(study: Study, responses: Responses, rows: int) -> None:
    """Clean what was read: rows in = kept + excluded, and the audit names each excluded row once."""
    dated = with_period(responses.frame, study.study.sources)
    cleaned = clean(dated, study.codebook, Cleaning(careless_at_least=1))
    totals = cleaned.tally.within().totals.iloc[0]
    assert totals["raw"] == rows == totals["kept"] + totals["excluded"]
    listed = audit_rows(cleaned)
    excluded = listed.loc[listed["action"] == "exclude", "row_id"]
    assert len(excluded) == totals["excluded"] == excluded.nunique()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    export=exports(), codec=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]), named=st.booleans()
)
def test_text(
    export: tuple[str, Rows],
    codec: str,
    named: bool,
    tmp_path: Path,
    declared: dict[str, Any],
    study_of: Callable[..., Study],
) -> None:
    name, rows = export
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([*HEADS[name], *rows])
    (tmp_path / "a.csv").write_bytes(buffer.getvalue().encode(codec))
    source = {"id": "s", "file": "a.csv", "format": name if named else "auto"}
    if codec == "gb18030":
        source["encoding"] = codec
    check(study_of(tmp_path, [source], **declared), len(rows))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(export=exports())
def test_workbooks(
    export: tuple[str, Rows], tmp_path: Path, declared: dict[str, Any], study_of: Callable[..., Study]
) -> None:
    name, rows = export
    rows = [[("" if cell.isspace() else cell) or "x" for cell in row] for row in rows]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in [*HEADS[name], *rows]:
        sheet.append(
            [openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell) or "x" if cell else None for cell in row]
        )
    book.save(tmp_path / "a.xlsx")
    check(study_of(tmp_path, [{"id": "s", "file": "a.xlsx"}], **declared), len(rows))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELL, min_size=6, max_size=6).filter(any), max_size=6))
@pytest.mark.parametrize("kind", ["parquet", "sav"])
def test_typed_containers(
    kind: str,
    rows: Rows,
    tmp_path: Path,
    declared: dict[str, Any],
    study_of: Callable[..., Study],
) -> None:
    [names] = HEADS["csv"]
    table = pd.DataFrame(rows, columns=names, dtype=str)
    if kind == "parquet":
        pq.write_table(pa.Table.from_pandas(table, preserve_index=False), tmp_path / "a.parquet")
    else:
        pyreadstat.write_sav(table, str(tmp_path / "a.sav"))
    check(study_of(tmp_path, [{"id": "s", "file": f"a.{kind}"}], **declared), len(rows))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(sorted(HEADS)))
def test_broken_bytes_meet_a_named_error_or_come_through(
    data: Any, name: str, tmp_path: Path, declared: dict[str, Any], study_of: Callable[..., Study]
) -> None:
    buffer = io.StringIO(newline="")
    width = columns_of(name)
    csv.writer(buffer).writerows(
        [*HEADS[name], ["2024/9/3 12:01:35"] * width, ["非常满意"] * width, ["5"] * width]
    )
    content = bytearray(buffer.getvalue().encode(data.draw(st.sampled_from(["utf-8", "gb18030", "utf-16"]))))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "a.csv").write_bytes(content)
    try:
        responses = read_responses(study_of(tmp_path, [{"id": "s", "file": "a.csv"}], **declared))
    except SchemaError as error:
        assert all(problem.code and problem.where for problem in error.problems)
    else:
        assert len(engine.collect(responses.frame)) == responses.intake["rows"].sum()
