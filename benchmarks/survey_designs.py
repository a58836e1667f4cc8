"""What raking and linearised standard errors cost on a million rows, against svy, samplics and plain numpy.

Every task starts from the same columns and ends with the same numbers, in one process and one run; times are
the least of several repetitions and count only where all packages agree on the result. Exits with status 1
when a ratio is below what is asked. `--write` puts the table into docs/benchmarks.md::

    python benchmarks/survey_designs.py                # all tasks on 1,000,000 rows
    python benchmarks/survey_designs.py --rows 1e5     # a shorter run
    python benchmarks/survey_designs.py --write        # and write the table into the documentation

Peers are timed where they are installed (`pip install svy samplics`) and named where they are not.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import page
import pandas as pd

from survey_kpi.designs.design import declare_design
from survey_kpi.designs.estimates import mean_estimate
from survey_kpi.designs.raking import rake

NAME = "survey_designs"
ASKED = 10.0
"""A peer is to take at least this many times as long."""
AGREE = 1e-6

Task = Callable[[], "np.ndarray | tuple[float, float]"]


TASKS = {
    "raking": "rake to three margins (13, 5 and 4 levels), 1e-6",
    "mean": "mean with linearised error, 50 strata, 5,000 clusters",
}


@dataclass(frozen=True)
class Row:
    task: str
    package: str
    seconds: float
    ratio: float


def table(rows: int, seed: int = 1) -> pd.DataFrame:
    """Answers with base weights, three margins of 13, 5 and 4 levels, 50 strata and 5,000 clusters."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 5000, rows)
    frame = pd.DataFrame(
        {
            "region": np.array([f"region {i:02d}" for i in range(13)])[rng.integers(0, 13, rows)],
            "age": np.array(["18-29", "30-39", "40-49", "50-59", "60+"])[rng.integers(0, 5, rows)],
            "tier": np.array(list("ABCD"))[rng.integers(0, 4, rows)],
            "stratum": np.array([f"s{i:02d}" for i in range(50)])[cluster % 50],
            "cluster": cluster,
            "weight": rng.uniform(0.5, 2.0, rows),
        }
    )
    level = frame["tier"].map({"A": 0.3, "B": 0.1, "C": -0.1, "D": -0.4})
    frame["score"] = 3.5 + level + rng.normal(0, 0.3, 5000)[cluster] + rng.normal(0, 1, rows)
    return frame


def targets(frame: pd.DataFrame, seed: int = 2) -> Mapping[str, Mapping[str, float]]:
    """Margins that differ from the sample's by up to a quarter, all with one total."""
    rng, total = np.random.default_rng(seed), float(frame["weight"].sum())
    found = {}
    for name in ("region", "age", "tier"):
        levels = sorted(frame[name].unique())
        share = rng.uniform(0.75, 1.25, len(levels))
        found[name] = dict(zip(levels, (total * share / share.sum()).tolist(), strict=True))
    return found


# --- ours ---------------------------------------------------------------------------------------------


def our_tasks(frame: pd.DataFrame) -> Mapping[str, Task]:
    wanted, total = targets(frame), float(frame["weight"].sum())

    def raked() -> np.ndarray:
        design = declare_design(len(frame), weight=frame["weight"])
        return rake(design, {name: frame[name] for name in wanted}, wanted, total=total).weight

    def mean() -> tuple[float, float]:
        design = declare_design(
            len(frame), weight=frame["weight"], stratum=frame["stratum"], cluster=frame["cluster"]
        )
        found = mean_estimate(design.mean_sums(frame["score"]), unit="score")
        return found.value, found.std_error

    return {"raking": raked, "mean": mean}


# --- plain numpy --------------------------------------------------------------------------------------


def plain_tasks(frame: pd.DataFrame) -> Mapping[str, Task]:
    native = {name: frame[name].to_numpy() for name in frame}
    wanted = targets(frame)

    def raked() -> np.ndarray:
        weight, margins = native["weight"].copy(), []
        for name, target in wanted.items():
            levels, code = np.unique(native[name].astype(str), return_inverse=True)
            margins.append((code, np.array([target[level] for level in levels.tolist()])))
        worst = np.inf
        while worst > 1e-6:
            for code, target in margins:
                weight *= (target / np.bincount(code, weight))[code]
            worst = max(np.abs(np.bincount(code, weight) / target - 1).max() for code, target in margins)
        return weight

    def mean() -> tuple[float, float]:
        w, y, cluster = native["weight"], native["score"], native["cluster"]
        _, stratum = np.unique(native["stratum"].astype(str), return_inverse=True)
        value = float(w @ y / w.sum())
        residual = np.bincount(cluster, w * (y - value)) / w.sum()
        of = np.zeros(residual.size, dtype=int)
        of[cluster] = stratum
        n = np.bincount(of)
        centred = residual - (np.bincount(of, residual) / n)[of]
        return value, float(np.sqrt(np.sum(np.bincount(of, centred**2) * n / (n - 1))))

    return {"raking": raked, "mean": mean}


