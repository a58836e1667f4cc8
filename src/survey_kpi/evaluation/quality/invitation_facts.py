"""Every number about invitations as a fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from survey_kpi.evaluation.quality.invitations import Invited
from survey_kpi.evaluation.quality.result import Quality, quality_key
from survey_kpi.facts import Fact
from survey_kpi.frames import rows_of
from survey_kpi.sampling import OUTCOME_RATES, SpecialistCoverage

INVITES = "invitations of the period"
COUNTS = {
    "customers": "customers whose satisfaction in the earlier period is known",
    "satisfied": "those of them who were satisfied",
    "invited": "those of them who were invited",
    "invited_satisfied": "those who were satisfied and invited",
}


def invitation_facts(quality: Quality) -> Iterator[Fact]:
    """Yield dispositions, outcome rates, frame, coverage and departures of the period."""
    asked = quality.invited
    if asked is None:
        return
    yield _count(quality, "invites", asked.rows, INVITES)
    for code, count in asdict(asked.dispositions).items():
        yield _count(quality, "disposition", count, f"invitations with the disposition {code}", code)
    yield from _rates(quality, asked)
    yield from _frame(quality, asked)
    for one in asked.coverage:
        yield from _of_person(quality, one)
    level = quality.study.study.invitations.alarm_level
    key, formula = quality_key(quality.period, "alarm_level"), "declared: false discovery rate of the alarm"
    yield Fact(key=key, value=100 * level, unit="percent", formula=formula)
    yield _count(quality, "covered", len(asked.coverage), "people whose invitations were looked at")
    for name, people in (("unusual", asked.unusual), ("unexplained", asked.open)):
        yield _count(quality, f"coverage_{name}", len(people), f"people with {name} coverage")
    yield _count(quality, "rested", asked.rested, "invitations sooner than the declared rest days")
    rest = quality.study.study.invitations.rest_days
    yield _count(quality, "rest_days", rest, "declared in study.yaml: invitations.rest_days")
    if asked.deviations is not None:
        for kind in ("not_invited", "not_drawn", "invited_twice"):
            found = sum(one.kind == kind for one in asked.deviations)
            yield _count(quality, "departures", found, f"departures from the drawn list: {kind}", kind)
        for person, count in asked.departures.items():
            yield _count(quality, "departures_of", count, "departures from the drawn list", person)


def _count(quality: Quality, name: str, value: float, formula: str, scope: str = "company") -> Fact:
    key = quality_key(quality.period, name, scope)
    return Fact(key=key, value=float(value), unit="count", formula=formula, filter=INVITES)


def _rates(quality: Quality, asked: Invited) -> Iterator[Fact]:
    e = quality_key(quality.period, "eligible_share")
    how = "declared" if asked.declared_share else "eligible / known, proportional allocation"
    yield Fact(key=e, value=asked.eligible_share, unit="share", formula=how, filter=INVITES)
    for code, rate in asked.rates.items():
        key = quality_key(quality.period, "outcome", code)
        yield Fact(
            key=key,
            value=rate.value,
            unit="percent",
            state=rate.state,
            reason=rate.reason,
            formula=f"100 x {OUTCOME_RATES[code].formula}; AAPOR",
            filter=INVITES,
            depends=(e,) if OUTCOME_RATES[code].unknown == "e" else (),
        )
        if rate.conf_low == rate.conf_low:
            for part, end in (("low", rate.conf_low), ("high", rate.conf_high)):
                formula = f"{part} end of the 95 % interval: Wilson"
                yield Fact(key=f"{key}:{part}", value=end, unit="percent", formula=formula, depends=(key,))


def _frame(quality: Quality, asked: Invited) -> Iterator[Fact]:
    """Yield the shares of each stratum in the frame and among those who answered, and the largest gap."""
    table = asked.strata
    if table.empty or not table["answered"].sum():
        return
    population, answered = table["population"].sum(), table["answered"].sum()
    yield _count(quality, "frame_units", round(population), "sum of the design weights of those invited")
    yield _count(quality, "frame_strata", len(table), "strata of the draw")
    gaps = {}
    for row in rows_of(table):
        shares = 100 * row.population / population, 100 * row.answered / answered
        for name, share in zip(("frame_share", "answered_share"), shares, strict=True):
            key = quality_key(quality.period, name, row.stratum)
            formula = f"100 x {name.removesuffix('_share')} units of the stratum / all"
            yield Fact(key=key, value=float(share), unit="percent", formula=formula, filter=INVITES)
        gaps[row.stratum] = abs(shares[1] - shares[0])
    yield Fact(
        key=quality_key(quality.period, "frame_gap"),
        value=float(max(gaps.values())),
        unit="pp",
        formula="largest difference between the shares of a stratum among the answers and in the frame",
        filter=INVITES,
    )


def _of_person(quality: Quality, one: SpecialistCoverage) -> Iterator[Fact]:
    for name, formula in COUNTS.items():
        yield _count(quality, f"coverage_{name}", getattr(one, name), formula, one.subject)
    others = one.customers - one.satisfied
    shares = {
        "satisfied": (one.invited_satisfied, one.satisfied),
        "others": (one.invited - one.invited_satisfied, others),
    }
    for name, (part, base) in shares.items():
        if base:
            yield Fact(
                key=quality_key(quality.period, f"coverage_share_{name}", one.subject),
                value=100 * part / base,
                unit="percent",
                formula=f"100 x invited / known customers, {name}",
                filter=INVITES,
            )
    if one.adjusted_p is not None:
        yield Fact(
            key=quality_key(quality.period, "coverage_p", one.subject),
            value=one.adjusted_p,
            unit="share",
            formula="one-sided hypergeometric test, Benjamini-Hochberg over all people",
            filter=INVITES,
        )
    if one.power is not None:
        yield Fact(
            key=quality_key(quality.period, "coverage_power", one.subject),
            value=one.power,
            unit="share",
            formula="probability that the alarm finds this person alone, if selecting as declared",
            filter=INVITES,
        )
