"""Studies that declare tables and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey_kpi.engine import collect
from survey_kpi.records import Records, read_records
from survey_kpi.study.models import Codebook, Study, StudyFile

WORDS = {"zh": "x", "en": "x"}
PROSE = ("title", "purpose", "population", "decision", "sponsor", "conducted_by", "sampling", "collection")


def study_of(folder: Path, tables: Mapping[str, Any], zone: str = "Asia/Shanghai") -> Study:
    """Reading tables looks at their declarations, the time zone and the data folder alone."""
    file = StudyFile.model_validate(
        {
            "schema_version": 1,
            "name": "test",
            "sources": [{"id": "none", "file": "none.csv"}],
            "modes": [WORDS],
            "primary": {"indicator": "A01", "measure": "value"},
            "time_zone": zone,
            "tables": dict(tables),
            **dict.fromkeys((*PROSE, "limitations", "company"), WORDS),
        }
    )
    codebook = Codebook.model_validate(
        {
            "schema_version": 1,
            "scales": {"five": {"low": 1, "high": 5}},
            "items": [{"id": "q", "question": WORDS, "label": WORDS, "scale": "five"}],
        }
    )
    return Study.model_construct(
        study=file, codebook=codebook, root=str(folder), data_dir=str(folder), rule_hash="0"
    )


class Desk:
    """A folder of tables, and what reading them yields."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables: dict[str, Any] = {}

    def put(self, table: str, text: str, name: str = "", **source: Any) -> Desk:
        """Write a CSV file and declare it."""
        name = name or f"{table}.csv"
        (self.folder / name).write_text(text, encoding="utf-8")
        self.tables[table] = {"file": name, **source}
        return self

    def study(self) -> Study:
        return study_of(self.folder, self.tables)

    def read(self, **choices: Any) -> Records:
        return read_records(self.study(), **choices)

    def frame(self, table: str) -> pd.DataFrame:
        return collect(self.read().frames[table])

    def rules(self) -> list[str]:
        return sorted(self.read().audit["rule"])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def declared() -> Callable[..., Study]:
    return study_of
