"""The airport survey of 2017 and 2018 through the whole pipeline, against published and R figures."""

import json

import pytest

TOLERANCE = 1e-4  # of the reference file


@pytest.fixture(scope="module")
def published(shared):
    return json.loads((shared / "references/published/sfo_2017_2018.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("year", "period"), [("2017", "2017Q2"), ("2018", "2018Q2")])
def test_weighted_and_clustered_nps(sfo, published, year, period):
    """R survey 4.1-1: 40.3984 (1.5525) and 35.1136 (2.2433), clusters = RUNID, blanks one more cluster."""
    expected = published["waves"][year]["nps"]
    key = f"{period}/A07.nps/company"
    assert sfo.facts[key].value == pytest.approx(expected["weighted"], abs=TOLERANCE)
    assert sfo.facts[f"{key}:se"].value == pytest.approx(expected["weighted_se_cluster"], abs=TOLERANCE)
    assert sfo.facts[f"{key}:n"].value == expected["valid_n"]


@pytest.mark.parametrize(("year", "period"), [("2017", "2017Q2"), ("2018", "2018Q2")])
def test_weighted_satisfaction(sfo, published, year, period):
    overall = published["waves"][year]["overall"]
    assert sfo.facts[f"{period}/A01.mean/company"].value == pytest.approx(
        overall["weighted_mean"], abs=TOLERANCE
    )
    assert sfo.facts[f"{period}/A01.top_box/company"].value == pytest.approx(
        overall["weighted_top2_pct"], abs=TOLERANCE
    )
    assert sfo.facts[f"{period}/A01.top_box/company:n"].value == overall["valid_n"]


def test_change_between_the_waves(sfo, published):
    """z = -1.94: not a change at the .025 of the primary comparison."""
    expected = published["change_2017_2018"]["weighted_clustered"]
    row = sfo.comparisons.set_index("indicator").loc["A07"]
    assert row["difference"] == pytest.approx(expected["difference"], abs=TOLERANCE)
    assert row["std_error"] == pytest.approx(expected["se"], abs=TOLERANCE)
    assert row["difference"] / row["std_error"] == pytest.approx(expected["z"], abs=TOLERANCE)
    assert row["family"] == "primary" and row["verdict"] == "no_change"


def test_blanks_are_never_promoters(sfo, published):
    answers = sfo.histogram[sfo.histogram["indicator"] == "A07"].set_index("answer")["n"]
    assert answers.tolist() == published["waves"]["2018"]["nps"]["counts_by_score_0_to_11"][:11]


def test_straight_liners_are_flagged_and_kept(sfo, published):
    flagged = sfo.rule_counts.set_index("rule").loc["straight_line"]
    waves = published["waves"].values()
    assert flagged["flagged"] == sum(w["quality"]["straight_liners_8_or_more_equal"] for w in waves)
    assert flagged["excluded"] == 0
    assert sfo.facts["2018Q2/rows.kept/company"].value == published["waves"]["2018"]["rows"]
