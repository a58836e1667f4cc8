"""Parameters of a notebook, checked before anything runs.

The cell tagged `parameters` holds the defaults: literals, one assignment on a line. They are the schema too:
a given value must have the type of its default (a default of None takes any plain value, a float default
takes integers). The notebook's metadata may narrow it further::

    "survey_kpi": {"parameters": {"language": {"choices": ["zh", "en"]}, "period": {"pattern": "20..Q[1-4]"}}}

papermill writes given values into a new cell as Python literals. What passes here is plain data that comes
out of that cell as it went in; nothing else reaches the notebook's code.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey_kpi.errors import Problem, SpecError, nearest

Value = str | int | float | bool | None | list["Value"]

TAG = "parameters"
INTEGER_LIMIT = 2**53
"""Beyond it JSON readers disagree about an integer."""


def validate(notebook: Path, given: Mapping[str, Any]) -> dict[str, Value]:
    """Return every parameter of the notebook: its defaults, overlaid by the values given.

    Parameters
    ----------
    notebook
        Path of the notebook.
    given
        Values by parameter name.

    Raises
    ------
    SpecError
        `notebook_unreadable`; `parameter_cell`: the parameter cell or its schema is not of the form above;
        `unknown_parameter`; `parameter_value`: a value of the wrong type, outside its choices or pattern, or
        one that no notebook can hold.

    Examples
    --------
    >>> import tempfile
    >>> cell = {"cell_type": "code", "source": "period = '2026Q3'", "metadata": {"tags": ["parameters"]}}
    >>> folder = tempfile.TemporaryDirectory()
    >>> notebook = Path(folder.name, "card.ipynb")
    >>> written = notebook.write_text(json.dumps({"cells": [cell], "metadata": {}}))
    >>> validate(notebook, {"period": "2026Q4"})
    {'period': '2026Q4'}
    >>> validate(notebook, {"perod": "2026Q4"})
    Traceback (most recent call last):
    survey_kpi.errors.SpecError: card.ipynb, parameter 'perod': the notebook has no such parameter;
    got '2026Q4'. [unknown_parameter] Hint: did you mean 'period'?...
    >>> folder.cleanup()
    """
    cells, rules = _read(notebook)
    declared = _defaults(f"{notebook.name}, cell tagged '{TAG}'", cells)
    _raise(_lint_rules(f"{notebook.name}, metadata survey_kpi.parameters", rules, declared))
    values = {**declared, **given}
    _raise(
        problem
        for name, value in values.items()
        for problem in _check(f"{notebook.name}, parameter '{name}'", name, value, declared, rules)
    )
    return values


def _raise(problems: Iterable[Problem]) -> None:
    if found := list(problems):
        raise SpecError.collect(found)


# --- the notebook's side ------------------------------------------------------------------------------


def _read(notebook: Path) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Return the sources of the parameter cells and the rules of the metadata."""
    try:
        content = json.loads(notebook.read_text("utf-8"))
        tagged = [cell for cell in content["cells"] if TAG in cell["metadata"].get("tags", ())]
        rules = content["metadata"].get("survey_kpi", {}).get("parameters", {})
        return ["".join(cell["source"]) for cell in tagged], {name: dict(rules[name]) for name in rules}
    except OSError as error:
        reason = str(error.strerror)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        reason = "something else"
    what = "this is not a readable notebook"
    expected = "JSON in UTF-8, notebook format 4"
    raise SpecError("notebook_unreadable", where=str(notebook), what=what, got=reason, expected=expected)


def _defaults(where: str, cells: list[str]) -> dict[str, Value]:
    if len(cells) > 1:
        what = f"{len(cells)} cells carry the tag"
        raise SpecError("parameter_cell", where=where, what=what, expected="one, or none")
    try:
        statements = ast.parse("".join(cells)).body
    except (SyntaxError, ValueError) as error:
        what = f"this is not Python: {error}"
        raise SpecError("parameter_cell", where=where, what=what, expected=_FORM) from error
    _raise(_lint(where, statements))
    return {_target(node): ast.literal_eval(node.value) for node in statements}  # type: ignore[attr-defined]


_FORM = "one literal on a line, such as period = '2026Q3'"


