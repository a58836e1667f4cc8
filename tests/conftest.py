"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

# The same examples on every run: a gate must not fail by chance. HYPOTHESIS_PROFILE=search finds new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the reference numbers and real data that are not part of the repository."""
    folder = Path(os.environ.get("SURVEY_KPI_SHARED", ROOT.parent / "shared"))
    if not (folder / "references").is_dir():
        pytest.skip("the reference folder is absent: set SURVEY_KPI_SHARED to run this test")
    return folder
