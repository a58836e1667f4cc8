"""What follows from the decisions in money and honours: payouts, streaks and penalties, as they stand.

`rewards_of(evaluation) -> Rewards` is the whole of it: three small tables, each with the state of every row
and its reason, and the reasons why a table is empty. Nothing here is final: nobody has signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.scoring.evidence import ORDER
from survey_kpi.scoring.pay import TENURE, UNSIGNED, penalties_due
from survey_kpi.scoring.payout import payouts
from survey_kpi.scoring.streaks import luck_of_anybody, streaks
from survey_kpi.study.rewards import Rewards as RewardRule
from survey_kpi.study.rewards import Streak

PAYOUTS: Final = (
    "subject", "band", "target_bonus", "claim", "paid", "currency", "rewards", "draft", "state", "reason",
)  # fmt: skip
STREAKS: Final = ("subject", "current", "longest", "reached", "state", "reason")
PENALTIES: Final = (
    "subject", "penalty", "share", "amount", "currency", "probability", "draft", "state", "reason",
)  # fmt: skip
NO_DECISIONS: Final = "nobody was graded in this period"
NO_TABLE: Final = "rules.yaml declares no rewards"
NO_STREAK: Final = "rules.yaml declares no streak"
NO_PENALTIES: Final = "rules.yaml declares no penalties"
NOT_DUE: Final = "the evidence supports none"
NO_BONUS: Final = "no target bonus"
FOREIGN: Final = "the target bonus is in another currency"
NO_EVIDENCE: Final = "no quarter with enough evidence"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rewards:
    """Rewards and penalties of one period; drafts until somebody has signed.

    Parameters
    ----------
    payouts
        `PAYOUTS`, one row per graded person: band (paid as things stand: an unsigned cut pays the last one),
        target_bonus, claim and paid (Decimal, to the cent; None where they are not known), rewards (ids,
        joined by a comma), draft, state and reason.
    streaks
        `STREAKS`, one row per graded person: quarters in a row that still run, longest run, and the quarter
        in which k were complete first.
    penalties
        `PENALTIES`, one row per penalty that the evidence supports: share of the target bonus and its amount
        (None without a target bonus), probability of reaching the band above. An unsigned one is not carried
        out, so that it lowers no payout.
    pool, claimed, currency
        Money there is (None: no limit), and the sum of all claims.
    luck
        Probability that anybody would have such a streak if excellent quarters fell by lot, as often as they
        were observed; NaN where there is nothing to tell it from.
    empty
        Why a table has no rows, by its name.
    """

    payouts: pd.DataFrame
    streaks: pd.DataFrame
    penalties: pd.DataFrame
    pool: Decimal | None
    claimed: Decimal
    currency: str
    luck: float
    empty: Mapping[str, str]


def rewards_of(evaluation: Evaluation) -> Rewards:
    """Work out payouts, streaks and penalties from the decisions of a period.

    Streaks are those of the quarters in `Evaluation.quarters`; a reward for a streak is earned in a quarter
    that is excellent itself and ends a run of k or more.

    Examples
    --------
    >>> from survey_kpi.evaluation import evaluate
    >>> rewards_of(evaluate("studies/sample", "2026Q3")).payouts  # doctest: +SKIP
    """
    rule, decisions = evaluation.study.rules.rewards, evaluation.decisions
    runs = _streaks(evaluation)
    due = _penalties(evaluation)
    paid = _payouts(decisions, rule, _earning(runs, evaluation))
    empty = {
        "payouts": "" if len(paid) else NO_TABLE if len(decisions) else NO_DECISIONS,
        "streaks": "" if len(runs) else NO_DECISIONS if rule.streak else NO_STREAK,
        "penalties": "" if len(due) else NOT_DUE if rule.penalties else NO_PENALTIES,
    }
    return Rewards(
        payouts=paid,
        streaks=runs,
        penalties=due,
        pool=rule.pool,
        claimed=sum((claim for claim in paid["claim"] if claim is not None), Decimal(0)),
        currency=rule.currency,
        luck=_luck(evaluation.quarters, rule.streak),
        empty={name: reason for name, reason in empty.items() if reason},
    )


# --- payouts ------------------------------------------------------------------------------------------


def _payouts(decisions: pd.DataFrame, rule: RewardRule, earning: frozenset[str]) -> pd.DataFrame:
    """Share the pool among those whose claim is known; a bonus that is not known is never 0."""
    if decisions.empty or not rule.table:
        return pd.DataFrame(columns=list(PAYOUTS))
    bonus, lacking = _bonuses(decisions, rule)
    people = decisions.assign(band=decisions["paid"], target_bonus=bonus).reset_index(drop=True)
    needed = [_needs_bonus(row.subject, row.band, rule, earning) for row in rows_of(people)]
    known = people["target_bonus"].notna() | ~np.array(needed, dtype=bool)
    sharing = people[known].assign(target_bonus=people.loc[known, "target_bonus"].map(_or_nothing))
    paid = payouts(sharing, rule, streaks=earning).set_index("subject").reindex(people["subject"])
    table = people.assign(
        claim=_objects(paid["claim"]),
        paid=_objects(paid["paid"]),
        rewards=paid["rewards"].astype(object).fillna("").to_numpy(),
        currency=rule.currency,
        state=np.where(known, State.MEASURED, State.UNAVAILABLE),
        reason=np.where(known, people["reasons"], lacking),
    )
    return table[list(PAYOUTS)].reset_index(drop=True)


def _bonuses(decisions: pd.DataFrame, rule: RewardRule) -> tuple[pd.Series, list[str]]:
    """Target bonuses in the currency of the pool, None where there is none, and why."""
    foreign = ~decisions["currency"].isin(["", rule.currency])
    amounts = pd.Series(
        [_money(amount) for amount in decisions["target_bonus"].where(~foreign, None)], dtype=object
    )
    return amounts.set_axis(decisions.index), [FOREIGN if other else NO_BONUS for other in foreign]


def _needs_bonus(subject: str, band: str, rule: RewardRule, earning: frozenset[str]) -> bool:
    """Whether one of the rewards that somebody earned is a share of the target bonus."""
    return any(
        reward.share is not None and (subject in earning if reward.streak else reward.band == band)
        for reward in rule.table
    )


def _money(amount: object) -> Decimal | None:
    """Money as it is kept: a decimal, or nothing."""
    return None if amount is None or amount != amount else Decimal(str(amount))  # noqa: PLR0124  NaN


def _or_nothing(amount: Decimal | None) -> Decimal:
    """Amount for those who earn no share of it."""
    return Decimal(0) if amount is None else amount


def _objects(amounts: pd.Series) -> pd.Series:
    """Amounts as decimals, None where there is none."""
    return pd.Series([_money(amount) for amount in amounts], dtype=object)


# --- streaks ------------------------------------------------------------------------------------------


def _streaks(evaluation: Evaluation) -> pd.DataFrame:
    """Runs of everybody graded; who has no quarter with evidence has none, and the reason is said."""
    rule, decisions = evaluation.study.rules.rewards.streak, evaluation.decisions
    if rule is None or decisions.empty:
        return pd.DataFrame(columns=list(STREAKS))
    found = streaks(evaluation.quarters, rule).set_index("subject").reindex(decisions["subject"])
    told = decisions["subject"].isin(_told(evaluation.quarters, rule)["subject"]).to_numpy()
    short = decisions["reasons"].str.split(",").map(lambda codes: TENURE in codes).to_numpy(dtype=bool)
    return pd.DataFrame(
        {
            "subject": decisions["subject"].to_numpy(),
            "current": found["current"].fillna(0).astype(np.int64).to_numpy(),
            "longest": found["longest"].fillna(0).astype(np.int64).to_numpy(),
            "reached": found["reached"].fillna("").to_numpy(),
            "state": np.select(
                [short, ~told], [State.NOT_APPLICABLE, State.UNAVAILABLE], default=State.MEASURED
            ),
            "reason": np.select([short, ~told], [TENURE, NO_EVIDENCE], default=""),
        }
    )


def _told(quarters: pd.DataFrame, rule: Streak) -> pd.DataFrame:
    """Quarters that count or break."""
    graded = quarters["evidence"].map(ORDER.index) <= ORDER.index(rule.grade)
    return quarters[graded.astype(bool) & quarters["probability"].notna()]


def _earning(runs: pd.DataFrame, evaluation: Evaluation) -> frozenset[str]:
    """Those whose run of k or more ends in this very period."""
    rule = evaluation.study.rules.rewards.streak
    if rule is None or rule.k is None or runs.empty:
        return frozenset()
    told = _told(evaluation.quarters, rule)
    now = told[(told["period"] == str(evaluation.period)) & (told["probability"] >= rule.probability)]
    long = runs[(runs["current"] >= rule.k) & (runs["state"] == State.MEASURED)]
    return frozenset(long["subject"]) & frozenset(now["subject"])


def _luck(quarters: pd.DataFrame, rule: Streak | None) -> float:
    told = _told(quarters, rule) if rule else quarters.iloc[:0]
    if rule is None or rule.k is None or told.empty:
        return float("nan")
    chance = float((told["probability"] >= rule.probability).mean())
    return luck_of_anybody(chance, rule.k, told["period"].nunique(), told["subject"].nunique())


# --- penalties ----------------------------------------------------------------------------------------


def _penalties(evaluation: Evaluation) -> pd.DataFrame:
    """Penalties that the probabilities of the deciding period support."""
    rules, decisions = evaluation.study.rules, evaluation.decisions
    if decisions.empty or not rules.rewards.penalties:
        return pd.DataFrame(columns=list(PENALTIES))
    due = penalties_due(
        decisions,
        _deciding(evaluation),
        rules.rewards.penalties,
        rules.bands,
        rules.pay,
    )
    bonus, lacking = _bonuses(decisions, rules.rewards)
    of = dict(zip(decisions["subject"], zip(bonus, lacking, strict=True), strict=True))
    whose = [of[subject][0] for subject in due["subject"]]
    known = np.array([amount is not None for amount in whose], dtype=bool)
    amounts = [
        None if amount is None else (amount * Decimal(repr(share))).quantize(Decimal("0.01"))
        for amount, share in zip(whose, due["share"], strict=True)
    ]
    waiting = due["draft"].map({True: UNSIGNED, False: ""})
    table = due.assign(
        amount=pd.Series(amounts, index=due.index, dtype=object),
        currency=rules.rewards.currency,
        state=np.where(known, State.MEASURED, State.UNAVAILABLE),
        reason=np.where(known, waiting, [of[subject][1] for subject in due["subject"]]),
    )
    return table[list(PENALTIES)]


def _deciding(evaluation: Evaluation) -> pd.DataFrame:
    """Probabilities of each person from the period that decided: this one, or the four quarters pooled."""
    period = str(evaluation.period)
    pooled = set(evaluation.decisions.loc[evaluation.decisions["pooled"].astype(bool), "subject"])
    reaching = evaluation.reaching
    own = (reaching["period"] == period) != reaching["subject"].isin(pooled)
    return reaching[own]


# --- facts --------------------------------------------------------------------------------------------


def reward_facts(evaluation: Evaluation, found: Rewards) -> Iterator[Fact]:
    """Yield every number of the three tables."""
    period = str(evaluation.period)
    for row in rows_of(found.payouts):
        decided = _decided(evaluation, row.subject)
        for name, formula in (
            ("claim", "rewards of the band paid, or of a streak, before the pool"),
            ("paid", "share of the pool, to the cent by largest remainder"),
        ):
            yield _amount(period, name, row.subject, row[name], row.state, row.reason, formula, decided)
    for row in rows_of(found.streaks):
        for name in ("current", "longest"):
            yield Fact(
                key=fact_key(period, "streak", name, row.subject),
                value=float(row[name]) if row.state == State.MEASURED else float("nan"),
                unit="count",
                state=State(row.state),
                reason=row.reason,
                formula="quarters in a row with evidence and a likely excellent score",
            )
    for row in rows_of(found.penalties):
        formula = f"{row.share:g} of the target bonus; not carried out before it is signed"
        name = f"penalty_{row.penalty}"
        yield _amount(
            period, name, row.subject, row.amount, row.state, row.reason, formula,
            _decided(evaluation, row.subject),
        )  # fmt: skip
    yield from _whole(period, found)


def _decided(evaluation: Evaluation, subject: str) -> Sequence[str]:
    """Keys of the score and of the probabilities that a person's decision rests on."""
    mine = evaluation.reaching
    mine = mine[(mine["subject"] == subject) & mine["probability"].notna()]
    return [fact_key(row.period, "score", f"reach_{row.band}", subject) for row in rows_of(mine)]


def _amount(
    period: str,
    name: str,
    subject: str,
    amount: Decimal | None,
    state: str,
    reason: str,
    formula: str,
    depends: Sequence[str],
) -> Fact:
    known = amount is not None
    return Fact(
        key=fact_key(period, "reward", name, subject),
        value=float(amount) if amount is not None else float("nan"),
        unit="money",
        state=State(state) if not known else State.MEASURED,
        reason=reason,
        formula=formula,
        depends=tuple(depends),
    )


def _whole(period: str, found: Rewards) -> Iterator[Fact]:
    """Yield what is told of all together: pool, claims, luck."""
    if len(found.payouts):
        paid = sum((amount for amount in found.payouts["paid"] if amount is not None), Decimal(0))
        totals = {"pool": found.pool, "claimed": found.claimed, "paid_total": paid}
        for name, amount in totals.items():
            if amount is not None:
                yield _amount(period, name, COMPANY, amount, State.MEASURED, "", f"all people: {name}", ())
    if found.luck == found.luck:
        yield Fact(
            key=fact_key(period, "param", "streak_luck", COMPANY),
            value=found.luck,
            unit="share",
            formula="that anybody has such a streak if excellent quarters fell by lot as often as observed",
        )