def _lint(where: str, statements: list[ast.stmt]) -> Iterator[Problem]:
    last, seen = 0, set[str]()
    for node in statements:
        name, complaint = _target(node), ""
        if not name:
            complaint = "this is not an assignment to one name"
        elif node.lineno <= last:
            complaint = "two assignments stand on one line"
        elif node.lineno != node.end_lineno:
            complaint = "an assignment runs over several lines"
        elif name in seen:
            complaint = f"'{name}' is assigned twice"
        elif not _is_literal(node.value):  # type: ignore[attr-defined]
            complaint = f"'{name}' is not a plain literal"
        last = node.end_lineno or node.lineno
        seen.add(name)
        if complaint:
            place = f"{where}, line {node.lineno}"
            got = ast.unparse(node)
            yield Problem(code="parameter_cell", where=place, what=complaint, got=got, expected=_FORM)


def _target(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
        return node.target.id
    return ""


def _is_literal(node: ast.expr) -> bool:
    try:
        return not _refusal(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False


def _lint_rules(
    where: str, rules: Mapping[str, Mapping[str, Any]], declared: Mapping[str, Value]
) -> Iterator[Problem]:
    def problem(what: str, hint: str = "") -> Problem:
        return Problem(code="parameter_cell", where=where, what=what, hint=hint)

    for name, asked in rules.items():
        if name not in declared:
            yield problem(f"'{name}' is not a parameter of the notebook", nearest(name, declared))
        for rule, setting in asked.items():
            if rule not in RULES:
                yield problem(f"'{name}' asks for an unknown rule '{rule}'", nearest(rule, RULES))
            elif not RULES[rule].reads(setting):
                yield problem(f"'{name}' asks for '{rule}' in a form that cannot be read: {_shown(setting)}")


# --- the caller's side --------------------------------------------------------------------------------


def _check(
    where: str, name: str, value: Any, declared: Mapping[str, Value], rules: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    def problem(code: str, what: str, expected: object = None, hint: str = "") -> Problem:
        return Problem(code=code, where=where, what=what, got=_shown(value), expected=expected, hint=hint)

    if name not in declared:
        yield problem("unknown_parameter", "the notebook has no such parameter", hint=nearest(name, declared))
    elif refusal := _refusal(value):
        yield problem("parameter_value", refusal, "text, number, true, false, nothing, or a list of these")
    elif not _fits(value, declared[name]):
        yield problem("parameter_value", "the value has another type than the default", _kind(declared[name]))
    elif value is not None:
        for rule, setting in rules.get(name, {}).items():
            if not RULES[rule].holds(value, setting):
                yield problem("parameter_value", f"the value breaks the rule '{rule}'", setting)


def _refusal(value: Any) -> str:
    """Return why `value` cannot be a parameter, or nothing."""
    kind = type(value)  # exactly: a subclass may print itself as code
    if kind is list:
        return next(filter(None, map(_refusal, value)), "")
    if kind not in (str, int, float, bool, type(None)):
        return f"a value of type {kind.__name__} is not plain data"
    if kind is int and abs(value) > INTEGER_LIMIT:
        return "the integer is too large"
    if kind is float and not math.isfinite(value):
        return "the number is not finite"
    if kind is str and re.search("[\ud800-\udfff]", value):
        return "the text holds half a character (a lone surrogate), which no file in UTF-8 can"
    return ""


def _fits(value: Value, default: Value) -> bool:
    if isinstance(value, list) and isinstance(default, list):
        return all(_fits(entry, default[0]) for entry in value) if default else True
    return default is None or type(value) is type(default) or (type(default) is float and type(value) is int)


def _kind(value: Value) -> str:
    names = {str: "text", int: "an integer", float: "a number", bool: "True or False", list: "a list"}
    return f"{names[type(value)]}, as in {value!r}"


def _shown(value: Any) -> str:
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


# --- rules --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A restriction: whether a setting can be read, and whether a value holds under it."""

    reads: Callable[[Any], bool]
    holds: Callable[[Any, Any], bool]


def _is_choice(value: Value, choices: list[Value]) -> bool:
    return any(type(value) is type(choice) and value == choice for choice in choices)


def _is_pattern(setting: Any) -> bool:
    try:
        re.compile(setting)
    except (re.error, TypeError):
        return False
    return isinstance(setting, str)


def _matches(value: Value, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


RULES: Mapping[str, Rule] = {
    "choices": Rule(reads=lambda setting: isinstance(setting, list), holds=_is_choice),
    "pattern": Rule(reads=_is_pattern, holds=_matches),
}
"""What the notebook's metadata may ask of a value."""
