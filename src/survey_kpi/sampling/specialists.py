"""Invitation coverage person by person, from one row per customer or from a drawn list.

Examples
--------
>>> rows = [("s1", True, True)] * 9 + [("s1", False, False)] * 9 + [("s2", True, None)]
>>> table = pd.DataFrame(rows, columns=["specialist_id", "invited", "satisfied_before"])
>>> [(one.subject, one.verdict, one.without_history) for one in coverage_by_specialist(table)]
[('s1', 'unusual', 0), ('s2', 'untested', 1)]
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from survey_kpi.errors import SchemaError
from survey_kpi.numeric import BoolArray
from survey_kpi.sampling.coverage import (
    ALARM_LEVEL,
    CHERRY_PICKING,
    Selection,
    coverage_alarm,
    single_power,
)
from survey_kpi.sampling.deviations import Deviation
from survey_kpi.sampling.frame import UNATTRIBUTED
from survey_kpi.sampling.tables import require_columns, text_of, texts

CoverageVerdict = Literal["unusual", "usual", "untested"]
COUNTS: Final = ("customers", "satisfied", "invited", "invited_satisfied")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistCoverage:
    """Invitations of one person.

    Parameters
    ----------
    subject
        The person.
    customers, satisfied, invited, invited_satisfied
        See `coverage_alarm`.
    without_history
        Customers whose satisfaction before is not known; they are in no other count.
    p_value, adjusted_p
        None where untested.
    verdict
        "unusual", "usual", or "untested" where nothing could be chosen.
    power
        See `single_power`; None where untested.
    """

    subject: str
    customers: int
    satisfied: int
    invited: int
    invited_satisfied: int
    without_history: int
    p_value: float | None
    adjusted_p: float | None
    verdict: CoverageVerdict
    power: float | None


def coverage_by_specialist(
    customers: pd.DataFrame, *, level: float = ALARM_LEVEL, selection: Selection = CHERRY_PICKING
) -> tuple[SpecialistCoverage, ...]:
    """Test the invitations of every person from one row per customer.

    Parameters
    ----------
    customers
        specialist_id, invited (true or false), satisfied_before (true, false, or missing).
    level, selection
        See `coverage_alarm` and `single_power`.

    Returns
    -------
    tuple of SpecialistCoverage
        By person; customers of nobody stand under `UNATTRIBUTED`, untested.

    Raises
    ------
    SchemaError
        `column_missing`; `not_true_or_false`, with the rows.
    """
    counts = _tally(customers)
    tested = counts[list(COUNTS)].where(counts.index.to_series() != UNATTRIBUTED, 0)
    alarm = coverage_alarm(*(tested[name] for name in COUNTS), level=level)
    people = int(np.sum(~np.isnan(alarm.p_value)))
    found = []
    for place, subject in enumerate(counts.index):
        row = {str(name): int(count) for name, count in counts.loc[subject].items()}
        p, adjusted = float(alarm.p_value[place]), float(alarm.adjusted[place])
        untested = math.isnan(p)
        margins = (row[name] for name in COUNTS[:3])
        power = 0.0 if untested else single_power(*margins, people=people, selection=selection, level=level)
        found.append(
            SpecialistCoverage(
                subject=str(subject),
                **row,
                p_value=None if untested else p,
                adjusted_p=None if untested else adjusted,
                verdict="untested" if untested else "unusual" if alarm.flagged[place] else "usual",
                power=None if untested else power,
            )
        )
    return tuple(found)


def _tally(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the customers of each person; those without history are counted apart."""
    require_columns(rows, ["specialist_id", "invited", "satisfied_before"], "coverage")
    known = rows["satisfied_before"].notna().to_numpy(dtype=bool)
    satisfied = _true(rows["satisfied_before"], known)
    invited = _true(rows["invited"], np.ones(len(rows), dtype=bool)) & known
    columns = (known, satisfied, invited, satisfied & invited, ~known)
    table = pd.DataFrame(dict(zip((*COUNTS, "without_history"), columns, strict=True)), dtype="int64")
    subject = texts(rows["specialist_id"]).replace("", UNATTRIBUTED)
    return table.groupby(subject.to_numpy(), sort=True).sum()


def _true(column: pd.Series, filled: BoolArray) -> BoolArray:
    """Return where a column is true; words and missing cells are neither true nor false."""
    words = np.array([text_of(cell) for cell in column], dtype=str)
    truth = np.isin(words, ("True", "1", "1.0"))
    wrong = np.flatnonzero(filled & ~truth & ~np.isin(words, ("False", "0", "0.0")))
    if wrong.size:
        raise SchemaError(
            "not_true_or_false",
            where=f"coverage, column '{column.name}'",
            what=f"{wrong.size} cells are neither true nor false",
            got="rows " + ", ".join(str(row + 1) for row in wrong[:10]),
        )
    return truth


def exact_coverage(found: Iterable[Deviation], owner: Mapping[str, str]) -> dict[str, int]:
    """Count departures from a drawn list per person: exact, so one is enough to ask about.

    Parameters
    ----------
    found
        See `deviations`.
    owner
        Person by customer; customers of nobody count under `UNATTRIBUTED`.

    Examples
    --------
    >>> found = [Deviation(unit="c1", kind="not_invited"), Deviation(unit="c9", kind="not_drawn")]
    >>> exact_coverage(found, {"c1": "s07"})
    {'(unattributed)': 1, 's07': 1}
    """
    return dict(sorted(Counter(owner.get(one.unit, UNATTRIBUTED) for one in found).items()))
