"""The one step from an evaluation to an edition: what may be shown, and what is withheld with its reason.

Reports see nothing else. The leadership edition names no person and carries no row per person.

What is withheld depends on what stands behind a number, which its family says:

- Shares, means, NPS, rates, medians and durations speak of a base of answers, cases or customers. Below the
  smallest base they say little and may give a respondent away: they are withheld at every level.
- Counts and sums of the company's own records (7 complaints not yet due, the return on 3 campaigns) are
  complete: nothing was sampled, no average hides behind them, and of the whole company they speak of nobody.
  They are shown, a 0 too.
- Of groups they are withheld like the others, since a group is few people or few customers. A count is then
  withheld with its base, which is the same number. An edition that names people shows theirs.
- Counts of answers are answers: nothing is shown of fewer respondents than the smallest base.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from survey_kpi.errors import SpecError, nearest
from survey_kpi.estimate import State
from survey_kpi.evaluation import Evaluation
from survey_kpi.evaluation.score_facts import band_counts
from survey_kpi.facts import Fact, fact_key, split_key
from survey_kpi.indicators import COMPANY, INDICATORS, Indicator, Measure
from survey_kpi.indicators.records import view_of
from survey_kpi.study.models import Level, Study

Names = frozenset[tuple[str, str]]

EDITIONS = ("leadership", "data-quality", "weighting", "appraisal")
"""Editions that can be rendered."""
NAMED = frozenset({"appraisal"})
"""Editions that show people with their figures, for those who decide about them."""

COMPLETE = frozenset({"count", "total", "ratio"})
"""Families without a sampling error where they count the company's own records."""
RESPONDENTS = "responses"

SUPPRESSED = "fewer answers than the smallest base"
COMPLEMENTARY = "withheld so that a suppressed value cannot be recomputed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edition:
    """What one edition may show.

    Parameters
    ----------
    estimates
        Company and groups; suppressed rows keep their place without a value.
    people
        One row per evaluated person without a name: n, value, verdict, ordered by n and value.
    scores
        Rows per subject where subjects are no people, else empty: then only counts by band are facts.
    decisions
        How many by band of the score, band by evidence and grade: raw, proposed, evidence, n.
    facts
        Every number that may be printed, suppressed ones without value.
    withheld
        What was suppressed: subject, indicator, measure, period, reason.
    """

    name: str
    evaluation: Evaluation
    estimates: pd.DataFrame
    people: pd.DataFrame
    score_parts: pd.DataFrame
    scores: pd.DataFrame
    decisions: pd.DataFrame
    facts: Mapping[str, Fact]
    withheld: pd.DataFrame

    @property
    def groups(self) -> tuple[Level, ...]:
        """Levels whose subjects may be named."""
        return tuple(level for level in self.evaluation.study.study.levels if not level.people)


def publish(evaluation: Evaluation, edition: str = "leadership") -> Edition:
    """Reduce an evaluation to what an edition may show.

    Raises
    ------
    SpecError
        `unknown_parameter`: there is no such edition.
    """
    if edition not in EDITIONS:
        raise SpecError(
            "unknown_parameter",
            where="edition",
            what="there is no such edition",
            got=repr(edition),
            hint=nearest(edition, EDITIONS),
        )
    study = evaluation.study
    people = {level.id for level in study.study.levels if level.people}
    theirs, smallest = evaluation.estimates["level"].isin(people), study.rules.evidence.descriptive
    complete = _measures(study, is_complete)
    counts = _measures(study, lambda _, measure: measure.family == "count")
    estimates, withheld = suppress(
        evaluation.estimates[~theirs], smallest=smallest, complete=complete, counts=counts
    )
    hidden = set() if edition in NAMED else people
    if not hidden:
        withheld = pd.concat(
            [withheld, _small(evaluation.estimates[theirs], smallest, complete)], ignore_index=True
        )
    named = study.study.evaluate not in hidden
    return Edition(
        name=edition,
        evaluation=evaluation,
        estimates=estimates,
        people=_anonymous(evaluation.tiers) if not named else evaluation.tiers.iloc[:0],
        score_parts=evaluation.score_parts if named else evaluation.score_parts.iloc[:0],
        scores=evaluation.scores if named else evaluation.scores.iloc[:0],
        decisions=band_counts(evaluation.decisions),
        facts=_facts(evaluation, withheld, hidden, counts),
        withheld=withheld,
    )


