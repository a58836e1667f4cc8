"""What an assessment of the data is: its tables, and every number in them as a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from survey_kpi.errors import Problem, nearest
from survey_kpi.evaluation.quality.company import Company
from survey_kpi.evaluation.quality.intake import Drift
from survey_kpi.evaluation.quality.invitations import Invited
from survey_kpi.evaluation.quality.judging import Fitness, Outcome
from survey_kpi.evaluation.quality.sensitivity import Toggle
from survey_kpi.facts import Fact, fact_key
from survey_kpi.period import Period
from survey_kpi.study.models import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A change of team: the day, the team before and the team after."""

    specialist_id: str
    date: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Careless:
    """Answers that show enough signs of careless answering, and what was done about them."""

    signs: tuple[str, ...]
    at_least: int
    kinds: int
    rows: int
    excluded: int

    @property
    def measured(self) -> bool:
        """Whether enough kinds of signs are looked for at all; otherwise nothing can agree."""
        return self.kinds >= self.at_least


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quality:
    """How fit the data of one study and period are.

    Parameters
    ----------
    gates, fitness
        Outcome of each gate; table x purpose.
    intake, drifts
        One row per file; layout of the period's files against the last before them.
    rules
        Rules that ran: rule, action, flagged and excluded rows (or answers) of the period.
    unmet
        Rules that could not run, with the reason.
    excluded
        Rows of the period that were set aside: row_id, source, rule; ordered by row.
    missing
        Items (rows) x quarters (columns, oldest first): share of answers missing, in percent.
    noticed
        What reading and the rules on answers noticed in the period: row_id, source, rule, item, value,
        action, detail.
    careless
        Signs, and rows that show enough of them.
    medians
        Median duration in seconds by source of the period, and the threshold it leads to.
    thresholds
        Scalars that cleaning took from the data of the period, by fact key.
    doubts
        Codings of the data that the study lets pass although they look wrong.
    mixes
        By characteristic (specialist, channel, language): value, n, and the n of the earlier period.
    weights
        Respondent weights of kept answers by class, or else the design weights of the invitations that were
        answered: value (label of the class), n; None without weights.
    invited
        The invitations of the period; None where none are declared.
    matching
        Kept answers by what became of their key: matched, and the reasons why not.
    unattributed
        Kept rows of nobody known: row_id, reason.
    company
        The tables beside the answers.
    moves
        Changes of team within the period.
    toggles
        Headline figures under each policy with one rule toggled; the first is as published.
    """

    study: Study
    period: Period
    against: Period
    gates: tuple[Outcome, ...]
    fitness: tuple[Fitness, ...]
    intake: pd.DataFrame
    drifts: tuple[Drift, ...]
    rules: pd.DataFrame
    unmet: Mapping[str, str]
    excluded: pd.DataFrame
    missing: pd.DataFrame
    noticed: pd.DataFrame
    careless: Careless
    medians: Mapping[str, tuple[float, float]]
    thresholds: Mapping[str, float]
    doubts: tuple[Problem, ...]
    mixes: Mapping[str, pd.DataFrame]
    weights: pd.DataFrame | None
    invited: Invited | None
    matching: pd.DataFrame
    unattributed: pd.DataFrame
    company: Company
    moves: tuple[Move, ...]
    toggles: tuple[Toggle, ...]
    facts: Mapping[str, Fact]

    def fact(self, key: str) -> Fact:
        """Return the fact with this key.

        Raises
        ------
        KeyError
            There is none; the message names the nearest.
        """
        if key not in self.facts:
            raise KeyError(f"no fact '{key}'; {nearest(key, self.facts)}")
        return self.facts[key]


def quality_key(period: object, name: str, scope: str = "company", part: str = "") -> str:
    """Compose the key of a fact of this assessment.

    Examples
    --------
    >>> quality_key("2026Q3", "gate_unparsed")
    '2026Q3/quality.gate_unparsed/company'
    """
    return fact_key(period, "quality", name, scope, part)
