"""Layouts of platforms beyond the samples: header rows, status, codes, dates, detection."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from survey_kpi.errors import SchemaError, SpecError
from survey_kpi.readers import READERS, Responses

Make = Callable[..., Any]
Read = Callable[..., tuple[pd.DataFrame, Responses]]

IDS = ",".join(
    [
        '"{""ImportId"":""startDate"",""timeZone"":""America/Denver""}"',
        *(f'"{{""ImportId"":""{name}""}}"' for name in ("status", "finished", "QID1")),
    ]
)
QUALTRICS = f"StartDate,Status,Finished,Q1\nStart Date,Response Type,Finished,How good?\n{IDS}\n"


def code(read: Callable[[], object]) -> str:
    with pytest.raises((SchemaError, SpecError)) as caught:
        read()
    return caught.value.code


def test_qualtrics_status_zone_and_every_name_of_a_column(read_text: Read, item: Make) -> None:
    rows = (
        "2024-09-03 12:00:00,IP Address,True,5\n"
        "2024-09-03 12:00:00,Survey Preview,False,4\n"
        "2024-09-03 12:00:00,IP Address,False,3\n"
        "2024-09-03 12:00:00,1,1,3\n"
        "2024-09-03 12:00:00,0,0,3\n"
        "2024-09-03 12:00:00,8,1,3\n"
    )
    for name in ("Q1", "How good?", "QID1"):
        frame, responses = read_text(
            QUALTRICS + rows, [item("q", headers=[name], scale="five")], fields={"started_at": {}}
        )
        assert frame["platform_status"].tolist() == ["", "preview", "unfinished", "preview", "unfinished", ""]
        assert frame["started_at"].tolist()[0] == pd.Timestamp("2024-09-04 02:00")
        assert frame["q"].tolist() == [5, 4, 3, 3, 3, 3]
        assert len(frame) == responses.intake["rows"].sum() == 6
        noted = responses.audit[["row_id", "rule", "action"]].to_numpy().tolist()
        assert noted == [
            ["a:2", "preview_row", "kept"],
            ["a:4", "preview_row", "kept"],
            ["a:3", "unfinished_row", "kept"],
            ["a:5", "unfinished_row", "kept"],
        ]


def test_legacy_qualtrics_has_two_header_rows(read_text: Read, item: Make) -> None:
    text = "V1,V7,V8,V10,Q1\nResponseID,Status,StartDate,Finished,How good?\nR_1,0,2024-09-03 12:00:00,1,5\n"
    fields = {"response_id": {}, "started_at": {}}
    frame, responses = read_text(text, [item("q", headers=["Q1"], scale="five")], fields=fields)
    assert responses.intake["format"].tolist() == ["qualtrics"]
    assert responses.intake["header_rows"].tolist() == [2]
    assert frame[["response_id", "started_at", "q"]].to_numpy().tolist() == [
        ["R_1", pd.Timestamp("2024-09-03 12:00"), 5.0]
    ]


def test_qualtrics_without_its_header_rows(read_text: Read, item: Make) -> None:
    declared = {"source": {"format": "qualtrics"}}
    text = "StartDate,Q1\n2024-09-03 12:00:00,5\n"
    assert (
        code(lambda: read_text(text, [item("q", headers=["Q1"], scale="five")], **declared)) == "header_rows"
    )
    assert (
        code(lambda: read_text("StartDate,Q1\n", [item("q", headers=["Q1"], scale="five")], **declared))
        == "header_rows"
    )


def test_header_rows_are_never_taken_for_answers(read_text: Read, item: Make) -> None:
    read = lambda: read_text(QUALTRICS, [item("q", headers=["Q1"])], source={"format": "csv"})  # noqa: E731
    assert code(read) == "header_rows"


@pytest.mark.parametrize("third", ['"{""ImportId"":1}"', '"{broken"', '"{}"', '"{""ImportId"":{""x"":[]}}"'])
def test_import_ids_are_data(read_text: Read, item: Make, third: str) -> None:
    text = f"StartDate,Q1\nStart Date,How good?\n{third},{third}\n2024-09-03 12:00:00,5\n"
    try:
        read_text(text, [item("q", headers=["Q1"], scale="five")], source={"format": "qualtrics"})
    except SchemaError as error:
        assert error.code == "header_rows"


def test_a_zone_that_does_not_exist(read_text: Read, item: Make) -> None:
    text = QUALTRICS.replace("America/Denver", "../../etc/passwd") + "2024-09-03 12:00:00,0,1,5\n"
    assert code(lambda: read_text(text, [item("q", headers=["Q1"])])) == "time_zone_unknown"


SURVEYMONKEY = "Respondent ID,Collector ID,Start Date,End Date,How good?,Rate,\n,,,,Response,Speed,Price\n"


def test_surveymonkey_day_first_where_the_column_shows_it(read_text: Read, item: Make) -> None:
    rows = "1,9,30/09/2024 11:59:50 PM,01/10/2024 12:01:07 AM,10 - Extremely likely,5,4\n"
    fields = {"started_at": {}, "duration_s": {}}
    items = [item("q", "How good?", scale="nps"), item("p", "Rate [Price]", scale="five")]
    frame, responses = read_text(SURVEYMONKEY + rows, items, fields=fields)
    assert frame["started_at"].tolist() == [pd.Timestamp("2024-09-30 23:59:50")]
    assert frame[["q", "p"]].to_numpy().tolist() == [[10, 4]]
    assert math.isnan(frame["duration_s"][0])  # the end is no field of this codebook
    assert responses.audit[["rule", "value", "item"]].to_numpy().tolist() == [
        ["time_layout", "dmy", "started_at"]
    ]


def test_duration_from_start_and_end(read_text: Read, item: Make) -> None:
    rows = "1,9,09/30/2024 11:59:50 PM,10/01/2024 12:01:07 AM,5,5,4\n2,9,,10/01/2024 12:01:07 AM,5,5,4\n"
    fields = {"started_at": {}, "submitted_at": {}, "duration_s": {}}
    frame, responses = read_text(SURVEYMONKEY + rows, [item("q", "How good?", scale="nps")], fields=fields)
    assert frame["duration_s"].tolist()[0] == 77.0
    assert math.isnan(frame["duration_s"][1])
    assert responses.intake["derived"].tolist() == [["duration_s"]]


def test_surveymonkey_without_its_second_row(read_text: Read, item: Make) -> None:
    text = SURVEYMONKEY.splitlines()[0] + "\n1,9,09/30/2024,10/01/2024,5,5,4\n"
    read = lambda: read_text(text, [item("q", "How good?")], source={"format": "surveymonkey"})  # noqa: E731
    assert code(read) == "header_rows"


def test_limesurvey_without_dates(read_text: Read, item: Make) -> None:
    text = "id,submitdate,lastpage,startlanguage,Q1\n1,1980-01-01 00:00:00,3,en,5\n2,,1,en,N/A\n"
    frame, responses = read_text(
        text, [item("q", headers=["Q1"], scale="five")], fields={"submitted_at": {}, "language": {}}
    )
    assert frame["platform_status"].tolist() == ["", "unfinished"]
    assert frame["submitted_at"].isna().all()
    assert frame["language"].tolist() == ["en", "en"]
    assert responses.intake["missing_words"].tolist() == [{"submitted_at": 1, "q": 1}]


WJX = "序号,提交答卷时间,所用时间,1、q\n"


def wjx(*answers: str) -> str:
    return WJX + "".join(f"{n},2024/9/3 12:00:00,9秒,{answer}\n" for n, answer in enumerate(answers, start=1))


def test_wenjuanxing_codes_count_only_in_exports_by_code(read_text: Read, item: Make) -> None:
    rated = [item("q", scale="five")]
    by_text, told = read_text(wjx("5", "(跳过)", "（空）", "-3"), rated)
    assert by_text["q"].tolist()[::3] == [5, -3]  # cleaning will flag it
    assert told.intake["missing_words"].tolist() == [{"q": 2}]
    by_code, told = read_text(wjx("5", "-3", "-2"), rated)
    assert by_code["q"].isna().tolist() == [False, True, True]
    assert told.intake["missing_words"].tolist() == [{"q": 2}]


def test_a_code_that_the_codebook_declares_is_cleanings_affair(read_text: Read, item: Make) -> None:
    frame, responses = read_text(wjx("5", "-3", "-2"), [item("q", scale="five", missing_codes=[-3])])
    assert frame["q"].tolist()[:2] == [5, -3]
    assert responses.intake["missing_words"].tolist() == [{"q": 1}]


def test_a_mark_that_lies_on_the_scale_is_an_answer(read_text: Read, item: Make) -> None:
    scales = {"swing": {"low": -5, "high": 5}}
    assert read_text(wjx("5", "-3", "-2"), [item("q", scale="swing")], scales=scales)[0]["q"].tolist() == [
        5,
        -3,
        -2,
    ]


def test_tencent_letters(read_text: Read, item: Make) -> None:
    text = (
        "编号,开始答题时间,结束答题时间,1.q,2.c\n1,2024-09-03,2024-09-03,A.棒,A.b\n2,,,B.不清楚,\n3,,,C.7,\n"
    )
    labels = {"棒": 5.0}
    items = [item("q", scale="nps", labels=labels, missing_codes=["不清楚"]), item("c", role="comment")]
    frame, responses = read_text(text, items)
    assert frame["q"].tolist()[::2] == [5, 7]
    assert frame["c"].tolist()[0] == "A.b"
    assert responses.intake["missing_words"].tolist() == [{"q": 1}]


def test_google_forms_in_chinese(read_text: Read, item: Make) -> None:
    text = "时间戳记,q\n2024/09/03 下午 12:01:35 GMT+8,5\n"
    frame, responses = read_text(text, [item("q", scale="five")], fields={"submitted_at": {}})
    assert responses.intake["format"].tolist() == ["google_forms"]
    assert frame["submitted_at"].tolist() == [pd.Timestamp("2024-09-03 12:01:35")]


def test_a_table_with_a_timestamp_is_not_yet_google_forms(read_text: Read, item: Make) -> None:
    assert read_text("Timestamp,q\n17,5\n", [item("q", scale="five")])[1].intake["format"].tolist() == ["csv"]


def test_formats_by_name(read_text: Read, item: Make) -> None:
    rated = [item("q", scale="five")]
    with pytest.raises(SpecError, match="did you mean 'wenjuanxing'"):
        read_text("q\n5\n", rated, source={"format": "wenjuanxin"})
    assert code(lambda: read_text("q\n5\n", rated, source={"format": "parquet"})) == "format_mismatch"
    assert code(lambda: read_text("q\n5\n", rated, source={"format": "xlsx"})) == "format_mismatch"
    assert read_text("q\n5\n", rated, source={"format": "limesurvey"})[0]["q"].tolist() == [5]


def test_readers_have_both_labels_and_names_of_their_own() -> None:
    assert {
        "wenjuanxing",
        "tencent",
        "qualtrics",
        "surveymonkey",
        "limesurvey",
        "google_forms",
        "spss",
    } < set(READERS)
    assert {"csv", "xlsx", "parquet"} < set(READERS)
    assert all(
        name == reader.name and reader.label.zh and reader.label.en for name, reader in READERS.items()
    )
