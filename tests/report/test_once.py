"""What the notebooks of one run have in common is computed once, whoever comes first."""

from __future__ import annotations

import multiprocessing
import stat
import time
from pathlib import Path

import pytest

from survey_kpi.report import batch, revisions
from survey_kpi.report.once import once_per_run, within


@pytest.fixture
def counted():
    calls: list[int] = []

    @once_per_run
    def double(number: int) -> int:
        calls.append(number)
        if number < 0:
            raise ValueError(number)
        return 2 * number

    return double, calls


def test_outside_of_a_run_everybody_computes(counted):
    double, calls = counted
    assert (double(2), double(2)) == (4, 4)
    assert calls == [2, 2]


def test_within_a_run_each_question_is_answered_once(counted, tmp_path):
    double, calls = counted
    with within(tmp_path):
        assert (double(2), double(2), double(3)) == (4, 4, 6)
    assert calls == [2, 3]
    assert double(2) == 4
    assert calls == [2, 3, 2]


def test_two_runs_share_nothing(counted, tmp_path):
    double, calls = counted
    for name in "ab":
        (tmp_path / name).mkdir()
        with within(tmp_path / name):
            double(2)
    assert calls == [2, 2]


def test_an_error_is_not_kept(counted, tmp_path):
    double, calls = counted
    with within(tmp_path):
        for _ in range(2):
            with pytest.raises(ValueError, match="-1"):
                double(-1)
    assert calls == [-1, -1]


@once_per_run
def slow(log: str) -> int:
    time.sleep(0.3)
    with Path(log).open("a") as file:
        file.write("computed\n")
    return 7


def ask(folder: Path, log: str, answers) -> None:
    with within(folder):
        answers.put(slow(log))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="locks need a POSIX system")
def test_who_comes_second_waits_for_the_first(tmp_path):
    context, log = multiprocessing.get_context("spawn"), str(tmp_path / "log")
    answers = context.Queue()
    askers = [context.Process(target=ask, args=(tmp_path, log, answers)) for _ in range(2)]
    for asker in askers:
        asker.start()
    assert [answers.get(timeout=60) for _ in askers] == [7, 7]
    for asker in askers:
        asker.join()
    assert Path(log).read_text() == "computed\n"


def test_the_folder_of_a_run_is_its_owners_and_goes_with_it(monkeypatch, tmp_path):
    seen: list[Path] = []

    def standing(task, study, period, data, published, shared):
        assert task is revisions.standing
        seen.append(shared)
        assert stat.S_IMODE(shared.stat().st_mode) == 0o700
        return ("error", None)

    monkeypatch.setattr("survey_kpi.report.children.ask", standing)
    monkeypatch.setattr(batch, "render", lambda *_, shared, **__: seen.append(shared) or [])
    made = batch.Batch(
        study="s", period="2026Q3", data=None, jobs=[], root=tmp_path, record=tmp_path / "run.json", inputs={}
    )
    assert batch.run_jobs(made, workers=1) == []
    assert seen[0] == seen[1]
    assert not seen[0].exists()
