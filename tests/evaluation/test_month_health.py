"""A month in counts: what belongs to it at its borders, and how three months make a quarter."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml

from survey_kpi.estimate import State
from survey_kpi.evaluation import open_study
from survey_kpi.evaluation.month_health import month_health
from survey_kpi.period import Period
from survey_kpi.scoring.health import FIGURES, SMALLEST, added

NO_GOALS = pd.DataFrame(columns=["goal_id", "subject", "verdict"])
MONTHS = ("2026-07", "2026-08", "2026-09")


@pytest.fixture(scope="module")
def months(sample):
    return [month_health(sample, Period.parse(month), NO_GOALS) for month in MONTHS]


@pytest.fixture(scope="module")
def whole(sample):
    return month_health(sample, Period.parse("2026Q3"), NO_GOALS)


@pytest.mark.row("P11")
@pytest.mark.row("W10")
def test_the_months_of_the_sample_add_up_to_its_quarter(months, whole, quarter):
    for subject in whole.subjects:
        parts = [
            {name: m.counts[subject][name] for name in ("responses", "coverage", "overdue")} for m in months
        ]
        total = added(parts)
        assert total["responses"] == whole.counts[subject]["responses"]
        assert total["overdue"].n == whole.counts[subject]["overdue"].n
    company = whole.counts["company"]
    # nobody was invited twice in this quarter, so the customers invited add up too
    assert sum(m.counts["company"]["coverage"].having for m in months) == company["coverage"].having
    assert company["responses"].n == quarter.flow.loc[quarter.flow["rule"] == "", "rows"].item()
    facts = {
        part: quarter.facts[f"2026Q3/A10.{part}/company"].value
        for part in ("resolved_on_time", "late", "overdue")
    }
    rest = sum(quarter.facts[f"2026Q3/A10.{part}/company"].value for part in ("not_due", "without_due"))
    assert company["overdue"] == (sum(facts.values()) + rest, facts["overdue"])


@pytest.mark.row("P11")
def test_what_is_looked_at_when_a_month_ends_is_that_of_the_quarters_last_month(months, whole):
    assert months[-1].counts["company"]["freshness"] == whole.counts["company"]["freshness"]


@pytest.mark.row("P11")
def test_freshness_is_not_told_of_profiles_that_were_updated_since(months):
    july, _, september = months
    assert (
        july.later["company"] > july.counts["company"]["coverage"].n / 2 and "company" not in september.later
    )
    assert july.figures["company"]["freshness"].state is State.UNAVAILABLE
    n, fresh = september.counts["company"]["freshness"]
    assert september.figures["company"]["freshness"].value == pytest.approx(100 * fresh / n) and 0 < fresh < n


@pytest.mark.row("P11")
def test_every_figure_has_its_base_and_small_ones_are_withheld(months):
    for month in months:
        for figures in month.figures.values():
            assert tuple(figures) == FIGURES
            for found in figures.values():
                assert not found.measured or (
                    found.n >= SMALLEST and found.conf_low <= found.value <= found.conf_high
                )


def test_goals_count_for_the_company_and_for_the_team_of_their_owner(sample):
    rows = [
        ("a", "company", "not_met"),
        ("b", "team:华东", "met"),
        ("c", "S01", "not_met"),
        ("d", "客户服务部", "not_judged"),
    ]
    goals = pd.DataFrame(rows, columns=["goal_id", "subject", "verdict"])
    found = month_health(sample, Period.parse("2026-09"), goals).counts
    assert found["company"]["off_track"] == (3, 2)
    assert found["team:华东"]["off_track"] == (2, 1)  # S01 belongs to it
    assert found["team:华南"]["off_track"] == (0, 0)


# --- borders ------------------------------------------------------------------------------------------

CUSTOMERS = """customer_id,start_at,end_at,last_updated_at
C1,2025-01-01,,2026-08-30
C2,2025-01-01,,
C3,2025-01-01,2026-08-10,
C4,2025-01-01,,2026-08-30
"""
OWNERS = """customer_id,specialist_id,valid_from,valid_to
C1,S01,2025-01-01,
C2,S01,2025-01-01,
C3,S01,2025-01-01,
C4,S01,2025-01-01,2026-08-20
C4,S09,2026-08-20,
"""
PEOPLE = "specialist_id,name,valid_from,valid_to,team\nS01,甲,2024-01-01,,华东\nS09,乙,2024-01-01,,华南\n"
INVITES = """invite_id,customer_id,sent_at,disposition
i1,C1,2026-08-01 00:00:00,I
i2,C2,2026-07-31 23:59:59,I
i3,C3,2026-08-15 09:00:00,NC
i4,C4,2026-08-05 09:00:00,NC
i5,C1,2026-08-31 23:59:59,NC
"""
CASES = """case_id,customer_id,opened_at,due_at,resolved_at
K1,C1,2026-07-31 23:59:59,2026-08-02 12:00:00,
K2,C1,2026-08-01 00:00:00,2026-08-02 12:00:00,
K3,C4,2026-08-25 09:00:00,2026-09-02 09:00:00,
K4,C2,2026-08-10 09:00:00,2026-08-12 09:00:00,2026-09-01 00:00:00
K5,C2,2026-08-10 09:00:00,2026-08-12 09:00:00,2026-08-12 09:00:00
"""


@pytest.fixture(scope="module")
def small(root, tmp_path_factory):
    """The sample's declarations over a few rows of its tables."""
    folder = tmp_path_factory.mktemp("borders") / "ours"
    (folder / "data").mkdir(parents=True)
    for name in ("codebook", "indicators", "rules"):
        (folder / f"{name}.yaml").write_bytes((root / f"studies/sample/{name}.yaml").read_bytes())
    (folder / "judgements").mkdir()
    (folder / "judgements/ahp.csv").write_bytes((root / "studies/sample/judgements/ahp.csv").read_bytes())
    study = yaml.safe_load((root / "studies/sample/study.yaml").read_text("utf-8"))
    study["tables"] = {
        name: f"{name}.csv" for name in ("specialists", "customers", "ownership", "complaints", "invites")
    }
    study["sources"] = [{"id": "w", "file": "wjx_2026q3.csv", "format": "wenjuanxing"}]
    for key in ("invitations", "calendar", "service_levels"):
        study.pop(key, None)
    (folder / "study.yaml").write_text(yaml.safe_dump(study, allow_unicode=True), "utf-8")
    tables = {
        "customers": CUSTOMERS,
        "ownership": OWNERS,
        "specialists": PEOPLE,
        "invites": INVITES,
        "complaints": CASES,
    }
    for name, text in tables.items():
        (folder / f"data/{name}.csv").write_text(text, "utf-8")
    (folder / "data/wjx_2026q3.csv").write_bytes((root / "data/raw/sample/wjx_2026q3.csv").read_bytes())
    return folder


