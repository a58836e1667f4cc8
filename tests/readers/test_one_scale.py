"""Files that answer one question on different scales are refused, and nothing else is (T06)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SchemaError
from survey_kpi.readers import read_responses
from survey_kpi.study.models import Study
from survey_kpi.study.scales import mixed_scale

TEN = {"ten": {"low": 0, "high": 10}, "five": {"low": 1, "high": 5, "top_box": [4, 5]}}
Make = Callable[..., Any]


def some(low: int, high: int, rows: int, seed: int = 1) -> list[int]:
    return np.random.default_rng(seed).integers(low, high + 1, rows).tolist()


@pytest.fixture
def read(tmp_path: Path, item: Make, study_of: Callable[..., Study]) -> Make:
    """Read one item from several files."""

    def opened(files: dict[str, list[Any]], *, scale: str = "five", suffix: str = "csv", **more: Any) -> Any:
        sources = []
        for name, values in files.items():
            table = pd.DataFrame({"csat": values}, dtype="float64")
            path = tmp_path / f"{name}.{suffix}"
            table.to_parquet(path) if suffix == "parquet" else table.to_csv(path, index=False)
            sources.append({"id": name, "file": path.name})
        items = [item("csat", scale=scale, **more), item("other", scale="five", headers=["other"])]
        for path in tmp_path.glob(f"*.{suffix}"):
            kept = pd.read_parquet(path) if suffix == "parquet" else pd.read_csv(path)
            kept = kept.assign(other=3.0)
            kept.to_parquet(path) if suffix == "parquet" else kept.to_csv(path, index=False)
        return read_responses(study_of(tmp_path, sources, items, scales=TEN))

    return opened


@pytest.mark.row("A01")
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_of_ten_points_among_files_of_five_is_refused(read: Make, suffix: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read({"q1": some(1, 5, 40), "q2": [0, *some(0, 10, 40), 10]}, suffix=suffix)
    (found,) = caught.value.problems
    assert (found.code, found.where) == ("scale_mixed", "item 'csat'")
    assert found.got == f"q2.{suffix} with answers from 0 to 10"
    assert found.expected == f"1-5 as in q1.{suffix}"


def test_a_file_of_five_points_among_files_of_ten_is_refused(read: Make) -> None:
    """Each of its answers is a possible answer; that none is above 5 among 60 is not."""
    with pytest.raises(SchemaError) as caught:
        read({"old": [5, *some(1, 5, 120)], "new": [0, *some(0, 10, 120), 10]}, scale="ten")
    (found,) = caught.value.problems
    assert (found.code, found.got) == ("scale_mixed", "old.csv with answers from 1 to 5")


@pytest.mark.parametrize(
    ("files", "scale"),
    [
        pytest.param({"q1": [*some(1, 5, 30), 11, 77]}, "five", id="strays are rows of the audit"),
        pytest.param({"q1": [*some(1, 5, 20), *[99] * 15]}, "five", id="one value is an undeclared code"),
        pytest.param({"q1": [*some(1, 5, 20), *[98, 99] * 9]}, "five", id="so are two that lie far off"),
        pytest.param({"a": some(0, 10, 50), "b": [1, 2, 5, 4, 3]}, "ten", id="few answers may well be low"),
        pytest.param({"a": some(0, 10, 50), "b": some(0, 6, 80)}, "ten", id="no shorter scale ends at 6"),
        pytest.param({"a": some(0, 4, 90), "b": some(0, 5, 90)}, "ten", id="all are low"),
        pytest.param({"a": [], "b": some(0, 10, 30)}, "ten", id="an empty file says nothing"),
    ],
)
def test_what_is_no_other_scale_is_read(read: Make, files: dict[str, list[Any]], scale: str) -> None:
    assert len(read(files, scale=scale).intake) == len(files)


def test_declared_missing_codes_are_no_answers(read: Make) -> None:
    codes = [6, 7, 8, 9, 10]
    assert len(read({"q1": [*some(1, 5, 20), *codes * 4]}, missing_codes=codes).intake) == 1


def test_the_command_names_column_file_and_both_ranges(root: Path, tmp_path: Path, run_here: Make) -> None:
    """A platform's export whose matrix was changed to ten points, in one quarter of the sample."""
    shutil.copytree(root / "data/raw/sample", tmp_path, dirs_exist_ok=True)
    path = tmp_path / "wjx_2026q2.csv"
    export = next(
        text for text in map(try_read(path), ("utf-8-sig", "gb18030", "utf-16")) if text is not None
    )
    [column] = [name for name in export.columns if name.endswith("服务态度")]
    export[column] = [str(score) for score in some(0, 10, len(export))]
    export.to_csv(path, index=False, encoding="utf-8-sig")
    done = run_here("check", root / "studies/sample", "--data", tmp_path, cwd=tmp_path)
    told = " ".join(done.stderr.split())
    assert done.returncode == 1 and "Traceback" not in told
    assert "[scale_mixed]" in told and "item 'attitude'" in told
    assert "wjx_2026q2.csv with answers from 0 to 10" in told and "expected 1-5 as in" in told


def try_read(path: Path) -> Callable[[str], pd.DataFrame | None]:
    def opened(encoding: str) -> pd.DataFrame | None:
        try:
            return pd.read_csv(path, dtype="str", encoding=encoding, keep_default_na=False)
        except UnicodeError:
            return None

    return opened


counts = st.dictionaries(st.sampled_from([1.0, 2, 3, 4, 5]), st.integers(1, 60), min_size=1)


@given(st.lists(counts, min_size=1, max_size=4))
def test_answers_on_the_whole_declared_scale_are_never_refused(files: list[dict[float, int]]) -> None:
    """No mixture of low and high quarters is another scale: no usual scale ends within 1-5."""
    assert mixed_scale("csat", (1, 5), {f"q{place}": one for place, one in enumerate(files)}) is None


@given(st.lists(counts, min_size=1, max_size=3), st.integers(5, 50))
def test_whoever_answers_on_ten_points_is_named_whatever_the_others_say(
    files: list[dict[float, int]], n: int
) -> None:
    known = {f"q{place}": one for place, one in enumerate(files)}
    ten = {float(value): n for value in range(11)}
    found = mixed_scale("csat", (1, 5), {**known, "ten": ten})
    assert found is not None and found.got == "ten with answers from 0 to 10"
