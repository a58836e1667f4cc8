"""What became of each invitation, and the outcome rates of the AAPOR Standard Definitions.

Examples
--------
>>> asked = Dispositions(I=650, P=50, R=150, NC=100, O=30, UO=20)
>>> round(outcome_rates(asked, eligible_share=0.5)["RR1"].value, 2)
65.0
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from types import MappingProxyType
from typing import Final, Literal

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.estimate import Estimate, State
from survey_kpi.inference.intervals import wilson
from survey_kpi.sampling.tables import text_of
from survey_kpi.study.models import Text

Unknown = Literal["all", "e", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispositions:
    """Invitations by final disposition, under the letters of the standard.

    Parameters
    ----------
    I, P
        Complete and partial answers.
    R, NC, O
        Eligible without an answer: refusal or break-off, never reached, other.
    UH, UO
        Unknown whether eligible.
    NE
        Not eligible; in no rate.
    """

    I: int = 0  # noqa: E741  the letter of the standard
    P: int = 0
    R: int = 0
    NC: int = 0
    O: int = 0  # noqa: E741
    UH: int = 0
    UO: int = 0
    NE: int = 0

    def __post_init__(self) -> None:
        if min(astuple(self)) < 0:
            raise MethodError(
                "counts_invalid",
                where="dispositions",
                what="a count is negative",
                got=astuple(self),
                expected="0 or more",
            )

    @property
    def answered(self) -> int:
        """Complete and partial answers."""
        return self.I + self.P

    @property
    def able(self) -> int:
        """Everybody who was reached and able to answer."""
        return self.answered + self.R

    @property
    def contacted(self) -> int:
        """Everybody who was reached."""
        return self.answered + self.R + self.O

    @property
    def eligible(self) -> int:
        """Everybody known to be eligible."""
        return self.contacted + self.NC

    @property
    def unknown(self) -> int:
        """Everybody of whom that is unknown."""
        return self.UH + self.UO


CODES: Final = tuple(field.name for field in fields(Dispositions))


def count_dispositions(codes: Iterable[Hashable]) -> Dispositions:
    """Count final dispositions; a blank or undeclared code says nothing, which is UO (unknown, other).

    `check_invites` lists those rows.

    Examples
    --------
    >>> count_dispositions(["I", "I", "NC", "", "x"])
    Dispositions(I=2, P=0, R=0, NC=1, O=0, UH=0, UO=2, NE=0)
    """
    found = Counter(code if (code := text_of(one)) in CODES else "UO" for one in codes)
    return Dispositions(**found)


def proportional_share(asked: Dispositions) -> float:
    """Share of the unknown that would be eligible if they were like the known: the usual estimate of e.

    Raises
    ------
    MethodError
        `eligibility_unknown`: of nobody is it known.

    Notes
    -----
    Proportional allocation (CASRO); R: `outcomerate::eligibility_rate`.

    Examples
    --------
    >>> proportional_share(Dispositions(I=4, P=2, R=1, NC=1, O=1, UH=1, UO=1, NE=1))
    0.9
    """
    known = asked.eligible + asked.NE
    if not known:
        raise MethodError(
            "eligibility_unknown",
            where="dispositions",
            what="of nobody is it known whether they were eligible, so e cannot be estimated",
            got=f"{asked.unknown} unknown",
            hint="declare e with the reason for it",
        )
    return asked.eligible / known


# --- rates --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRate:
    """One rate of the standard: `part` ÷ (`base` + the unknown, all of them, the share e, or none).

    Parameters
    ----------
    label
        What it is called.
    part, base
        Counts of `Dispositions` above and below the line.
    unknown
        How many of those of unknown eligibility stand below the line.
    """

    label: Text
    part: str
    base: str
    unknown: Unknown

    @property
    def formula(self) -> str:
        """Formula in the letters of the standard."""
        part, base = _LETTERS[self.part], _LETTERS[self.base]
        above = part if self.part in ("I", "R") else f"({part})"
        return f"{above} / ({base}{_LETTERS[self.unknown]})"


_LETTERS: Final = {
    "I": "I",
    "R": "R",
    "answered": "I + P",
    "able": "(I + P) + R",
    "contacted": "(I + P) + R + O",
    "eligible": "(I + P) + (R + NC + O)",
    "all": " + (UH + UO)",
    "e": " + e(UH + UO)",
    "none": "",
}

_FAMILIES: Final[tuple[tuple[Text, tuple[tuple[str, str, str, Unknown], ...]], ...]] = (
    (
        Text(zh="应答率", en="response rate"),
        (
            ("RR1", "I", "eligible", "all"),
            ("RR2", "answered", "eligible", "all"),
            ("RR3", "I", "eligible", "e"),
            ("RR4", "answered", "eligible", "e"),
            ("RR5", "I", "eligible", "none"),
            ("RR6", "answered", "eligible", "none"),
        ),
    ),
    (
        Text(zh="合作率", en="cooperation rate"),
        (
            ("COOP1", "I", "contacted", "none"),
            ("COOP2", "answered", "contacted", "none"),
            ("COOP3", "I", "able", "none"),
            ("COOP4", "answered", "able", "none"),
        ),
    ),
    (
        Text(zh="拒访率", en="refusal rate"),
        (
            ("REF1", "R", "eligible", "all"),
            ("REF2", "R", "eligible", "e"),
            ("REF3", "R", "eligible", "none"),
        ),
    ),
    (
        Text(zh="接触率", en="contact rate"),
        (
            ("CON1", "contacted", "eligible", "all"),
            ("CON2", "contacted", "eligible", "e"),
            ("CON3", "contacted", "eligible", "none"),
        ),
    ),
)

OUTCOME_RATES: Final[Mapping[str, OutcomeRate]] = MappingProxyType(
    {
        code: OutcomeRate(label=label, part=part, base=base, unknown=unknown)
        for label, rows in _FAMILIES
        for code, part, base, unknown in rows
    }
)
"""The sixteen outcome rates of the AAPOR Standard Definitions, by code."""


def outcome_rates(
    asked: Dispositions, *, eligible_share: float, conf_level: float = 0.95
) -> dict[str, Estimate]:
    """Compute every outcome rate, in percent.

    Parameters
    ----------
    asked
        Final dispositions of everybody invited.
    eligible_share
        e: the share of the unknown that is taken to be eligible, declared or `proportional_share`; it is
        printed with the rates.
    conf_level
        Level of the intervals.

    Returns
    -------
    dict
        One estimate per code of `OUTCOME_RATES`. Wilson intervals where the rate is a share of cases; the
        rates with e divide by a number that is itself estimated and carry none. `n` counts the cases below
        the line, those of unknown eligibility in full; `n_effective` counts e of them.

    Raises
    ------
    SpecError
        `share_range`: e lies outside 0 to 1.

    Notes
    -----
    AAPOR (2016), Standard Definitions, 9th edition; R: `outcomerate::outcomerate(counts, e)`.

    Examples
    --------
    >>> asked = Dispositions(I=650, P=50, R=150, NC=100, O=30, UO=20)
    >>> rates = outcome_rates(asked, eligible_share=0.5)
    >>> {code: round(rates[code].value, 2) for code in ("RR1", "RR3", "COOP1", "CON1")}
    {'RR1': 65.0, 'RR3': 65.66, 'COOP1': 73.86, 'CON1': 88.0}
    >>> round(rates["RR1"].conf_low, 2), round(rates["RR1"].conf_high, 2), rates["RR3"].conf_low
    (61.99, 67.89, nan)
    """
    if not 0 <= eligible_share <= 1:
        raise SpecError(
            "share_range",
            where="outcome rates",
            what="e is the share of the unknown cases that are eligible",
            got=eligible_share,
            expected="0 to 1",
        )
    return {code: _rate(rate, asked, eligible_share, conf_level) for code, rate in OUTCOME_RATES.items()}


def _rate(rate: OutcomeRate, asked: Dispositions, e: float, conf_level: float) -> Estimate:
    part, base = getattr(asked, rate.part), getattr(asked, rate.base)
    counted = {"all": 1.0, "e": e, "none": 0.0}[rate.unknown]
    below = base + counted * asked.unknown
    if not below:
        return Estimate.missing(State.UNAVAILABLE, "no case stands below the line", unit="percent")
    if rate.unknown == "e":
        return Estimate(
            value=100 * part / below,
            n=base + asked.unknown,
            n_effective=below,
            unit="percent",
            method=f"e = {e:g}",
        )
    low, high = wilson(part, below, conf_level)
    return Estimate(
        value=100 * part / below,
        n=round(below),
        unit="percent",
        conf_low=100 * low,
        conf_high=100 * high,
        conf_level=conf_level,
        method="Wilson",
    )
