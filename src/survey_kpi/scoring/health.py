"""A month's health in counts: what came in, what is open, what is on course. No verdict follows from a month.

Counts are kept as they are, so that the months of a quarter add up to the quarter.

Examples
--------
>>> months = [{"responses": Count(120)}, {"responses": Count(95)}, {"responses": Count(110)}]
>>> added(months)["responses"].n
325
>>> health({"coverage": Count(200, 170), "overdue": Count(6, 2)})["coverage"].value
85.0
>>> str(health({"overdue": Count(6, 2)})["overdue"].state)
'suppressed'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from survey_kpi.errors import MethodError
from survey_kpi.estimate import Estimate, State
from survey_kpi.inference.intervals import garwood, wilson
from survey_kpi.inference.suppression import suppress

FIGURES: Final = ("responses", "coverage", "freshness", "overdue", "off_track")
"""Valid answers; customers invited; profiles up to date; complaints open and overdue; goals off track."""
SMALLEST: Final = 10
UNMEASURED: Final = "the study has no table for this figure"
COMPLEMENTARY: Final = "withheld so that a suppressed value cannot be recomputed"


class Count(NamedTuple):
    """Cases, and those of them that a figure is about; None where the figure is the count itself.

    A customer who changed hands counts for each team by the days that it had the customer.
    """

    n: float
    having: float | None = None


def added(months: Sequence[Mapping[str, Count]]) -> dict[str, Count]:
    """Return the counts of several months together.

    Raises
    ------
    MethodError
        `rows_differ`: a figure is a count in one month and a share in another, or is absent from one.
    """
    names = list(dict.fromkeys(name for month in months for name in month))
    return {name: _sum(name, [month.get(name) for month in months]) for name in names}


def _sum(name: str, parts: Sequence[Count | None]) -> Count:
    there = [part for part in parts if part is not None]
    having = [part.having for part in there if part.having is not None]
    if len(there) < len(parts) or len(having) not in (0, len(parts)):
        what = "the months do not count the same thing"
        raise MethodError("rows_differ", where=f"health: {name}", what=what)
    return Count(sum(part.n for part in there), sum(having) if having else None)


def health(counts: Mapping[str, Count], *, smallest: int = SMALLEST) -> dict[str, Estimate]:
    """Return each figure with its base and interval; those on fewer than `smallest` cases are withheld.

    Raises
    ------
    MethodError
        `counts_invalid`: a count is negative, or more cases have the property than there are.

    Notes
    -----
    Shares: Wilson; counts: exact Poisson (Garwood 1936).
    """
    return {name: _figure(count, smallest) for name, count in counts.items()}


def _figure(count: Count, smallest: int) -> Estimate:
    unit = "count" if count.having is None else "percent"
    ends = garwood(float(count.n)) if count.having is None else wilson(count.having, count.n)
    if count.n < smallest:
        return Estimate.missing(State.SUPPRESSED, f"fewer than {smallest} cases", unit=unit, n=round(count.n))
    scale = 1 if count.having is None else 100
    return Estimate(
        value=float(count.n) if count.having is None else 100 * count.having / count.n,
        n=round(count.n),
        n_effective=float(count.n),
        unit=unit,
        conf_low=scale * float(ends[0]),
        conf_high=scale * float(ends[1]),
        method="Garwood" if count.having is None else "Wilson",
    )


def health_by_subject(
    counts: Mapping[str, Mapping[str, Count]], *, whole: str, smallest: int = SMALLEST
) -> dict[str, dict[str, Estimate]]:
    """Return the figures of the whole and of its parts, all of `FIGURES` for each.

    Parameters
    ----------
    counts
        Counts by subject; `whole` is the sum of the others, so where one of them is withheld another one is.

    Returns
    -------
    dict
        A figure without a count is not measured, never 0.

    Examples
    --------
    >>> cases = {"east": Count(30, 3), "west": Count(8, 1), "all": Count(38, 4)}
    >>> found = health_by_subject({name: {"overdue": each} for name, each in cases.items()}, whole="all")
    >>> [str(found[name]["overdue"].state) for name in cases], str(found["all"]["coverage"].state)
    (['suppressed', 'suppressed', 'measured'], 'unavailable')
    """
    found = {
        subject: {name: _missing(name) for name in FIGURES} | health(each, smallest=smallest)
        for subject, each in counts.items()
    }
    parts = [subject for subject in counts if subject != whole]
    for name in FIGURES:
        there = [subject for subject in parts if counts[subject].get(name, Count(0)).having is not None]
        bases = [counts[subject][name].n for subject in there]
        for subject, hide in zip(there, suppress(bases, minimum=smallest) if bases else (), strict=True):
            if hide and found[subject][name].measured:
                found[subject][name] = _withheld(found[subject][name])
    return found


def _missing(name: str) -> Estimate:
    unit = "count" if name == "responses" else "percent"
    return Estimate.missing(State.UNAVAILABLE, UNMEASURED, unit=unit)


def _withheld(found: Estimate) -> Estimate:
    return Estimate.missing(State.SUPPRESSED, COMPLEMENTARY, unit=found.unit, n=found.n)
