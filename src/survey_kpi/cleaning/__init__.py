"""Cleaning rules as expressions in one table `RULES`; they flag and never drop."""

from survey_kpi.cleaning.audit import audit_rows
from survey_kpi.cleaning.clean import clean
from survey_kpi.cleaning.cleaned import Cleaned
from survey_kpi.cleaning.rule import Rule
from survey_kpi.cleaning.rules import RULES
from survey_kpi.cleaning.sensitivity import Variant, excluded_under, noticed, observing, variants
from survey_kpi.cleaning.tally import Tally

__all__ = [
    "RULES",
    "Cleaned",
    "Rule",
    "Tally",
    "Variant",
    "audit_rows",
    "clean",
    "excluded_under",
    "noticed",
    "observing",
    "variants",
]
