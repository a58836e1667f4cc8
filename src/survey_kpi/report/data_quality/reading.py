"""An assessment in the making of a report: its facts read in one language, as spans."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from survey_kpi.cleaning import RULES
from survey_kpi.evaluation.quality import RESPONSES, Quality, quality_key
from survey_kpi.records import RECORD_RULES
from survey_kpi.report.blocks import Span
from survey_kpi.report.pieces import shortened
from survey_kpi.report.reading import Report
from survey_kpi.report.tables import number
from survey_kpi.study.tables import TABLES

MOST_IDS = 200
"""Row ids listed one by one; beyond, the number of them."""
MOST_NAMES = 40
"""Headers listed one by one."""
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

    def table_name(self, name: str) -> str:
        """Return what the answers, or a canonical table, are called at the head of a line."""
        if name == RESPONSES:
            return self.words["quality.responses"]
        label = self.text(TABLES[name].label)
        return label[:1].upper() + label[1:]

    def rule(self, code: str) -> str:
        """Return the name of a rule of cleaning, or of reading answers and tables."""
        if code in RULES:
            return self.text(RULES[code].label)
        name = self.text(RECORD_RULES[code]) if code in RECORD_RULES else code
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
        return self.plain("quality.flow.unmet_columns", names=self.listed(names))

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
