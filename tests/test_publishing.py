"""What an edition may show: no names, no small bases, nothing that can be recomputed."""

import pandas as pd
import pytest

from survey_kpi.errors import SpecError
from survey_kpi.publishing import COMPLEMENTARY, SUPPRESSED, publish, suppress


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
