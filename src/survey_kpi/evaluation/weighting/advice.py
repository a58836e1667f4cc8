"""What to recommend, by rule from the diagnostics: a table of checks, and the verdict that follows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Side = Literal["judgement", "data", "consequence"]
Verdict = Literal["passed", "failed", "not_measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A limit that a diagnostic is held against, and which way of weighing it speaks about."""

    side: Side
    limit: float
    unit: str
    at_least: bool
    decides: bool = True
    optional: bool = False
    """Whether a side is sound without it: scores have no consistency ratio."""


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "experts": Rule(side="judgement", limit=3, unit="count", at_least=True),
        "merged_ratio": Rule(side="judgement", limit=0.10, unit="share", at_least=False, optional=True),
        "agreement": Rule(side="judgement", limit=0.5, unit="score", at_least=True),
        "one_expert": Rule(side="judgement", limit=0.05, unit="share", at_least=False, decides=False),
        "subjects": Rule(side="data", limit=10, unit="count", at_least=True),
        "entropy_width": Rule(side="data", limit=0.20, unit="share", at_least=False),
        "noise_gain": Rule(side="data", limit=0.0, unit="share", at_least=False),
        "redundant": Rule(side="consequence", limit=0, unit="count", at_least=False, decides=False),
        "turned_by_data": Rule(side="consequence", limit=5, unit="percent", at_least=False, decides=False),
        "first_place": Rule(side="consequence", limit=90, unit="percent", at_least=True, decides=False),
    }
)
"""Declared defaults of the advice, not estimates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A diagnostic against its limit."""

    code: str
    rule: Rule
    value: float

    @property
    def verdict(self) -> Verdict:
        """Passed at the limit itself; a diagnostic without a value neither passes nor fails."""
        if math.isnan(self.value):
            return "not_measured"
        held = self.value >= self.rule.limit if self.rule.at_least else self.value <= self.rule.limit
        return "passed" if held else "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The recommendation: "as_declared", "judgement_alone", "declared_numbers" or "equal"."""

    recommended: str
    checks: tuple[Check, ...]


def advise(values: Mapping[str, float], *, numbers_declared: bool) -> Advice:
    """Recommend a way of weighing.

    Sound judgements beside sound data keep the declared rule. Sound judgements beside doubtful data stand
    alone, because spread is no importance. Without sound judgements the indicators weigh the same, unless
    the study declares the numbers themselves, which no diagnostic can judge.

    Parameters
    ----------
    values
        Diagnostic by the code of its rule; NaN where it does not apply.
    numbers_declared
        Whether the rules declare the weights as numbers.

    Examples
    --------
    >>> sound = {"experts": 5, "merged_ratio": 0.01, "agreement": 0.8}
    >>> advise({**sound, "subjects": 23, "entropy_width": 0.4}, numbers_declared=False).recommended
    'judgement_alone'
    >>> advise({"subjects": 23}, numbers_declared=False).recommended
    'equal'
    """
    checks = tuple(
        Check(code=code, rule=rule, value=float(values.get(code, math.nan))) for code, rule in RULES.items()
    )
    if numbers_declared:
        return Advice(recommended="declared_numbers", checks=checks)
    if not _sound(checks, "judgement"):
        return Advice(recommended="equal", checks=checks)
    return Advice(recommended="as_declared" if _sound(checks, "data") else "judgement_alone", checks=checks)


def _sound(checks: tuple[Check, ...], side: Side) -> bool:
    mine = [check for check in checks if check.rule.side == side and check.rule.decides]
    return all(
        check.verdict == "passed" or (check.rule.optional and check.verdict == "not_measured")
        for check in mine
    )
