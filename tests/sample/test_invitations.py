"""The planted invitations: whoever answered was invited, everybody keeps to the list but one."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from survey_kpi.sample.invitations import ADDED, CHOOSER, LEFT_OUT
from survey_kpi.sampling import check_invites, deviations
from survey_kpi.sampling.draw import Drawn


@pytest.fixture(scope="module")
def rows(root):
    return root / "data/raw/sample"


@pytest.fixture(scope="module")
def invites(rows):
    return pd.read_csv(rows / "invites.csv", dtype=str).fillna("")


def test_the_table_is_sound(invites):
    assert check_invites(invites).empty and invites["invite_id"].is_unique


def test_whoever_answered_was_invited_before(rows, invites):
    export = pd.read_csv(rows / "wjx_2026q3.csv", dtype=str, encoding="utf-8-sig")
    if "1、您的客户编号是" not in export:
        export = pd.read_csv(rows / "wjx_2026q3.csv", dtype=str, encoding="gb18030")
    first = export.drop_duplicates("1、您的客户编号是").set_index("1、您的客户编号是")["提交答卷时间"]
    sent = invites[invites["invite_id"].str.startswith("i2026Q3")].set_index("customer_id")
    assert sent.index.is_unique and set(first.index) <= set(sent.index)
    mine = sent.loc[first.index]
    assert set(mine["disposition"]) == {"I", "P"}
    assert (pd.to_datetime(mine["sent_at"]) < pd.to_datetime(first)).all()


@pytest.mark.parametrize("quarter", ["2026q2", "2026q3"])
@pytest.mark.row("A03")
def test_one_specialist_departs_from_the_list_and_nobody_else(rows, invites, quarter):
    record = json.loads((rows / f"drawn_{quarter}.json").read_text(encoding="utf-8"))
    listed = pd.read_csv(rows / f"drawn_{quarter}.csv")
    drawn = Drawn(
        draw_id=record["draw_id"], unit=record["unit"], sample=listed, list_hash=record["list_hash"]
    )
    mine = invites[invites["invite_id"].str.startswith(f"i{quarter.upper()}")]
    found = deviations(drawn, mine["customer_id"])
    kinds = pd.Series([one.kind for one in found]).value_counts().to_dict()
    assert kinds == {"not_drawn": ADDED, "not_invited": LEFT_OUT}
    owner = dict(zip(mine["customer_id"], mine["specialist_id"], strict=True))
    listed_owner = dict(zip(listed["customer_id"], listed["specialist_id"], strict=True))
    assert {owner.get(one.unit) or listed_owner[one.unit] for one in found} == {CHOOSER}
    weights = mine.loc[mine["drawn_by"] == "program", "design_weight"].astype(float)
    assert (weights >= 1).all()
