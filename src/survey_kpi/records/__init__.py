"""The tables beside the responses: files or databases in, canonical frames out, every row accounted for."""

from survey_kpi.records.calendar import study_calendar
from survey_kpi.records.model import DISORDERED, RECORD_RULES
from survey_kpi.records.reading import Records, read_records
from survey_kpi.records.roster import ROSTER_COLUMNS, TENURE_DAYS, roster
from survey_kpi.records.spells import FAR, Leave, leaves_of, spell_problems

__all__ = [
    "DISORDERED",
    "FAR",
    "RECORD_RULES",
    "ROSTER_COLUMNS",
    "TENURE_DAYS",
    "Leave",
    "Records",
    "leaves_of",
    "read_records",
    "roster",
    "spell_problems",
    "study_calendar",
]
