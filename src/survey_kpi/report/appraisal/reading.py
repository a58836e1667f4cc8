"""An appraisal in the making of a report: its facts read in one language, people by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from survey_kpi.evaluation.appraisal import Appraisal, appraisal_key
from survey_kpi.evaluation.tables import scored_measure
from survey_kpi.facts import fact_key
from survey_kpi.indicators import COMPANY
from survey_kpi.report.blocks import Note, Span
from survey_kpi.report.reading import Report
from survey_kpi.report.tables import beside_edges, change_text, range_mark

LEAST = 0.001
"""Probability below which only that is said."""


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

    def count(self, name: str, scope: str = "company", *, digits: int | None = None, part: str = "") -> Span:
        """Return a number of the appraisal as printed, or the word for its state."""
        return self.value(self.key_of(name, scope, part), digits=digits)

    def change_of(self, name: str, scope: str) -> Span:
        """Return a number of the appraisal with its sign."""
        found = self.appraisal.fact(self.key_of(name, scope))
        text = change_text(found.value, found.unit)
        return Span(text, fact=found.key, hash=found.hash, glue=True)

    def amount(self, name: str, scope: str = "company") -> float:
        """Return a number of the appraisal, to choose a sentence by."""
        return self.appraisal.fact(self.key_of(name, scope)).value

    def beside(self, key: str, *, digits: int | None = None) -> list[Span]:
        """Return a number with its interval behind it, in brackets; the state where there is no number."""
        value = self.value(key, digits=digits)
        ends = [self.fact(f"{key}:{part}") for part in ("low", "high")]
        if not value.fact or not all(end and end.value == end.value for end in ends):
            return [value]
        low, high = (self.value(f"{key}:{part}", percent=False, digits=digits) for part in ("low", "high"))
        mark = Span(range_mark(ends[0].value, self.language), glue=True)  # type: ignore[union-attr]
        return [value, Span(" [", tone="muted"), low, mark, high, Span("]", tone="muted")]

    def kept(self, key: str, edges: Sequence[float], *, unit: str = "points") -> Span:
        """Return a measured number with as many decimals as keep it on its side of every edge."""
        found = self.edition.facts[key]
        return Span(beside_edges(found.value, unit, edges), fact=key, hash=found.hash, glue=True)

    def chance(self, key: str, edges: Sequence[float] = ()) -> Span:
        """Return a probability on its side of the edges; next to 0 or 1 only that it lies there."""
        found = self.fact(key)
        if not found or not self.measured(key):
            return Span("–", tone="muted")
        if LEAST <= found.value <= 1 - LEAST:
            return self.kept(key, edges, unit=found.unit)
        text = f"<{LEAST}" if found.value < LEAST else f">{1 - LEAST}"
        return Span(text, fact=key, hash=found.hash, glue=True)

    def standing(self, name: str) -> Span:
        """Return how many people stand so: people, held, pooled, unusable or unsigned."""
        return self.value(fact_key(self.period, "score", f"decisions_{name}", COMPANY))

    def scored_measure(self, indicator: str) -> str:
        """Return the measure that the target and the score of an indicator are about."""
        return scored_measure(self.sheet(indicator))

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

    def missing(self, table: str) -> str:
        """Return whether a table is not declared ("absent") or holds nothing of the period ("quiet")."""
        return "quiet" if table in self.appraisal.declared else "absent"

    def absent(self, reason: str) -> Note:
        """Return the note that stands on a page in place of what is not measured."""
        words = self.words
        return Note(words.say(f"appraisal.absent.{reason}"), title=words["appraisal.absent.title"])
