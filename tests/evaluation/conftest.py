"""Evaluations that several tests read; each is made once."""

import pytest

from survey_kpi.evaluation import evaluate, open_study


@pytest.fixture(scope="session")
def sample(root):
    return open_study(root / "studies/sample")


@pytest.fixture(scope="session")
def quarter(sample):
    return evaluate(sample, "2026Q3")


@pytest.fixture(scope="session")
def sfo(root, shared):
    return evaluate(open_study(root / "studies/sfo", data=shared / "data/sfo"), "2018Q2")
