"""Improvement actions that are open on a day, for a team or for everybody."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators import COMPANY

COLUMNS = ("action_id", "owner", "due", "indicator", "scope")


def open_actions(actions: pd.DataFrame, subject: str, on: dt.date) -> list[Row]:
    """Return the actions that a subject talks about: its own before those of the company, the next due first.

    Parameters
    ----------
    actions
        Canonical table; an action without a scope is everybody's, one without a status is open.
    on
        Day of the talk; what was decided later does not exist yet.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {
    ...         "action_id": ["T1", "T2", "T3"],
    ...         "owner": "support",
    ...         "indicator": "A10",
    ...         "scope": ["company", "team:east", "team:west"],
    ...         "status": "open",
    ...         "due": pd.to_datetime(["2026-11-15", "2026-12-15", "2026-12-01"]),
    ...         "decided_on": pd.to_datetime(["2026-07-01"] * 3),
    ...     }
    ... )
    >>> [row.action_id for row in open_actions(table, "team:east", dt.date(2026, 9, 1))]
    ['T2', 'T1']
    """
    everybody = actions["scope"].isna() | actions["scope"].isin(["", COMPANY])
    mine = everybody | (actions["scope"] == subject)
    pending = actions["status"].isna() | (actions["status"] == "open")
    known = ~(actions["decided_on"] > pd.Timestamp(on))
    found = actions.assign(everybody=everybody)[mine & pending & known]
    return rows_of(found.sort_values(["everybody", "due", "action_id"])[list(COLUMNS)])
