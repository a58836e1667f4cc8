"""Tables of a study beside the responses, read once per evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from survey_kpi.readers import read_table
from survey_kpi.study.models import Study

TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "specialists": {
            "specialist_id": "text",
            "name": "text",
            "valid_from": "date",
            "valid_to": "date",
            "team": "text",
            "role": "text",
        }
    }
)
"""Tables that a study may declare, each with its columns and their kinds."""

JUDGEMENT_COLUMNS = {"expert_id": "text", "row": "text", "column": "text", "value": "number"}


def study_table(study: Study, name: str) -> pd.DataFrame | None:
    """Return a declared table with its canonical columns, None when the study declares none."""
    file = getattr(study.study.tables, name)
    return read_table(Path(study.data_dir) / file, TABLES[name]) if file else None


def judgements_of(study: Study) -> pd.DataFrame | None:
    """Return the pairwise judgements of the study folder, None when the rules name no file."""
    file = study.rules.indicator_weights.judgements
    return read_table(Path(study.root) / file, JUDGEMENT_COLUMNS) if file else None
