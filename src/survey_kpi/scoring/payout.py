"""Rewards in money: claims from the reward table, paid from a pool, to the cent.

Examples
--------
>>> [str(part) for part in share_pool([Decimal(5000), Decimal(4000), Decimal(3000)], Decimal("10000.00"))]
['4166.67', '3333.33', '2500.00']
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Final

import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.study.rewards import Penalty, Rewards

CENT: Final = Decimal("0.01")


def share_pool(claims: Sequence[Decimal], pool: Decimal | None = None) -> list[Decimal]:
    """Pay claims from a pool: in full where it suffices, else pro rata, to the cent, never above the pool.

    Parameters
    ----------
    claims
        Amounts of money, 0 or more.
    pool
        Money there is; None: no limit.

    Returns
    -------
    list of Decimal
        In the order of the claims; cents that are left over go to the largest remainders, at a tie to the
        earlier claim.

    Raises
    ------
    MethodError
        `money_invalid`: a claim or the pool is negative or no number.

    Notes
    -----
    Hare's method of largest remainders on whole cents; all arithmetic is exact.
    """
    for amount in [*claims, *([] if pool is None else [pool])]:
        if not amount.is_finite() or amount < 0:
            raise MethodError(
                "money_invalid", where="share_pool", what="an amount of money is negative or no number",
                got=str(amount), expected="0 or more",
            )  # fmt: skip
    wanted = [Fraction(claim) * 100 for claim in claims]
    total = sum(wanted, Fraction(0))
    budget = total if pool is None else min(total, Fraction(pool) * 100)
    shares = [claim * budget / total if total else Fraction(0) for claim in wanted]
    cents = [share.numerator // share.denominator for share in shares]
    spare = budget.numerator // budget.denominator - sum(cents)
    largest = sorted(range(len(shares)), key=lambda place: cents[place] - shares[place])
    for place in largest[:spare]:
        cents[place] += 1
    return [Decimal(cent) * CENT for cent in cents]


def payouts(
    people: pd.DataFrame,
    rewards: Rewards,
    *,
    streaks: Collection[str] = (),
    penalties: Mapping[str, Sequence[Penalty]] | None = None,
) -> pd.DataFrame:
    """What everybody is paid from the pool.

    Parameters
    ----------
    people
        One row per subject: subject, band (the one that is paid), target_bonus (Decimal).
    rewards
        Reward table and pool.
    streaks
        Subjects with a complete streak.
    penalties
        Signed penalties by subject.

    Returns
    -------
    pandas.DataFrame
        subject, band, claim, paid (Decimal), rewards (ids, joined by a comma: promotions and honours too).

    Examples
    --------
    >>> table = [{"id": "full", "label": {"zh": "全额", "en": "full"}, "band": "full", "share": 1}]
    >>> rewards = Rewards(pool=Decimal(1000), table=table)
    >>> people = pd.DataFrame({"subject": ["s1", "s2"], "band": ["full", "low"],
    ...                        "target_bonus": [Decimal(1200), Decimal(1200)]})
    >>> payouts(people, rewards).astype(str).values.tolist()
    [['s1', 'full', '1200.00', '1000.00', 'full'], ['s2', 'low', '0.00', '0.00', '']]
    """
    claims, named = [], []
    rows = zip(people["subject"], people["band"], people["target_bonus"], strict=True)
    for subject, band, target_bonus in rows:
        earned = [
            reward
            for reward in rewards.table
            if (subject in streaks if reward.streak else reward.band == band)
        ]
        lost = sum((_exact(one.share) for one in (penalties or {}).get(subject, ())), Fraction(0))
        bonus = Fraction(target_bonus)
        claim = sum((_worth(bonus, reward.share, reward.amount) for reward in earned), Fraction(0))
        claims.append(_to_cents(max(Fraction(0), claim - lost * bonus)))
        named.append(",".join(reward.id for reward in earned))
    return pd.DataFrame(
        {
            "subject": people["subject"].to_numpy(),
            "band": people["band"].to_numpy(),
            "claim": claims,
            "paid": share_pool(claims, rewards.pool),
            "rewards": named,
        }
    )


def _worth(bonus: Fraction, share: float | None, amount: Decimal | None) -> Fraction:
    return (bonus * _exact(share) if share is not None else Fraction(0)) + Fraction(amount or 0)


def _exact(share: float) -> Fraction:
    """Return a share as it was written: .1 is a tenth."""
    return Fraction(repr(share))


def _to_cents(amount: Fraction) -> Decimal:
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(CENT, rounding=ROUND_FLOOR)
