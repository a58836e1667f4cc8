"""Facts: every number that is printed anywhere, with a stable key and a content hash.

A key reads `<period>/<indicator>.<measure>/<subject>`; interval ends, bases and changes add a suffix
(`:low`, `:high`, `:n`, `:mdc`, …). Parameters that come from data are facts too:
`<period>/param.<name>/<scope>`.

Examples
--------
>>> fact = Fact(key=fact_key("2026Q3", "A07", "nps", "company"), value=30.0, unit="points", formula="NPS")
>>> fact.key, fact.hash
('2026Q3/A07.nps/company', 'cedb76f9')
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import NamedTuple

from survey_kpi.estimate import State

HASH_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One number with what it means: enough to print it, to check it and to find it again.

    Parameters
    ----------
    key
        Stable name.
    value
        Full precision; NaN only when `state` is not measured.
    unit
        Unit of the glossary.
    formula
        How the value follows from its inputs, in a line.
    filter
        Which rows were used, in a line.
    depends
        Keys of the facts that entered.
    """

    key: str
    value: float
    unit: str
    state: State = State.MEASURED
    reason: str = ""
    formula: str = ""
    filter: str = ""
    depends: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """First digits of sha256 over key, value, unit, state, formula, filter and inputs."""
        content = [
            self.key,
            float(self.value).hex(),
            self.unit,
            str(self.state),
            self.reason,
            self.formula,
            self.filter,
            sorted(self.depends),
        ]
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_DIGITS]


def fact_key(period: object, indicator: str, measure: str, subject: str, part: str = "") -> str:
    """Compose a fact key; `part` is low, high, n, se, mdc, change, … or empty for the value itself."""
    return f"{period}/{indicator}.{measure}/{subject}" + (f":{part}" if part else "")


PARTS = frozenset({"low", "high", "n", "se", "mdc", "change", "change_low", "change_high", "correlation"})
"""Suffixes of the facts around a value."""


class KeyParts(NamedTuple):
    """A key taken apart; `whole` is the key of the value that `part` belongs to."""

    whole: str
    subject: str
    part: str


def split_key(key: str) -> KeyParts:
    """Take a fact key apart; a colon inside a subject (a group's) is no suffix.

    Examples
    --------
    >>> split_key("2026Q3/A07.nps/team:east:low")
    KeyParts(whole='2026Q3/A07.nps/team:east', subject='team:east', part='low')
    >>> split_key("2026Q3/A07.nps/team:east").part
    ''
    """
    whole, _, part = key.rpartition(":")
    if part not in PARTS or whole.count("/") < 2:
        whole, part = key, ""
    return KeyParts(whole=whole, subject=whole.split("/", 2)[2], part=part)
