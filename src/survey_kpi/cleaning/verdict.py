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
    return answers.total(map(answers.number, shown)) >= at_least


def keep(settings: Sequence[Setting]) -> nw.Expr:
    """Whether no rule claims the row, given the column that says whether careless signs agree."""
    return ~answers.any_of([*map(flag, _alone(settings)), nw.col(TOGETHER)])


def excluded_by(settings: Sequence[Setting]) -> nw.Expr:
    """Return the code of the first rule that claims the row, "" for none.

    Rules that act alone come first in the table; so each flag stands here once, however engines inline it.
    """
    careless = [setting for rules in signs(settings).values() for setting in rules]
    chain = nw.when(nw.col(TOGETHER)).then(_first(careless, nw.lit(""))).otherwise(nw.lit(""))
    return _first(_alone(settings), chain)


def _alone(settings: Sequence[Setting]) -> list[Setting]:
    return [setting for setting in settings if setting.action == "exclude" and not setting.rule.careless]


def _first(settings: Sequence[Setting], otherwise: nw.Expr) -> nw.Expr:
    for setting in reversed(settings):
        otherwise = nw.when(flag(setting)).then(nw.lit(setting.code)).otherwise(otherwise)
    return otherwise
