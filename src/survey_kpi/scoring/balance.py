"""What a plan rewards: shares of result, process and ability, of money, how many indicators, at what cost.

None of this is refused. A plan of results alone, of money above all, or of twenty indicators is legal; the
company should know what it is about to pay for.

Examples
--------
>>> round(effective_number([0.30, 0.25, 0.20, 0.15, 0.10]), 2)
4.44
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.study.cascade import cascade
from survey_kpi.study.findings import Finding
from survey_kpi.study.models import IndicatorSheet, Study

MOST: Final = 7
"""Scored indicators above which a plan is crowded."""
HALF: Final = 0.5
ROUNDING: Final = 1e-9
TAGS: Final = ("result", "process", "ability")
GAMEABLE: Final = frozenset({"A35"})
"""Rows of the library that are easily inflated: logging in is not working."""
RULES: Final = "rules.yaml: scored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """Hours per quarter that measuring costs.

    Parameters
    ----------
    hours
        By indicator; None where the definition sheet does not state it.
    """

    hours: Mapping[str, float | None]

    @property
    def total(self) -> float:
        """Sum of the stated hours."""
        return math.fsum(hours for hours in self.hours.values() if hours is not None)

    @property
    def complete(self) -> bool:
        """Whether every indicator states its hours; if not, the total is a lower bound and is marked so."""
        return all(hours is not None for hours in self.hours.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the indicator weights of a plan amount to.

    Parameters
    ----------
    tags
        Share of the weight by tag: result, process, ability.
    financial
        Share of the weight on financial indicators.
    count, effective
        Scored indicators, and the number of equally weighted ones that would be as concentrated.
    burden
        Cost of measuring, of all indicators of the study.
    findings
        `no_process_indicator`, `financial_overweight`, `too_many_indicators`, `gameable_alone`.
    """

    tags: Mapping[str, float]
    financial: float
    count: int
    effective: float
    burden: Burden
    findings: tuple[Finding, ...]


def effective_number(weights: npt.ArrayLike) -> float:
    """Return 1 ÷ Σ w², the number of equal weights that would be as concentrated as these.

    Parameters
    ----------
    weights
        Indicator weights that sum to 1.

    Notes
    -----
    Inverse of the Herfindahl-Hirschman index; Laakso and Taagepera (1979), *Comparative Political Studies*
    12 (1), 3-27.
    """
    w = np.asarray(weights, dtype=float)
    return float(1 / (w @ w))


def balance(
    sheets: Sequence[IndicatorSheet], weights: Mapping[str, float], *, most_indicators: int = MOST
) -> Balance:
    """Tell what a plan rewards.

    Parameters
    ----------
    sheets
        Definition sheets of the study.
    weights
        Indicator weight of every scored indicator; they sum to 1. The others are reported only.
    most_indicators
        Scored indicators above which the plan is crowded.

    Examples
    --------
    >>> from survey_kpi.study.models import Text
    >>> words = Text(zh="指标", en="indicator")
    >>> made = [IndicatorSheet(id=name, kpi=name, label=words, definition=words) for name in ("A01", "A07")]
    >>> found = balance(made, {"A01": 0.6, "A07": 0.4})
    >>> found.tags["result"], [finding.code for finding in found.findings]
    (1.0, ['no_process_indicator'])
    """
    scored = [sheet for sheet in sheets if sheet.id in weights]
    tags = defaultdict(float, dict.fromkeys(TAGS, 0.0))
    for sheet in scored:
        tags[sheet.tag] += weights[sheet.id]
    financial = math.fsum(weights[sheet.id] for sheet in scored if sheet.financial)
    return Balance(
        tags=dict(tags),
        financial=financial,
        count=len(weights),
        effective=effective_number(list(weights.values())),
        burden=Burden(hours={sheet.id: sheet.cost_hours for sheet in sheets}),
        findings=tuple(_findings(scored, weights, tags, financial, most_indicators)),
    )


def plan_findings(study: Study) -> tuple[Finding, ...]:
    """Return what the compiler notices in a study's indicators and goals before any data are opened.

    Where weights come from judgements or data, nobody knows them yet: then every scored indicator counts
    equally, and nothing is said about the share of money.
    """
    scored, rule = study.rules.scored, study.rules.indicator_weights
    weights = dict(rule.declared) or dict.fromkeys(scored, 1 / len(scored))
    found = balance(study.indicators.indicators, weights).findings
    known = [finding for finding in found if rule.declared or finding.code != "financial_overweight"]
    tree = cascade(study.goals.goals, most_per_person=study.goals.most_per_person)
    return (*known, *tree.findings)


def _findings(
    scored: Sequence[IndicatorSheet],
    weights: Mapping[str, float],
    tags: Mapping[str, float],
    financial: float,
    most: int,
) -> Iterator[Finding]:
    if tags["process"] <= ROUNDING:
        message = "no weight lies on process, so what counts is what happened, not what can be done about it"
        yield Finding(code="no_process_indicator", where=RULES, message=message)
    if financial > HALF + ROUNDING:
        message = f"{financial:.0%} of the weight lies on financial indicators, more than half"
        yield Finding(code="financial_overweight", where=RULES, message=message)
    if len(weights) > most:
        message = f"{len(weights)} indicators are scored; above {most} each says little and noise adds up"
        yield Finding(code="too_many_indicators", where=RULES, message=message)
    process = [sheet for sheet in scored if sheet.tag == "process" and weights[sheet.id] > 0]
    if len(process) == 1 and process[0].kpi in GAMEABLE:
        message = f"{process[0].id} is the only scored process indicator, and it is easily inflated"
        yield Finding(code="gameable_alone", where=f"indicators.yaml: {process[0].id}", message=message)
