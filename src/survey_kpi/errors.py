"""Every error that a user can meet, each with a stable code and one voice.

A message is one sentence (where, what, got, expected) and a hint. Files are read to the end before an
error is raised, so one error may carry many problems.

Examples
--------
>>> error = SpecError("weights_sum", where="rules.yaml", what="weights do not sum to 1", got=0.5, expected=1)
>>> print(error)
rules.yaml: weights do not sum to 1; got 0.5, expected 1. [weights_sum]
>>> error.code
'weights_sum'
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake: where it stands, what is wrong, what was got and expected, and how to repair it."""

    code: str
    where: str
    what: str
    got: object = None
    expected: object = None
    hint: str = ""

    def __str__(self) -> str:
        facts = [f"got {self.got}"] if self.got is not None else []
        facts += [f"expected {self.expected}"] if self.expected is not None else []
        sentence = f"{self.where}: {self.what}" + (f"; {', '.join(facts)}" if facts else "")
        hint = f" Hint: {self.hint.rstrip('.')}{'' if self.hint.endswith('?') else '.'}" if self.hint else ""
        return f"{sentence}. [{self.code}]{hint}"


class SurveyKpiError(Exception):
    """Raised when the package refuses to go on; the base of every error below.

    Parameters
    ----------
    code
        Stable name of the refusal; scripts may rely on it.
    where, what, got, expected, hint
        See `Problem`.
    """

    def __init__(
        self,
        code: str,
        *,
        where: str,
        what: str,
        got: object = None,
        expected: object = None,
        hint: str = "",
    ) -> None:
        self._set([Problem(code=code, where=where, what=what, got=got, expected=expected, hint=hint)])

    def _set(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))

    @classmethod
    def collect(cls, problems: Iterable[Problem]) -> Self:
        """Make one error of many problems, in the order given."""
        found = tuple(problems)
        if not found:
            raise ValueError("an error needs at least one problem")
        error = cls.__new__(cls)
        error._set(found)
        return error

    @property
    def code(self) -> str:
        """Code of the first problem."""
        return self.problems[0].code

    def __reduce__(self) -> tuple[object, ...]:  # errors cross process borders when reports render
        return (type(self).collect, (self.problems,))


class SchemaError(SurveyKpiError, ValueError):
    """Raised when data do not fit the codebook."""


class SpecError(SurveyKpiError, ValueError):
    """Raised when a study file, or a parameter, is wrong."""


class MethodError(SurveyKpiError, ValueError):
    """Raised when a method does not apply to these data."""


class ReportError(SurveyKpiError):
    """Raised when a report must not be published as it stands."""


class RunError(SurveyKpiError):
    """Raised when the run itself failed: a kernel, a lock, the disk, a limit."""


class IntegrityError(SurveyKpiError):
    """Raised when a verification failed."""


def nearest(name: object, choices: Iterable[object]) -> str:
    """Return a hint that names the valid choice nearest to `name`, or all of a few, or nothing.

    Examples
    --------
    >>> nearest("quater", ["quarter", "month"])
    "did you mean 'quarter'?"
    >>> nearest("xyz", ["quarter", "month"])
    "valid names are 'month', 'quarter'"
    """
    valid = sorted({str(choice) for choice in choices})
    lowered = {choice.casefold(): choice for choice in valid}
    found = difflib.get_close_matches(str(name).casefold(), lowered, n=1, cutoff=0.6)
    if found:
        return f"did you mean '{lowered[found[0]]}'?"
    few = 16
    listed = ", ".join(f"'{choice}'" for choice in valid[:few])
    return f"valid names are {listed}{', …' if len(valid) > few else ''}" if valid else ""
