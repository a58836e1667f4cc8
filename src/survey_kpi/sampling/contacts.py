"""Who was asked lately and is left in peace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable

import pandas as pd

from survey_kpi.sampling.tables import require_columns, text_of, texts


def contacted_recently(
    invites: pd.DataFrame, *, on: dt.date, rest_days: int, unit: str = "customer_id"
) -> dict[str, str]:
    """List the units that are not to be asked again yet, with the reason: contact fatigue.

    Parameters
    ----------
    invites
        Invitations so far: `sent_at` and the identifier.
    on
        Day of the draw.
    rest_days
        Days between two invitations; a unit invited exactly so long ago may be drawn.
    unit
        Column of the identifier.

    Returns
    -------
    dict
        Reason by identifier, in order. An invitation whose day cannot be read counts as recent.

    Raises
    ------
    SchemaError
        `column_missing`.

    Examples
    --------
    >>> sent = pd.DataFrame({"customer_id": ["c1", "c2"], "sent_at": ["2026-09-01", "2026-06-01"]})
    >>> contacted_recently(sent, on=dt.date(2026, 10, 1), rest_days=90)
    {'c1': 'invited on 2026-09-01, less than 90 days ago'}
    """
    require_columns(invites, [unit, "sent_at"], "invites")
    found: dict[str, str] = {}
    sent = pd.DataFrame({"unit": texts(invites[unit]), "day": invites["sent_at"].map(day_of).astype(object)})
    for one, days in sent[sent["unit"] != ""].groupby("unit", sort=True)["day"]:
        readable = [day for day in days if isinstance(day, dt.date)]
        if len(readable) < len(days):
            found[str(one)] = "invited on a day that cannot be read"
        elif (on - max(readable)).days < rest_days:
            found[str(one)] = f"invited on {max(readable)}, less than {rest_days} days ago"
    return found


def day_of(value: Hashable) -> dt.date | None:
    """Return the calendar day of an ISO time in its own offset; None when it is none."""
    if isinstance(value, dt.datetime):
        return None if pd.isna(value) else value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.datetime.fromisoformat(text_of(value)).date()
    except ValueError:
        return None
