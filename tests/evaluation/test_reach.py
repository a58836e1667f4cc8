"""What tables cannot know is not measured: periods they do not reach, columns they lack, owners unknown."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey_kpi.engine import connect
from survey_kpi.evaluation import Evaluation, evaluate, open_study
from survey_kpi.evaluation.complaint_months import complaint_months
from survey_kpi.evaluation.reach import Reach, reach_of, unmeasured
from survey_kpi.indicators.records import record_scans
from survey_kpi.period import Period
from survey_kpi.records import read_records
from survey_kpi.records.coverage import Coverage

NOW = "2026Q3"


@pytest.fixture(scope="module")
def torn(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """The sample with orders that stop in June, complaints from May on without their number of contacts,
    interactions that stop in August, and owners who are known since August.
    """
    data = tmp_path_factory.mktemp("torn")
    shutil.copytree(root / "data/raw/sample", data, dirs_exist_ok=True)
    cut(data / "orders.csv", "ordered_at", before="2026-07-01")
    cut(data / "interactions.csv", "at", before="2026-08-14")
    complaints = pd.read_csv(data / "complaints.csv", dtype="str", encoding="gb18030").drop(
        columns="联系次数"
    )
    complaints[complaints["受理时间"] >= "2026-05-10"].to_csv(data / "complaints.csv", index=False)
    owners = pd.read_csv(data / "ownership.csv", dtype="str")
    late = owners["valid_to"].isna() | (owners["valid_to"] > "2026-08-01")
    owners[late].assign(valid_from=owners["valid_from"].clip(lower="2026-08-01")).to_csv(
        data / "ownership.csv", index=False
    )
    study = open_study(root / "studies/sample", data=data)
    table = study.study.tables["complaints"]
    asked = {name: header for name, header in table.columns.items() if name != "contacts"}
    tables = {**study.study.tables, "complaints": table.model_copy(update={"columns": asked})}
    return evaluate(
        study.model_copy(update={"study": study.study.model_copy(update={"tables": tables})}), NOW
    )


def cut(path: Path, column: str, *, before: str) -> None:
    table = pd.read_csv(path, dtype="str")
    table[table[column] < before].to_csv(path, index=False)


def company(evaluation: Evaluation, indicator: str, measure: str) -> pd.DataFrame:
    found = evaluation.estimates
    mine = (found["indicator"] == indicator) & (found["measure"] == measure) & (found["level"] == "company")
    return found[mine].set_index("period").sort_index()


def test_an_export_that_stopped_is_not_a_quarter_without_sales(torn: Evaluation) -> None:
    amount = company(torn, "A38", "amount")
    assert amount.loc[NOW, ["state", "reason"]].tolist() == ["unavailable", "table orders ends 2026-06-30"]
    assert amount.loc[NOW, ["value", "conf_low"]].isna().all() and amount.loc[NOW, "n"] == 0
    assert amount.loc["2026Q2", "value"] > 0


def test_quarters_before_the_first_complaint_are_not_measured(torn: Evaluation) -> None:
    rate = company(torn, "A13", "complaints")
    assert set(rate.loc[:"2026Q1", "state"]) == {"unavailable"}
    assert set(rate.loc[:"2026Q1", "reason"]) == {"table complaints begins 2026-05-10"}
    assert rate.loc["2026Q2", "state"] == "measured"


def test_a_column_that_no_source_has_is_named(torn: Evaluation) -> None:
    told = company(torn, "A09", "fcr").loc[NOW]
    assert (told["state"], told["reason"]) == ("unavailable", "no source has the column complaints.contacts")
    assert company(torn, "A10", "on_time").loc[NOW, "state"] == "measured"


def test_partly_covered_quarters_are_doubts(torn: Evaluation) -> None:
    doubts = torn.diagnostics[torn.diagnostics["code"] == "table_partly_covered"]
    assert set(doubts["message"]) == {
        "2026Q2: table complaints begins 2026-05-10",
        "2026Q3: table interactions ends 2026-08-13",
        "2026Q3: table ownership begins 2026-08-01",
    }


def test_nobody_has_figures_from_before_owners_are_known(torn: Evaluation) -> None:
    """Persons would have no complaint in the quarter before; the company has them all."""
    found = torn.estimates[
        (torn.estimates["indicator"] == "A13") & (torn.estimates["measure"] == "complaints")
    ]
    before = found[(found["period"] == "2026Q2") & (found["level"] == "specialist")]
    assert len(before) and set(before["reason"]) == {"table ownership begins 2026-08-01"}
    assert found[(found["period"] == NOW) & (found["level"] == "specialist")]["value"].sum() > 0


def test_answers_before_owners_are_known_count_for_the_company(torn: Evaluation) -> None:
    """Those of customers whom the table never knew stay with the specialist whom they name."""
    found = torn.estimates[(torn.estimates["indicator"] == "A07") & (torn.estimates["measure"] == "nps")]
    n = found.groupby(["period", "level"])["n"].sum()
    assert 0 < n["2026Q2", "specialist"] < 0.1 * n["2026Q2", "company"]
    assert n[NOW, "specialist"] > 0.5 * n[NOW, "company"]


def test_nothing_is_taken_back_where_everything_is_known(sample: Any, quarter: Evaluation) -> None:
    [first, *_] = record_scans(sample.indicators.indicators)
    table = quarter.estimates[quarter.estimates["indicator"] == first.scores[0].sheet.id]
    known = Reach(coverage={}, lacking=frozenset())
    assert unmeasured(table, first, sample, known, [Period.parse(NOW)]) is table


def test_the_end_of_the_answers_is_that_of_a_declared_period(sample: Any) -> None:
    """Follow-up rates join answers with complaints: no answer outside is no answer at all."""
    sheets = sample.indicators.model_copy(update={"indicators": ()})
    bare = sample.model_copy(update={"indicators": sheets})
    assert reach_of(bare, None, pd.DataFrame()).coverage == {}  # type: ignore[arg-type]


def test_one_of_several_columns_is_enough() -> None:
    reach = Reach(coverage={}, lacking=frozenset({"a.x", "b.y"}))
    assert reach.without(["a.x|a.z", "c.d"]) == ""
    assert reach.without(["a.x|b.y"]) == "no source has the column a.x or b.y"


def test_every_table_that_does_not_reach_is_named() -> None:
    day = pd.Timestamp
    tables = {
        name: Coverage(table=name, begins=day(start))
        for name, start in (("x", "2026-01-01"), ("y", "2026-02-01"))
    }
    reach = Reach(coverage=tables)
    told = reach.outside(["x", "y", "z"], Period.parse("2025Q4"))
    assert told == "table x begins 2026-01-01; table y begins 2026-02-01"
    assert reach.outside(["z"], Period.parse("2025Q4")) == ""


def test_a_month_that_the_export_does_not_hold_whole_is_not_charted_as_quiet(root: Path) -> None:
    study = open_study(root / "studies/sample", data=root / "data/raw/sample")
    connection = connect()
    frames = read_records(study, connection=connection, only=["complaints", "customers"]).frames
    ends = pd.Timestamp("2026-08-20")
    begins = pd.Timestamp("2024-10-01")
    stopped = Reach(
        coverage={"complaints": Coverage(table="complaints", begins=begins, ends=ends, per_day=4)}
    )
    charted = {
        name: complaint_months(study, frames, Period.parse(NOW), connection, reach=reach).months["period"]
        for name, reach in (("whole", Reach(coverage={})), ("stopped", stopped))
    }
    assert charted["whole"].iloc[-1] == "2026-09"
    assert charted["stopped"].tolist() == charted["whole"].tolist()[:-2]
