"""Survey exports to one table of answers: any common platform, any encoding, nothing lost in silence."""

from survey_kpi.readers.choices import chosen
from survey_kpi.readers.formats import READERS
from survey_kpi.readers.responses import AUDIT_COLUMNS, BASE_COLUMNS, Responses, read_responses
from survey_kpi.readers.table import READING_RULES, Reader
from survey_kpi.readers.tables import read_table

__all__ = [
    "AUDIT_COLUMNS",
    "BASE_COLUMNS",
    "READERS",
    "READING_RULES",
    "Reader",
    "Responses",
    "chosen",
    "read_responses",
    "read_table",
]
