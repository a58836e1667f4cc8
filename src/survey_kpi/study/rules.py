"""What `rules.yaml` declares: what is scored, how it is weighted, and which band follows."""

# ruff: noqa: RUF012 (pydantic copies a default for every instance)

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from survey_kpi.study.base import IndicatorId, Model, Name, NonNegative, Text
from survey_kpi.study.rewards import PayGuard, Rewards


class WeightPart(Model):
    """One ingredient of the indicator weights."""

    method: Name
    share: float = Field(default=1.0, ge=0, le=1)
    params: dict[str, Any] = {}


class IndicatorWeightRule(Model):
    """How indicator weights come about: declared numbers, or methods mixed linearly by their shares."""

    declared: dict[IndicatorId, NonNegative] = {}
    parts: tuple[WeightPart, ...] = ()
    judgements: str | None = None
    """Pairwise judgements inside the study folder: CSV with expert_id, row, column, value."""
    missing: Literal["refuse", "harker", "least_eigenvalue"] = "refuse"
    """What happens to experts who left pairs out: refused, or completed from their other judgements."""
    ratings: str | None = None
    """Importance scores inside the study folder: CSV with expert_id, indicator, score."""
    rating_scale: tuple[float, float] = (0.0, 10.0)
    """Lowest and highest importance score."""
    influence: dict[str, NonNegative] = {}
    """Weight of each expert's voice by expert_id, for all of them; empty means equal voices."""
    random_index: str = "alonso_lamata"
    consistency_limit: float | None = Field(default=0.10, gt=0)
    consistency_reason: str | None = None


class ScoreRule(Model):
    """Attainment and total score (base, floor, cap and over-achievement share k)."""

    formula: Literal["linear", "ratio_target_over_actual", "step", "identity", "none"]
    base: float = 100.0
    floor: float = 0.0
    cap: float = 120.0
    k: float = 0.5
    when_unmeasured: Literal["hold_harmless", "reweight_printed", "zero_with_reason"] = "hold_harmless"


class Band(Model):
    """A half-open band `[low, high)`; the last one is closed at the cap."""

    id: Name
    label: Text
    low: float
    high: float


class EvidenceRule(Model):
    """Smallest bases of the evidence grades; below `descriptive` a value is suppressed."""

    a: int = 200
    b: int = 100
    c: int = 30
    descriptive: int = 10


class Rules(Model):
    """`rules.yaml`: what is scored, how it is weighted, and which band follows."""

    schema_version: Literal[1]
    scored: tuple[IndicatorId, ...] = Field(min_length=1)
    indicator_weights: IndicatorWeightRule
    score: ScoreRule
    bands: tuple[Band, ...] = Field(min_length=1)
    evidence: EvidenceRule = EvidenceRule()
    minimum_group: int = Field(default=5, ge=2)
    pay: PayGuard = PayGuard()
    rewards: Rewards = Rewards()
    effective_from: dt.date | None = None
