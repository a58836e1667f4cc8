"""Tables of a study beside the responses, read once per evaluation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from survey_kpi.readers import TABLES, read_table
from survey_kpi.study import Study

JUDGEMENT_COLUMNS = {"expert_id": "text", "row": "text", "column": "text", "value": "number"}


def study_table(study: Study, name: str) -> pd.DataFrame | None:
    """Return a declared table with its canonical columns, None when the study declares none."""
    file = getattr(study.study.tables, name)
    return read_table(Path(study.data_dir) / file, TABLES[name]) if file else None


def judgements_of(study: Study) -> pd.DataFrame | None:
    """Return the pairwise judgements of the study folder, None when the rules name no file."""
    file = study.rules.indicator_weights.judgements
    return read_table(Path(study.root) / file, JUDGEMENT_COLUMNS) if file else None
