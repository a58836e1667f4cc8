"""How numbers of this edition become facts: one key form, one state for what was not measured.

Keys read `<period>/appraisal.<name>/<scope>`; the scope is "company", or the action, indicator, category,
tier, segment or channel that the number is about.

Examples
--------
>>> appraisal_key("2026Q3", "listing_rows", "A14.repeats")
'2026Q3/appraisal.listing_rows/A14.repeats'
>>> amount("2026Q3", "losses", None, "count", "customers lost", reason="no table").state.value
'unavailable'
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from survey_kpi.estimate import Estimate, State
from survey_kpi.facts import Fact, fact_key

NOTHING = "nothing to compute it from"


def appraisal_key(period: object, name: str, scope: str = "company", part: str = "") -> str:
    """Compose the key of a fact of this edition."""
    return fact_key(period, "appraisal", name, scope, part)


def amount(
    period: object,
    name: str,
    value: float | None,
    unit: str,
    formula: str,
    scope: str = "company",
    *,
    rows: str = "",
    depends: tuple[str, ...] = (),
    reason: str = NOTHING,
) -> Fact:
    """Return one number as a fact; None and NaN are not measured, with the reason."""
    number = math.nan if value is None else float(value)
    measured = not math.isnan(number)
    return Fact(
        key=appraisal_key(period, name, scope),
        value=number,
        unit=unit,
        state=State.MEASURED if measured else State.UNAVAILABLE,
        reason="" if measured else reason,
        formula=formula,
        filter=rows,
        depends=depends,
    )


def of_estimate(
    period: object,
    name: str,
    found: Estimate,
    formula: str,
    scope: str = "company",
    *,
    rows: str = "",
    depends: tuple[str, ...] = (),
) -> Iterator[Fact]:
    """Yield an estimate as facts: its value, its base, and the ends of its interval where it has one."""
    key = appraisal_key(period, name, scope)
    yield Fact(
        key=key,
        value=found.value,
        unit=found.unit,
        state=found.state,
        reason=found.reason,
        formula=formula,
        filter=rows,
        depends=depends,
    )
    yield Fact(key=f"{key}:n", value=float(found.n), unit="count", formula="base", filter=rows)
    if not found.measured or math.isnan(found.conf_low):
        return
    for part, end in (("low", found.conf_low), ("high", found.conf_high)):
        yield Fact(
            key=f"{key}:{part}",
            value=end,
            unit=found.unit,
            formula=f"{part} end of the {100 * found.conf_level:g} % interval: {found.method}",
            filter=rows,
            depends=(key,),
        )


def by_key(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Return facts by their keys."""
    return {fact.key: fact for fact in facts}
