"""All that an analyst declares as one `Study`, from the pydantic models of its files, a module for each file.

Keys of the YAML files are the field names of the models. Every model refuses unknown keys; names that refer
to something elsewhere (an item, a scale, an indicator, a rule) are cross-checked by `survey_kpi.study.load`.
The rooms above import every model from here.
"""

from __future__ import annotations

from survey_kpi.study.base import IndicatorId, Language, Model, Name, NonNegative, PeriodText, Text, Unit
from survey_kpi.study.calendar import ServiceLevel, Tier, WorkTime
from survey_kpi.study.codebook import AcceptedFinding, Codebook, Item, ResponseField, Scale
from survey_kpi.study.goals import Goals
from survey_kpi.study.indicators import Indicators, IndicatorSheet, Target
from survey_kpi.study.rewards import PayGuard, Rewards
from survey_kpi.study.rules import Band, EvidenceRule, IndicatorWeightRule, Rules, ScoreRule, WeightPart
from survey_kpi.study.study_file import (
    UNDISCLOSED,
    Cleaning,
    Design,
    DisclosureItem,
    Invitations,
    Level,
    Member,
    PlannedComparison,
    Primary,
    RuleSetting,
    Source,
    StudyFile,
    TableSource,
)

__all__ = [
    "SCHEMA_VERSION",
    "UNDISCLOSED",
    "AcceptedFinding",
    "Band",
    "Cleaning",
    "Codebook",
    "Design",
    "DisclosureItem",
    "EvidenceRule",
    "Goals",
    "IndicatorId",
    "IndicatorSheet",
    "IndicatorWeightRule",
    "Indicators",
    "Invitations",
    "Item",
    "Language",
    "Level",
    "Member",
    "Model",
    "Name",
    "NonNegative",
    "PayGuard",
    "PeriodText",
    "PlannedComparison",
    "Primary",
    "ResponseField",
    "Rewards",
    "RuleSetting",
    "Rules",
    "Scale",
    "ScoreRule",
    "ServiceLevel",
    "Source",
    "Study",
    "StudyFile",
    "TableSource",
    "Target",
    "Text",
    "Tier",
    "Unit",
    "WeightPart",
    "WorkTime",
]

SCHEMA_VERSION = 1


class Study(Model):
    """All that was declared, cross-checked; floors above see only this."""

    study: StudyFile
    codebook: Codebook
    indicators: Indicators
    rules: Rules
    goals: Goals = Goals(schema_version=1)
    root: str
    """Folder of the study files."""
    data_dir: str
    """Folder of its rows."""
    rule_hash: str
    """sha256 over the study files as loaded; part of the run id."""

    def indicator(self, indicator_id: str) -> IndicatorSheet:
        """Return the definition sheet with this id; KeyError when there is none."""
        for sheet in self.indicators.indicators:
            if sheet.id == indicator_id:
                return sheet
        raise KeyError(indicator_id)

    def level(self, level_id: str) -> Level:
        """Return the level with this id; KeyError when there is none."""
        for level in self.study.levels:
            if level.id == level_id:
                return level
        raise KeyError(level_id)
