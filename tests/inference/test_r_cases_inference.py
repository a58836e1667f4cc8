"""Every reference case of R that needs counts and sums alone (shared/references/r/cases.json)."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from survey_kpi.inference.groups import (
    chi_square,
    kruskal_wallis,
    pairwise_proportions,
    two_proportions,
    welch_anova,
)
from survey_kpi.inference.intervals import (
    adjusted_wald_nps,
    agresti_coull,
    clopper_pearson,
    nps_score_interval,
    wilson,
)
from survey_kpi.inference.multiplicity import adjust_p
from survey_kpi.inference.shrinkage import pooled_variance, random_intercept, shrink_means
from survey_kpi.numeric import critical_value

GROUPS = ("nps", "top_box", "tests", "shrinkage")
ELSEWHERE = ("nps.weighted", "nps.qoq", "nps.rake", "t2b.weighted")
"""Cases of these groups that tests/designs computes: they need a design."""


class Data:
    """The files of shared/references/r/data, read when they are needed."""

    def __init__(self, folder):
        self.folder = folder

    def frame(self, name):
        return pd.read_csv(self.folder / "data" / f"{name}.csv")

    @property
    def csat(self):
        """Answers, mean and variance of csat by specialist, in the order of their codes."""
        groups = self.frame("nps_sim").dropna(subset=["csat"]).groupby("specialist").csat
        return groups.agg(["size", "mean", "var"])


def nps(case, _):
    counts = [case["params"][name] for name in ("promoters", "passives", "detractors")]
    n = sum(counts)
    found = adjusted_wald_nps(*counts)
    value, variance = found.value / 100, (found.std_error / 100) ** 2 * n
    result = {"n": n, "nps": value, "var": variance, "se": np.sqrt(variance / n)}
    for name, half in {
        "t_trinomial": critical_value(0.95, n - 1) * np.sqrt(variance / (n - 1)),
        "goodman_gold": np.sqrt(-2 * np.log(0.05) * variance / n),
    }.items():
        result[name] = [value - half, value + half]
    for ours, theirs in {
        "wald": "wald",
        "adjusted_wald_2_T": "adjwald_2_T",
        "adjusted_wald_3_T": "adjwald_3_T",
        "adjusted_wald_2_U": "adjwald_2_U",
        "adjusted_wald_3_U": "adjwald_3_U",
    }.items():
        one = adjusted_wald_nps(*counts, adjustment=ours, clip=False)
        result[theirs] = [one.low / 100, one.high / 100]
    result["score"] = [end / 100 for end in nps_score_interval(*counts)]
    return result | {"se_n1": np.sqrt(variance / (n - 1))}


def counts_by_specialist(_, data):
    rows = data.frame("nps_sim").dropna(subset=["ltr"])
    group = pd.cut(rows.ltr, [-1, 6, 8, 10], labels=["det", "pas", "pro"])
    table = pd.crosstab(rows.specialist, group)
    return {"specialists": list(table.index)} | {name: table[name].tolist() for name in ("det", "pas", "pro")}


def kruskal(_, data):
    rows = data.frame("nps_sim").dropna(subset=["csat"])
    test = kruskal_wallis(pd.crosstab(rows.specialist, rows.csat).to_numpy())
    return {"H": test.statistic, "df": test.df[0], "p": test.p_value}


def welch(_, data):
    groups = data.frame("nps_sim").groupby("region").csat.agg(["count", "mean", "var"])
    test = welch_anova(*groups.to_numpy().T)
    return {"F": test.statistic, "df1": test.df[0], "df2": test.df[1], "p": test.p_value}


def housing(_, data):
    h = data.frame("housing")
    levels = ["Low", "Medium", "High"]
    table = h.pivot_table("Freq", "Sat", "Infl", "sum").loc[levels, levels].to_numpy()
    test, expected = chi_square(table)
    return {"chi2": test.statistic, "df": test.df[0], "p": test.p_value, "expected": expected}


def moments(_, data):
    n, mean, variance = data.csat.to_numpy().T
    s2 = pooled_variance(n, variance)
    found = shrink_means(mean, np.sqrt(s2 / n))
    names = data.csat.index
    return {
        "pooled_s2": s2,
        "tau2": found.between,
        "mu": found.centre,
        "eb": dict(zip(names, found.value, strict=True)),
        "shrink": dict(zip(names, found.weight, strict=True)),
    }


def reml(_, data):
    found = random_intercept(*data.csat.to_numpy().T)
    return {
        "mu": found.shrunken.centre,
        "sigma_b": np.sqrt(found.shrunken.between),
        "sigma_e": np.sqrt(found.within),
        "blup": dict(zip(data.csat.index, found.shrunken.value, strict=True)),
    }


def two(case, _):
    (x1, x2), (n1, n2) = case["params"]["x"], case["params"]["n"]
    test = two_proportions(x1, n1, x2, n2)
    return {"chi2": test.statistic, "p": test.p_value, "ci": [test.low, test.high]}


def pairwise(case, _):
    matrix = pairwise_proportions(case["params"]["x"], case["params"]["n"])
    return {"p": [[matrix[i + 1, j] if j <= i else None for j in range(3)] for i in range(3)]}


def share(rule):
    return lambda case, _: {"ci": list(rule(case["params"]["x"], case["params"]["n"]))}


def p_adjust(case, _):
    names = {"bh": "BH", "by": "BY"}
    methods = ("holm", "hochberg", "hommel", "bonferroni", "bh", "by")
    return {names.get(name, name): adjust_p(case["params"]["p"], name) for name in methods}


CASES = {
    **{f"nps.ci.{name}": nps for name in ("50-30-20", "8-1-1", "0-5-0", "0-0-7", "201-153-71", "1-1-1")},
    "nps.counts.by.specialist": counts_by_specialist,
    "t2b.wilson": share(wilson),
    "t2b.clopper": share(clopper_pearson),
    "t2b.agresti": share(agresti_coull),
    "t2b.two.prop": two,
    "t2b.pairwise.holm": pairwise,
    "padjust": p_adjust,
    "kruskal": kruskal,
    "anova.welch": welch,
    "housing.chisq": housing,
    "eb.dersimonian": moments,
    "eb.lme.reml": reml,
}


def cases(shared):
    found = json.loads((shared / "references/r/cases.json").read_text("utf-8"))["cases"]
    return {
        case["id"]: case for case in found if case["group"] in GROUPS and not case["id"].startswith(ELSEWHERE)
    }


def flat(value, path=""):
    """Leaves of nested results by path."""
    if isinstance(value, dict):
        return {
            key: leaf for name, part in value.items() for key, leaf in flat(part, f"{path}.{name}").items()
        }
    if not isinstance(value, str) and np.ndim(value):
        return {key: leaf for i, part in enumerate(value) for key, leaf in flat(part, f"{path}.{i}").items()}
    return {path: value}


def check(case, found):
    expected, got = flat(case["expected"]), flat(found)
    assert set(expected) <= set(got), sorted(set(expected) - set(got))[:5]
    for path, value in expected.items():
        if value is None or isinstance(value, str):
            assert got[path] == value, path
            continue
        bound = case["tolerance"]["atol"] + case["tolerance"]["rtol"] * abs(value)
        assert abs(float(got[path]) - value) <= bound, (path, float(got[path]), value)


@pytest.mark.parametrize("name", CASES)
def test_case(shared, name):
    case = cases(shared)[name]
    check(case, CASES[name](case, Data(shared / "references/r")))


def test_every_case_is_covered(shared):
    wanted = cases(shared)
    for name, case in wanted.items():
        check(case, CASES[name](case, Data(shared / "references/r")))
    print(f"R cases of inference: {len(wanted)} of {len(wanted)} pass")
    assert set(wanted) == set(CASES)
