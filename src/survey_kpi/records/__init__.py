"""The tables beside the responses: files or databases in, canonical frames out, every row accounted for."""

from survey_kpi.records.model import DISORDERED, RECORD_RULES
from survey_kpi.records.reading import Records, read_records
from survey_kpi.records.spells import FAR, spell_problems

__all__ = ["DISORDERED", "FAR", "RECORD_RULES", "Records", "read_records", "spell_problems"]
