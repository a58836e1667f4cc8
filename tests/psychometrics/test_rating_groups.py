"""Means by group of raters: bases of people, suppression, the superior who is one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from survey_kpi.errors import SpecError
from survey_kpi.estimate import State
from survey_kpi.psychometrics.rating_groups import group_means


@pytest.mark.row("M04")
def test_two_peers_are_suppressed_and_a_superior_is_named():
    rows = group_means(
        ["p1", "p2", "boss"], ["ann"] * 3, ["peer", "peer", "superior"], [4, 5, 6], identifiable=["superior"]
    )
    peer, superior = rows
    assert peer.estimate.state is State.SUPPRESSED and np.isnan(peer.estimate.value) and not peer.identifiable
    assert superior.estimate.value == 6 and superior.identifiable and np.isnan(superior.estimate.std_error)


def test_a_rater_who_rates_often_is_still_one_rater():
    found = group_means(["p1", "p1", "p1", "p2"], ["ann"] * 4, ["peer"] * 4, [1, 2, 3, 5])[0]
    assert found.estimate.n == 2 and found.estimate.state is State.SUPPRESSED
    found = group_means(["p1", "p1", "p2"], ["ann"] * 3, ["peer"] * 3, [1, 3, 5], at_least=2)[0]
    assert found.estimate.value == pytest.approx(3.5)


def test_the_interval_is_students():
    marks = [4.0, 5.0, 6.5, 3.0]
    found = group_means(list("abcd"), ["ann"] * 4, ["peer"] * 4, marks)[0].estimate
    low, high = stats.t.interval(0.95, 3, np.mean(marks), stats.sem(marks))
    assert (found.conf_low, found.conf_high) == (pytest.approx(low), pytest.approx(high))


def test_refusals():
    with pytest.raises(SpecError, match="sizes_differ"):
        group_means(["a"], ["b"], [], [1])
    with pytest.raises(SpecError, match="missing_cell"):
        group_means(["a"], ["b"], ["peer"], [np.nan])
