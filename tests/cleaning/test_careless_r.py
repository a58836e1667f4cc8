"""The careless indices against R careless 1.2.2 (commit 0a84caf1) on R 4.2.2, at the tolerances of the cases.

Cases and data: the group "careless" of references/r/cases.json; its README says how they were computed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from survey_kpi.cleaning import careless


def with_gaps(x: np.ndarray) -> np.ndarray:
    """x[cbind(1:40, rep(c(3, 7, 12, 20), 10))] <- NA"""
    x = x.copy()
    x[np.arange(40), np.resize([2, 6, 11, 19], 40)] = np.nan
    return x


def irv_part(part: int) -> Callable[[np.ndarray], np.ndarray]:
    """cut(seq_along(x), 4): four stretches of the 50 columns by equal width of the column number."""
    stretch = np.ceil((np.arange(50) / 49 * 4).clip(1e-9)).astype(int)
    return lambda x: careless.irv(x[:, stretch == part]).values


def names(position: int) -> Callable[[np.ndarray], np.ndarray]:
    items = [f"scale{letter}{number}" for letter in "ABCDEFGHIJ" for number in range(1, 6)]
    return lambda x: np.array([items[i] for i in careless.correlated_pairs(x)[0][:20, position]])


def distances(x: np.ndarray) -> np.ndarray:
    return careless.mahalanobis(x).index.values


def flagged(x: np.ndarray) -> np.ndarray:
    return np.flatnonzero(distances(x) > chi2.ppf(0.99, x.shape[1])) + 1


CHECKS: list[tuple[str, str, Callable[[np.ndarray], Any]]] = [
    ("longstring.own", "longstr", careless.longstring),
    ("longstring", "longstr", careless.longstring),
    ("longstring", "avgstr", careless.average_string),
    ("longstring.na", "longstr", lambda x: careless.longstring(with_gaps(x))[:40]),
    ("irv", "irvTotal", lambda x: careless.irv(x).values),
    *(("irv", f"irv{part}", irv_part(part)) for part in range(1, 5)),
    ("evenodd", "eo", lambda x: careless.even_odd(x, [5] * 10).values),
    ("psychsyn", "numPairs", lambda x: careless.psychsyn(x, 0.6).pairs),
    ("psychsyn", "cor", lambda x: careless.psychsyn(x, 0.6).index.values),
    ("psychant2.noresample", "cor", lambda x: careless.psychsyn(x, 0.5, antonyms=True).index.values),
    ("critval", "var1", names(0)),
    ("critval", "var2", names(1)),
    ("critval", "cor", lambda x: careless.correlated_pairs(x)[1][:20]),
    ("mahad", "d_sq", distances),
    ("mahad", "n_flag", lambda x: len(flagged(x))),
    ("mahad", "flagged_rows_1based", flagged),
]
PASSED: set[tuple[str, str]] = set()


@cache
def cases(folder: Path) -> dict[str, Any]:
    loaded = json.loads((folder / "references/r/cases.json").read_text(encoding="utf-8"))
    listed = loaded["cases"] if isinstance(loaded, dict) else loaded
    return {case["id"]: case for case in listed if case["group"] == "careless"}


@pytest.mark.parametrize(
    ("case_id", "key", "compute"), CHECKS, ids=[f"{case}-{key}" for case, key, _ in CHECKS]
)
def test_agrees_with_r(shared: Path, case_id: str, key: str, compute: Callable[[np.ndarray], Any]) -> None:
    case = cases(shared)[f"careless.{case_id}"]
    data = pd.read_csv(shared / "references/r/data" / case["data"][0]).to_numpy(float)
    found, expected = np.asarray(compute(data)), case["expected"][key]
    if isinstance(expected, list) and isinstance(expected[0], str):
        assert found.tolist() == expected
    else:
        expected = np.array(expected, dtype=float)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found.astype(float), expected, **case["tolerance"], equal_nan=True)
    PASSED.add((case_id, key))


def test_every_exact_case_is_checked(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """psychant2 resamples at random in R and cannot be compared; every other number of the group is."""
    wanted = {
        (name.removeprefix("careless."), key)
        for name, case in cases(shared).items()
        if case["exact"]
        for key in case["expected"]
    }
    assert wanted == {(case, key) for case, key, _ in CHECKS}
    with capsys.disabled():
        print(f"\nR careless: {len(PASSED)} passed / {len(wanted)} total")
