"""What would the figures be with another policy: each rule on and off, without cleaning again for each.

Rows are grouped by what was noticed about them; there are few such patterns, and the verdict of a policy is a
function of the pattern. So one scan under `observing(policy)` serves every variant whose flags hold.

Examples
--------
>>> from survey_kpi.study.models import Cleaning
>>> excluded_under("too_fast|straight_line", Cleaning())
'too_fast'
>>> excluded_under("too_fast", Cleaning()), excluded_under("too_fast", Cleaning(careless_at_least=1))
('', 'too_fast')
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from survey_kpi.cleaning.cleaned import Cleaned
from survey_kpi.cleaning.rule import FLAG, Action, Rule
from survey_kpi.cleaning.rules import RULES
from survey_kpi.study.models import Cleaning, RuleSetting

BREAK = "|"
CHANGE_FLAGS = frozenset({"out_of_range", "platform_status"})
"""Rules that change answers, or whom a duplicate is sought among, and with that other rules' flags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A policy in which one rule acts otherwise.

    Parameters
    ----------
    rule, action
        The rule toggled and what it does in this variant.
    policy
        The whole policy.
    flags_hold
        Whether the flags of the original policy hold, so that `excluded_under` tells the verdict; otherwise
        the responses have to be cleaned again under `policy`.
    """

    rule: str
    action: Action
    policy: Cleaning
    flags_hold: bool


def variants(policy: Cleaning) -> tuple[Variant, ...]:
    """Return the policy once for each rule with that rule toggled: acting rules off, others acting.

    A rule acts when it excludes rows or sets answers missing. Refusals and declared missing codes are no
    matter of judgement and stay as they are.

    Examples
    --------
    >>> from survey_kpi.study.models import Cleaning
    >>> toggled = {variant.rule: variant.action for variant in variants(Cleaning())}
    >>> toggled["duplicate"], toggled["long_string"]
    ('off', 'exclude')
    """
    debatable = (rule for rule in RULES.values() if rule.actions[0] != "refuse" and "off" in rule.actions)
    return tuple(_toggled(policy, rule) for rule in debatable)


def _toggled(policy: Cleaning, rule: Rule) -> Variant:
    acts = rule.actions[0]
    action: Action = "off" if _action(policy, rule) == acts else acts
    return Variant(
        rule=rule.code,
        action=action,
        policy=_with_action(policy, rule.code, action),
        flags_hold=rule.code not in CHANGE_FLAGS,
    )


def _action(policy: Cleaning, rule: Rule) -> Action:
    return policy.rules.get(rule.code, RuleSetting()).action or rule.action


def _with_action(policy: Cleaning, code: str, action: Action) -> Cleaning:
    changed = policy.rules.get(code, RuleSetting()).model_copy(update={"action": action})
    return policy.model_copy(update={"rules": {**policy.rules, code: changed}})


def observing(policy: Cleaning) -> Cleaning:
    """Return the policy with every row rule that is off set to flag: nothing changes but what is noticed."""
    for code, rule in RULES.items():
        if rule.level == "row" and _action(policy, rule) == "off":
            policy = _with_action(policy, code, "flag")
    return policy


def noticed(cleaned: Cleaned) -> nw.Expr:
    """Return, per row of `cleaned.frame`, the codes of the rules that noticed it, joined by a bar.

    Group by it and hand each of the few patterns to `excluded_under`.
    """
    codes = [code for code, setting in cleaned.settings.items() if setting.rule.level == "row"]
    marks = [nw.when(nw.col(FLAG + code)).then(nw.lit(code)) for code in codes]
    return nw.concat_str(*marks, separator=BREAK, ignore_nulls=True) if marks else nw.lit("")


def excluded_under(pattern: str, policy: Cleaning) -> str:
    """Return the rule that claims rows of a pattern under a policy, "" where they are kept."""
    found = set(pattern.split(BREAK))
    acting = [rule for code, rule in RULES.items() if code in found and _action(policy, rule) == "exclude"]
    alone = [rule.code for rule in acting if not rule.careless]
    careless = [rule for rule in acting if rule.careless]
    together = len({rule.sign for rule in careless}) >= policy.careless_at_least
    return next(iter(alone or (rule.code for rule in careless if together)), "")
