"""Favour pairs: planted ones are named, chance rarely makes one, nothing else counts as one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from survey_kpi.errors import SpecError
from survey_kpi.psychometrics.reciprocity import favour_pairs

RATER, RATEE = (side[~np.eye(12, dtype=bool)] for side in np.indices((12, 12)))
NAMES = np.array([f"p{i:02d}" for i in range(12)])


def ratings(rng):
    """W14: everybody rates everybody on 1-5; quality normal(3.6, .4), noise .7."""
    quality = rng.normal(3.6, 0.4, 12)
    return np.clip(np.round(rng.normal(quality[RATEE], 0.7)), 1, 5)


def flagged(scores, **options):
    return favour_pairs(NAMES[RATER].tolist(), NAMES[RATEE].tolist(), scores, highest=5, **options)


@pytest.mark.slow
@pytest.mark.row("W05")
def test_random_ratings_flag_a_pair_in_at_most_one_of_twenty_quarters():
    """W14: measured .040."""
    quarters, rng = 2000, np.random.default_rng(14)
    share = np.mean([bool(flagged(ratings(rng))) for _ in range(quarters)])
    error = math.sqrt(0.05 * 0.95 / quarters)
    print(f"W14: any pair flagged in {share:.4f} of quarters, Monte Carlo SE {error:.4f}")
    assert share <= 0.05 + 3 * error
    assert share == pytest.approx(0.040, abs=3 * error)


@pytest.mark.row("W05")
def test_a_planted_pair_is_flagged():
    scores = np.full(RATER.size, 3.0)
    scores[(RATER == 2) & (RATEE == 7) | (RATER == 7) & (RATEE == 2)] = 5
    (pair,) = flagged(scores)
    assert (pair.first, pair.second) == ("p02", "p07")
    assert pair.first_excess == pair.second_excess == 2


def test_the_edges_of_the_rule():
    raters = ["b", "x", "y", "z", "a", "x", "y", "z"]
    ratees = ["a"] * 4 + ["b"] * 4

    def pairs(*marks, drop=0):
        kept = slice(drop, None)
        return len(favour_pairs(raters[kept], ratees[kept], np.array(marks)[kept], highest=5))

    assert pairs(5, 3, 3, 4.5, 5, 3, 3, 4.5) == 1, "1.5 above is enough"
    assert pairs(5, 3, 4, 4.5, 5, 3, 3, 4.5) == 0, "one of the two is not far above"
    assert pairs(4.9, 3, 3, 3, 5, 3, 3, 3) == 0, "not the highest mark"
    assert pairs(5, 3, 3, 3, 5, 3, 3, 3, drop=1) == 0, "the mark is not returned"
    two = favour_pairs(["b", "x", "y", "a", "x", "y"], list("aaabbb"), [5, 1, 1, 5, 1, 1], highest=5)
    assert two == (), "two others are too few"


def test_marks_of_several_items_enter_as_their_mean_and_oneself_never():
    raters = ["b", "b", "x", "y", "z", "a", "a", "a", "x", "y", "z"]
    ratees = ["a", "a", "a", "a", "a", "a", "b", "b", "b", "b", "b"]
    scores = [5, 5, 2, 2, 2, 5, 5, 5, 2, 2, 2]
    (pair,) = favour_pairs(raters, ratees, scores, highest=5)
    assert pair.first_excess == 3, "the mark that a gave itself is not part of how others see a"
    assert favour_pairs(raters, ratees, [5, 4, *scores[2:]], highest=5) == ()


def test_nobody_rated_is_nobody_flagged():
    assert favour_pairs([], [], [], highest=5) == ()


@pytest.mark.parametrize(
    ("scores", "code"),
    [([1.0], "sizes_differ"), ([1.0, np.nan], "missing_cell"), ([1.0, 6.0], "scale_range")],
)
def test_refusals(scores, code):
    with pytest.raises(SpecError) as caught:
        favour_pairs(["a", "b"], ["b", "a"], scores, highest=5)
    assert caught.value.code == code