# --- peers --------------------------------------------------------------------------------------------


def svy_tasks(frame: pd.DataFrame) -> Mapping[str, Task]:
    import polars as pl
    import svy

    native = pl.DataFrame({name: frame[name].to_list() for name in frame})
    wanted = targets(frame)

    def raked() -> np.ndarray:
        sample = svy.Sample(native, svy.Design(wgt="weight"))
        found = sample.weighting.rake(controls=wanted, tol=1e-6, wgt_name="raked")
        return found.data["raked"].to_numpy()

    def mean() -> tuple[float, float]:
        sample = svy.Sample(native, svy.Design(wgt="weight", stratum="stratum", psu="cluster"))
        found = sample.estimation.mean("score").estimates[0]
        return float(found.est), float(found.se)

    return {"raking": raked, "mean": mean}


def samplics_tasks(frame: pd.DataFrame) -> Mapping[str, Task]:
    from samplics.estimation import TaylorEstimator
    from samplics.utils.types import PopParam
    from samplics.weighting import SampleWeight

    native = {name: frame[name].to_numpy() for name in frame}
    wanted = targets(frame)

    def raked() -> np.ndarray:
        margins = {name: native[name] for name in wanted}
        rake = SampleWeight().rake
        return np.asarray(rake(native["weight"], margins, wanted, tol=1e-6, ctrl_tol=1e-6))

    def mean() -> tuple[float, float]:
        found = TaylorEstimator(PopParam.mean)
        columns = {"y": "score", "samp_weight": "weight", "stratum": "stratum", "psu": "cluster"}
        found.estimate(**{name: native[column] for name, column in columns.items()})
        return float(np.ravel(found.point_est)[0]), float(np.ravel(found.stderror)[0])

    return {"raking": raked, "mean": mean}


MAKERS: Mapping[str, Callable[[pd.DataFrame], Mapping[str, Task]]] = {
    "survey_kpi": our_tasks,
    "numpy": plain_tasks,
    "svy": svy_tasks,
    "samplics": samplics_tasks,
}
PEERS = ("svy", "samplics")
PACKAGES = ("numpy", "pandas", "scipy", *PEERS)
SLOW = {"samplics": 1}
"""Repetitions of packages that take half a minute."""


# --- measuring ----------------------------------------------------------------------------------------


def measured(frame: pd.DataFrame, repeat: int) -> list[Row]:
    """Time every package on every task, in turns, so that a busy machine troubles them alike."""
    packages = {name: make(frame) for name, make in MAKERS.items() if present(name)}
    rows = []
    for task in TASKS:
        best = dict.fromkeys(packages, np.inf)
        found = {}
        for turn in range(repeat):
            for name, tasks in packages.items():
                if turn < SLOW.get(name, repeat):
                    start = time.perf_counter()
                    found[name] = tasks[task]()
                    best[name] = min(best[name], time.perf_counter() - start)
        check(task, found)
        rows += [Row(task, name, seconds, seconds / best["survey_kpi"]) for name, seconds in best.items()]
    return rows


def present(package: str) -> bool:
    if package in PEERS and importlib.util.find_spec(package) is None:
        print(f"{package}: not installed, skipped")
        return False
    return True


def check(task: str, found: Mapping[str, np.ndarray | tuple[float, float]]) -> None:
    """A time counts only for the right numbers."""
    for name, numbers in found.items():
        far = np.max(np.abs(np.asarray(numbers) / np.asarray(found["survey_kpi"]) - 1))
        if not far <= AGREE:
            raise SystemExit(f"{name} differs in {task} by a share of {far:.2g}")


def lines(rows: list[Row]) -> list[str]:
    """The table in Markdown."""
    return [
        "| task | package | seconds | times ours |",
        "|---|---|---:|---:|",
        *(f"| {TASKS[row.task]} | {row.package} | {row.seconds:.3f} | {row.ratio:.1f} |" for row in rows),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=float, default=1e6, help="rows of the table")
    parser.add_argument("--repeat", type=int, default=5, help="repetitions, the least of which counts")
    parser.add_argument("--write", action="store_true", help="write the table into docs/benchmarks.md")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # samplics says on import that svy succeeds it
    count = int(options.rows)
    rows = measured(table(count), options.repeat)
    print(page.versions(PACKAGES), *lines(rows), sep="\n")
    if options.write:
        page.write(NAME, f"{count:,} rows", PACKAGES, lines(rows))
    return int(any(row.ratio < ASKED for row in rows if row.package in PEERS))


if __name__ == "__main__":
    sys.exit(main())
