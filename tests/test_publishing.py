"""What an edition may show: no names, no small bases, nothing that can be recomputed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SpecError
from survey_kpi.facts import split_key
from survey_kpi.indicators import INDICATORS
from survey_kpi.publishing import COMPLEMENTARY, SUPPRESSED, is_complete, publish, suppress


@pytest.fixture(scope="module")
def evaluation(evaluated, root):
    return evaluated(root / "studies/sample", "2026Q3")


def test_the_leadership_edition_knows_no_person(evaluation, root):
    edition = publish(evaluation)
    people = pd.read_csv(root / "data/raw/sample/specialists.csv", dtype=str)
    for name in [*people["specialist_id"], *people["name"]]:
        assert not any(name in key for key in edition.facts)
    assert edition.scores.empty and edition.score_parts.empty
    assert list(edition.people.columns) == ["n", "value", "verdict"]
    assert not (edition.estimates["level"] == "specialist").any()


def test_people_are_ordered_by_base_not_by_file(evaluation):
    people = publish(evaluation).people
    assert people["n"].is_monotonic_increasing
    assert len(people) == len(evaluation.tiers)


def test_an_unknown_edition_names_the_nearest(evaluation):
    with pytest.raises(SpecError, match="did you mean 'leadership'"):
        publish(evaluation, "leadershp")


def groups(*bases):
    rows = [("company", "company", sum(bases))]
    rows += [("team", f"team:{place}", n) for place, n in enumerate(bases)]
    return pd.DataFrame(
        [
            {
                "period": "2026Q3",
                "indicator": "A01",
                "measure": "top_box",
                "level": level,
                "subject": subject,
                "value": 80.0,
                "std_error": 1.0,
                "conf_low": 70.0,
                "conf_high": 90.0,
                "n": n,
                "state": "measured",
                "reason": "",
            }
            for level, subject, n in rows
        ]
    )


def test_one_small_group_takes_the_next_smallest_with_it():
    """Row G12: cells 40, 25, 8, 27: the 8 and the next smallest, 25, are hidden."""
    shown, withheld = suppress(groups(40, 25, 8, 27), smallest=10)
    reasons = withheld.set_index("subject")["reason"]
    assert reasons.to_dict() == {"team:1": COMPLEMENTARY, "team:2": SUPPRESSED}
    hidden = shown[shown["state"] == "suppressed"]
    assert hidden[["value", "conf_low", "conf_high", "std_error"]].isna().all(axis=None)
    assert hidden["n"].tolist() == [25, 8]


def test_two_small_groups_protect_each_other():
    _, withheld = suppress(groups(40, 9, 8, 27), smallest=10)
    assert set(withheld["reason"]) == {SUPPRESSED}


def test_nothing_small_nothing_hidden():
    shown, withheld = suppress(groups(40, 25, 10), smallest=10)
    assert withheld.empty
    assert (shown["state"] == "measured").all()


# --- what is no sample ------------------------------------------------------------------------------------

NAME = frozenset({("A01", "top_box")})


def shown(table, **more):
    """Return the state of each subject, and its base."""
    found, _ = suppress(table, smallest=10, **more)
    return dict(zip(found["subject"], zip(found["state"], found["n"], strict=True), strict=True))


def test_seven_complaints_of_the_company_are_seven_complaints():
    """A count has no base that could be too small; of a team of few it could be about one of them."""
    found = shown(groups(3, 4), complete=NAME, counts=NAME)
    assert found["company"] == ("measured", 7)
    for team in ("team:0", "team:1"):
        state, n = found[team]
        assert state == "suppressed" and np.isnan(n), "the base of a count is the count"


def test_seven_answers_are_withheld_everywhere():
    assert {state for state, _ in shown(groups(3, 4)).values()} == {"suppressed"}
    assert [n for _, n in shown(groups(3, 4)).values()] == [7, 3, 4]


@pytest.mark.parametrize(
    ("name", "complete"),
    [
        ("A10.not_due", True),
        ("A24.contracts", True),
        ("A38.amount", True),
        ("A39.roi", True),
        ("A01.top_box", False),
        ("A07.nps", False),
        ("A10.on_time", False),
        ("A13.rate", False),
        ("A15.median", False),
        ("A41.rating", False),
        ("A11.silent", False),
        ("A52.waiting", False),
    ],
)
def test_only_complete_counts_of_records_have_no_smallest_base(name, complete):
    code, measure = name.split(".")
    assert is_complete(INDICATORS[code], INDICATORS[code].measure(measure)) is complete


def test_nothing_that_rests_on_answers_is_ever_complete():
    for row in INDICATORS.values():
        for measure in row.measures:
            assert not (row.roles and is_complete(row, measure))
            if measure.family in ("proportion", "mean", "nps", "median", "duration", "rate"):
                assert not is_complete(row, measure)


def test_the_sample_shows_its_small_counts_and_no_small_share(evaluation):
    edition = publish(evaluation)
    company = edition.estimates[edition.estimates["level"] == "company"].set_index(
        ["period", "indicator", "measure"]
    )
    waiting = company.loc[("2026Q3", "A10", "not_due")]
    assert 0 < waiting["n"] < 10 and waiting["state"] == "measured"
    assert edition.facts["2026Q3/A10.not_due/company"].value == waiting["value"]
    kinds = {(sheet.id, one.name): one.family for sheet in evaluation.study.indicators.indicators
             for one in INDICATORS[sheet.kpi].measures}  # fmt: skip
    for row in edition.estimates[edition.estimates["state"] == "measured"].itertuples():
        if row.level != "company" or kinds[row.indicator, row.measure] not in ("count", "total", "ratio"):
            assert row.n >= 10


def test_the_facts_of_a_withheld_count_say_nothing_of_it(evaluation):
    """Neither its value nor its base, which is the same number, nor the ends of its interval."""
    edition = publish(evaluation)
    hidden = edition.withheld
    counts = hidden[(hidden["indicator"] == "A10") & (hidden["measure"] == "not_due")]
    keys = {f"{row.period}/A10.not_due/{row.subject}" for row in counts.itertuples()}
    told = {key: fact for key, fact in edition.facts.items() if split_key(key).whole in keys}
    assert keys and told
    assert {fact.state for fact in told.values()} == {"suppressed"}
    assert all(np.isnan(fact.value) for fact in told.values())


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.booleans())
def test_no_group_is_shown_more_because_a_count_is_complete(bases, complete):
    """Groups are treated alike; what is complete changes the company's row alone."""
    found = shown(groups(*bases), complete=NAME if complete else frozenset())
    plain = shown(groups(*bases))
    assert {key: one for key, one in found.items() if key != "company"} == {
        key: one for key, one in plain.items() if key != "company"
    }
    assert found["company"][0] == ("measured" if complete or sum(bases) >= 10 else "suppressed")
