"""A study is found by name or by folder, and its rows where the project keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_kpi.errors import SpecError
from survey_kpi.study import data_directory, find_study, list_studies


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("ours", "theirs"):
        folder = tmp_path / "studies" / name
        folder.mkdir(parents=True)
        (folder / "study.yaml").write_text("name: x\n")
    (tmp_path / "studies" / "empty").mkdir()
    (tmp_path / "deep" / "below").mkdir(parents=True)
    return tmp_path


def test_studies_are_listed(project: Path) -> None:
    assert list_studies(project) == ["ours", "theirs"]
    assert list_studies(project / "deep") == []


@pytest.mark.parametrize("start", [".", "deep/below", "studies", "studies/theirs"])
def test_a_name_is_found_from_anywhere_in_the_project(project: Path, start: str) -> None:
    assert find_study("ours", project / start) == (project / "studies" / "ours").resolve()


def test_a_folder_is_taken_as_given(project: Path) -> None:
    folder = (project / "studies" / "ours").resolve()
    assert find_study(str(folder), project / "deep") == folder
    assert find_study("studies/ours", project) == folder
    assert find_study(".", folder) == folder


def test_an_unknown_name_gets_the_nearest(project: Path) -> None:
    with pytest.raises(SpecError, match="did you mean 'theirs'") as caught:
        find_study("thiers", project)
    assert caught.value.code == "study_missing"


@pytest.mark.parametrize("name", ["empty", "../ours/x", "*", "", "our\0s"])
def test_what_is_no_study_is_refused(project: Path, name: str) -> None:
    with pytest.raises(SpecError) as caught:
        find_study(name, project)
    assert caught.value.code == "study_missing"


def test_rows_of_a_project_study(project: Path) -> None:
    folder = project / "studies" / "ours"
    assert data_directory(folder, None, {}) == project / "data" / "raw" / "ours"
    assert data_directory(folder, None, {"SURVEY_KPI_DATA": "/mnt"}) == Path("/mnt/ours")
    assert data_directory(folder, Path("here"), {"SURVEY_KPI_DATA": "/mnt"}) == Path("here")


def test_rows_of_a_study_that_stands_alone(project: Path) -> None:
    assert data_directory(project / "alone", None, {}) == project / "alone" / "data"
