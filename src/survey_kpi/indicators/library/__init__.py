"""The KPI library: one table `INDICATORS`, gathered from one module for each group of indicators.

To add a KPI, write the score of one row as an expression and one row in the module of its group. Report
rows, the glossary, choices of the command line and contract tests derive from the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from survey_kpi.indicators.library.answers import ROWS as ANSWERS
from survey_kpi.indicators.library.complaint_times import ROWS as COMPLAINT_TIMES
from survey_kpi.indicators.library.complaints import ROWS as COMPLAINTS
from survey_kpi.indicators.library.complaints_again import ROWS as COMPLAINTS_AGAIN
from survey_kpi.indicators.library.contacts import ROWS as CONTACTS
from survey_kpi.indicators.library.followups import ROWS as FOLLOWUPS
from survey_kpi.indicators.library.leads import ROWS as LEADS
from survey_kpi.indicators.library.orders import ROWS as ORDERS
from survey_kpi.indicators.library.people import ROWS as PEOPLE
from survey_kpi.indicators.library.profiles import ROWS as PROFILES
from survey_kpi.indicators.library.records_kept import ROWS as RECORDS_KEPT
from survey_kpi.indicators.library.retention import ROWS as RETENTION
from survey_kpi.indicators.model import Indicator

GROUPS = (
    ANSWERS,
    COMPLAINTS,
    COMPLAINTS_AGAIN,
    RETENTION,
    LEADS,
    ORDERS,
    PEOPLE,
    COMPLAINT_TIMES,
    FOLLOWUPS,
    CONTACTS,
    RECORDS_KEPT,
    PROFILES,
)

INDICATORS: Mapping[str, Indicator] = MappingProxyType(
    {row.code: row for row in sorted((row for rows in GROUPS for row in rows), key=lambda row: row.code)}
)
