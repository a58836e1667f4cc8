"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder where the workers leave evaluations and pages for each other, as notebooks of one run do."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "one_run"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def evaluated(one_run: Path) -> Callable[..., Any]:
    """Evaluate a study folder, once for all tests that read the result: it is frozen.

    `evaluated(study, period, data)`, the folder of the rows being that of the project by default. For studies
    of the repository and of the shared folder, whose files do not change while the tests run.
    """
    from survey_kpi.report import evaluating
    from survey_kpi.report.once import within

    @cache
    def ask(study: Path, period: str, data: Path | str = "") -> Any:
        with within(one_run):
            return evaluating.evaluated(str(study), period, str(data))

    return ask


@pytest.fixture
def run_here(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in this process, which has imported everything: status and what it prints.

    For commands that start no children; a traceback fails the test.
    """
    from survey_kpi import cli

    def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
        words = ["survey-kpi", *map(str, arguments)]
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", words)
        before = signal.getsignal(signal.SIGTERM)
        try:
            with pytest.raises(SystemExit) as ended:
                cli.main()
        finally:
            signal.signal(signal.SIGTERM, before)
        said = capfd.readouterr()
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), said.out, said.err)

    return run
