"""Small studies around one codebook, for tests that read files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from survey_kpi import engine
from survey_kpi.readers import Responses, read_responses
from survey_kpi.study.models import Codebook, Study, StudyFile


def _text(words: str) -> dict[str, str]:
    return {"zh": words, "en": words}


def _item(item_id: str, question: str = "", **more: Any) -> dict[str, Any]:
    words = question or item_id
    return {"id": item_id, "question": _text(words), "label": _text(words), **more}


PROSE = ("title", "purpose", "population", "decision", "sponsor", "conducted_by", "sampling", "collection")
SCALES = {"five": {"low": 1, "high": 5}, "nps": {"low": 0, "high": 10}}


def _study(
    folder: Path,
    sources: Sequence[Mapping[str, Any]],
    items: Sequence[Mapping[str, Any]],
    fields: Mapping[str, Mapping[str, Any]] | None = None,
    scales: Mapping[str, Mapping[str, Any]] | None = None,
    time_zone: str = "Asia/Shanghai",
) -> Study:
    """Readers look at sources, time zone, codebook and data folder alone."""
    words = _text("x")
    file = StudyFile.model_validate(
        {
            "schema_version": 1,
            "name": "test",
            "sources": list(sources),
            "modes": [words],
            "primary": {"indicator": "A01", "measure": "value"},
            "time_zone": time_zone,
            **dict.fromkeys((*PROSE, "limitations", "company"), words),
        }
    )
    codebook = Codebook.model_validate(
        {"schema_version": 1, "scales": scales or SCALES, "fields": fields or {}, "items": list(items)}
    )
    return Study.model_construct(
        study=file, codebook=codebook, root=str(folder), data_dir=str(folder), rule_hash="0"
    )


@pytest.fixture(scope="session")
def item() -> Callable[..., dict[str, Any]]:
    """Declare an item whose question is the same in both languages."""
    return _item


@pytest.fixture(scope="session")
def study_of() -> Callable[..., Study]:
    """Make a study on a data folder."""
    return _study


@pytest.fixture(scope="session")
def connection() -> duckdb.DuckDBPyConnection:
    """One database for all tests: opening one costs more than most files."""
    return engine.connect()


@pytest.fixture
def read_text(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> Callable[..., tuple[pd.DataFrame, Responses]]:
    """Write a file, read it with a codebook of the given items, and collect the answers."""

    def read(
        content: str | bytes,
        items: Sequence[Mapping[str, Any]],
        *,
        name: str = "a.csv",
        source: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> tuple[pd.DataFrame, Responses]:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        sources = [{"id": "a", "file": name, **(source or {})}]
        responses = read_responses(_study(tmp_path, sources, items, **more), connection=connection)
        return engine.collect(responses.frame), responses

    return read
