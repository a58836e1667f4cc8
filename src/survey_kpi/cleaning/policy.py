"""From a study's cleaning policy to the rules that run, each with its action and its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from survey_kpi.cleaning.rule import Action, Param, Params, Rule
from survey_kpi.cleaning.rules import RULES
from survey_kpi.errors import Problem, SpecError, nearest
from survey_kpi.study.models import Cleaning, Codebook, RuleSetting

WHERE = "study.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A rule with the action and the parameters that this study gives it."""

    rule: Rule
    action: Action
    params: Params

    @property
    def code(self) -> str:
        """Code of the rule."""
        return self.rule.code


def resolve(policy: Cleaning, codebook: Codebook) -> dict[str, Setting]:
    """Return every rule of the table with its action and parameters, in the order of the table.

    Raises
    ------
    SpecError
        `unknown_rule`, `cleaning_action`, `unknown_parameter`, `parameter_value`, `unknown_item`: all
        mistakes of the policy at once.
    """
    problems = list(_problems(policy, codebook))
    if problems:
        raise SpecError.collect(problems)
    return {code: _setting(rule, policy.rules.get(code, RuleSetting())) for code, rule in RULES.items()}


def _setting(rule: Rule, given: RuleSetting) -> Setting:
    defaults = {name: param.default for name, param in rule.params.items()}
    return Setting(rule=rule, action=given.action or rule.action, params=defaults | given.params)


def _problems(policy: Cleaning, codebook: Codebook) -> Iterator[Problem]:
    for code, given in policy.rules.items():
        where = f"{WHERE}: cleaning.rules.{code}"
        rule = RULES.get(code)
        if rule is None:
            yield Problem(
                code="unknown_rule",
                where=where,
                what="there is no such cleaning rule",
                hint=nearest(code, RULES),
            )
            continue
        if given.action not in {None, *rule.actions}:
            yield Problem(
                code="cleaning_action",
                where=f"{where}.action",
                what="the rule cannot do that",
                got=given.action,
                expected=", ".join(rule.actions),
            )
        for name, value in given.params.items():
            yield from _param_problems(f"{where}.params.{name}", name, value, rule, codebook)


def _param_problems(where: str, name: str, value: Any, rule: Rule, codebook: Codebook) -> Iterator[Problem]:
    param = rule.params.get(name)
    if param is None:
        hint = nearest(name, rule.params) or "the rule has no parameters"
        yield Problem(code="unknown_parameter", where=where, what="the rule has no such parameter", hint=hint)
        return
    expected = _expected(param, value)
    if expected:
        yield Problem(
            code="parameter_value", where=where, what="the value does not fit", got=value, expected=expected
        )
    elif isinstance(param.default, tuple):
        rated = [item.id for item in codebook.rated]
        for item in value:
            if item not in rated:
                yield Problem(
                    code="unknown_item",
                    where=where,
                    what=f"'{item}' is no rated item of the codebook",
                    hint=nearest(item, rated),
                )


def _expected(param: Param, value: Any) -> str:
    """Say what the parameter asks for when the value is something else."""
    if isinstance(param.default, str):
        return "" if isinstance(value, str) and value else "the name of a column"
    if isinstance(param.default, tuple):
        listed = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
        return "" if listed and len(value) != 1 else "a list of two item codes or more"
    whole = isinstance(param.default, int)
    if param.choices:
        return "" if value in param.choices else f"one of {param.choices}"
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if number and param.low <= value <= param.high:
        return ""
    return f"a {'whole ' if whole else ''}number from {param.low:g} to {param.high:g}"
