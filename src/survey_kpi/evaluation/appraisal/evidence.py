"""What people add to the knowledge base, and figures that rest on their own word (A44, W04)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.evaluation.appraisal.listings import absent_from
from survey_kpi.evaluation.appraisal.numbers import amount, by_key
from survey_kpi.evaluation.appraisal.sources import Sources, estimates_of, sheet_of
from survey_kpi.evaluation.appraisal.trainings import evaluated_people
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.tables import headline_measure
from survey_kpi.facts import Fact, fact_key
from survey_kpi.indicators import COMPANY, INDICATORS
from survey_kpi.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """A person's contributions to the knowledge base: those accepted, all, and the share of the team's."""

    subject: str
    team: str
    accepted: int
    submitted: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWord:
    """An indicator that rests on what people enter about themselves, beside one from a system.

    `system` is the indicator of the same row of the library whose source is a system; empty where none is.
    """

    indicator: str
    system: str
    difference: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Contributions by person, and figures on people's own word.

    Parameters
    ----------
    contributors
        In the order of codes, never by value; only people who submitted anything.
    absent
        Tables that the study lacks for contributions.
    own_word
        Indicators marked `self_report`; their evidence is grade C at most.
    """

    contributors: tuple[Contributor, ...]
    absent: tuple[str, ...]
    own_word: tuple[OwnWord, ...]
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))


def evidence(sources: Sources) -> Evidence:
    """Count accepted contributions in the period, and name what rests on people's own word."""
    absent = absent_from(sources, INDICATORS["A44"])
    people = () if absent else _contributors(sources)
    words = tuple(_own_words(sources.evaluation))
    made = by_key(_facts(sources.period, people, words))
    return Evidence(contributors=people, absent=absent, own_word=words, facts=made)


def _contributors(sources: Sources) -> tuple[Contributor, ...]:
    study = sources.evaluation.study
    people = evaluated_people(study.study.levels, study.study.evaluate)
    if people is None:
        return ()
    found = estimates_of(sources, [sheet_of(sources, "A44")], [sources.period])
    mine = found[(found["level"] == people.id) & (found["state"] == State.MEASURED)]
    accepted = mine[mine["measure"] == "accepted"].set_index("subject")["value"]
    rates = mine[(mine["measure"] == "acceptance") & (mine["n"] > 0)].set_index("subject")
    teams = _teams(sources)
    table = pd.DataFrame({"accepted": accepted, "submitted": rates["n"]}).dropna(subset="submitted")
    table["team"] = [teams.get(str(subject), "") for subject in table.index]
    totals = table.groupby("team")["accepted"].transform("sum")
    table["share"] = 100 * table["accepted"] / totals.where(totals > 0)
    return tuple(
        Contributor(
            subject=str(subject),
            team=str(row["team"]),
            accepted=int(row["accepted"]),
            submitted=int(row["submitted"]),
            share=float(row["share"]),
        )
        for subject, row in table.sort_index().iterrows()
    )


def _teams(sources: Sources) -> dict[str, str]:
    """Return the team of each person at the end of the period."""
    if not sources.has("specialists"):
        return {}
    spells = sources.table("specialists", "specialist_id", "team", "valid_from")
    before = spells[spells["valid_from"] < pd.Timestamp(sources.period.end)].sort_values("valid_from")
    last = before.drop_duplicates("specialist_id", keep="last").dropna(subset="team")
    return {str(who): str(team) for who, team in zip(last["specialist_id"], last["team"], strict=True)}


def _own_words(evaluation: Evaluation) -> Iterator[OwnWord]:
    sheets = evaluation.study.indicators.indicators
    for sheet in sheets:
        if sheet.source != "self_report":
            continue
        twins = [one.id for one in sheets if one.kpi == sheet.kpi and one.source == "system"]
        twin = twins[0] if twins else ""
        values = [_value(evaluation, name) for name in (sheet.id, twin)] if twin else [math.nan, math.nan]
        yield OwnWord(indicator=sheet.id, system=twin, difference=values[0] - values[1])


def _value(evaluation: Evaluation, indicator: str) -> float:
    measure = headline_measure(evaluation.study.indicator(indicator))
    found = evaluation.facts.get(fact_key(evaluation.period, indicator, measure, COMPANY))
    return found.value if found else math.nan


def _facts(period: Period, people: tuple[Contributor, ...], words: tuple[OwnWord, ...]) -> Iterator[Fact]:
    for one in people:
        scope = one.subject
        yield amount(period, "knowledge_accepted", one.accepted, "count", "accepted contributions", scope)
        yield amount(period, "knowledge_submitted", one.submitted, "count", "contributions", scope)
        rate = 100 * one.accepted / one.submitted
        yield amount(period, "knowledge_rate", rate, "percent", "100 x accepted / contributions", scope)
        reason = "nothing of the team was accepted"
        formula = "100 x accepted / accepted of the team"
        yield amount(period, "knowledge_share", one.share, "percent", formula, scope, reason=reason)
    yield amount(period, "own_word", len(words), "count", "indicators on people's own word")
    for word in words:
        reason = "no indicator of the same kind comes from a system"
        yield amount(
            period, "own_word_difference", word.difference, "score", "own word minus system",
            word.indicator, reason=reason,
        )  # fmt: skip
