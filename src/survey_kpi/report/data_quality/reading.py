"""An assessment in the making of a report: its facts read in one language, as spans."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from survey_kpi.cleaning import RULES
from survey_kpi.evaluation.quality import Quality, quality_key
from survey_kpi.readers import READING_RULES
from survey_kpi.report.blocks import Block, Column, Heading, Span, Spans, Table
from survey_kpi.report.reading import Report
from survey_kpi.report.tables import number

Cell: TypeAlias = Span | Spans | str
"""What a cell of a table is given as."""
MOST_IDS = 200
"""Row ids listed one by one; beyond, the number of them."""
MOST_NAMES = 40
"""Headers listed one by one."""
LONGEST = 40
"""Characters of a text from the data that are shown."""
MOST_DIGITS = 3
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, kw_only=True, eq=False)
class QualityReport(Report):
    """What the pages of this edition read: the assessment beside the edition's facts."""

    quality: Quality

    def key_of(self, name: str, scope: str = "company") -> str:
        """Return the key of a number of the assessment."""
        return quality_key(self.period, name, scope)

    def count(self, name: str, scope: str = "company") -> Span:
        """Return a number of the assessment as printed."""
        return self.value(self.key_of(name, scope))

    def amount(self, name: str, scope: str = "company") -> float:
        """Return a number of the assessment, to choose a sentence by."""
        return self.quality.fact(self.key_of(name, scope)).value

    def exact(self, name: str, scope: str) -> Span:
        """Return a declared number or a duration with as many decimals as it has, three at most."""
        found = self.quality.fact(self.key_of(name, scope))
        digits = next(
            (d for d in range(MOST_DIGITS) if math.isclose(round(found.value, d), found.value)), MOST_DIGITS
        )
        text = number(found.value, found.unit, digits=digits)
        return Span(text, fact=found.key, hash=found.hash, glue=True)

    def inside(self, text: str) -> str:
        """Return a label as it stands inside an English sentence; Chinese has no capitals."""
        return text[:1].lower() + text[1:]

    def rule(self, code: str) -> str:
        """Return the name of a rule of cleaning or reading."""
        if code in RULES:
            return self.text(RULES[code].label)
        name = self.text(READING_RULES[code]) if code in READING_RULES else code
        return name[:1].upper() + name[1:]

    def item(self, item: str) -> str:
        """Return the label of an item, or the name as it stands."""
        labels = {each.id: each.label for each in self.study.codebook.items}
        return self.text(labels[item]) if item in labels else item

    def unmet(self, reason: str) -> str:
        """Return why a rule could not run, in the language of the report."""
        names = _QUOTED.findall(reason) if reason.startswith("column ") else []
        if not names:
            return self.words["quality.flow.unmet_other"]
        return self.plain("quality.flow.unmet_columns", names=self.words["frame.list_comma"].join(names))

    def ids(self, row_ids: Sequence[str]) -> list[Span]:
        """Return row ids as one run of text, the first of many only."""
        listed = ", ".join(row_ids[:MOST_IDS])
        if len(row_ids) <= MOST_IDS:
            return [Span(listed, tone="code")]
        more = self.plain("quality.row_ids_more", shown=f"{MOST_IDS:,}", n=f"{len(row_ids):,}")
        return [Span(listed, tone="code"), Span(more, tone="muted")]

    def names(self, names: Sequence[str]) -> str:
        """Return headers as one text, the first of many only."""
        comma = self.words["frame.list_comma"]
        text = comma.join(shortened(name) for name in names[:MOST_NAMES])
        more = self.plain("quality.list_more", n=str(len(names))) if len(names) > MOST_NAMES else ""
        return f"{text}{comma}{more}" if more else text

    def run(self) -> dict[str, str]:
        """Return what identifies the run, as the last page prints it."""
        evaluation = self.edition.evaluation
        return {"run": evaluation.run_id, "data": evaluation.data_hash, "rules": self.study.rule_hash}


def shortened(text: str) -> str:
    """Return a text from the data on one line, cut where it is long.

    Examples
    --------
    >>> shortened("a\\nb"), shortened("x" * 50)[-2:]
    ('a b', 'x…')
    """
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def section(title: str, *blocks: Block) -> list[Block]:
    """Return blocks under a heading; nothing without blocks."""
    return [Heading(title, level=2), *blocks] if blocks else []


def table(heads: Iterable[Column], rows: Iterable[Sequence[Cell]], *, notes: Spans = ()) -> Table:
    """Return a table; a cell may be a text, a span or spans."""
    return Table(columns=list(heads), rows=[[_cell(cell) for cell in row] for row in rows], notes=notes)


def _cell(cell: Cell) -> list[Span]:
    if isinstance(cell, str):
        return [Span(cell)]
    return [cell] if isinstance(cell, Span) else list(cell)
