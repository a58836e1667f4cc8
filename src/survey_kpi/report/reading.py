"""A report in the making: an edition's facts read in one language, as spans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from survey_kpi import __version__
from survey_kpi.estimate import State
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.frozen import Revision
from survey_kpi.indicator_weights import WEIGHT_METHODS
from survey_kpi.indicators import COMPANY, INDICATORS
from survey_kpi.period import Period
from survey_kpi.publishing import Edition
from survey_kpi.report.blocks import Span, Tone
from survey_kpi.report.labels import replaced_glyphs
from survey_kpi.report.tables import NO_BREAK, change_text, number, range_mark
from survey_kpi.report.wording import Words
from survey_kpi.scoring import evidence_grade
from survey_kpi.study.models import IndicatorSheet, Level, Study
from survey_kpi.study.tables import TABLES

SHORT_HASH = 12
NAMED = frozenset({"hours", "money"})
"""Units of targets that are printed beside the number."""
"""Characters of a hash that are enough to compare two by eye."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """What the pages of one edition read: its facts, and the words of one language.

    Pages compute nothing; they choose facts, sentences and the order of blocks.
    """

    edition: Edition
    words: Words
    revision: Revision | None = None

    # --- declarations

    @property
    def study(self) -> Study:
        """The study."""
        return self.edition.evaluation.study

    @property
    def language(self) -> str:
        """Language of the report."""
        return self.words.language

    @property
    def period(self) -> Period:
        """The period evaluated."""
        return self.edition.evaluation.period

    @property
    def against(self) -> Period:
        """The earlier period compared with."""
        return self.edition.evaluation.against

    def text(self, text: Any) -> str:
        """Return a declared text in the language of the report."""
        return str(text.in_language(self.language))

    def sheet(self, indicator: str) -> IndicatorSheet:
        """Return the definition sheet of an indicator."""
        return self.study.indicator(indicator)

    def label(self, indicator: str) -> str:
        """Return the name of an indicator."""
        return self.text(self.sheet(indicator).label)

    def headline(self, indicator: str) -> str:
        """Return the headline measure of an indicator."""
        sheet = self.sheet(indicator)
        return sheet.measure or INDICATORS[sheet.kpi].headline

    def unit(self, indicator: str) -> str:
        """Return the unit of an indicator's headline measure."""
        return INDICATORS[self.sheet(indicator).kpi].measure(self.headline(indicator)).unit

    @cached_property
    def tiles(self) -> list[str]:
        """Indicators of the answer page; the first five when none is marked."""
        sheets = self.study.indicators.indicators
        return [sheet.id for sheet in sheets if sheet.tile][:5] or [sheet.id for sheet in sheets][:5]

    @cached_property
    def evaluated(self) -> Level | None:
        """Level whose subjects are scored."""
        return self.study.level(self.study.study.evaluate) if self.study.study.evaluate else None

    @cached_property
    def satisfaction(self) -> str | None:
        """The indicator of overall satisfaction, if there is one."""
        return self._by_role("overall")

    @cached_property
    def recommendation(self) -> str | None:
        """The indicator of likelihood to recommend, if there is one."""
        return self._by_role("ltr")

    def _by_role(self, role: str) -> str | None:
        items = {item.id for item in self.study.codebook.items if item.role == role}
        sheets = self.study.indicators.indicators
        return next((sheet.id for sheet in sheets if sheet.item in items), None)

    def subject_label(self, level: Level, subject: str) -> str:
        """Return the name of a subject of a level that may be named."""
        member = subject.removeprefix(f"{level.id}:")
        return next((self.text(m.label) for m in level.members if m.id == member), member)

    @cached_property
    def replaced(self) -> pd.DataFrame:
        """Audit rows of names from data that the PDF shows with placeholders."""
        named = [
            row.subject for level in self.edition.groups for row in self.estimates_of(level, self.tiles[0])
        ]
        files = self.edition.evaluation.intake["file"]
        return pd.concat(
            [replaced_glyphs(named, "subject"), replaced_glyphs(files, "file")], ignore_index=True
        )

    def ordered(self, level: Level, subjects: Sequence[str]) -> list[str]:
        """Subjects in declared order, the undeclared ones after them by name."""
        places = {f"{level.id}:{m.id}": place for place, m in enumerate(level.members)}
        return sorted(subjects, key=lambda subject: (places.get(subject, len(places)), subject))

    # --- periods in words

    def period_name(self, period: Period) -> str:
        """Return a period as read in a sentence."""
        last = period.first + period.months - 1
        slots = {"year": str(last // 12), "quarter": str(last % 12 // 3 + 1), "month": f"{last % 12 + 1:02d}"}
        key = {1: "month", 3: "quarter", 12: "rolling"}[period.months]
        return self.plain(f"frame.{key}", **slots)

    @property
    def period_shown(self) -> str:
        """The period as the frame of every page shows it, with the number of the revision."""
        name = self.period_name(self.period)
        if not self.revision:
            return name
        return f"{name} · {self.plain('revision.number', n=str(self.revision.number))}"

    def period_tick(self, period: Period) -> str:
        """Return a period as read under an axis."""
        last = period.first + period.months - 1
        if period.months == 1:
            return str(period)
        return f"{last // 12 % 100:02d}Q{last % 12 // 3 + 1}"

    def plain(self, key: str, **slots: str) -> str:
        """Return a text without marked numbers."""
        return "".join(span.text for span in self.words.say(key, **slots))

    def listed(self, parts: Iterable[str]) -> str:
        """Join texts with the comma of the language."""
        return self.words["frame.list_comma"].join(parts)

    def method_name(self, name: str) -> str:
        """Return the name of a weighting method, of what they come to, or of a table in doubt."""
        if name in TABLES:
            return self.text(TABLES[name].label)
        base, use = method_and_use(name)
        method = WEIGHT_METHODS.get(base)
        if method:
            return (method.zh if self.language == "zh" else method.en) + use
        return self.words.get(f"weights.methods.{name}", name)

    def run(self) -> dict[str, str]:
        """Return what identifies the run, as pages print it."""
        evaluation = self.edition.evaluation
        return {"run": evaluation.run_id, "data": evaluation.data_hash, "rules": self.study.rule_hash}

    def rerun(self) -> dict[str, str]:
        """Return what a rerun is compared by: the hashes in short, and the version of the program."""
        return {name: text[:SHORT_HASH] for name, text in self.run().items()} | {"version": __version__}

    # --- facts

    def key(self, indicator: str, part: str = "", *, subject: str = COMPANY, measure: str = "") -> str:
        """Return the key of an indicator's headline (or another measure) in this period."""
        return fact_key(self.period, indicator, measure or self.headline(indicator), subject, part)

    def fact(self, key: str) -> Fact | None:
        """Return a fact that may be printed, None where the edition holds none."""
        return self.edition.facts.get(key)

    def measured(self, key: str) -> bool:
        """Whether there is a number under this key."""
        found = self.fact(key)
        return found is not None and found.state is State.MEASURED

    def value(self, key: str, *, percent: bool = True, tone: Tone = "", digits: int | None = None) -> Span:
        """Return a fact as printed, or the word for its state where it has no value."""
        found = self.fact(key)
        if found is None or found.state is not State.MEASURED:
            state = found.state if found else State.UNAVAILABLE
            return Span(self.words[f"state.{state}"], tone="muted")
        text = number(found.value, found.unit, sign=percent, digits=digits)
        return Span(text, tone=tone, fact=key, hash=found.hash, glue=True)

    def interval(self, key: str) -> list[Span]:
        """Return the interval of the fact under this key; nothing where there is none."""
        return self._range(f"{key}:low", f"{key}:high")

    def change(self, key: str, *, tone: Tone = "") -> Span:
        """Return a change with its sign."""
        found = self.edition.facts[f"{key}:change"]
        text = change_text(found.value, found.unit)
        return Span(text, tone=tone, fact=found.key, hash=found.hash, glue=True)

    def change_interval(self, key: str) -> list[Span]:
        """Return the interval of a change."""
        return self._range(f"{key}:change_low", f"{key}:change_high")

    def magnitude(self, key: str) -> Span:
        """Return a change without its sign, for sentences that say the direction."""
        found = self.edition.facts[key]
        return Span(number(abs(found.value), found.unit, sign=False), fact=key, hash=found.hash, glue=True)

    def _range(self, low: str, high: str) -> list[Span]:
        ends = [self.fact(low), self.fact(high)]
        if not all(end and end.value == end.value for end in ends):
            return []
        spans = [self.value(low, percent=False), self.value(high, percent=False)]
        return [spans[0], Span(range_mark(ends[0].value, self.language), glue=True), spans[1]]  # type: ignore[union-attr]

    def unit_word(self, key: str) -> str:
        """Return the unit of a fact as read after a number in a sentence."""
        return self.words[f"unit.{self.edition.facts[key].unit}"]

    # --- tables

    def comparison(self, indicator: str) -> Row:
        """Return the company's change of an indicator against the earlier period."""
        table = self.edition.evaluation.comparisons
        return rows_of(table[table["indicator"] == indicator])[0]

    def breaks(self, indicator: str) -> list[int]:
        """Return the places in the trend before which the question was asked in other words."""
        table = self.edition.evaluation.breaks
        broken = set(table.loc[table["indicator"] == indicator, "period"])
        periods = self.period.last(self.study.study.trend_quarters)
        return [place for place, period in enumerate(periods) if str(period) in broken]

    def verdict_tone(self, row: Row) -> Tone:
        """Return better or worse for a change that is real, same otherwise."""
        if row.verdict not in {"rose", "fell"}:
            return "same"
        good = "rose" if self.sheet(row.indicator).direction == "higher" else "fell"
        return "better" if row.verdict == good else "worse"

    def series(self, indicator: str, subject: str = COMPANY) -> pd.DataFrame:
        """Return the headline estimates of the periods of the trend, oldest first; gaps stay gaps."""
        table = self.edition.estimates
        mine = table[
            (table["indicator"] == indicator)
            & (table["measure"] == self.headline(indicator))
            & (table["subject"] == subject)
        ].set_index("period")
        wanted = [str(p) for p in self.period.last(self.study.study.trend_quarters)]
        return mine.reindex(wanted)

    def estimates_of(self, level: Level, indicator: str) -> list[Row]:
        """Return the headline estimates of a level's subjects in this period, in declared order."""
        table = self.edition.estimates
        mine = table[
            (table["level"] == level.id)
            & (table["indicator"] == indicator)
            & (table["measure"] == self.headline(indicator))
            & (table["period"] == str(self.period))
        ]
        found = {row.subject: row for row in rows_of(mine)}
        return [found[subject] for subject in self.ordered(level, list(found))]

    def target_text(self, indicator: str, *, unit: bool = True) -> str:
        """Return the declared target as printed, or nothing; with its unit where that is no plain score."""
        target = self.sheet(indicator).target
        if target is None:
            return ""
        text = f"{target.value:,.10g}"
        if target.unit == "percent":
            return f"{text}%"
        return (
            f"{text}{NO_BREAK}{self.words[f'unit.{target.unit}']}" if unit and target.unit in NAMED else text
        )

    def target_value(self, indicator: str) -> float:
        """Return the declared target, NaN without one."""
        target = self.sheet(indicator).target
        return target.value if target else float("nan")

    def grade(self, indicator: str) -> str:
        """Return the evidence grade of the company's headline value."""
        table = self.edition.estimates
        mine = table[
            (table["indicator"] == indicator)
            & (table["measure"] == self.headline(indicator))
            & (table["subject"] == COMPANY)
            & (table["period"] == str(self.period))
        ]
        cap = "C" if self.sheet(indicator).source == "self_report" else "A"
        return evidence_grade(float(mine["n_effective"].iloc[0]), self.study.rules.evidence, cap=cap)


def method_and_use(name: str) -> tuple[str, str]:
    """Split the name of a use of a weighting method into the method and what its words end in.

    Examples
    --------
    >>> method_and_use("ahp"), method_and_use("ahp_2")
    (('ahp', ''), ('ahp', ' 2'))
    """
    method, _, use = name.rpartition("_")
    return (method, f" {use}") if use.isdigit() and method in WEIGHT_METHODS else (name, "")
