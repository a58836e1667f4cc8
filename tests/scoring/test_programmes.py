"""Training, channels, segments and development items: the numbers of their requirements."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError
from survey_kpi.estimate import State
from survey_kpi.inference.suppression import exposed
from survey_kpi.scoring.channels import Campaigns, channel_table, marketing_channels
from survey_kpi.scoring.development import development_items
from survey_kpi.scoring.profiles import profile
from survey_kpi.scoring.training import training_effect

# --- training -----------------------------------------------------------------------------------------


@pytest.mark.row("P13")
def test_five_points_raw_are_two_net_and_cannot_be_judged():
    """78 to 83 against 79 to 82 of 300 answers each (5 people of 60)."""
    found = training_effect([[234, 249], [237, 246]], [[300, 300], [300, 300]], hours=16, cost=4000)
    assert (found.raw, found.net) == (pytest.approx(5.0), pytest.approx(2.0))
    assert found.std_error == pytest.approx(4.57, abs=0.005)
    assert found.interval == (pytest.approx(-6.95, abs=0.01), pytest.approx(10.95, abs=0.01))
    assert found.verdict == "cannot_be_judged" and (found.hours, found.cost) == (16, 4000)


@pytest.mark.row("P13")
@pytest.mark.slow
def test_trainings_without_effect_claim_nothing():
    """20 people, true SD 4 points, the lowest 5 of the second quarter are trained; baseline is the first."""
    worlds, rng = 2000, np.random.default_rng(13)
    claims = raw_claims = 0
    for _ in range(worlds):
        true = np.clip(rng.normal(0.80, 0.04, 20), 0.5, 0.98)
        quarters = rng.binomial(60, true, (3, 20))
        trained = np.isin(np.arange(20), np.argsort(quarters[1], kind="stable")[:5])
        before, after = (
            [int(quarters[place, group].sum()) for group in (trained, ~trained)] for place in (0, 2)
        )
        n = [[300, 300], [900, 900]]
        claims += training_effect(np.transpose([before, after]), n).verdict != "cannot_be_judged"
        chosen = [int(quarters[1, group].sum()) for group in (trained, ~trained)]
        raw_claims += training_effect(np.transpose([chosen, after]), n).verdict == "rose"
    error = math.sqrt(0.05 * 0.95 / worlds)
    print(
        f"claims {claims / worlds:.4f}, from the selecting quarter {raw_claims / worlds:.4f}, SE {error:.4f}"
    )
    assert claims / worlds <= 0.05 + 3 * error
    assert raw_claims / worlds > 0.15, "the world must tempt, or the test proves nothing"


def test_a_large_effect_is_told_with_its_direction():
    n = [[300, 300], [300, 300]]
    assert training_effect([[210, 270], [237, 240]], n).verdict == "rose"
    assert training_effect([[270, 210], [237, 240]], n).verdict == "fell"


@pytest.mark.parametrize(
    ("x", "n", "code"),
    [
        ([[1, 2]], [[3, 3]], "counts_invalid"),
        ([[4, 2], [1, 1]], [[3, 3], [3, 3]], "counts_invalid"),
        ([[0, 2], [1, 1]], [[0, 3], [3, 3]], "empty_cell"),
    ],
)
def test_a_training_without_four_cells_is_refused(x, n, code):
    with pytest.raises(MethodError) as caught:
        training_effect(x, n)
    assert caught.value.code == code


# --- channels -----------------------------------------------------------------------------------------

SIMPSON = {"phone": ([72, 10], [80, 20]), "app": ([19, 48], [20, 80])}
"""The fixture of two customer mixes, with channels in place of people."""


@pytest.mark.row("G04")
def test_the_order_of_channels_flips_with_their_customers():
    found = channel_table(SIMPSON, {"phone": 60, "app": 30, "letter": 10})
    assert [row.use_share for row in found.rows] == [60.0, 30.0]
    assert [row.raw for row in found.rows] == pytest.approx([82.0, 67.0])
    assert [row.adjusted for row in found.rows] == pytest.approx([72.38, 77.27], abs=0.005)
    assert found.order_flips
    low, high = found.rows[0].interval  # Wilson of 82 of 100
    assert (low, high) == (pytest.approx(73.33, abs=0.01), pytest.approx(88.30, abs=0.01))


def test_channels_with_the_same_customers_keep_their_order():
    found = channel_table({"a": ([40, 30], [50, 50]), "b": ([35, 25], [50, 50])}, {"a": 1, "b": 1})
    assert not found.order_flips
    assert [row.raw for row in found.rows] == pytest.approx([row.adjusted for row in found.rows])


@pytest.mark.parametrize(("answers", "contacts"), [(SIMPSON, {}), ({"a": ([0], [0])}, {"a": 1})])
def test_a_channel_without_base_is_refused(answers, contacts):
    with pytest.raises(MethodError, match="empty_cell"):
        channel_table(answers, contacts)


COUNT = st.integers(0, 50)
MONEY = st.decimals(0, 9999, places=2)
CAMPAIGNS = st.builds(
    lambda lost, won, cost, revenue: Campaigns(leads=lost + won, won=won, cost=cost, revenue=revenue),
    COUNT,
    COUNT,
    MONEY,
    MONEY,
)


@pytest.mark.row("G06")
@given(st.dictionaries(st.sampled_from(["online", "fair", "mail", "phone"]), CAMPAIGNS, min_size=1))
def test_channels_sum_to_the_total(parts):
    *rows, total = marketing_channels(parts)
    assert [row.channel for row in rows] == list(parts) and total.channel == "total"
    for name in ("leads", "won", "cost", "revenue"):
        assert getattr(total.sums, name) == sum(getattr(row.sums, name) for row in rows)
    for row in (*rows, total):
        if row.sums.won:
            assert row.cost_per_won.value == float(row.sums.cost / row.sums.won)
        else:
            assert row.cost_per_won.state is State.NOT_APPLICABLE
        assert row.roi.measured == bool(row.sums.cost)


@pytest.mark.row("G06")
def test_conversion_and_return_of_a_channel():
    """24 of 80 matured leads, Wilson [21.06, 40.77]; (150 - 100) / 100 = 50 %."""
    part = Campaigns(leads=80, won=24, cost=Decimal("100.00"), revenue=Decimal("150.00"))
    row = marketing_channels({"online": part})[0]
    ends = (row.conversion.conf_low, row.conversion.conf_high)
    assert (row.conversion.value, *ends) == (
        30.0,
        pytest.approx(21.06, abs=0.005),
        pytest.approx(40.77, abs=0.005),
    )
    assert row.roi.value == 50.0


def test_what_is_not_stated_is_unavailable_in_the_total_too():
    known = Campaigns(leads=1, won=1, cost=Decimal("2.00"), revenue=Decimal("3.00"))
    silent = Campaigns(leads=0, won=0, cost=None, revenue=Decimal("3.00"))
    rows = marketing_channels({"a": known, "b": silent})
    assert [row.roi.state for row in rows] == [State.MEASURED, State.UNAVAILABLE, State.UNAVAILABLE]
    assert [row.conversion.state for row in rows] == [State.MEASURED, State.NOT_APPLICABLE, State.MEASURED]


# --- segments -----------------------------------------------------------------------------------------


@pytest.mark.row("G12")
def test_the_small_segment_and_the_next_smallest_are_hidden():
    rows = profile({"a": (40, 30), "b": (25, 20), "c": (8, 7), "d": (27, 9)})
    assert [row.shown for row in rows] == [True, False, False, True]
    assert [row.n for row in rows] == [40, None, None, 27]
    assert all(math.isnan(row.value) for row in rows if not row.shown)
    assert rows[1].reason != rows[2].reason
    assert rows[0].value == 75.0 and rows[0].interval[0] < 75 < rows[0].interval[1]


@pytest.mark.row("G12")
@given(st.lists(st.integers(0, 60), min_size=2, max_size=8))
def test_no_hidden_segment_follows_from_the_total(counts):
    rows = profile({str(place): (n, 0) for place, n in enumerate(counts)})
    assert not exposed([not row.shown for row in rows]).size
    assert all(row.shown for row in rows) == (min(counts) >= 10)
    assert all(row.n is None for row in rows if not row.shown)


def test_more_with_a_property_than_there_are_is_refused():
    with pytest.raises(MethodError, match="counts_invalid"):
        profile({"a": (20, 21)})


# --- development items --------------------------------------------------------------------------------

DRIVERS = {"speed": 0.5, "attitude": 0.3, "expertise": 0.2}
POINTS = st.one_of(st.just(math.nan), st.floats(0, 120))


@pytest.mark.row("R07")
@given(st.dictionaries(st.text(max_size=3), st.dictionaries(st.sampled_from([*DRIVERS, "x"]), POINTS)))
def test_no_scorecard_is_without_an_item(attainments):
    items = development_items(attainments, DRIVERS)
    assert items.keys() == attainments.keys()
    for found in items.values():
        assert len(found) == 1 and found[0].driver in DRIVERS
        assert (found[0].gap > 0) == (found[0].reason == "gap")


@pytest.mark.row("R07")
def test_the_item_is_the_gap_that_matters_most():
    given_ = {"a": {"speed": 90.0, "attitude": 80.0, "expertise": 70.0}, "b": {"speed": 104.0}, "c": {}}
    items = development_items(given_, DRIVERS, most=2)
    assert [(item.driver, item.gap) for item in items["a"]] == [("attitude", 20.0), ("expertise", 30.0)]
    assert [(item.driver, item.reason) for item in items["b"]] == [("speed", "keep")]
    assert [(item.driver, item.reason) for item in items["c"]] == [("speed", "unmeasured")]


@pytest.mark.parametrize(("drivers", "most"), [({}, 1), (DRIVERS, 0)])
def test_items_need_a_driver(drivers, most):
    with pytest.raises(MethodError, match="at least one item"):
        development_items({"a": {}}, drivers, most=most)
