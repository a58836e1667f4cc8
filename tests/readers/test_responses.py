"""Every export of a study in one table: ids, columns, files, problems told together."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import yaml

from survey_kpi import engine
from survey_kpi.errors import SchemaError, SpecError
from survey_kpi.readers import AUDIT_COLUMNS, BASE_COLUMNS, Responses, read_responses
from survey_kpi.study.models import Codebook, Study, StudyFile

Make = Callable[..., Any]
Read = Callable[..., tuple[pd.DataFrame, Responses]]
MakeStudy = Callable[..., Study]


def refusal(study: Study, **more: Any) -> SchemaError | SpecError:
    with pytest.raises((SchemaError, SpecError)) as caught:
        read_responses(study, **more)
    return caught.value


def test_columns_stand_in_the_order_of_the_codebook(read_text: Read, item: Make) -> None:
    fields = {"weight": {}, "respondent_id": {}, "submitted_at": {}}
    items = [item("b", scale="five"), item("a", role="comment"), item("m", role="multi")]
    frame, responses = read_text("a,b,m\nx,5,y\n", items, fields=fields)
    assert list(frame.columns) == [*BASE_COLUMNS, *fields, "b", "a", "m"]
    assert tuple(responses.audit.columns) == AUDIT_COLUMNS
    kinds = [str(kind) for kind in responses.frame.collect_schema().values()]
    assert [kind.split("(")[0] for kind in kinds[7:]] == [
        "Float64",
        "String",
        "Datetime",
        "Float64",
        "String",
        "String",
    ]


def test_what_a_source_says_of_its_rows(read_text: Read, item: Make) -> None:
    source = {"period": "2026Q3", "version": "v2", "language": "zh"}
    frame, _ = read_text("q\n5\n", [item("q", scale="five")], source=source)
    row = frame.iloc[0].to_dict()
    assert row == {
        "row_id": "a:1",
        "source": "a",
        "file": "a.csv",
        "period": "2026Q3",
        "version": "v2",
        "language": "zh",
        "platform_status": "",
        "q": 5.0,
    }


def test_a_row_may_know_better_than_its_source(read_text: Read, item: Make) -> None:
    source = {"version": "v1", "language": "zh"}
    fields = {"language": {}, "version": {}, "period": {}}
    frame, _ = read_text(
        "q,language,version\n5,en,\n4,,v2\n", [item("q", scale="five")], source=source, fields=fields
    )
    assert frame["language"].tolist() == ["en", "zh"]
    assert frame["version"].tolist() == ["v1", "v2"]
    assert frame["period"].isna().all()
    assert list(frame.columns).count("language") == 1


def test_row_ids_of_a_glob_start_with_the_file(tmp_path: Path, item: Make, study_of: MakeStudy) -> None:
    (tmp_path / "2026Q1.csv").write_text("q\n5\n\n4\n")
    (tmp_path / "2026Q2.csv.gz").write_bytes(gzip.compress(b"q\n3\n"))
    (tmp_path / "other.csv").write_text("q\n1\n")
    sources = [{"id": "waves", "file": "2026Q*"}, {"id": "other", "file": "other.csv"}]
    study = study_of(tmp_path, sources, [item("q", scale="five")])
    frame = engine.collect(read_responses(study).frame)
    assert frame[["row_id", "file", "q"]].to_numpy().tolist() == [
        ["2026Q1:1", "2026Q1.csv", 5],
        ["2026Q1:2", "2026Q1.csv", 4],
        ["2026Q2:1", "2026Q2.csv.gz", 3],
        ["other:1", "other.csv", 1],
    ]
    only = read_responses(study, only={"other"})
    assert engine.collect(only.frame)["row_id"].tolist() == ["other:1"]
    assert only.intake["file"].tolist() == ["other.csv"]


def test_ids_that_would_not_be_unique(tmp_path: Path, item: Make, study_of: MakeStudy) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.csv").write_text("q\n5\n")
    error = refusal(study_of(tmp_path, [{"id": "s", "file": "*/x.csv"}], [item("q", scale="five")]))
    assert error.code == "row_id_clash"
    assert "b/x.csv" in str(error)
    assert "a/x.csv" in str(error)


def test_problems_of_all_files_are_told_together(tmp_path: Path, item: Make, study_of: MakeStudy) -> None:
    (tmp_path / "a.csv").write_text("x,q\n5,5\n")
    (tmp_path / "b.csv").write_bytes(b"\xff\xff\xff")
    (tmp_path / "c.csv").write_text("p,q\n1,2\n")
    sources = [{"id": name, "file": f"{name}.csv"} for name in ("a", "b", "c", "d")]
    error = refusal(study_of(tmp_path, sources, [item("p", scale="five"), item("r", scale="five")]))
    assert [problem.code for problem in error.problems] == [
        "file_missing",
        "column_missing",
        "column_missing",
        "encoding",
        "column_missing",
    ]
    assert "a.csv (source a)" in str(error)


def test_ambiguous_dates_of_all_columns_are_told_together(read_text: Read, item: Make) -> None:
    text = "q,started_at,submitted_at\n5,01/02/2026,01/03/2026\n"
    with pytest.raises(SchemaError) as caught:
        read_text(text, [item("q", scale="five")], fields={"started_at": {}, "submitted_at": {}})
    assert [problem.code for problem in caught.value.problems] == ["date_order", "date_order"]
    assert "column 2 'started_at'" in str(caught.value)


def test_the_order_of_dates_is_declared_for_a_source(read_text: Read, item: Make) -> None:
    text = "q,submitted_at\n5,07/08/2026\n4,01/02/2026\n"
    for order, days in {"mdy": ["2026-07-08", "2026-01-02"], "dmy": ["2026-08-07", "2026-02-01"]}.items():
        rows, responses = read_text(
            text, [item("q", scale="five")], fields={"submitted_at": {}}, source={"dates": order}
        )
        assert rows["submitted_at"].dt.strftime("%Y-%m-%d").tolist() == days
        [note] = responses.audit.to_dict("records")
        assert (note["rule"], note["value"], note["detail"]) == ("time_layout", order, "2 cells")


def test_unknown_sources_and_reserved_names(tmp_path: Path, item: Make, study_of: MakeStudy) -> None:
    (tmp_path / "a.csv").write_text("q\n5\n")
    sources = [{"id": "wave", "file": "a.csv"}]
    error = refusal(study_of(tmp_path, sources, [item("q", scale="five")]), only=["waev"])
    assert (error.code, "did you mean 'wave'?" in str(error)) == ("unknown_parameter", True)
    assert (
        refusal(study_of(tmp_path, sources, [item("q", scale="five")]), only=[]).code == "unknown_parameter"
    )
    assert refusal(study_of(tmp_path, sources, [item("File", scale="five")])).code == "reserved_name"
    assert refusal(study_of(tmp_path, sources, [item("period", scale="five")])).code == "reserved_name"
    assert (
        refusal(study_of(tmp_path, sources, [item("q", scale="five")], {"row_id": {}})).code
        == "reserved_name"
    )
    assert refusal(study_of(tmp_path, sources, [item("q", scale="five")], {"Q": {}})).code == "reserved_name"


def test_intake_says_what_was_done_with_a_file(read_text: Read, item: Make) -> None:
    items = [item("q", scale="five"), item("new", scale="five", versions=["v9"])]
    _, responses = read_text("\ufeffq,extra,\n5,x,\n", items)
    [row] = responses.intake.to_dict("records")
    assert row | {"sha256": ""} == {
        "source": "a",
        "file": "a.csv",
        "format": "csv",
        "encoding": "utf-8-sig",
        "sha256": "",
        "bytes": len("\ufeffq,extra,\n5,x,\n".encode()),
        "rows": 1,
        "columns": 3,
        "header_rows": 1,
        "unused": ["extra", ""],
        "absent": ["new"],
        "missing_words": {},
        "derived": [],
    }
    assert responses.audit[["row_id", "rule"]].to_numpy().tolist() == [["", "bom_removed"]]


def test_a_column_of_nothing_but_wrong_words_takes_no_quadratic_time(read_text: Read, item: Make) -> None:
    words = "".join(f"word {number}\n" for number in range(30_000))
    _, responses = read_text("q\n" + words, [item("q", scale="five")])
    assert len(responses.audit) == 30_000
    assert responses.audit["row_id"].tolist()[::10_000] == ["a:1", "a:10001", "a:20001"]


def test_no_answers_yet(read_text: Read, item: Make) -> None:
    frame, responses = read_text("q,c\n", [item("q", scale="five"), item("c", role="comment")])
    assert frame.empty
    assert responses.intake["rows"].tolist() == [0]


def test_rows_that_do_not_fit_are_kept_and_named(read_text: Read, item: Make) -> None:
    text = "q,c,r\n5,fine,4\n4,well, not so well,3\n3\n2,x,2\n1,x,1\n"
    items = [item("q", scale="five"), item("c", role="comment"), item("r", scale="five")]
    frame, responses = read_text(text, items)
    assert frame["q"].isna().tolist() == [False, True, False, False, False]
    assert frame["r"].isna().tolist() == [False, True, True, False, False]
    assert responses.audit[["row_id", "rule", "action", "detail"]].to_numpy().tolist() == [
        ["a:2", "ragged_row", "set_missing", "line 3: 4 cells, the header has 3"],
        ["a:3", "ragged_row", "kept", "line 4: 1 cells, the header has 3"],
    ]


def test_a_frame_on_a_given_connection(tmp_path: Path, item: Make, study_of: MakeStudy) -> None:
    (tmp_path / "a.csv").write_text("q\n5\n")
    study = study_of(tmp_path, [{"id": "a", "file": "a.csv"}], [item("q", scale="five")])
    connection = engine.connect()
    responses = read_responses(study, connection=connection)
    people = engine.scan(pd.DataFrame({"row_id": ["a:1"], "name": ["x"]}), connection=connection)
    assert engine.collect(responses.frame.join(people, on="row_id"))["name"].tolist() == ["x"]
    assert isinstance(connection, duckdb.DuckDBPyConnection)


def test_formulas_in_answers_are_text_and_never_run(read_text: Read, item: Make) -> None:
    cells = ["=1+1", "@SUM(1)", "+1", "-1", "'; DROP TABLE x; --", "{{7*7}}", "$(id)"]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["c"], *([cell] for cell in cells)])
    assert read_text(buffer.getvalue(), [item("c", role="comment")])[0]["c"].tolist() == cells


@pytest.mark.parametrize("columns", [2, 16_384])
def test_wide_files_use_what_is_asked_for(read_text: Read, item: Make, columns: int) -> None:
    header = ",".join(["q", *(f"x{number}" for number in range(1, columns))])
    frame, responses = read_text(f"{header}\n5{',' * (columns - 1)}\n", [item("q", scale="five")])
    assert frame["q"].tolist() == [5]
    assert len(responses.intake["unused"][0]) == columns - 1


# --- studies of the project ----------------------------------------------------------------------------


def declared(root: Path, name: str, data_dir: Path) -> Study:
    folder = root / "studies" / name
    files = {
        part: yaml.safe_load((folder / f"{part}.yaml").read_text("utf-8")) for part in ("study", "codebook")
    }
    return Study.model_construct(
        study=StudyFile.model_validate(files["study"]),
        codebook=Codebook.model_validate(files["codebook"]),
        root=str(folder),
        data_dir=str(data_dir),
        rule_hash="0",
    )


def test_both_waves_of_the_airport_survey(root: Path, shared: Path) -> None:
    """Counts: shared/data/sfo/README.md, and the published code lists beside it."""
    responses = read_responses(declared(root, "sfo", shared / "data" / "sfo"))
    frame = engine.collect(responses.frame)
    waves = frame.groupby("source")
    assert waves.size().to_dict() == {"wave_2017": 2831, "wave_2018": 2809}
    assert waves["cluster"].apply(lambda cells: int(cells.isna().sum())).to_dict() == {
        "wave_2017": 0,
        "wave_2018": 12,
    }
    raw = {
        wave: pd.read_csv(shared / "data" / "sfo" / f"sfo_{wave}.csv.gz", dtype="str", keep_default_na=False)
        for wave in ("2017", "2018")
    }
    for wave, words in (("2017", "Blank"), ("2018", "BLANK")):
        table = raw[wave].rename(columns=str.strip)
        mine = frame[frame["source"] == f"wave_{wave}"]
        assert mine["Q7ALL"].isna().sum() == (table["Q7ALL"].isin([words, ""])).sum()
        assert mine["NETPRO"].fillna(-9).tolist() == [float(cell or -9) for cell in table["NETPRO"]]
        assert mine["weight"].tolist() == table["WEIGHT"].astype(float).tolist()
        assert mine["response_id"].tolist() == table["RESPNUM"].tolist()
    assert responses.audit.empty
    assert responses.intake["absent"].tolist() == [[], []]
    assert responses.intake["encoding"].tolist() == ["utf-8", "utf-8"]


def test_the_sample_study(root: Path) -> None:
    responses = read_responses(declared(root, "sample", root / "data" / "raw" / "sample"))
    frame = engine.collect(responses.frame)
    assert len(frame) == responses.intake["rows"].sum()
    assert frame["row_id"].is_unique
    assert frame["submitted_at"].notna().all()
    assert set(responses.intake["encoding"]) == {"gb18030", "utf-8-sig", "utf-8"}
    assert set(responses.intake["format"]) == {"wenjuanxing", "google_forms"}
    assert set(responses.audit["rule"]) == {"bom_removed", "parsed_number", "not_a_number"}


def test_the_sample_is_read_in_a_moment(root: Path) -> None:
    """Some 9,000 answers in nine files are part of every report's time."""
    study = declared(root, "sample", root / "data" / "raw" / "sample")
    read_responses(study)  # the first call also pays for imports
    started = time.process_time()
    read_responses(study)
    assert time.process_time() - started < 1.0


def test_the_dirt_that_was_planted_in_the_sample(root: Path) -> None:
    """Rows: data/raw/sample/truths.json, written by the script that makes the sample."""
    folder = root / "data" / "raw" / "sample"
    dirt = json.loads((folder / "truths.json").read_text("utf-8"))["dirt"]
    audit = read_responses(declared(root, "sample", folder), only=["wenjuanxing"]).audit
    for rule, kind in {"not_a_number": "not_a_number", "parsed_number": "odd_digits"}.items():
        planted = {f"{Path(file).stem}:{row}" for file, rows in dirt.items() for row in rows[kind]}
        assert set(audit.loc[audit["rule"] == rule, "row_id"]) == planted