def counts(folder, month):
    return month_health(open_study(folder, data=folder / "data"), Period.parse(month), NO_GOALS).counts


@pytest.mark.row("P11")
def test_complaints_and_invitations_belong_to_the_month_in_which_they_happened(small):
    july, august = (counts(small, month)["company"] for month in ("2026-07", "2026-08"))
    assert july["overdue"] == (1, 0)  # opened in the last second, not yet due when the month ended
    assert august["overdue"] == (4, 2)  # K2, and K4 which was resolved in the first second of September
    assert july["coverage"] == (4, 1) and august["coverage"] == (4, 2)  # C3 was invited after it had left


@pytest.mark.row("P11")
def test_a_customer_who_changes_hands_counts_for_the_team_that_had_it_last(small):
    august = counts(small, "2026-08")
    assert august["team:华东"]["coverage"] == (3, 1) and august["team:华南"]["coverage"] == (1, 1)
    assert august["team:华南"]["overdue"] == (1, 0)


def test_a_figure_without_its_table_is_not_measured(small):
    study = open_study(small, data=small / "data")
    tables = {
        name: table for name, table in study.study.tables.items() if name in ("specialists", "customers")
    }
    less = study.model_copy(update={"study": study.study.model_copy(update={"tables": tables})})
    found = month_health(less, Period.parse("2026-08"), NO_GOALS)
    states = {name: str(each.state) for name, each in found.figures["company"].items()}
    assert states["coverage"] == states["overdue"] == states["off_track"] == "unavailable"
    # without owners nobody knows whose profiles they are
    assert "freshness" in found.counts["company"] and "freshness" not in found.counts["team:华东"]
