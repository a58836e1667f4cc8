"""Tables of a study beside the responses, read once per evaluation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from survey_kpi.errors import Problem, SchemaError
from survey_kpi.frames import rows_of
from survey_kpi.readers import read_table
from survey_kpi.study.models import Study

SPECIALISTS = {
    "specialist_id": "text",
    "name": "text",
    "valid_from": "date",
    "valid_to": "date",
    "team": "text",
    "role": "text",
}

FAR = pd.Timestamp("9999-01-01").as_unit("us")
"""End of a spell that is open."""

JUDGEMENT_COLUMNS = {"expert_id": "text", "row": "text", "column": "text", "value": "number"}
RATING_COLUMNS = {"expert_id": "text", "indicator": "text", "score": "number"}


def study_table(study: Study, name: str) -> pd.DataFrame | None:
    """Return a declared table with its canonical columns, None when the study declares none.

    Raises
    ------
    SchemaError
        Those of `read_table`; `spell_conflict`: spells of one person overlap or run backward.
    """
    source = study.study.tables.get(name)
    if source is None or source.file is None:
        return None
    file = source.file
    table = read_table(Path(study.data_dir) / file, SPECIALISTS)
    _check_spells(table, file)
    return table


def _check_spells(people: pd.DataFrame, where: str) -> None:
    """Refuse a person who is in two places at once: an answer would count twice."""
    spells = people.sort_values(["specialist_id", "valid_from"], kind="stable")
    end = spells["valid_to"].fillna(FAR)
    before = spells.groupby("specialist_id")
    overlap = before["valid_from"].shift(-1) < end
    backward = end <= spells["valid_from"]
    problems = [
        Problem(
            code="spell_conflict",
            where=f"{where}: specialist '{row.specialist_id}'",
            what=what,
            got=f"from {row.valid_from} to {'open' if pd.isna(row.valid_to) else row.valid_to}",
            expected="spells that follow one another, valid_to exclusive",
        )
        for bad, what in (
            (overlap, "a spell overlaps the next one"),
            (backward, "a spell ends before it begins"),
        )
        for row in rows_of(spells[bad])
    ]
    if problems:
        raise SchemaError.collect(problems)


def judgements_of(study: Study) -> pd.DataFrame | None:
    """Return the pairwise judgements of the study folder, None when the rules name no file."""
    file = study.rules.indicator_weights.judgements
    return read_table(Path(study.root) / file, JUDGEMENT_COLUMNS) if file else None


def ratings_of(study: Study) -> pd.DataFrame | None:
    """Return the importance scores of the study folder, None when the rules name no file."""
    file = study.rules.indicator_weights.ratings
    return read_table(Path(study.root) / file, RATING_COLUMNS) if file else None
