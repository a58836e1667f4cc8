"""What `rules.yaml` declares about pay: the guard, streaks, rewards and penalties, all with defaults."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from survey_kpi.study.base import IndicatorId, Model, Name, Text

Share = Annotated[float, Field(gt=0, lt=1)]
Money = Annotated[Decimal, Field(ge=0, decimal_places=2)]


class PayGuard(Model):
    """How much evidence a move between bands needs; without it everybody keeps the last band."""

    prior: Literal["full_bayes", "plug_in"] = "full_bayes"
    """How people are drawn toward the team; `plug_in` is refused, it cuts people who are all alike."""
    down: Share = 0.10
    """Largest probability of reaching the band above at which a lower band is paid."""
    up: Share = 0.80
    """Smallest probability of reaching a band at which it is paid."""
    down_grade: Literal["A", "B", "C"] = "C"
    """Worst evidence grade that a lower band may rest on."""
    pool_below: int = Field(default=100, ge=0)
    """Answers in the quarter below which the last four quarters decide together."""
    looks: Literal["one", "two"] = "one"
    """`one`: quarter or pool decides; `two`: first the quarter, then the pool if it left things open."""
    drift_level: Share = 0.05
    """Level of the test that notes a true value which moved within the pool."""
    dependence: bool = True
    """Whether indicators from the same answers vary together in the score's distribution."""
    tenure_days: int = Field(default=60, ge=0)
    """Days employed and not on leave in the quarter below which nobody is graded."""


class Streak(Model):
    """A run of excellent quarters: each with enough evidence, none of them a matter of luck."""

    k: int | None = Field(default=None, ge=2)
    """How many quarters in a row; must be given, "several" is no rule."""
    threshold: float
    """Score that counts as excellent."""
    probability: Share = 0.80
    """Smallest probability that the true score reaches it."""
    grade: Literal["A", "B"] = "B"
    """Worst evidence grade of a quarter that counts or breaks."""


class ThresholdBonus(Model):
    """Points on top of the score for an indicator that reaches a threshold."""

    indicator: IndicatorId
    threshold: float
    """In the unit of the indicator's target, reached from its better side."""
    points: float = Field(gt=0)


class Reward(Model):
    """What a band, or a streak, earns."""

    id: Name
    label: Text
    kind: Literal["bonus", "promotion", "honour"] = "bonus"
    band: Name | None = None
    """The band that earns it."""
    streak: bool = False
    """Earned by a streak in place of a band."""
    share: float | None = Field(default=None, ge=0)
    """Share of a person's target bonus."""
    amount: Money | None = None
    """Amount of money, the same for everybody."""


class Penalty(Model):
    """What a band costs; only with evidence, a signature and an open appeal window."""

    id: Name
    label: Text
    band: Name
    share: float = Field(gt=0, le=1)
    """Share of a person's target bonus that is not paid."""


class Rewards(Model):
    """Reward table, the pool that pays it, and penalties."""

    pool: Money | None = None
    """Money that all bonuses of the period share; claims are paid pro rata when it is short."""
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    table: tuple[Reward, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    streak: Streak | None = None
    threshold_bonuses: tuple[ThresholdBonus, ...] = ()
