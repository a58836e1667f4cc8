"""The invitation-coverage alarm: exact tail, power, and world W6 of the acceptance worlds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_kpi.errors import MethodError, SchemaError, SpecError
from survey_kpi.sampling import (
    CHERRY_PICKING,
    UNATTRIBUTED,
    Deviation,
    Selection,
    coverage_alarm,
    coverage_by_specialist,
    exact_coverage,
    single_power,
)

PEOPLE, CUSTOMERS, HONEST = 20, 200, 0.525


def world(generator, worlds, selecting):
    """Counts of each person in W6: the first `selecting` invite by satisfaction, the others blindly."""
    choice = CHERRY_PICKING
    shape = (worlds, PEOPLE)
    satisfied = generator.binomial(CUSTOMERS, choice.satisfaction, shape)
    chooses = np.arange(PEOPLE) < selecting
    invite_yes = np.where(chooses, choice.invites_satisfied, HONEST)
    invite_no = np.where(chooses, choice.invites_unsatisfied, HONEST)
    # satisfied now and before, satisfied now only, satisfied before only, never
    both = generator.binomial(satisfied, choice.agreement)
    before = generator.binomial(CUSTOMERS - satisfied, 1 - choice.agreement)
    rest = CUSTOMERS - satisfied - before
    invited = [
        generator.binomial(group, share)
        for group, share in (
            (both, invite_yes),
            (satisfied - both, invite_yes),
            (before, invite_no),
            (rest, invite_no),
        )
    ]
    reported = (invited[0] + invited[1]) / sum(invited)
    return (np.full(shape, CUSTOMERS), both + before, sum(invited), invited[0] + invited[2]), reported


@pytest.mark.slow
def test_world_6():
    """World W6, within 3 standard errors: all selecting found in >= 95 %, honest in <= 5 % of worlds."""
    generator, worlds = np.random.default_rng(20261122), 10_000
    counts, reported = world(generator, worlds, PEOPLE)
    selecting = coverage_alarm(*counts).flagged
    honest = coverage_alarm(*world(generator, worlds, 0)[0]).flagged.any(axis=1).mean()
    single_counts, _ = world(generator, worlds, 1)
    single = coverage_alarm(*single_counts).flagged[:, 0].mean()
    found = selecting.any(axis=1).mean()
    print(
        f"\nW6: reported {100 * reported.mean():.1f}; all selecting {found:.4f} of worlds,"
        f" {selecting.mean():.3f} of people; honest {honest:.4f}; one of 20 {single:.3f}"
    )
    error = 3 * math.sqrt(0.05 * 0.95 / worlds)
    assert reported.mean() == pytest.approx(0.857, abs=0.001) == CHERRY_PICKING.reported
    assert found >= 0.95 - error
    assert honest <= 0.05 + error
    assert selecting.mean() == pytest.approx(0.66, abs=0.02)
    assert single == pytest.approx(0.25, abs=0.05)
    expected = single_power(CUSTOMERS, 135, 105, people=PEOPLE)
    assert single == pytest.approx(expected, abs=0.05)


@pytest.mark.slow
def test_power_is_exact_for_fixed_margins():
    """Invitations by Bernoulli trials, kept when the margins fit: share of alarms at level / people."""
    generator = np.random.default_rng(5)
    odds = CHERRY_PICKING.odds_ratio
    low = 0.4
    high = odds * low / (1 - low + odds * low)
    first, second = generator.binomial(27, high, 2_000_000), generator.binomial(13, low, 2_000_000)
    kept = first[first + second == 21]
    p = stats.hypergeom.sf(kept - 1, 40, 27, 21)
    share = (p <= 0.05 / 4).mean()
    error = math.sqrt(share * (1 - share) / kept.size)
    assert share == pytest.approx(single_power(40, 27, 21, people=4), abs=4 * error)


def test_the_tail_is_fishers():
    """R: phyper(8, 9, 9, 9, lower.tail = FALSE) is 1 / choose(18, 9)."""
    assert coverage_alarm(18, 9, 9, 9).p_value[0] == pytest.approx(1 / math.comb(18, 9))
    table = [[88, 17], [47, 48]]
    exact = stats.fisher_exact(table, alternative="greater").pvalue
    assert coverage_alarm(200, 135, 105, 88).p_value[0] == pytest.approx(exact)


margins = st.integers(1, 60).flatmap(
    lambda N: st.tuples(st.just(N), st.integers(0, N), st.integers(0, N)).flatmap(
        lambda margin: st.tuples(
            *map(st.just, margin), st.integers(max(sum(margin[1:]) - margin[0], 0), min(margin[1:]))
        )
    )
)


@given(st.lists(margins, min_size=1, max_size=8))
def test_laws_of_the_alarm(people):
    found = coverage_alarm(*zip(*people, strict=True))
    for (N, K, n, x), p, adjusted in zip(people, found.p_value, found.adjusted, strict=True):
        assert math.isnan(p) == (n in (0, N) or K in (0, N))
        if not math.isnan(p):
            assert 0 < p <= adjusted * (1 + 1e-12) <= 1 + 1e-12
            fewer = coverage_alarm(N, K, n, x - 1).p_value[0] if x > max(n + K - N, 0) else 1
            assert p <= fewer


@given(margins)
def test_power_is_a_share_and_falls_with_people(person):
    N, K, n, _ = person
    few, many = (single_power(N, K, n, people=people) for people in (1, 40))
    assert 0 <= many <= few <= 1
    blind = Selection(invites_satisfied=0.5, invites_unsatisfied=0.5)
    assert single_power(N, K, n, people=1, selection=blind) <= 0.05 + 1e-12


def test_nobody_flagged_where_nothing_could_be_chosen():
    found = coverage_alarm([10, 10, 0], [10, 4, 0], [5, 10, 0], [5, 4, 0])
    assert np.isnan(found.p_value).all() and not found.flagged.any()
    assert coverage_alarm([], [], [], []).flagged.size == 0


@pytest.mark.parametrize(
    "counts",
    [(10, 11, 5, 5), (10, 5, 5, 6), (10, 9, 9, 7), (10, 5, 5, 2.5), (-1, 0, 0, 0), (10, 5, math.nan, 2)],
)
def test_impossible_counts_are_refused(counts):
    with pytest.raises(MethodError) as caught:
        coverage_alarm(*counts)
    assert caught.value.code == "counts_invalid"


def test_impossible_levels_and_people_are_refused():
    with pytest.raises(SpecError):
        coverage_alarm(18, 9, 9, 9, level=5)
    with pytest.raises(MethodError):
        single_power(18, 9, 9, people=0)
    with pytest.raises(MethodError):
        single_power(18, 19, 9, people=1)


def test_odds_follow_from_the_selection():
    """By hand: invited of the satisfied before .5833, of the others .4038."""
    assert CHERRY_PICKING.odds_ratio == pytest.approx(2.067, abs=0.002)
    assert Selection(agreement=1.0).odds_ratio == pytest.approx(0.6 / 0.4 / (0.3 / 0.7))
    assert Selection(invites_satisfied=0.5, invites_unsatisfied=0.5).odds_ratio == pytest.approx(1)


# --- from rows ----------------------------------------------------------------------------------------


def rows_of(specialist, both, satisfied, invited, neither, unknown=0):
    kinds = ((True, True), (False, True), (True, False), (False, False), (True, None))
    counts = (both, satisfied - both, invited - both, neither, unknown)
    rows = [(specialist, *kind) for kind, count in zip(kinds, counts, strict=True) for _ in range(count)]
    return pd.DataFrame(rows, columns=["specialist_id", "invited", "satisfied_before"], dtype=object)


def test_people_from_rows():
    table = pd.concat(
        [
            rows_of("blind", 71, 135, 105, 31),
            rows_of("choosy", 88, 135, 105, 48, unknown=12),
            rows_of("everybody", 30, 30, 40, 0),
            rows_of(None, 9, 9, 9, 9),
        ]
    )
    nobody, blind, choosy, everybody = coverage_by_specialist(table)
    assert (nobody.subject, nobody.verdict, nobody.customers, nobody.power) == (
        UNATTRIBUTED,
        "untested",
        18,
        None,
    )
    assert (blind.verdict, everybody.verdict, everybody.p_value) == ("usual", "untested", None)
    assert (choosy.customers, choosy.satisfied, choosy.invited, choosy.invited_satisfied) == (
        200,
        135,
        105,
        88,
    )
    assert (choosy.verdict, choosy.without_history) == ("unusual", 12)
    assert choosy.adjusted_p == pytest.approx(2 * choosy.p_value)
    assert choosy.power == single_power(200, 135, 105, people=2)


def test_no_rows_no_people():
    assert coverage_by_specialist(rows_of("s", 0, 0, 0, 0)) == ()


@pytest.mark.parametrize("dtype", ["bool", "boolean", "int64", "float64", "str", "object"])
def test_truth_in_any_type(dtype):
    table = rows_of("s1", 9, 9, 9, 9).astype({"invited": "bool", "satisfied_before": "bool"})
    found = coverage_by_specialist(table.astype({"invited": dtype, "satisfied_before": dtype}))
    assert (found[0].invited_satisfied, found[0].customers) == (9, 18)


@pytest.mark.parametrize(("column", "cell"), [("invited", None), ("invited", "yes"), ("satisfied_before", 5)])
def test_what_is_neither_true_nor_false_is_refused(column, cell):
    table = rows_of("s1", 2, 2, 2, 2)
    table.loc[1, column] = cell
    with pytest.raises(SchemaError, match="rows 2") as caught:
        coverage_by_specialist(table)
    assert caught.value.code == "not_true_or_false"


def test_missing_columns_are_refused():
    with pytest.raises(SchemaError, match="satisfied_before"):
        coverage_by_specialist(pd.DataFrame({"specialist_id": [], "invited": []}))


def test_a_drawn_list_needs_no_test():
    found = [Deviation(unit=unit, kind="not_invited") for unit in ("c1", "c2", "c3")]
    assert exact_coverage(found, {"c1": "s2", "c2": "s2"}) == {UNATTRIBUTED: 1, "s2": 2}
    assert exact_coverage([], {}) == {}
