"""From flags to the verdict: is the row kept, and if not, which rule claims it first.

Rules that are signs of careless answering set a row aside only together: `careless_at_least` different
signs have to agree. Straight-lining and a long string are one sign, not two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import narwhals.stable.v2 as nw

from survey_kpi.cleaning import answers
from survey_kpi.cleaning.policy import Setting
from survey_kpi.cleaning.rule import FLAG, HELPER

TOGETHER = HELPER + "together"


def flag(setting: Setting) -> nw.Expr:
    """Column of flags of a rule."""
    return nw.col(FLAG + setting.code)


def signs(settings: Iterable[Setting]) -> dict[str, list[Setting]]:
    """Return the excluding careless rules by the sign they give."""
    found: dict[str, list[Setting]] = {}
    for setting in settings:
        if setting.rule.careless and setting.action == "exclude":
            found.setdefault(setting.rule.sign, []).append(setting)
    return found


def together(settings: Sequence[Setting], at_least: int) -> nw.Expr:
    """Whether enough signs of careless answering agree on the row."""
    shown = [answers.any_of(map(flag, rules)) for rules in signs(settings).values()]
    if len(shown) < at_least:
        return nw.lit(False)
    if at_least == 1:
        return answers.any_of(shown)
    return answers.total(nw.when(sign).then(1).otherwise(0) for sign in shown) >= at_least


def excluding(settings: Sequence[Setting]) -> tuple[Setting, ...]:
    """Return the rules that may set a row aside, in the order of the table."""
    return tuple(setting for setting in settings if setting.action == "exclude")


def keep(settings: Sequence[Setting]) -> nw.Expr:
    """Whether no rule claims the row, given the column that says whether careless signs agree."""
    alone = [flag(setting) for setting in excluding(settings) if not setting.rule.careless]
    return ~answers.any_of([*alone, nw.col(TOGETHER)])


def excluded_by(settings: Sequence[Setting]) -> nw.Expr:
    """Return the code of the first rule that claims the row, "" for none."""
    chain = nw.lit("")
    for setting in reversed(excluding(settings)):
        claims = flag(setting) & nw.col(TOGETHER) if setting.rule.careless else flag(setting)
        chain = nw.when(claims).then(nw.lit(setting.code)).otherwise(chain)
    return chain
