"""What indicator weights cost, against a plain numpy reference in the same run, and against other packages.

Prints one row per task: our time, the reference's, their ratio and the most that the ratio may be; exits
with status 1 when a ratio is above it. Times are the least of several repetitions. Other packages
(pymcdm, scikit-criteria, pyDecision, AHPy) are timed where they are installed and named where they are not::

    python benchmarks/indicator_weights.py              # all tasks, long table of 1e6 x 50
    python benchmarks/indicator_weights.py --rows 1e5   # a shorter long table
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import io
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import page
import pandas as pd

from survey_kpi.indicator_weights import ahp, consistency, entropy, rank_acceptability
from survey_kpi.indicator_weights.entropy import divergences
from survey_kpi.indicator_weights.incomplete import least_eigenvalue

PACKAGES = ("numpy", "pandas", "pymcdm", "scikit-criteria", "pyDecision", "AHPy")


@dataclass(frozen=True)
class Row:
    task: str
    ours: float
    reference: float
    most: float

    @property
    def ratio(self) -> float:
        return self.ours / self.reference


def least(task: Callable[[], object], repeat: int) -> float:
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def plain_entropy(values: np.ndarray) -> np.ndarray:
    share = values / values.sum(axis=0)
    divergence = 1 + (share * np.log(share)).sum(axis=0) / np.log(len(values))
    return divergence / divergence.sum()


def array_entropy(values: np.ndarray) -> np.ndarray:
    constant = values.max(axis=0) == values.min(axis=0)
    divergence = divergences(values, lambda rows: rows, constant)
    return divergence / divergence.sum()


def plain_power(stack: np.ndarray, steps: int = 30) -> np.ndarray:
    size = stack.shape[-1]
    vector = np.full((len(stack), size, 1), 1 / size)
    for _ in range(steps):
        vector = stack @ vector
        vector /= vector.sum(axis=1, keepdims=True)
    return ((stack @ vector / vector).mean(axis=(1, 2)) - size) / (size - 1) / 1.4499


def judged(count: int, size: int, rng: np.random.Generator, error: float = 0.3) -> np.ndarray:
    """Matrices of experts who err by a standard deviation of `error` on the log scale."""
    level = rng.normal(0, 0.8, (count, size))
    upper = np.triu_indices(size, 1)
    logs = np.zeros((count, size, size))
    logs[:, upper[0], upper[1]] = rng.normal(0, error, (count, len(upper[0])))
    return np.exp(logs - logs.transpose(0, 2, 1) + level[:, :, None] - level[:, None, :])


def incomplete(rng: np.random.Generator) -> np.ndarray:
    matrix = judged(1, 8, rng)[0]
    for i, j in [(0, 2), (1, 5), (3, 7), (2, 6), (0, 7), (4, 6)]:
        matrix[i, j] = matrix[j, i] = np.nan
    return matrix


def measured(rows: int) -> list[Row]:
    rng = np.random.default_rng(1)
    long = rng.gamma(2, size=(rows, 50))
    short = pd.DataFrame(rng.gamma(2, size=(1000, 10)), columns=list("abcdefghij"))
    ignored = dict.fromkeys(short, "ignored")
    raw = short.to_numpy()
    stack, gaps = judged(1000, 9, rng), incomplete(rng)
    scores = pd.DataFrame(rng.normal(size=(30, 12)))
    return [
        Row(
            f"entropy of {rows:,} x 50, array",
            least(lambda: array_entropy(long), 3),
            least(lambda: plain_entropy(long), 3),
            1.3,
        ),
        Row(
            "entropy of 1,000 x 10, labelled",
            least(lambda: entropy(short, ignored, normalisation="sum"), 200),
            least(lambda: plain_entropy(raw), 200),
            5.0,
        ),
        Row(
            "1,000 experts' 9 x 9 with ratio",
            least(lambda: consistency(stack), 20),
            least(lambda: plain_power(stack), 20),
            2.0,
        ),
        Row(
            "10,000 SMAA draws on 30 x 12 (against 50 ms)",
            least(lambda: rank_acceptability(scores, np.random.default_rng(1)), 10),
            0.050,
            1.0,
        ),
        Row("one incomplete 8 x 8 (against 2 ms)", least(lambda: least_eigenvalue(gaps), 20), 0.002, 1.0),
        Row(
            "one labelled 9 x 9, all statistics (against 2 ms)",
            least(lambda: ahp(pd.DataFrame(stack[0]), consistency_limit=None), 20),
            0.002,
            1.0,
        ),
    ]


def peers() -> list[tuple[str, str, float, str]]:
    """Time other packages on shared tasks: task, package, our seconds, their milliseconds as text."""
    rng = np.random.default_rng(1)
    table = rng.gamma(2, size=(1000, 10))
    labelled = pd.DataFrame(table, columns=list("abcdefghij"))
    ignored = dict.fromkeys(labelled, "ignored")
    stack, gaps = judged(1000, 9, rng), incomplete(rng)
    shared: dict[str, tuple[Callable[[], object], list[tuple[str, str, Callable[..., object]]]]] = {
        "entropy of 1,000 x 10, labelled": (
            lambda: entropy(labelled, ignored, normalisation="sum"),
            [
                ("pymcdm", "pymcdm.weights", lambda m: m.entropy_weights(table)),
                ("scikit-criteria", "skcriteria.preprocessing.weighters", lambda m: m.entropy_weights(table)),
                ("pyDecision", "pyDecision.algorithm", lambda m: m.entropy_method(table, ["max"] * 10)),
            ],
        ),
        "weights and ratio of 1,000 experts' 9 x 9": (
            lambda: consistency(stack),
            [
                (
                    "pyDecision",
                    "pyDecision.algorithm",
                    lambda m: [m.ahp_method(one, wd="g") for one in stack],
                ),
                ("AHPy", "ahpy", lambda m: [m.Compare("x", pairs_of(one)) for one in stack]),
            ],
        ),
        "one incomplete 8 x 8": (
            lambda: least_eigenvalue(gaps),
            [("AHPy", "ahpy", lambda m: m.Compare("x", pairs_of(gaps)))],
        ),
    }
    found = []
    for task, (ours, others) in shared.items():
        own = least(ours, 5)
        for package, module, theirs in others:
            try:
                loaded = importlib.import_module(module)
            except ImportError:
                found.append((task, package, own, "not installed"))
                continue
            found.append((task, package, own, peer_time(functools.partial(theirs, loaded))))
    return found


def pairs_of(matrix: np.ndarray) -> dict[tuple[str, str], float]:
    size = len(matrix)
    known = [(i, j) for i in range(size) for j in range(i + 1, size) if matrix[i, j] == matrix[i, j]]
    return {(str(i), str(j)): float(matrix[i, j]) for i, j in known}


def peer_time(task: Callable[[], object]) -> str:
    """Return milliseconds as text; another package's failure is a finding, not ours."""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return f"{1000 * least(task, 2):.3f}"
    except Exception as error:
        return f"failed: {type(error).__name__}"


