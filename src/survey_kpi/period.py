"""Periods: a month, a quarter, or four rolling quarters; half-open in the study's time zone.

Examples
--------
>>> quarter = Period.parse("2026Q3")
>>> quarter.start, quarter.end
(datetime.date(2026, 7, 1), datetime.date(2026, 10, 1))
>>> str(quarter.shift(-1)), str(quarter.shift(-4))
('2026Q2', '2025Q3')
>>> Period.parse("2026Q3-R4").start
datetime.date(2025, 10, 1)
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Self

from survey_kpi.errors import SpecError

_FORM = re.compile(r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])(?P<rolling>-R4)?)")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-open span of whole months, `[start, end)`.

    Parameters
    ----------
    first
        Months since year 0 of the first month.
    months
        1 (month), 3 (quarter) or 12 (four rolling quarters).
    """

    first: int
    months: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026-07`, `2026Q3` or `2026Q3-R4`.

        Raises
        ------
        SpecError
            `period_format`: the text is none of the three.
        """
        found = _FORM.fullmatch(text.strip())
        if not found or found["year"] == "0000":
            raise SpecError(
                "period_format",
                where="period",
                what="this is not a period",
                got=repr(text),
                expected="a month 2026-07, a quarter 2026Q3 or four rolling quarters 2026Q3-R4",
            )
        year = int(found["year"]) * 12
        if found["month"]:
            return cls(year + int(found["month"]) - 1, 1)
        last = year + 3 * int(found["quarter"])
        months = 12 if found["rolling"] else 3
        return cls(last - months, months)

    @property
    def start(self) -> dt.date:
        """First day."""
        return dt.date(self.first // 12, self.first % 12 + 1, 1)

    @property
    def end(self) -> dt.date:
        """First day after the period."""
        after = self.first + self.months
        return dt.date(after // 12, after % 12 + 1, 1)

    @property
    def is_quarter(self) -> bool:
        """Whether this is one calendar quarter, the only span that is graded."""
        return self.months == 3

    def shift(self, steps: int) -> Self:
        """Return the period `steps` of its own length later; rolling years move by one quarter."""
        return type(self)(self.first + steps * min(self.months, 3), self.months)

    def last(self, count: int) -> list[Self]:
        """Return `count` periods that end with this one, oldest first."""
        return [self.shift(step) for step in range(1 - count, 1)]

    def __str__(self) -> str:
        if self.months == 1:
            return f"{self.start:%Y-%m}"
        last = self.first + self.months - 1
        return f"{last // 12}Q{last % 12 // 3 + 1}" + ("-R4" if self.months == 12 else "")
