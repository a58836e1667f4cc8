"""Channels: how much they are used, what customers say of them, and what marketing through them brings in.

Customers of different kinds prefer different channels, so satisfaction by channel always stands raw beside
adjusted, and the text says so when their order flips.

Examples
--------
>>> answers = {"phone": ([72, 10], [80, 20]), "app": ([19, 48], [20, 80])}  # satisfied, all: VIP, complaints
>>> found = channel_table(answers, contacts={"phone": 300, "app": 100})
>>> [(row.channel, row.use_share, round(row.raw, 1), round(row.adjusted, 2)) for row in found.rows]
[('phone', 75.0, 82.0, 72.38), ('app', 25.0, 67.0, 77.27)]
>>> found.order_flips
True
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from survey_kpi.errors import MethodError
from survey_kpi.estimate import Estimate, State
from survey_kpi.inference.casemix import indirect
from survey_kpi.inference.intervals import wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel: share of the contacts, and the share of satisfied answers raw and adjusted, in percent."""

    channel: str
    use_share: float
    n: int
    raw: float
    interval: tuple[float, float]
    adjusted: float
    std_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """Every channel, and whether two of them change places by the adjustment."""

    rows: tuple[Channel, ...]
    order_flips: bool


def channel_table(
    answers: Mapping[str, tuple[Sequence[int], Sequence[int]]], contacts: Mapping[str, int]
) -> Channels:
    """Compare channels as if all of them had the same customers, beside the raw figures.

    Parameters
    ----------
    answers
        By channel: satisfied answers and all answers, by kind of customer.
    contacts
        Contacts by channel; channels without answers count in the total.

    Raises
    ------
    MethodError
        `counts_invalid`; `empty_cell`: a channel has no answers, or there are no contacts.

    Notes
    -----
    Indirect standardisation: `survey_kpi.inference.casemix.indirect`; interval of the raw share: Wilson.
    """
    total = sum(contacts.values())
    if not total or not all(sum(n) for _, n in answers.values()):
        what = "a channel without answers, or no contacts at all, has no share"
        raise MethodError("empty_cell", where="channel_table", what=what)
    x, n = (np.array([pair[place] for pair in answers.values()], dtype=float) for place in range(2))
    found = indirect(x, n)
    low, high = wilson(x.sum(axis=1), n.sum(axis=1))
    rows = tuple(
        Channel(
            channel=channel,
            use_share=100 * contacts.get(channel, 0) / total,
            n=int(n[place].sum()),
            raw=100 * float(found.raw[place]),
            interval=(100 * float(low[place]), 100 * float(high[place])),
            adjusted=100 * float(found.adjusted[place]),
            std_error=100 * float(found.std_error[place]),
        )
        for place, channel in enumerate(answers)
    )
    return Channels(rows=rows, order_flips=found.order_flips)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaigns:
    """Sums of the campaigns of one channel: matured leads and those won of them, money spent and earned.

    `cost` or `revenue` is None where a campaign does not state it.
    """

    leads: int
    won: int
    cost: Decimal | None
    revenue: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingChannel:
    """A channel's conversion (percent), cost of a customer won (money) and return on its cost (percent)."""

    channel: str
    sums: Campaigns
    conversion: Estimate
    cost_per_won: Estimate
    roi: Estimate


def marketing_channels(parts: Mapping[str, Campaigns], *, total: str = "total") -> list[MarketingChannel]:
    """Return every marketing channel and the total, whose sums are those of the channels.

    Parameters
    ----------
    parts
        Sums by channel.
    total
        Name of the last row.

    Raises
    ------
    MethodError
        `counts_invalid`: more won than leads.

    Examples
    --------
    >>> online = Campaigns(leads=80, won=24, cost=Decimal("1200.00"), revenue=Decimal("1800.00"))
    >>> fair = Campaigns(leads=20, won=0, cost=Decimal("300.00"), revenue=Decimal("0.00"))
    >>> rows = marketing_channels({"online": online, "fair": fair})
    >>> [(row.channel, row.conversion.value, row.cost_per_won.value, row.roi.value) for row in rows]
    [('online', 30.0, 50.0, 50.0), ('fair', 0.0, nan, -100.0), ('total', 24.0, 62.5, 20.0)]
    """
    whole = Campaigns(
        leads=sum(part.leads for part in parts.values()),
        won=sum(part.won for part in parts.values()),
        cost=_sum([part.cost for part in parts.values()]),
        revenue=_sum([part.revenue for part in parts.values()]),
    )
    return [_marketing(name, sums) for name, sums in {**parts, total: whole}.items()]


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Add amounts; what one of them does not state, the sum cannot."""
    stated = [amount for amount in amounts if amount is not None]
    return sum(stated, Decimal(0)) if len(stated) == len(amounts) else None


def _marketing(channel: str, sums: Campaigns) -> MarketingChannel:
    return MarketingChannel(
        channel=channel,
        sums=sums,
        conversion=_conversion(sums),
        cost_per_won=_ratio(sums.cost, Decimal(sums.won), "money", sums.won, nothing="nobody was won"),
        roi=_ratio(
            None if sums.revenue is None or sums.cost is None else 100 * (sums.revenue - sums.cost),
            sums.cost,
            "percent",
            sums.leads,
            nothing="there was no cost",
        ),
    )


def _conversion(sums: Campaigns) -> Estimate:
    if not sums.leads:
        return Estimate.missing(State.NOT_APPLICABLE, "no lead has matured", unit="percent")
    low, high = wilson(sums.won, sums.leads)
    share = sums.won / sums.leads
    return Estimate(
        value=100 * share,
        n=sums.leads,
        unit="percent",
        std_error=100 * math.sqrt(share * (1 - share) / sums.leads),
        conf_low=100 * float(low),
        conf_high=100 * float(high),
        method="Wilson",
    )


def _ratio(above: Decimal | None, below: Decimal | None, unit: str, n: int, *, nothing: str) -> Estimate:
    if above is None or below is None:
        return Estimate.missing(State.UNAVAILABLE, "cost or revenue is not stated", unit=unit, n=n)
    if not below:
        return Estimate.missing(State.NOT_APPLICABLE, nothing, unit=unit, n=n)
    return Estimate(value=float(above / below), n=n, unit=unit)
