"""The declarations of the airport survey fit both published waves, column by column and code by code."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from pathlib import Path

import pytest

from survey_kpi.study import load_study
from survey_kpi.study.models import Source, Study
from survey_kpi.study.vocabulary import Vocabulary

Columns = dict[str, list[str]]


@pytest.fixture(scope="module")
def study(root: Path, vocabulary: Vocabulary) -> Study:
    return load_study(root / "studies" / "sfo", vocabulary=vocabulary)


@pytest.fixture(scope="module")
def waves(shared: Path, study: Study) -> list[tuple[Source, Columns]]:
    found = []
    for source in study.study.sources:
        text = gzip.decompress((shared / "data" / "sfo" / source.file).read_bytes()).decode("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        columns = [list(column) for column in zip(*rows, strict=True)]
        found.append((source, dict(zip((name.strip() for name in header), columns, strict=True))))
    return found


def header_of(study: Study, source: Source, name: str) -> str:
    declared = study.codebook.fields[name].headers if name in study.codebook.fields else (name,)
    return source.headers.get(name, declared[0])


def test_every_item_and_field_has_its_column(study: Study, waves: list[tuple[Source, Columns]]) -> None:
    names = [*study.codebook.fields, *(item.id for item in study.codebook.items)]
    for source, columns in waves:
        missing = [name for name in names if header_of(study, source, name) not in columns]
        assert not missing, source.id


def test_every_code_is_an_answer_or_declared_missing(
    study: Study, waves: list[tuple[Source, Columns]]
) -> None:
    for source, columns in waves:
        for item in study.codebook.rated:
            scale = study.codebook.scale_of(item)
            assert scale is not None
            known = {str(code) for code in item.missing_codes} | {""}
            known |= {str(value) for value in range(int(scale.low), int(scale.high) + 1)}
            found = {cell.strip() for cell in columns[header_of(study, source, item.id)]}
            assert found <= known, (source.id, item.id, found - known)


def test_counts_of_the_recommendation_question(
    study: Study, waves: list[tuple[Source, Columns]], shared: Path
) -> None:
    """Counts by score 0 to 11 as in references/published/sfo_2017_2018.json (R survey 4.1-1 and numpy)."""
    import json

    path = shared / "references" / "published" / "sfo_2017_2018.json"
    published = json.loads(path.read_text(encoding="utf-8"))["waves"]
    for (source, columns), year in zip(waves, ("2017", "2018"), strict=True):
        counts = Counter(cell.strip() for cell in columns[header_of(study, source, "NETPRO")])
        expected = published[year]["nps"]["counts_by_score_0_to_11"]
        assert [counts[str(score)] for score in range(12)] == expected
        assert study.codebook.item("NETPRO").missing_codes == (11,)


def test_boarding_areas_are_those_of_the_files(study: Study, waves: list[tuple[Source, Columns]]) -> None:
    members = {member.id for member in study.level("area").members}
    for _, columns in waves:
        assert set(columns["BAREA"]) == members


def test_the_quarter_is_declared_and_said_to_be(study: Study) -> None:
    assert [source.period for source in study.study.sources] == ["2017Q2", "2018Q2"]
    assert "declared, not read" in study.study.limitations.en
    assert "不是从数据中读出" in study.study.limitations.zh


def test_nobody_is_set_aside(study: Study) -> None:
    assert {setting.action for setting in study.study.cleaning.rules.values()} == {"flag"}
