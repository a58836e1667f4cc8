"""`survey-kpi repairs`: raw files stay, a copy changes, and every change has its line."""

import csv
import hashlib
import os

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from survey_kpi.cli import app
from survey_kpi.errors import SchemaError, SpecError
from survey_kpi.evaluation import open_study
from survey_kpi.report.lists import FORMULA_STARTS
from survey_kpi.report.repairing import LOG, apply_proposals, guarded, unguarded, write_proposals
from survey_kpi.sample import scaffold

HOSTILE = '=HYPERLINK("http://x","１")'


@pytest.fixture
def study(tmp_path):
    """A new study with customers: faulty forms, a formula, the same person twice, GB18030."""
    folder = tmp_path / "ours"
    scaffold(folder)
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    declared = text.replace(
        "specialists: specialists.csv", "specialists: specialists.csv\n  customers: kunden.csv"
    )
    assert declared != text
    (folder / "study.yaml").write_text(declared, encoding="utf-8")
    rows = [
        ["customer_id", "start_at", "phone", "email", "address", "note"],
        ["c1", "2026-01-01", "+86 138 0013 8000", "a@b.cn", "上海，２号", "a,b"],
        ["c2", "2026-01-01", "13800138000", "=cmd|' /C calc'!A0", HOSTILE, "\x1b[31mred"],
        ["c3", "2026-01-01", "1２", "", "", ""],
    ]
    with (folder / "data/kunden.csv").open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def hashes(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def cells(path, encoding):
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


@pytest.mark.row("A33")
def test_raw_files_stay_and_every_changed_cell_has_one_line(study, tmp_path):
    raw = hashes(study / "data")
    proposals, copy = tmp_path / "proposals.csv", tmp_path / "copy"
    runner = CliRunner()
    first = runner.invoke(app, ["repairs", str(study), "--table", "customers", "--output", str(proposals)])
    assert first.exit_code == 0 and "2 proposals; nothing was changed" not in first.output
    second = runner.invoke(app, ["repairs", str(study), "--apply", str(proposals), "--output", str(copy)])
    assert second.exit_code == 0 and "the raw files are as they were" in second.output
    assert hashes(study / "data") == raw
    before = cells(study / "data/kunden.csv", "gb18030")
    after = cells(copy / "kunden.csv", "gb18030")
    changed = [
        (row, before[0][place], old, new)
        for row, (was, now) in enumerate(zip(before, after, strict=True))
        for place, (old, new) in enumerate(zip(was, now, strict=True))
        if old != new
    ]
    log = pd.read_csv(copy / LOG, dtype=str, keep_default_na=False)
    assert sorted((f"customers:{row}", *rest) for row, *rest in changed) == sorted(
        log[["row_id", "column", "old", "new"]].map(unguarded).itertuples(index=False, name=None)
    )
    assert {("customers:1", "phone", "13800138000"), ("customers:1", "address", "上海，2号")} <= set(
        log[["row_id", "column", "new"]].itertuples(index=False, name=None)
    )
    assert set(hashes(copy)) == {*raw, LOG}
    assert {name: digest for name, digest in hashes(copy).items() if name in raw} | {
        "kunden.csv": raw["kunden.csv"]
    } == raw
    assert open_study(study, data=copy).data_dir == str(copy)


@pytest.mark.row("W15")
def test_the_same_customer_twice_is_listed_and_nothing_is_merged(study, tmp_path):
    told = list(write_proposals(open_study(study), tables=[], output=tmp_path / "p.csv"))
    assert "1 groups of customers" in told[-1]
    listed = pd.read_csv(tmp_path / "p-duplicates.csv", dtype=str)
    assert listed["customer_id"].tolist() == ["c1", "c2"] and set(listed["column"]) == {"phone"}
    assert listed["value"].tolist()[0] == "'+86 138 0013 8000"


def test_no_cell_of_a_written_list_is_a_formula(study, tmp_path):
    list(write_proposals(open_study(study), tables=[], output=tmp_path / "p.csv"))
    list(apply_proposals(open_study(study), tmp_path / "p.csv", output=tmp_path / "copy"))
    for path in (tmp_path / "p.csv", tmp_path / "p-duplicates.csv", tmp_path / "copy" / LOG):
        written = cells(path, "utf-8-sig")
        assert len(written) > 1
        assert not [cell for row in written for cell in row if cell.startswith((*FORMULA_STARTS, "＝"))]


@given(st.text())
def test_guarding_can_be_undone(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith((*FORMULA_STARTS, "＝", "＋", "－", "＠"))


def test_choosing_means_deleting_lines(study, tmp_path):
    declared, place = open_study(study), tmp_path / "p.csv"
    list(write_proposals(declared, tables=["customers"], output=place))
    rows = cells(place, "utf-8-sig")
    kept = [rows[0], next(row for row in rows if row[3] == "phone")]
    with place.open("w", encoding="gbk", newline="") as file:  # as a spreadsheet program saves it
        csv.writer(file).writerows(kept)
    list(apply_proposals(declared, place, output=tmp_path / "copy"))
    assert len(cells(tmp_path / "copy" / LOG, "utf-8-sig")) == 2


def test_raw_folders_full_folders_and_standing_files_are_refused(study, tmp_path):
    declared = open_study(study)
    inside = study / "data" / "p.csv"
    with pytest.raises(SpecError, match="path_escape"):
        list(write_proposals(declared, tables=[], output=inside))
    list(write_proposals(declared, tables=[], output=tmp_path / "p.csv"))
    with pytest.raises(SpecError, match="target_exists"):
        list(write_proposals(declared, tables=[], output=tmp_path / "p.csv"))
    for output in (study / "data", study / "data" / "copy", study):
        with pytest.raises(SpecError, match="path_escape"):
            list(apply_proposals(declared, tmp_path / "p.csv", output=output))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SpecError, match="target_exists"):
        list(apply_proposals(declared, tmp_path / "p.csv", output=tmp_path / "full"))
    with pytest.raises(SpecError, match="unknown_table"):
        list(write_proposals(declared, tables=["custmers"], output=tmp_path / "q.csv"))
    assert not inside.exists()


def test_proposals_of_other_times_or_other_makes_are_refused(study, tmp_path):
    declared, place = open_study(study), tmp_path / "p.csv"
    list(write_proposals(declared, tables=[], output=place))
    path = study / "data/kunden.csv"
    path.write_bytes(path.read_bytes().replace(b"+86 138", b"+86 139"))
    with pytest.raises(SchemaError, match="proposal_stale"):
        list(apply_proposals(declared, place, output=tmp_path / "copy"))
    assert not (tmp_path / "copy").exists()
    place.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SchemaError, match="proposals_unreadable"):
        list(apply_proposals(declared, place, output=tmp_path / "copy"))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_out_of_the_data_folder_are_not_followed(study, tmp_path):
    declared = open_study(study)
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (study / "data" / "link.csv").symlink_to(tmp_path / "secret.txt")
    list(write_proposals(declared, tables=[], output=tmp_path / "p.csv"))
    list(apply_proposals(declared, tmp_path / "p.csv", output=tmp_path / "copy"))
    assert not (tmp_path / "copy" / "link.csv").exists()
