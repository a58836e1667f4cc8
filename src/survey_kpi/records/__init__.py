"""The tables beside the responses: files or databases in, canonical frames out, every row accounted for."""

from survey_kpi.records.calendar import study_calendar
from survey_kpi.records.matching import (
    MATCH_COLUMNS,
    match_rates,
    reassigned_after_answer,
    stated_differences,
)
from survey_kpi.records.model import DISORDERED, RECORD_RULES
from survey_kpi.records.originals import Original, originals
from survey_kpi.records.reading import Records, read_records
from survey_kpi.records.repairs import PROPOSAL_COLUMNS, applied, repair_proposals
from survey_kpi.records.roster import ROSTER_COLUMNS, TENURE_DAYS, roster
from survey_kpi.records.spells import FAR, Leave, leaves_of, spell_problems

__all__ = [
    "DISORDERED",
    "FAR",
    "MATCH_COLUMNS",
    "PROPOSAL_COLUMNS",
    "RECORD_RULES",
    "ROSTER_COLUMNS",
    "TENURE_DAYS",
    "Leave",
    "Original",
    "Records",
    "applied",
    "leaves_of",
    "match_rates",
    "originals",
    "read_records",
    "reassigned_after_answer",
    "repair_proposals",
    "roster",
    "spell_problems",
    "stated_differences",
    "study_calendar",
]
