"""What the compiler of a plan notices and does not refuse: warnings and notes, as data.

A hard mistake is an error when the study is loaded. A finding prints in the report beside what it is about;
the company decides.

Examples
--------
>>> found = Finding(code="too_many_indicators", where="rules.yaml: scored", message="8 are scored")
>>> found.kind, str(found)
('warning', 'rules.yaml: scored: 8 are scored. [too_many_indicators]')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing noticed.

    Parameters
    ----------
    code
        Stable name.
    where
        What it is about: a key of a study file, a goal, an indicator.
    message
        What was noticed, with its numbers, in a line.
    kind
        `warning`: somebody should act; `note`: somebody should know.
    """

    code: str
    where: str
    message: str
    kind: Literal["warning", "note"] = "warning"

    def __str__(self) -> str:
        return f"{self.where}: {self.message}. [{self.code}]"
