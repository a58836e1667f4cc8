"""The working papers of an appraisal, against what was planted in the sample study and against the sums."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from survey_kpi.estimate import State
from survey_kpi.evaluation.appraisal.assess import appraise
from survey_kpi.evaluation.appraisal.colleagues import OBSERVED, colleagues
from survey_kpi.evaluation.appraisal.goals import goal_papers
from survey_kpi.evaluation.appraisal.incidents import incidents
from survey_kpi.evaluation.appraisal.people import names_of
from survey_kpi.evaluation.appraisal.plan import plan_balance
from survey_kpi.evaluation.appraisal.sources import open_sources
from survey_kpi.evaluation.appraisal.standing import standing
from survey_kpi.sample.collaboration import FAVOUR_PAIR, HARSH
from survey_kpi.scoring.periods import reliability_by_period
from survey_kpi.study.goals import Goal


@pytest.fixture(scope="module")
def sources(quarter):
    return open_sources(quarter)


@pytest.fixture(scope="module")
def appraisal(quarter):
    return appraise(quarter)


@dataclasses.dataclass(frozen=True)
class Tables:
    """Sources of given tables alone: what `colleagues` and `incidents` ask for."""

    evaluation: object
    tables: dict
    frames: object = None
    connection: object = None

    @property
    def period(self):
        return self.evaluation.period

    def has(self, *names):
        return set(names) <= set(self.tables)

    def table(self, name, *columns):
        found = self.tables[name].copy()
        return found[list(columns)] if columns else found


def of_ratings(quarter, rows):
    columns = ["rater_id", "ratee_id", "rater_group", "item", "score", "period"]
    return Tables(quarter, {"ratings360": pd.DataFrame(rows, columns=columns)})


# --- scores -----------------------------------------------------------------------------------------------


def test_contributions_add_up_to_the_score(appraisal, quarter):
    scored = quarter.scores[quarter.scores["state"] == State.MEASURED]
    assert len(scored) > 15
    for row in scored.itertuples():
        parts = [
            appraisal.fact(f"2026Q3/appraisal.contribution/{name}~{row.subject}").value
            for name in quarter.study.rules.scored
        ]
        assert sum(parts) == pytest.approx(row.score, abs=1e-9)


def test_moves_are_those_of_the_decisions(appraisal, quarter):
    decisions = quarter.decisions
    moved = (decisions["proposed"] != decisions["last"]).sum()
    assert appraisal.fact("2026Q3/appraisal.decisions_moved/company").value == moved > 0
    cuts, raised = (
        appraisal.fact(f"2026Q3/appraisal.decisions_{name}/company").value for name in ("cuts", "raised")
    )
    assert cuts + raised == moved and cuts == decisions["cut"].sum()


def test_names_are_those_of_the_latest_spell(quarter):
    spells = pd.DataFrame(
        {
            "specialist_id": ["S01", "S01", "S02"],
            "name": ["Old Name", "New Name", None],
            "valid_from": pd.to_datetime(["2020-01-01", "2026-01-01", "2020-01-01"]),
        }
    )
    assert names_of(Tables(quarter, {"specialists": spells})) == {"S01": "New Name"}
    assert names_of(Tables(quarter, {})) == {}


def test_an_unknown_fact_names_the_nearest(appraisal):
    with pytest.raises(KeyError, match="did you mean"):
        appraisal.fact("2026Q3/appraisal.goal/company")


# --- colleagues -------------------------------------------------------------------------------------------


@pytest.mark.row("W05")
def test_the_planted_pair_and_the_harsh_rater_are_found(appraisal):
    told = appraisal.colleagues.feedback
    assert [{pair.first, pair.second} for pair in told.favours] == [set(FAVOUR_PAIR)]
    model = told.adjusted
    place = model.raters.index(HARSH)
    assert model.leniency[place] < 0
    assert abs(model.leniency[place] + 1) < 3 * model.leniency_error[place]  # planted: a point less


@pytest.mark.row("M04")
def test_the_published_example_goes_through_as_facts(quarter):
    given = [("R1", "T1", 4), ("R1", "T2", 3), ("R2", "T2", 4), ("R2", "T3", 6), ("R3", "T3", 4)]
    given += [("R3", "T4", 1), ("R1", "T4", 2), ("R2", "T1", 5)]
    found = colleagues(of_ratings(quarter, [(a, b, "peer", "b01", x, "2026Q3") for a, b, x in given]))
    assert found.feedback.adjusted.raw.tolist() == [4.5, 3.5, 5.0, 1.5]
    assert found.feedback.adjusted.adjusted.tolist() == pytest.approx([4, 3, 5, 2])
    assert {one.estimate.state for one in found.feedback.groups} == {State.SUPPRESSED}
    assert (found.highest, found.scale) == (6.0, OBSERVED)


def test_only_ratings_of_the_period_count(quarter):
    now = [("p1", "T1", "peer", "b01", 4, "2026Q3"), ("p1", "T2", "peer", "b01", 2, None)]
    before = [("p1", "T1", "peer", "b01", 1, "2026Q2")]
    found = colleagues(of_ratings(quarter, [*now, *before, ("p2", "T1", "peer", "b01", None, "2026Q3")]))
    assert (found.ratings, found.unusable, found.highest) == (2, 1, 4.0)
    assert colleagues(of_ratings(quarter, before)) is None
    assert colleagues(Tables(quarter, {})) is None


def test_a_scale_of_the_codebook_is_used_only_if_it_holds_every_mark(quarter):
    item = next(one for one in quarter.study.codebook.items if quarter.study.codebook.scale_of(one))
    top = quarter.study.codebook.scale_of(item).high
    rows = [("p1", "T1", "peer", item.id, top, "2026Q3"), ("p2", "T2", "peer", item.id, 1, "2026Q3")]
    assert colleagues(of_ratings(quarter, rows)).scale == "declared"
    beyond = [("p1", "T1", "peer", item.id, top + 1, "2026Q3")]
    found = colleagues(of_ratings(quarter, [*rows, *beyond]))
    assert (found.scale, found.highest) == (OBSERVED, top + 1)


# --- incidents --------------------------------------------------------------------------------------------


@pytest.mark.row("M05")
def test_ticks_without_evidence_are_listed_and_not_counted(appraisal):
    found = appraisal.incidents
    bare = found.rows[found.rows["evidence_id"] == ""]
    assert set(bare["incident_id"]) == {incident for incident, _ in found.checklist.unproven}
    for item, rate in found.checklist.rates.items():
        assert len(found.evidence[item]) == round(rate.value * rate.n / 100)
        assert "" not in found.evidence[item]


@pytest.mark.row("A18")
def test_handling_in_time_is_that_of_the_list(appraisal):
    found = appraisal.incidents
    in_time, both = found.rows["hours"] <= 2, found.rows["coordinated"].astype(bool)
    told = found.rates.set_index("measure")["value"]
    assert told["planned"] == pytest.approx(100 * in_time.mean())
    assert told["handled"] == pytest.approx(100 * (in_time & both).mean())


def test_a_period_without_incidents_has_none(sources):
    table = sources.table("incidents")
    table = table[table["occurred_at"] < "2026-01-01"]
    assert incidents(Tables(sources.evaluation, {"incidents": table})) is None
    assert incidents(Tables(sources.evaluation, {})) is None


# --- goals ------------------------------------------------------------------------------------------------


def with_goals(quarter, *goals):
    declared = quarter.study.goals.model_copy(update={"goals": goals})
    return dataclasses.replace(quarter, study=quarter.study.model_copy(update={"goals": declared}))


def goal(name, **more):
    words = {"zh": name, "en": name}
    given = {"indicator": "A01", "unit": "percent", "target": 85, "agreed_by": ("S01", "S02")}
    given |= {"agreed_on": "2026-06-01", "due": "2026-12-31", "owner": {"level": "person", "id": "S05"}}
    return Goal(goal_id=name, text=words, **(given | more))


@pytest.mark.row("M02")
def test_contracts_say_when_and_by_whom_they_were_agreed(quarter):
    late = goal("g2", agreed_on="2026-08-01")
    papers = goal_papers(
        with_goals(
            quarter,
            goal("g1"),
            goal("g1", version=2, amends=1, agreed_on="2026-08-16", target=90),
            late,
            goal("g3", agreed_by=("S01",)),
        )
    )
    told = [(one.goal.goal_id, one.goal.version, one.days, one.standing) for one in papers.contracts]
    assert told == [
        ("g1", 1, 46, "in_time"),
        ("g1", 2, 46, "amended"),
        ("g2", 1, 61, "late"),
        ("g3", 1, 92, "unsigned"),
    ]


@pytest.mark.row("M11")
def test_orphans_overload_and_reach_are_found(quarter):
    top = goal("top", owner={"level": "company"}, target=99.9)
    many = [goal(f"g{number}", parent_id="top") for number in range(8)]
    papers = goal_papers(
        with_goals(quarter, top, *many, goal("lost", owner={"level": "person", "id": "S07"}))
    )
    assert papers.tree.orphans == ("lost",)
    codes = {(where, found.code) for where, found in papers.findings}
    assert {("top", "goal_out_of_reach"), ("lost", "goal_orphan"), ("S05", "too_many_goals")} <= codes


@pytest.mark.row("M01")
def test_what_smart_lacks_is_a_finding_by_goal(quarter):
    vague = goal("vague", due=None, owner=None, parent_id=None)
    papers = goal_papers(with_goals(quarter, vague))
    assert {"smart_time", "smart_relevant"} <= {
        found.code for where, found in papers.findings if where == "vague"
    }


def test_a_study_without_goals_has_no_papers(quarter):
    assert goal_papers(with_goals(quarter)) is None


# --- standing and plan ------------------------------------------------------------------------------------


@pytest.mark.row("W12")
def test_reliability_by_period_is_that_of_the_formula(quarter):
    found = standing(quarter).reliability
    speed = found[found["indicator"] == "A01-speed"].reset_index(drop=True)
    month = speed.iloc[0]
    ratio = month["n"] * (1 / month["reliability"] - 1)  # variance of one answer over that between people
    again = reliability_by_period(1.0, ratio, month["n"])
    assert np.allclose(again["reliability"], speed["reliability"])
    assert list(speed["period"]) == ["month", "quarter", "four_quarters"]
    assert speed["n"].tolist() == pytest.approx([month["n"], 3 * month["n"], 12 * month["n"]])


def test_months_have_no_tiers_and_no_reliability(month):
    found = standing(month)
    assert found.reliability.empty and set(found.tiers["tier"]) == {"untested"}


@pytest.mark.row("W09")
def test_the_balance_is_that_of_the_weights_in_use(quarter, appraisal):
    weights = quarter.weighting.combined.values
    assert appraisal.balance.effective == pytest.approx(1 / sum(w * w for w in weights.values()))
    shares = [appraisal.fact(f"2026Q3/appraisal.share_{tag}/company").value for tag in appraisal.balance.tags]
    assert sum(shares) == pytest.approx(100)
    unweighted = dataclasses.replace(quarter.weighting, combined=None, problem="none")
    assert plan_balance(dataclasses.replace(quarter, weighting=unweighted)) is None


def test_every_fact_that_another_depends_on_exists(appraisal, quarter):
    known = set(appraisal.facts) | set(quarter.facts)
    missing = {
        (fact.key, key)
        for fact in appraisal.facts.values()
        for key in fact.depends
        if fact.key.startswith("2026Q3/appraisal.") and key not in known
    }
    own = {pair for pair in missing if not pair[0].startswith("2026Q3/appraisal.listing")}
    assert not own
