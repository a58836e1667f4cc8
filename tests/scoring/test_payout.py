"""Pool and payout: to the cent, never above the pool."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError
from survey_kpi.scoring.payout import payouts, share_pool
from survey_kpi.study.rewards import Penalty, Rewards

WORD = {"zh": "奖", "en": "reward"}
money = st.decimals(0, 10**7, places=2)


@pytest.mark.row("R06")
def test_a_short_pool_is_shared_pro_rata():
    """Pool 10,000.00 over 5,000, 4,000, 3,000."""
    found = share_pool([Decimal(5000), Decimal(4000), Decimal(3000)], Decimal("10000.00"))
    assert found == [Decimal("4166.67"), Decimal("3333.33"), Decimal("2500.00")]
    assert sum(found) == Decimal("10000.00")


@pytest.mark.row("R06")
@given(st.lists(money, min_size=1, max_size=12), money)
def test_shares_use_the_pool_up_and_never_more(claims, pool):
    found = share_pool(claims, pool)
    assert sum(found) == min(pool, sum(claims))
    assert all(part <= claim for part, claim in zip(found, claims, strict=True))
    total = sum(claims)
    if total > pool:
        exact = [claim * pool / total for claim in claims]
        assert all(abs(part - share) < Decimal("0.011") for part, share in zip(found, exact, strict=True))


@given(st.lists(money, max_size=6))
def test_a_pool_that_suffices_pays_in_full(claims):
    assert share_pool(claims, sum(claims, Decimal(0))) == claims == share_pool(claims)


def test_left_over_cents_go_to_the_earlier_of_equal_claims():
    assert share_pool([Decimal(1)] * 3, Decimal("1.00")) == [
        Decimal("0.34"),
        Decimal("0.33"),
        Decimal("0.33"),
    ]
    assert share_pool([Decimal(0), Decimal(0)], Decimal(5)) == [Decimal(0), Decimal(0)]


@pytest.mark.parametrize("claims", [[Decimal(-1)], [Decimal("NaN")]])
def test_what_is_no_money_is_refused(claims):
    with pytest.raises(MethodError, match="money_invalid"):
        share_pool(claims, Decimal(1))


@pytest.mark.row("R06")
def test_rewards_follow_bands_streaks_and_signed_penalties():
    rewards = Rewards(
        table=[
            {"id": "full", "label": WORD, "band": "top", "share": 1.0},
            {"id": "half", "label": WORD, "band": "middle", "share": 0.1},
            {"id": "streak", "label": WORD, "streak": True, "amount": Decimal("500")},
            {"id": "senior", "label": WORD, "kind": "promotion", "streak": True},
        ]
    )
    people = pd.DataFrame(
        {
            "subject": ["s1", "s2", "s3"],
            "band": ["top", "middle", "low"],
            "target_bonus": [Decimal("3000.10")] * 3,
        }
    )
    cut = {"s2": [Penalty(id="cut", label=WORD, band="middle", share=0.05)],
           "s3": [Penalty(id="cut", label=WORD, band="low", share=0.5)]}  # fmt: skip
    found = payouts(people, rewards, streaks={"s1"}, penalties=cut)
    assert [str(claim) for claim in found["claim"]] == ["3500.10", "150.00", "0.00"]
    assert found["paid"].tolist() == found["claim"].tolist()
    assert found["rewards"].tolist() == ["full,streak,senior", "half", ""]
