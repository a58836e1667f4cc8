"""An appraisal in the making of a report: its facts read in one language, people by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from survey_kpi.evaluation.appraisal import Appraisal, appraisal_key
from survey_kpi.report.blocks import Block, Column, Heading, Note, Span, Spans, Table
from survey_kpi.report.reading import Report

Cell: TypeAlias = Span | Spans | str
"""What a cell of a table is given as."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AppraisalReport(Report):
    """What the pages of this edition read: the appraisal beside the edition's facts."""

    appraisal: Appraisal

    @cached_property
    def people(self) -> list[str]:
        """Evaluated subjects in the order of their codes, never by value."""
        found = [str(subject) for subject in self.edition.evaluation.scores["subject"]]
        return self.ordered(self.evaluated, found) if self.evaluated else []

    def key_of(self, name: str, scope: str = "company", part: str = "") -> str:
        """Return the key of a number of the appraisal."""
        return appraisal_key(self.period, name, scope, part)

    def count(self, name: str, scope: str = "company", *, digits: int | None = None) -> Span:
        """Return a number of the appraisal as printed, or the word for its state."""
        return self.value(self.key_of(name, scope), digits=digits)

    def amount(self, name: str, scope: str = "company") -> float:
        """Return a number of the appraisal, to choose a sentence by."""
        return self.appraisal.fact(self.key_of(name, scope)).value

    def beside(self, key: str) -> list[Span]:
        """Return a number with its interval behind it, in brackets."""
        ends = self.interval(key)
        value = self.value(key)
        return [value, Span(" ["), *ends, Span("]")] if ends and value.fact else [value]

    def person(self, subject: str) -> list[Span]:
        """Return a person as a table names one: the name, and the code that is never taken twice."""
        name = self.appraisal.names.get(subject)
        if name:
            return [Span(f"{name} "), Span(subject, tone="muted")]
        return [Span(self.subject_label(self.evaluated, subject) if self.evaluated else subject)]

    def named(self, subject: str) -> str:
        """Return a person as a sentence names one."""
        return self.appraisal.names.get(subject, subject)

    def band(self, band: str) -> str:
        """Return the name of a band, or the word for none."""
        bands = {each.id: self.text(each.label) for each in self.study.rules.bands}
        return bands.get(band, self.words["scores.none"])

    def listed(self, parts: Iterable[str]) -> str:
        """Join texts with the comma of the language."""
        return self.words["frame.list_comma"].join(parts)

    def absent(self, reason: str) -> Note:
        """Return the note that stands on a page in place of what is not measured."""
        words = self.words
        return Note(words.say(f"appraisal.absent.{reason}"), title=words["appraisal.absent.title"])


def section(title: str, *blocks: Block) -> list[Block]:
    """Return blocks under a heading; nothing without blocks."""
    return [Heading(title, level=2), *blocks] if blocks else []


def table(
    heads: Iterable[Column], rows: Iterable[Sequence[Cell]], *, caption: Spans = (), notes: Spans = ()
) -> Table:
    """Return a table; a cell may be a text, a span or spans."""
    made = [[_cell(cell) for cell in row] for row in rows]
    return Table(columns=list(heads), rows=made, caption=caption, notes=notes)


def _cell(cell: Cell) -> list[Span]:
    if isinstance(cell, str):
        return [Span(cell)]
    return [cell] if isinstance(cell, Span) else list(cell)
