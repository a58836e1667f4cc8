"""Cross-checks of what `rules.yaml` declares about pay: the guard, streaks, rewards and penalties."""

from __future__ import annotations

from survey_kpi.errors import Problem
from survey_kpi.study.draft import Draft, Problems, unknown
from survey_kpi.study.rewards import PayGuard, Reward, Rewards
from survey_kpi.study.wording import shown

RULES = "rules"


def guard(draft: Draft) -> Problems:
    """Pay rests on the full posterior, and a cut asks for more than keeping the band does."""
    rule: PayGuard = draft.get("rules.pay")
    if rule.prior == "plug_in":
        yield Problem(
            code="pay_guard",
            where=draft.where(RULES, "pay", "prior"),
            what="a fitted prior in the pay path cuts 23.6 % of people who are all alike (30 answers each)",
            got=shown(rule.prior),
            expected="'full_bayes'",
        )
    if rule.down >= rule.up:
        what = "the probability at which people are cut is not below the one at which they are raised"
        got = f"down {rule.down:g}, up {rule.up:g}"
        yield Problem(code="pay_guard_range", where=draft.where(RULES, "pay"), what=what, got=got)


def formula(draft: Draft) -> Problems:
    """A score needs a formula; `none` is a name for having none."""
    if draft.get("rules.score").formula == "none":
        yield Problem(
            code="formula_undeclared",
            where=draft.where(RULES, "score", "formula"),
            what="a score is asked for, but its formula is 'none'",
            hint="linear is the usual one; ratio_target_over_actual, step and identity are the others",
        )


def streak(draft: Draft) -> Problems:
    """'Several in a row' is a number, and what a streak earns has a streak that earns it."""
    rewards: Rewards = draft.get("rules.rewards")
    where = draft.where(RULES, "rewards", "streak")
    if rewards.streak and rewards.streak.k is None:
        yield Problem(
            code="streak_undefined",
            where=where,
            what="the streak does not say how many quarters it takes",
            hint="k: 2 is the usual one; months never count, luck gives three in a row to somebody",
        )
    score = draft.get("rules.score")
    if rewards.streak and not score.floor < rewards.streak.threshold <= score.cap:
        yield Problem(
            code="score_range",
            where=draft.where(RULES, "rewards", "streak", "threshold"),
            what="no score can tell who is excellent by this threshold",
            got=f"{rewards.streak.threshold:g}",
            expected=f"above {score.floor:g}, at most {score.cap:g}",
        )
    if rewards.streak is None:
        for place, reward in enumerate(rewards.table):
            if reward.streak:
                here = draft.where(RULES, "rewards", "table", place)
                what = "the reward is for a streak, but none is defined"
                yield Problem(code="streak_undefined", where=here, what=what, got=shown(reward.id))


def table(draft: Draft) -> Problems:
    """Rewards and penalties name bands that exist and say what they are worth; each id stands once."""
    rewards: Rewards = draft.get("rules.rewards")
    for key, entries in (("table", rewards.table), ("penalties", rewards.penalties)):
        pairs = [(entry.id, entry.band) for entry in entries]
        yield from _names(draft, key, pairs)
    for place, reward in enumerate(rewards.table):
        yield from _worth(draft.where(RULES, "rewards", "table", place), reward)


def _names(draft: Draft, key: str, entries: list[tuple[str, str | None]]) -> Problems:
    ids = [name for name, _ in entries]
    for place, (name, band) in enumerate(entries):
        where = draft.where(RULES, "rewards", key, place)
        if band is not None:
            yield from unknown(where, "there is no such band", band, draft.names("rules.bands"))
        if name in ids[:place]:
            yield Problem(code="duplicate_id", where=where, what="the id stands here twice", got=shown(name))


def _worth(where: str, reward: Reward) -> Problems:
    if (reward.band is None) != reward.streak:
        what = "a reward is earned by a band or by a streak"
        got = "both" if reward.streak else "neither"
        yield Problem(code="reward_undefined", where=where, what=what, got=got)
    worth = (reward.share is not None) + (reward.amount is not None)
    if worth != (reward.kind == "bonus"):
        what = "a bonus has a share of the target bonus or an amount, other rewards have neither"
        yield Problem(code="reward_undefined", where=where, what=what, got=f"{worth} of them")


def bonuses(draft: Draft) -> Problems:
    """Threshold bonuses are for indicators that are scored."""
    rewards: Rewards = draft.get("rules.rewards")
    for place, bonus in enumerate(rewards.threshold_bonuses):
        where = draft.where(RULES, "rewards", "threshold_bonuses", place, "indicator")
        what = "the bonus is for an indicator that is not scored"
        yield from unknown(where, what, bonus.indicator, draft.get("rules.scored"))


CHECKS = (
    (guard, ("rules.pay",)),
    (formula, ("rules.score",)),
    (streak, ("rules.rewards", "rules.score")),
    (table, ("rules.rewards",)),
    (bonuses, ("rules.rewards", "rules.scored")),
)