def is_complete(row: Indicator, measure: Measure) -> bool:
    """Whether a measure counts the company's own records one by one, without an answer among them.

    Examples
    --------
    >>> from survey_kpi.indicators import INDICATORS
    >>> [is_complete(INDICATORS["A10"], INDICATORS["A10"].measure(name)) for name in ("not_due", "on_time")]
    [True, False]
    >>> is_complete(INDICATORS["A11"], INDICATORS["A11"].measure("silent"))
    False
    """
    view = view_of(row, measure)
    return measure.family in COMPLETE and view is not None and RESPONDENTS not in view.tables


def suppress(
    estimates: pd.DataFrame,
    *,
    smallest: int,
    complete: Names = frozenset(),
    counts: Names = frozenset(),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Withhold values on small bases, and a second one where the total would give the first away.

    Parameters
    ----------
    estimates
        Company and groups; the groups of a level share out the company's answers.
    smallest
        Smallest base that may be shown.
    complete
        Indicator and measure of complete counts: shown of the company whatever their number.
    counts
        Indicator and measure of those whose value is their base: both are withheld.

    Returns
    -------
    estimates : DataFrame
        Same rows; withheld ones in state suppressed, with reason and without numbers.
    withheld : DataFrame
        The withheld rows: period, indicator, measure, subject, reason.
    """
    reasons = pd.Series("", index=estimates.index, dtype=object)
    measured = estimates["state"] == State.MEASURED
    whole = estimates["level"] == COMPANY
    named = _named(estimates)
    small = measured & (estimates["n"] < smallest) & ~(whole & named.isin(list(complete)))
    reasons[small] = SUPPRESSED
    groups = estimates[measured & ~whole]
    for _, members in groups.groupby(["period", "indicator", "measure", "level"], sort=False):
        hidden = small[members.index]
        if hidden.sum() == 1 and len(members) > 1:
            reasons[reasons.index == members.loc[~hidden, "n"].idxmin()] = COMPLEMENTARY
    hide = reasons != ""
    numbers = ["value", "std_error", "conf_low", "conf_high"]
    result = estimates.copy()
    result.loc[hide, numbers] = np.nan
    result["n"] = result["n"].mask(hide & named.isin(list(counts)))
    result.loc[hide, "state"] = State.SUPPRESSED
    result.loc[hide, "reason"] = reasons[hide]
    return result, result.loc[hide, ["period", "indicator", "measure", "subject", "reason"]]


def _small(estimates: pd.DataFrame, smallest: int, complete: Names) -> pd.DataFrame:
    """Return the rows of people on small bases; nobody adds people up, so nothing else is withheld."""
    few = (estimates["state"] == State.MEASURED) & (estimates["n"] < smallest)
    small = estimates[few & ~_named(estimates).isin(list(complete))]
    return small.assign(reason=SUPPRESSED)[["period", "indicator", "measure", "subject", "reason"]]


def _named(estimates: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(estimates[["indicator", "measure"]])


def _measures(study: Study, wanted: Callable[[Indicator, Measure], bool]) -> Names:
    rows = [(sheet.id, INDICATORS[sheet.kpi]) for sheet in study.indicators.indicators]
    return frozenset((name, one.name) for name, row in rows for one in row.measures if wanted(row, one))


def _anonymous(tiers: pd.DataFrame) -> pd.DataFrame:
    return tiers[["n", "value", "verdict"]].sort_values(["n", "value"], ignore_index=True)


def _facts(
    evaluation: Evaluation, withheld: pd.DataFrame, hidden: set[str], counts: Names
) -> dict[str, Fact]:
    """Return the facts of everybody but the hidden levels' subjects, withheld ones without value."""
    named = evaluation.estimates
    people = set(named.loc[named["level"].isin(hidden), "subject"])
    if hidden:
        people |= set(evaluation.goals.loc[evaluation.goals["level"] == "person", "subject"])
    if evaluation.study.study.evaluate in hidden:
        people |= {
            str(subject) for table in (evaluation.scores, evaluation.pool) for subject in table["subject"]
        }
    reasons = {
        fact_key(period, indicator, measure, subject): (reason, (indicator, measure) in counts)
        for period, indicator, measure, subject, reason in withheld.itertuples(index=False)
    }
    return {
        key: _withhold(fact, reasons)
        for key, fact in evaluation.facts.items()
        if split_key(key).subject not in people
    }


def _withhold(fact: Fact, reasons: Mapping[str, tuple[str, bool]]) -> Fact:
    """Bases stay unless they are the value; values and all that is derived from them go."""
    key = split_key(fact.key)
    reason, whole = reasons.get(key.whole, ("", False))
    if not reason or (key.part == "n" and not whole):
        return fact
    return replace(fact, value=float("nan"), state=State.SUPPRESSED, reason=reason)
