"""Twelve sample exports in the layouts of seven platforms hold the same eight answers.

Expected values: shared/data/exports/expected.json, made for this project together with the files.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey_kpi import engine
from survey_kpi.readers import READERS, chosen, read_responses
from survey_kpi.study.models import Study

FILES = [
    "wjx_text_gbk.csv",
    "wjx_text_utf8bom.csv",
    "wjx_text.xlsx",
    "wjx_code_gbk.csv",
    "tencent_text.csv",
    "tencent_options.csv",
    "qualtrics.csv",
    "qualtrics_utf16.tsv",
    "surveymonkey_expanded.csv",
    "limesurvey_codes.csv",
    "google_forms_en.csv",
    "spss_zh.sav",
]
FORMATS = {"wjx": "wenjuanxing", "google": "google_forms"}
JOINED_BY_COMMON_MARKS = {"qualtrics.csv", "google_forms_en.csv"}
"""Choices joined by commas or semicolons, which own words hold too: only declared options tell them apart."""
RATED = ("satisfaction", "speed", "expertise", "nps")


def layout(
    name: str, spec: dict[str, Any], item: Callable[..., dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, str]]:
    """Say in a codebook what expected.json says of a file."""
    columns = dict(spec["columns"])
    scale = {"satisfaction": "five", "speed": "five", "expertise": "five", "nps": "nps"}
    items = [item(key, columns_name(columns[key]), scale=scale[key]) for key in RATED]
    for entry in items:
        labels = spec["labels"].get(entry["id"], {})
        if spec["platform"] != "spss":
            entry["labels"] = {word: float(value) for word, value in labels.items()}
    options = spec["labels"].get("services", {}) if name in JOINED_BY_COMMON_MARKS else {}
    labels = {word: float(rank) for rank, word in enumerate(options)}
    items.append(item("services", multi_name(name, columns["services"]), role="multi", labels=labels))
    items.append(item("comment", columns_name(columns["comment"]), role="comment"))
    carried = {
        "specialist": "specialist_id",
        "start": "started_at",
        "submitted_at": "submitted_at",
        "duration_s": "duration_s",
    }
    fields: dict[str, Any] = {new: {} for new in carried.values()}
    headers = {carried[key]: columns[key] for key in carried if key in columns and key == "specialist"}
    if spec["platform"] == "spss":
        headers |= {"submitted_at": "submitted", "duration_s": "duration"}
    return items, fields, headers


def columns_name(column: Any) -> str:
    if isinstance(column, str):
        return column
    question, part = column
    return question if part in {"Response", "Open-Ended Response"} else f"{question} [{part}]"


def multi_name(name: str, columns: Any) -> str:
    if isinstance(columns, str):
        return columns
    if isinstance(columns[0], list):
        return str(columns[0][0])
    return {
        "wjx": "第3题",
        "tencent": "2.使用过的服务",
        "qualtrics": "Q3",
        "limesurvey": "Q3",
        "spss": "使用过的服务",
    }[name.split("_", 1)[0]]


@pytest.fixture(scope="module")
def expected(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "data" / "exports" / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("declared", ["auto", "named"])
def test_sample(
    name: str,
    declared: str,
    shared: Path,
    expected: dict[str, Any],
    item: Callable[..., dict[str, Any]],
    study_of: Callable[..., Study],
) -> None:
    spec = expected[name]
    items, fields, headers = layout(name, spec, item)
    platform = FORMATS.get(name.split("_", 1)[0], spec["platform"])
    source = {
        "id": "s",
        "file": name,
        "headers": headers,
        "format": "auto" if declared == "auto" else platform,
    }
    study = study_of(shared / "data" / "exports", [source], items, fields)
    responses = read_responses(study)
    frame = engine.collect(responses.frame)
    intake = responses.intake.iloc[0]
    assert intake["format"] == platform
    assert intake["rows"] == spec["rows"] == len(frame)
    assert intake["header_rows"] == spec.get("header_rows", 0)
    assert frame["row_id"].tolist() == [f"s:{row}" for row in range(1, spec["rows"] + 1)]
    if spec["platform"] != "spss" and name != "wjx_text.xlsx":
        assert intake["encoding"] == spec["encoding"]
    kept = frame[frame["platform_status"] == ""]
    assert [int(row.split(":")[1]) for row in kept["row_id"]] == spec["keep"]
    assert not (
        set(responses.audit["rule"])
        & {"not_a_number", "not_a_time", "parsed_number", "ambiguous_multiselect"}
    )
    answers = expected["answers"]
    for answer, (_, row) in zip(answers, kept.iterrows(), strict=False):
        check(name, spec, answer, row)
    check_summary(kept.iloc[: len(answers)], expected["summary"])


def check(name: str, spec: dict[str, Any], answer: dict[str, Any], row: pd.Series) -> None:
    assert row["specialist_id"] == answer["specialist"]
    assert row["submitted_at"] == pd.Timestamp(answer["submitted_at"])
    if "start" not in spec["fields_absent"]:
        assert row["started_at"] == pd.Timestamp(answer["start"])
    if "duration_s" not in spec["fields_absent"]:
        assert row["duration_s"] == answer["duration_s"]
    else:
        assert math.isnan(row["duration_s"])
    for key in RATED:
        if answer[key] is None:
            assert math.isnan(row[key]), key
        else:
            assert row[key] == answer[key], key
    assert (row["comment"] if isinstance(row["comment"], str) else None) == answer["comment"]
    check_services(spec, answer, row["services"])


def check_services(spec: dict[str, Any], answer: dict[str, Any], cell: object) -> None:
    if answer["services"] is None:
        assert not isinstance(cell, str)
        return
    assert isinstance(cell, str)
    names = {
        "上门": "visit",
        "电话": "phone",
        "其他": "other",
        "Visit": "visit",
        "Phone": "phone",
        "Other": "other",
    }
    names |= {"Other (please specify)": "other", "SQ001": "visit", "SQ002": "phone", "other": "other"}
    found = chosen(cell)
    if spec["platform"] == "google_forms":
        names[""] = "other"  # the platform drops the option and writes the own words alone
    assert [names[option] for option in found] == answer["services"]
    if "services_other" not in spec["fields_absent"]:
        own = {names[option]: words for option, words in found.items()}
        assert own.get("other", "") == (answer["services_other"] or "")


def check_summary(kept: pd.DataFrame, summary: dict[str, Any]) -> None:
    assert len(kept) == summary["n"]
    assert (kept["nps"] >= 9).sum() == summary["nps"]["promoters"]
    assert (kept["nps"] <= 6).sum() == summary["nps"]["detractors"]
    for key in ("satisfaction", "speed", "expertise"):
        assert math.isclose(kept[key].mean(), summary[f"{key}_mean"], rel_tol=1e-12)
    assert kept["services"].notna().sum() == summary["services"]["asked"]
    assert kept["specialist_id"].value_counts().to_dict() == summary["by_specialist_n"]


def test_every_platform_of_the_samples_has_a_reader() -> None:
    stems = [name.replace(".", "_").split("_", 1)[0] for name in FILES]
    assert {FORMATS.get(stem, stem) for stem in stems} <= set(READERS)
