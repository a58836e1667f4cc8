"""An assessment of weights in the making of a report: its facts read in one language, as spans."""

from __future__ import annotations

from dataclasses import dataclass

from survey_kpi.evaluation.weighting import WeightingAssessment, weighting_key
from survey_kpi.report.blocks import Note, Span
from survey_kpi.report.reading import Report, method_and_use
from survey_kpi.report.tables import number, range_mark

SMALL_CHANGE = 0.005
LEAST_P = 0.001


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightingReport(Report):
    """What the pages of this edition read: the assessment beside the edition's facts."""

    assessment: WeightingAssessment

    @property
    def scored(self) -> tuple[str, ...]:
        """Scored indicators in the order of the rules."""
        return self.study.rules.scored

    def key_of(self, name: str, scope: str = "company", part: str = "") -> str:
        """Return the key of a number of the assessment."""
        return weighting_key(self.period, name, scope, part)

    def count(self, name: str, scope: str = "company", *, digits: int | None = None, part: str = "") -> Span:
        """Return a number of the assessment as printed, a dash where it is not defined."""
        key = self.key_of(name, scope, part)
        return self.value(key, digits=digits) if self.measured(key) else Span("–", tone="muted")

    def amount(self, name: str, scope: str = "company", part: str = "") -> float:
        """Return a number of the assessment, to choose a sentence or draw a figure by."""
        return self.assessment.fact(self.key_of(name, scope, part)).value

    def ratio(self, name: str, scope: str = "company") -> Span:
        """Return a consistency ratio with the decimals that tell it from 0, four at most."""
        found = self.assessment.fact(self.key_of(name, scope))
        digits = 3 if found.value >= 0.0005 or found.value < 5e-5 else 4
        return Span(
            number(found.value, found.unit, digits=digits), fact=found.key, hash=found.hash, glue=True
        )

    def moved(self, name: str, scope: str) -> Span:
        """Return a change of a weight, with a decimal more where it is small."""
        key = self.key_of(name, scope)
        small = self.measured(key) and self.amount(name, scope) < SMALL_CHANGE
        return self.count(name, scope, digits=4 if small else 3)

    def probability(self, name: str) -> list[Span]:
        """Return a p value with its sign of relation; a tiny one as below the least that is printed."""
        found = self.assessment.fact(self.key_of(name))
        if found.value >= LEAST_P:
            return [Span("= "), self.count(name)]
        return [Span(f"< {LEAST_P}", fact=found.key, hash=found.hash, glue=True)]

    def exact(self, name: str, scope: str) -> Span:
        """Return a number with as many decimals as it has, two at most."""
        value = self.amount(name, scope)
        digits = next((d for d in range(2) if round(value, d) == value), 2)
        return self.count(name, scope, digits=digits)

    def judged(self, name: str, scope: str) -> Span:
        """Return a judgement as experts write it: 3, or 1/3 for the reverse; other numbers with decimals."""
        found = self.assessment.fact(self.key_of(name, scope))
        value = found.value if found.value >= 1 else 1 / found.value
        text = number(value, "score", digits=0 if abs(value - round(value)) < 1e-6 else 2)
        return Span(text if found.value >= 1 else f"1/{text}", fact=found.key, hash=found.hash, glue=True)

    def ends(self, name: str, scope: str = "company", *, digits: int | None = None) -> list[Span]:
        """Return both ends of a stretch; nothing where it is not defined."""
        keys = [self.key_of(name, scope, part) for part in ("low", "high")]
        if not all(self.measured(key) for key in keys):
            return []
        low, high = (self.value(key, percent=False, digits=digits) for key in keys)
        return [low, Span(range_mark(self.amount(name, scope, "low"), self.language), glue=True), high]

    def beside(self, name: str, scope: str = "company", *, digits: int | None = None) -> list[Span]:
        """Return a number with its interval in brackets behind it."""
        ends = self.ends(name, scope, digits=digits)
        value = self.count(name, scope, digits=digits)
        return [value, Span(" (", tone="muted"), *ends, Span(")", tone="muted")] if ends else [value]

    def method(self, name: str) -> str:
        """Return the name of a weighting method."""
        method, use = method_and_use(name)
        own = self.words.get(f"weighting.methods.{method}")
        return f"{own}{use}" if own else self.method_name(name)

    def head(self, name: str) -> str:
        """Return the name of a weighting method as it opens a row or a label."""
        text = self.method(name)
        return text[:1].upper() + text[1:]

    def short(self, name: str) -> str:
        """Return the name of a method or model as the head of a narrow column."""
        method, use = method_and_use(name)
        own = self.words.get(f"weighting.short.{method}")
        return f"{own}{use}" if own else self.method(name)

    def refusal(self, code: str) -> str:
        """Return why a method does not apply."""
        return self.words.get(f"weighting.refusals.{code}") or self.words["weighting.refusals.other"]

    def reason(self, part: str) -> str:
        """Return why a part of the assessment does not apply."""
        return self.refusal(self.assessment.reasons.get(part, "other"))

    def not_applicable(self, part: str) -> Note:
        """Return the note that stands on a page in place of what does not apply."""
        words = self.words
        content = words.say("weighting.not_applicable", reason=self.reason(part))
        return Note(content, title=words["weighting.not_applicable_title"])

    def pair(self, first: str, second: str) -> str:
        """Return two indicators as one label."""
        return self.plain("weighting.pair", a=self.label(first), b=self.label(second))
