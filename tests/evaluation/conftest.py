"""Evaluations that several tests read; each is made once."""

import pytest

from survey_kpi.evaluation import open_study


@pytest.fixture(scope="session")
def sample(root):
    return open_study(root / "studies/sample")


@pytest.fixture(scope="session")
def quarter(evaluated, root):
    return evaluated(root / "studies/sample", "2026Q3")


@pytest.fixture(scope="session")
def year(evaluated, root):
    """The four quarters up to that one."""
    return evaluated(root / "studies/sample", "2026Q3-R4")


@pytest.fixture(scope="session")
def month(evaluated, root):
    return evaluated(root / "studies/sample", "2026-08")


@pytest.fixture(scope="session")
def first(evaluated, root):
    """The first quarter of the sample: nothing lies before it."""
    return evaluated(root / "studies/sample", "2024Q4")


@pytest.fixture(scope="session")
def sfo(evaluated, root, shared):
    return evaluated(root / "studies/sfo", "2018Q2", shared / "data/sfo")
