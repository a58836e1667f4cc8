"""Shares of strata: the fixture of the specification, ties, and the laws of every allocation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError
from survey_kpi.sampling import allocate

sizes_of_strata = st.dictionaries(st.text(max_size=3), st.integers(0, 400), min_size=1, max_size=12)


@st.composite
def plans(draw):
    """Sizes, a smallest sample, and a sample that fits both."""
    sizes = draw(sizes_of_strata.filter(lambda sizes: sum(sizes.values()) > 0))
    at_least = draw(st.integers(0, 3))
    fewest = max(sum(min(at_least, size) for size in sizes.values()), 1)
    return sizes, draw(st.integers(fewest, sum(sizes.values()))), at_least


@pytest.mark.row("A03")
def test_ten_percent_of_a_thousand():
    """Fixture A03: strata 523, 277, 131, 69, 10 %."""
    assert allocate({"a": 523, "b": 277, "c": 131, "d": 69}, 100) == {"a": 52, "b": 28, "c": 13, "d": 7}


def test_equal_remainders_go_to_the_larger_stratum_then_by_name():
    assert allocate({"small": 15, "large": 45}, 4, at_least=0) == {"small": 1, "large": 3}
    assert allocate({"small": 10, "large": 30}, 2, at_least=0) == {"small": 0, "large": 2}
    assert allocate({"b": 10, "a": 10}, 3) == {"b": 1, "a": 2}


def test_nobody_is_left_without_a_chance_unless_asked():
    sizes = {"s01": 990, "s02": 8, "s03": 2}
    assert allocate(sizes, 10) == {"s01": 8, "s02": 1, "s03": 1}
    assert allocate(sizes, 10, at_least=0) == {"s01": 10, "s02": 0, "s03": 0}


def test_the_smallest_sample_ends_where_the_stratum_does():
    assert allocate({"a": 100, "b": 2, "c": 0}, 12, at_least=5) == {"a": 10, "b": 2, "c": 0}


@given(plans())
def test_every_allocation_sums_fits_and_stays_within_one_of_its_quota(plan):
    sizes, n, at_least = plan
    found = allocate(sizes, n, at_least=at_least)
    assert list(found) == list(sizes)
    assert sum(found.values()) == n
    assert all(min(at_least, size) <= found[name] <= size for name, size in sizes.items())
    if at_least == 0:
        total = sum(sizes.values())
        assert all(abs(found[name] - n * size / total) < 1 for name, size in sizes.items())


@given(plans(), st.randoms())
def test_the_order_of_the_strata_does_not_matter(plan, random):
    sizes, n, at_least = plan
    names = list(sizes)
    random.shuffle(names)
    turned = allocate({name: sizes[name] for name in names}, n, at_least=at_least)
    assert turned == allocate(sizes, n, at_least=at_least)


@given(plans())
def test_larger_strata_never_get_less(plan):
    sizes, n, at_least = plan
    found = allocate(sizes, n, at_least=at_least)
    ordered = [found[name] for name in sorted(sizes, key=lambda name: sizes[name])]
    by_size = {}
    for name, size in sizes.items():
        by_size.setdefault(size, []).append(found[name])
    assert all(max(same) - min(same) <= 1 for same in by_size.values())
    assert len(by_size) < len(sizes) or ordered == sorted(ordered)


@pytest.mark.parametrize("n", [0, 2, 11])
def test_a_sample_that_does_not_fit_is_refused(n):
    with pytest.raises(MethodError, match=r"3 to 10") as caught:
        allocate({"a": 5, "b": 4, "c": 1}, n)
    assert caught.value.code == "sample_size"
    assert "at_least=0" in str(caught.value)


def test_negative_sizes_are_refused():
    with pytest.raises(MethodError) as caught:
        allocate({"a": -1, "b": 5}, 2)
    assert caught.value.code == "counts_invalid"
    with pytest.raises(MethodError) as caught:
        allocate({"a": 5}, 2, at_least=-1)
    assert caught.value.code == "counts_invalid"