def lines(rows: list[Row], others: list[tuple[str, str, float, str]]) -> list[str]:
    """The two tables in Markdown: against numpy or a limit, and against other packages."""
    ours = [
        f"| {row.task} | {1000 * row.ours:.3f} | {1000 * row.reference:.3f} "
        f"| {row.ratio:.2f} | {row.most:.1f} |"
        for row in rows
    ]
    peer = [
        f"| {task} | {package} | {1000 * own:.3f} | {theirs} | {times(own, theirs)} |"
        for task, package, own, theirs in others
    ]
    return [
        "| task | ours, ms | reference, ms | ratio | at most |", "|---|---:|---:|---:|---:|", *ours, "",
        "| task | package | ours, ms | theirs, ms | times ours |", "|---|---|---:|---:|---:|", *peer,
    ]  # fmt: skip


def times(own: float, theirs: str) -> str:
    """How many times our time another package takes."""
    return f"{float(theirs) / (1000 * own):.1f}" if theirs[0].isdigit() else "–"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=float, default=1e6, help="rows of the long table")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/benchmarks.md")
    options = parser.parse_args()
    rows = measured(int(options.rows))
    table = lines(rows, peers())
    print(*table, sep="\n")
    if options.write:
        page.write("indicator_weights", f"long table of {int(options.rows):,} rows", PACKAGES, table)
    return int(any(row.ratio > row.most for row in rows))


if __name__ == "__main__":
    sys.exit(main())
