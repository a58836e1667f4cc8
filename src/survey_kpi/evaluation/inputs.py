"""Tables of a study beside the responses, read once per evaluation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.indicators import INDICATORS
from survey_kpi.readers import read_table
from survey_kpi.records import Records, read_records
from survey_kpi.scoring.registers import check_actions, check_benchmarks
from survey_kpi.study.models import Study

JUDGEMENT_COLUMNS = {"expert_id": "text", "row": "text", "column": "text", "value": "number"}
RATING_COLUMNS = {"expert_id": "text", "indicator": "text", "score": "number"}


def study_table(study: Study, name: str) -> pd.DataFrame | None:
    """Return a declared table with its canonical columns, None when the study declares none.

    Raises
    ------
    SchemaError, SpecError
        Those of `read_records`, such as `spell_conflict`: spells of one person overlap or run backward.
    """
    frames = read_records(study, only=[name]).frames
    return collect(frames[name]) if name in frames else None


def judgements_of(study: Study) -> pd.DataFrame | None:
    """Return the pairwise judgements of the study folder, None when the rules name no file."""
    file = study.rules.indicator_weights.judgements
    return read_table(Path(study.root) / file, JUDGEMENT_COLUMNS) if file else None


def ratings_of(study: Study) -> pd.DataFrame | None:
    """Return the importance scores of the study folder, None when the rules name no file."""
    file = study.rules.indicator_weights.ratings
    return read_table(Path(study.root) / file, RATING_COLUMNS) if file else None


def check_registers(study: Study, records: Records) -> None:
    """Refuse improvement actions and outside benchmarks that do not say what they must.

    Raises
    ------
    SpecError
        `action_incomplete`, `unknown_name` (an action aims at no indicator of the study),
        `benchmark_provenance`.
    """
    if "actions" in records.frames:
        sheets = study.indicators.indicators
        measures = {f"{one.id}.{each.name}" for one in sheets for each in INDICATORS[one.kpi].measures}
        check_actions(collect(records.frames["actions"]), {*(one.id for one in sheets), *measures})
    if "benchmarks" in records.frames:
        check_benchmarks(collect(records.frames["benchmarks"]))
