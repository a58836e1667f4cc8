"""Invitations of the sample study: what is found, what closes an alarm, and which lists are refused."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from survey_kpi.errors import IntegrityError, SchemaError
from survey_kpi.evaluation.inputs import study_table
from survey_kpi.evaluation.quality.gates import GATES
from survey_kpi.evaluation.quality.invitations import invited as assess_invitations
from survey_kpi.evaluation.quality.judging import judge
from survey_kpi.period import Period
from survey_kpi.study.models import Text

QUARTER = Period.parse("2026Q3")
NOBODY = pd.DataFrame(columns=["customer_id", "specialist_id", "satisfied"])


def invited(study, period, before):
    return assess_invitations(study, period, before, study_table(study, "invites"))


def with_invitations(study, folder, **changes):
    """Return the study on a folder of its own, with other declarations about invitations."""
    for name in (
        "invites.csv",
        "drawn_2026q2.csv",
        "drawn_2026q2.json",
        "drawn_2026q3.csv",
        "drawn_2026q3.json",
    ):
        shutil.copy(f"{study.data_dir}/{name}", folder)
    declared = study.study.invitations.model_copy(update=changes)
    file = study.study.model_copy(update={"invitations": declared})
    return study.model_copy(update={"study": file, "data_dir": str(folder)})


@pytest.fixture(scope="module")
def before(sample):
    """Customers of S17 and S05 as the period before found them: S17 invited the satisfied ones alone."""
    sent = pd.read_csv(f"{sample.data_dir}/invites.csv", dtype=str)
    mine = sent[sent["invite_id"].str.startswith("i2026Q3")]
    rows = []
    for person, choosy in (("S17", True), ("S05", False)):
        own = mine.loc[mine["specialist_id"] == person, "customer_id"].head(60)
        rows += [(one, person, choosy or place % 3 > 0) for place, one in enumerate(own)]
        rows += [(f"X{person}{place}", person, not choosy and place % 3 > 0) for place in range(40)]
    return pd.DataFrame(rows, columns=["customer_id", "specialist_id", "satisfied"])


@pytest.mark.row("P04")
def test_choosing_is_found_and_an_explanation_closes_the_alarm(sample, tmp_path, before):
    found = invited(with_invitations(sample, tmp_path), QUARTER, before)
    assert (found.unusual, found.open) == (("S17",), ("S17",))
    assert set(found.departures) <= {"S17", "(unattributed)"} and len(found.deviations) == 20
    reason = {"S17": Text(zh="联合回访", en="joint call-backs")}
    explained = invited(with_invitations(sample, tmp_path, explained=reason), QUARTER, before)
    assert (explained.unusual, explained.open, explained.explained) == (("S17",), (), ("S17",))


def test_what_is_not_known_is_not_tested(sample, tmp_path):
    found = invited(with_invitations(sample, tmp_path, drawn=(), eligible_share=0.5), QUARTER, NOBODY)
    assert found.coverage == () and found.deviations is None and found.eligible_share == 0.5
    assert found.declared_share and found.rates["RR3"].value > found.rates["RR1"].value
    assert invited(sample, Period.parse("2025Q1"), NOBODY) is None


def test_frame_and_weights_add_up(sample, tmp_path):
    found = invited(with_invitations(sample, tmp_path), QUARTER, NOBODY)
    assert len(found.weights) <= found.dispositions.answered
    assert (found.strata["population"] >= found.strata["invited"]).all()
    assert found.strata["answered"].sum() == len(found.weights)


def test_a_list_without_its_record_or_changed_afterwards_is_refused(sample, tmp_path):
    study = with_invitations(sample, tmp_path)
    record = tmp_path / "drawn_2026q3.json"
    kept = record.read_bytes()
    for content in (b"{}", b"[1]", b"\xff"):
        record.write_bytes(content)
        with pytest.raises(SchemaError) as caught:
            invited(study, QUARTER, NOBODY)
        assert caught.value.code == "record_missing" and "drawn_2026q3.csv" in str(caught.value)
    record.write_bytes(kept)
    listed = tmp_path / "drawn_2026q3.csv"
    lines = listed.read_text(encoding="utf-8").splitlines()
    listed.write_text("\n".join([*lines[:5], *lines[6:]]), encoding="utf-8")
    with pytest.raises(IntegrityError, match="not the one that was drawn"):
        invited(study, QUARTER, NOBODY)


def test_a_study_sets_its_own_limits():
    values = {"coverage": (1.0, "S17"), "off_list": (5.0, ""), "base": (40.0, "")}
    plain = {one.gate.code: one.verdict for one in judge(GATES.values(), values, base=30)}
    assert (plain["coverage"], plain["off_list"], plain["base"]) == ("failed", "failed", "passed")
    own = {
        one.gate.code: one
        for one in judge(GATES.values(), values, base=30, limits={"off_list": 5.0, "base": 50.0})
    }
    assert (own["off_list"].verdict, own["off_list"].limit) == ("passed", 5.0)
    assert own["base"].verdict == "failed"
