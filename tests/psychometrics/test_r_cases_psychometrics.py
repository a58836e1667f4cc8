"""Every reference case on scales and drivers (shared/references/r/cases.json and cases_python.json).

The versions of R and of its packages stand in the README beside the cases.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from survey_kpi.psychometrics.agreement import cohen_kappa, icc
from survey_kpi.psychometrics.association import ordered_logit
from survey_kpi.psychometrics.confirmatory import confirm
from survey_kpi.psychometrics.drivers import johnson_weights, lmg_shares, variance_inflation
from survey_kpi.psychometrics.factorability import bartlett_sphericity, eigenvalues, kmo
from survey_kpi.psychometrics.factors import factor_analysis
from survey_kpi.psychometrics.moments import item_moments, moments_of_correlation
from survey_kpi.psychometrics.omega import omega
from survey_kpi.psychometrics.polychoric import polychoric
from survey_kpi.psychometrics.reliability import cronbach_alpha, feldt_interval
from survey_kpi.psychometrics.scales import reverse, scale_scores
from survey_kpi.psychometrics.split_half import split_half

GROUPS = ("reliability", "agreement", "factor", "scale_scores", "drivers", "cfa", "ordinal_model")
SCALES = {
    "agree": ("A", ["A1"]),
    "consc": ("C", ["C4", "C5"]),
    "extra": ("E", ["E1", "E2"]),
    "neuro": ("N", []),
    "open": ("O", ["O2", "O5"]),
}


class Data:
    """The files of shared/references/r/data, read when they are needed."""

    def __init__(self, folder):
        self.folder = folder

    def frame(self, name):
        return pd.read_csv(self.folder / "data" / f"{name}.csv")

    def items(self, name, columns=None):
        frame = self.frame(name)
        return {column: frame[column].to_numpy(float) for column in columns or frame.columns}

    def scale(self, letter):
        return self.items("bfi", [f"{letter}{i}" for i in range(1, 6)])

    def correlated(self):
        frame = self.frame("attitude")
        R = frame.corr()
        x = [name for name in frame if name != "rating"]
        return x, R.loc[x, x].to_numpy(), R.loc[x, "rating"].to_numpy()


def named(names, values):
    return dict(zip(names, np.asarray(values).tolist(), strict=True))


def alpha(items, reversed_items=(), missing="pairwise"):
    """All that psych::alpha prints; correlations with the score of rows that miss an item are pairwise."""
    moments = item_moments(items, missing=missing).reverse(reversed_items, 1, 6)
    found = cronbach_alpha(moments)
    low, high = (1, 6) if reversed_items else (-np.inf, np.inf)
    if missing == "listwise":
        known = ~np.isnan(np.column_stack(list(items.values()))).any(axis=1)
        items = {name: values[known] for name, values in items.items()}
    score = scale_scores(items, reversed_items=reversed_items, low=low, high=high)
    with_score = item_moments({**items, "score": score}).reverse(reversed_items, 1, 6)
    return {
        "raw_alpha": found.raw,
        "std_alpha": found.standardised,
        "G6": found.lambda_6,
        "average_r": found.average_r,
        "median_r": found.median_r,
        "ase": found.std_error,
        "mean": np.nanmean(score),
        "sd": np.nanstd(score, ddof=1),
        "alpha_drop": found.if_dropped,
        "r_cor": found.item_corrected,
        "r_drop": found.item_rest,
        "raw_r": with_score.correlation[-1, :-1],
        "item_mean": moments.mean,
        "item_sd": moments.std,
        "n": moments.n,
    }


def halves(_, data):
    """psych 2.2.9 stops after the first half of the splits: of 7 items 18 of 35, their sum over 17.5."""
    found = split_half(item_moments(data.items("attitude")))
    seen = found.coefficients[:18]
    whole = cronbach_alpha(item_moments(data.items("attitude")))
    return {
        "maxrb": found.highest,
        "minrb": seen.min(),
        "meanr": seen.sum() / 17.5,
        "alpha": whole.standardised,
        "lambda6": whole.lambda_6,
    }


def omega_bfi(_, data):
    names = [f"{letter}{i}" for letter in "ACE" for i in range(1, 6)]
    moments = item_moments(data.items("bfi", names)).reverse(["A1", "C4", "C5", "E1", "E2"], 1, 6)
    found, whole = omega(moments), cronbach_alpha(moments)
    return {
        "omega_h": found.hierarchical,
        "omega_t": found.total,
        "omega_lim": found.limit,
        "alpha": whole.standardised,
        "G6": whole.lambda_6,
    }


def omega_thurstone(_, data):
    frame = data.frame("thurstone9")
    moments = moments_of_correlation(list(frame.columns), frame.to_numpy(), rows=213)
    found = omega(moments)
    return {
        "omega_h": found.hierarchical,
        "omega_t": found.total,
        "alpha": cronbach_alpha(moments).standardised,
    }


def feldt(_, data):
    raw = cronbach_alpha(item_moments(data.scale("N"))).raw
    low, high = feldt_interval(raw, 2694, 5)
    return {"lo": low, "hi": high}


def bfi25(data):
    return item_moments(data.items("bfi", list(data.frame("bfi").columns[:25])))


def adequacy(_, data):
    found = kmo(bfi25(data))
    return {"MSA": found.overall, "MSAi": found.items}


def bartlett(_, data):
    found = bartlett_sphericity(item_moments(data.items("attitude")))
    return {"chi2": found.chi2, "p": found.p_value, "df": found.df}


def factors(_, data):
    found = factor_analysis(bfi25(data), 5, rotation="varimax")
    return {
        "communality": found.communality,
        "ss_loadings": np.sort(found.explained)[::-1],
        "rms": found.fit.rms,
        "RMSEA": found.fit.rmsea,
        "TLI": found.fit.tli,
    }


def raters(_, data):
    forms = icc(data.frame("shrout_fleiss").to_numpy())
    order = [0, 2, 4, 1, 3, 5] if forms[1].name == "ICC1k" else range(6)
    forms = [forms[i] for i in order]
    fields = {"type": "name", "icc": "value", "F": "f", "lo": "conf_low", "hi": "conf_high"}
    columns = {**fields, "df1": "df1", "df2": "df2"}
    return {name: [getattr(form, field) for form in forms] for name, field in columns.items()}


def kappas(case, _):
    a, b = case["params"]["a"], case["params"]["b"]
    return {"kappa": cohen_kappa(a, b).value, "weighted": cohen_kappa(a, b, weights="quadratic").value}


def reversal(_, data):
    items = data.scale("A")
    turned = reverse(items["A1"], low=1, high=6)
    means = [np.nanmean(turned), *(np.nanmean(items[f"A{i}"]) for i in range(2, 6))]
    return {"colmeans": means, "first10_A1": turned[:10]}


def scores(_, data):
    found = {
        name: scale_scores(data.scale(letter), reversed_items=turned, low=1, high=6)
        for name, (letter, turned) in SCALES.items()
    }
    matrix = np.column_stack(list(found.values()))
    alphas = [
        cronbach_alpha(item_moments(data.scale(letter)).reverse(turned, 1, 6)).raw
        for letter, turned in SCALES.values()
    ]
    return {
        "alpha": alphas,
        "mean": np.nanmean(matrix, axis=0),
        "sd": np.nanstd(matrix, axis=0, ddof=1),
        "first5": matrix[:5],
    }


def lmg(_, data):
    x, R, r = data.correlated()
    found = lmg_shares(R, r)
    return {"lmg": named(x, found), "r2": found.sum()}


def johnson(_, data):
    x, R, r = data.correlated()
    found = johnson_weights(R, r)
    return {"rw": named(x, found), "r2": found.sum()}


def confirmed(_, data):
    moments = item_moments(data.items("holzinger1939", [f"x{i}" for i in range(1, 10)]))
    scales = {
        "visual": ["x1", "x2", "x3"],
        "textual": ["x4", "x5", "x6"],
        "speed": ["x7", "x8", "x9"],
    }
    found = confirm(moments, scales)
    return {
        "alpha": [cronbach_alpha(moments.select(items)).raw for items in scales.values()],
        "omega": list(found.omega.values()),
        "ave": list(found.average_variance.values()),
    }


def polychorics(_, data):
    items = pd.DataFrame(data.scale("N"))
    return {
        "rho": [[1 if a == b else polychoric(pd.crosstab(items[a], items[b])) for b in items] for a in items]
    }


HOLZINGER = {
    "visual": ["x1", "x2", "x3"],
    "textual": ["x4", "x5", "x6"],
    "speed": ["x7", "x8", "x9"],
}


def lavaan(_, data):
    items = data.items("holzinger1939", [name for names in HOLZINGER.values() for name in names])
    found = confirm(item_moments(items), HOLZINGER)
    of = [scale for scale, names in HOLZINGER.items() for _ in names]
    fit = dict(found.fit) | {"chisq": found.chi2, "df": found.df, "pvalue": found.p_value}
    return {
        "fit": fit | {"logl": fit["log_likelihood"]},
        "std": [
            {"lhs": scale, "rhs": name, "est.std": value, "se": error}
            for scale, name, value, error in zip(
                of, found.names, found.standardised, found.standardised_error, strict=True
            )
        ],
    }


def housing(_, data):
    rows = data.frame("housing")
    rows = rows.loc[rows.index.repeat(rows.Freq)]
    factors = {"Infl": ["Medium", "High"], "Type": ["Apartment", "Atrium", "Terrace"], "Cont": ["High"]}
    columns = {
        f"{name}{level}": (rows[name] == level).to_numpy(float)
        for name, levels in factors.items()
        for level in levels
    }
    found = ordered_logit(rows.Sat.map({"Low": 0, "Medium": 1, "High": 2}), columns)
    cuts = ["Low|Medium", "Medium|High"]
    return {
        "coef": named(found.names, found.value),
        "zeta": named(cuts, found.threshold),
        "se": named([*found.names, *cuts], [*found.std_error, *found.threshold_error]),
        "deviance": -2 * found.log_likelihood,
    }


def pingouin_alpha(_, data):
    raw = cronbach_alpha(item_moments(data.items("attitude"))).raw
    return {"alpha": raw, "ci": list(feldt_interval(raw, 30, 7))}


CASES = {
    "psych.alpha.attitude": lambda _, data: alpha(data.items("attitude")),
    "psych.alpha.bfi.A": lambda _, data: alpha(data.scale("A"), ["A1"]),
    "psych.alpha.listwise": lambda _, data: alpha(data.scale("N"), missing="listwise"),
    "psych.alpha.E.noreverse": lambda _, data: alpha(data.scale("E")),
    "psych.alpha.feldt": feldt,
    "psych.splithalf.attitude": halves,
    "psych.omega.bfi15": omega_bfi,
    "psych.omega.thurstone": omega_thurstone,
    "psych.kmo.bfi": adequacy,
    "psych.bartlett.attitude": bartlett,
    "psych.icc.sf": raters,
    "psych.fa.minres.varimax": factors,
    "psych.parallel.eigen": lambda _, data: {"eigen": eigenvalues(bfi25(data))},
    "psych.kappa": kappas,
    "psych.polychoric": polychorics,
    "semtools.omega": confirmed,
    "lavaan.cfa.hs": lavaan,
    "polr.housing": housing,
    "psych.reverse": reversal,
    "psych.scoreitems": scores,
    "drivers.lmg.attitude": lmg,
    "drivers.johnson.attitude": johnson,
    "drivers.vif.attitude": lambda _, data: {
        "vif": named(data.correlated()[0], variance_inflation(data.correlated()[1]))
    },
    "pingouin.alpha.attitude": pingouin_alpha,
    "pingouin.icc.sf": raters,
}


def cases(shared):
    folder = shared / "references/r"
    found = [
        case
        for name in ("cases.json", "cases_python.json")
        for case in json.loads((folder / name).read_text("utf-8"))["cases"]
    ]
    return {case["id"]: case for case in found if case["group"] in GROUPS}


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
    assert expected
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
    assert set(wanted) == set(CASES)
    passed = 0
    for name, compute in CASES.items():
        check(wanted[name], compute(wanted[name], Data(shared / "references/r")))
        passed += 1
    print(f"R and Python cases of psychometrics: {passed} of {len(wanted)} pass")
    assert passed == len(wanted)
