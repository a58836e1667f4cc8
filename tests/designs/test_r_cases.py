"""Every reference case of R that belongs to survey designs (shared/references/r/cases.json).

`CASES` says how each case is computed here; a case of these groups that is missing below fails the count.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from survey_kpi.designs.calibration import calibrate
from survey_kpi.designs.comparisons import chi_square_test, mean_difference
from survey_kpi.designs.design import declare_design
from survey_kpi.designs.effects import design_effect, variance_estimate, weight_summary
from survey_kpi.designs.estimates import (
    kish,
    kish_design_effect,
    mean_estimate,
    means,
    ratios,
    totals,
)
from survey_kpi.designs.models import linear_model, ordinal_model
from survey_kpi.designs.proportions import share_interval
from survey_kpi.designs.quantiles import quantile_estimate
from survey_kpi.designs.raking import poststratify, rake, rake_table, trim
from survey_kpi.designs.replicates import jackknife_1, replicate_means
from survey_kpi.numeric import critical_value

GROUPS = (
    "calibration",
    "design_effect",
    "domain",
    "lonely_psu",
    "nps",
    "proportion_ci",
    "replicate_weights",
    "survey_estimate",
    "top_box",
    "weighted_model",
    "weighted_test",
)
ELSEWHERE = ("nps.ci.", "nps.counts", "t2b.wilson", "t2b.clopper", "t2b.agresti", "t2b.two", "t2b.pairwise")
"""Cases of these groups that tests/inference computes: they need counts, no design."""

TYPES = {"E": 4421, "H": 755, "M": 1018}
MARGINS = {"stype": TYPES, "sch.wide": {"No": 1072, "Yes": 5122}}


class Data:
    """The files and designs of shared/references/r/setup.R, read when they are needed."""

    def __init__(self, folder):
        self.folder = folder

    def __getattr__(self, name):
        frame = pd.read_csv(self.folder / "data" / f"{name}.csv", keep_default_na=False, na_values=["NA", ""])
        setattr(self, name, frame)
        return frame

    @property
    def dsrs(self):
        return declare_design(200, population=self.apisrs.fpc)

    @property
    def dstrat(self):
        d = self.apistrat
        return declare_design(len(d), weight=d.pw, stratum=d.stype, population=d.fpc)

    @property
    def dclus1(self):
        d = self.apiclus1
        return declare_design(len(d), weight=d.pw, cluster=d.dnum, population=d.fpc)

    @property
    def dclus2(self):
        d = self.apiclus2
        return declare_design(
            len(d), cluster=d.dnum, second=d.snum, population=d.fpc1, second_population=d.fpc2
        )

    @property
    def raked(self):
        d = self.apiclus1
        return rake(self.dclus1, {name: d[name] for name in MARGINS}, MARGINS, total=6194)

    @property
    def nps(self):
        d = self.nps_sim
        return np.select([d.ltr.isna(), d.ltr >= 9, d.ltr <= 6], [np.nan, 1.0, -1.0], 0.0)

    @property
    def dnps(self):
        return declare_design(len(self.nps_sim), weight=self.nps_sim.w)


def ms(names, found):
    """Shape of `ms(r)` in setup.R."""
    return {
        "est": {name: float(one.value) for name, one in zip(names, found, strict=True)},
        "se": {name: float(one.std_error) for name, one in zip(names, found, strict=True)},
    }


def mean_of(design, *columns, domain=None):
    return [means(design.mean_sums(column, domain=domain)) for column in columns]


def total_of(design, *columns, domain=None):
    return [totals(design.sums(column, domain=domain), column=0) for column in columns]


def wsum(design):
    found = weight_summary(design.weight)
    names = {"sum": "total", "min": "low", "max": "high", "deff_kish": "design_effect", "ess": "n_effective"}
    return {"weights": design.weight} | {key: getattr(found, name) for key, name in names.items()}


def calibrated(data, design):
    return wsum(design) | {
        "mean_api00": ms(["api00"], mean_of(design, data.apiclus1.api00)),
        "total_enroll": ms(["enroll"], total_of(design, data.apiclus1.enroll)),
    }


def by(design, y, groups, statistic=mean_of):
    labels = sorted(pd.unique(groups))
    return labels, [statistic(design, y, domain=groups == label)[0] for label in labels]


def ciprop(data, method, name="beta"):
    found = mean_of(data.dclus1, (data.apiclus1.ell == 0).astype(float))[0]
    ends = share_interval(
        *(np.atleast_1d(part) for part in (found.value, found.std_error, found.df)),
        n=np.atleast_1d(found.n),
        n_effective=np.atleast_1d(found.n_effective),
        method=method,
    )
    return {"est": float(found.value), "se": float(found.std_error), "ci": [float(end[0]) for end in ends]}


def svy_linear(d):
    fit = linear_model(d.dstrat, d.apistrat.api00, {k: d.apistrat[k] for k in ("ell", "meals", "mobility")})
    return {
        "est": dict(zip(fit.names, fit.value, strict=True)),
        "se": dict(zip(fit.names, fit.std_error, strict=True)),
    }


def svy_ordinal(d):
    a = d.apistrat
    category = pd.cut(a.meals, [0, 25, 50, 75, 100], include_lowest=True).cat.codes.astype(float)
    columns = {
        "avg.ed": a["avg.ed"],
        "mobility": a.mobility,
        "stypeH": a.stype == "H",
        "stypeM": a.stype == "M",
    }
    fit = ordinal_model(d.dstrat, category, columns)
    names = (*columns, "[0,25]|(25,50]", "(25,50]|(50,75]", "(50,75]|(75,100]")
    value = dict(zip(names, fit.value, strict=True))
    return {
        "coef": {name: value[name] for name in columns},
        "zeta": {name: value[name] for name in names[4:]},
        "se": dict(zip(names, fit.std_error, strict=True)),
    }


def totals_by_type(d):
    labels, found = by(d.dclus1, d.apiclus1.enroll, d.apiclus1.stype, total_of)
    effects = [
        design_effect(d.dclus1, d.apiclus1.enroll, domain=d.apiclus1.stype == label, total=True)
        for label in labels
    ]
    return {
        "est": {label: float(one.value) for label, one in zip(labels, found, strict=True)},
        "se": [float(one.std_error) for one in found],
        "deff": effects,
    }


def quantiles(d):
    found = [quantile_estimate(d.dclus1, d.apiclus1.api00, p, unit="score") for p in (0.25, 0.5, 0.75)]
    names = {"est": "value", "lo": "conf_low", "hi": "conf_high", "se": "std_error"}
    return {key: [getattr(one, name) for one in found] for key, name in names.items()}


def lonely(rule):
    def run(d):
        design = declare_design(6, weight=d.lonely.w, stratum=d.lonely.st)
        return ms(["y"], [means(design.mean_sums(d.lonely.y), lonely=rule)])

    return run


def linear_calibration(d, distance):
    a = d.apiclus1
    columns = {"n": np.ones(len(a)), "H": a.stype == "H", "M": a.stype == "M", "api99": a.api99}
    known = {"n": 6194, "H": 755, "M": 1018, "api99": 3914069}
    return calibrate(d.dclus1, columns, known, distance=distance)


def t_test(found):
    return {"t": found.statistic, "df": found.df, "p": found.p_value, "diff": found.difference}


def confidence(d):
    found = mean_estimate(d.dstrat.mean_sums(d.apistrat.api00), unit="score")
    return {"ci": [[found.conf_low, found.conf_high]], "df": d.dstrat.df}


def confidence_z(d):
    found = mean_of(d.dclus1, d.apiclus1.api00)[0]
    half = critical_value() * found.std_error
    return {"ci": [[float(found.value - half), float(found.value + half)]]}


def jackknife(d):
    a = d.apiclus1
    design = declare_design(len(a), weight=a.pw, cluster=a.dnum)
    value, covariance = replicate_means(jackknife_1(design), a[["api00", "enroll"]].to_numpy(dtype=float))
    names = ("api00", "enroll")
    return {
        "est": dict(zip(names, value, strict=True)),
        "se": dict(zip(names, np.sqrt(np.diag(covariance)), strict=True)),
    }


def chi_f(d):
    found = chi_square_test(d.dclus1, d.apiclus1["sch.wide"], d.apiclus1.stype)
    return {"F": found.statistic, "ndf": found.df[0], "ddf": found.df[1], "p": found.p_value}


def chi_chisq(d):
    found = chi_square_test(d.dclus1, d.apiclus1["sch.wide"], d.apiclus1.stype)
    return {"stat": found.chi_square, "p": found.chi_square_p}


def logit_of_top_box(d):
    top = (d.nps_sim.csat >= 4).where(d.nps_sim.csat.notna()).astype(float)
    found = mean_of(d.dnps, top)[0]
    ends = share_interval(
        *(np.atleast_1d(part) for part in (found.value, found.std_error, found.df)),
        n=np.atleast_1d(found.n),
        n_effective=np.atleast_1d(found.n_effective),
    )
    return {"est": float(found.value), "ci": [float(end[0]) for end in ends]}


def raked_nps(d):
    s = d.nps_sim
    targets = {"region": dict.fromkeys("ENSW", 0.25), "tier": {"A": 0.3, "B": 0.4, "C": 0.3}}
    design = rake(declare_design(len(s)), {name: s[name] for name in targets}, targets)
    both = s.csat.notna() & ~np.isnan(d.nps)
    return ms(["n3", "csat"], mean_of(design, d.nps, s.csat, domain=both))


def housing_means(d):
    h = d.housing
    design = declare_design(len(h), weight=h.Freq)
    score = h.Sat.map({"Low": 1.0, "Medium": 2.0, "High": 3.0})
    return {"est": {name: mean_of(design, score, domain=h.Type == name)[0].value for name in h.Type.unique()}}


def change_of_nps(d):
    new = d.nps_sim.quarter == "2024Q3"
    return t_test(mean_difference(d.dnps, d.nps, ~new, new))


def with_effect(design, *columns, total=False):
    return [design_effect(design, column, total=total) for column in columns]


CASES = {
    "svy.mean.srs": lambda d: ms(
        ["api00", "enroll", "I(api00 - api99)"],
        mean_of(d.dsrs, d.apisrs.api00, d.apisrs.enroll, d.apisrs.api00 - d.apisrs.api99),
    ),
    "svy.total.srs": lambda d: ms(["enroll"], total_of(d.dsrs, d.apisrs.enroll)),
    "svy.mean.strat.deff": lambda d: (
        ms(
            ["api00", "api99", "meals"],
            mean_of(d.dstrat, d.apistrat.api00, d.apistrat.api99, d.apistrat.meals),
        )
        | {"deff": with_effect(d.dstrat, d.apistrat.api00, d.apistrat.api99, d.apistrat.meals)}
    ),
    "svy.total.strat": lambda d: ms(
        ["enroll", "api00"], total_of(d.dstrat, d.apistrat.enroll, d.apistrat.api00)
    ),
    "svy.total.strat.factor": lambda d: ms(
        ["stypeE", "stypeH", "stypeM"], total_of(d.dclus1, *(d.apiclus1.stype == level for level in "EHM"))
    ),
    "svy.mean.clus1.deff": lambda d: (
        ms(["api00"], mean_of(d.dclus1, d.apiclus1.api00))
        | {"deff": with_effect(d.dclus1, d.apiclus1.api00)[0]}
    ),
    "svy.total.clus1.deff": lambda d: (
        ms(["enroll"], total_of(d.dclus1, d.apiclus1.enroll))
        | {"deff": with_effect(d.dclus1, d.apiclus1.enroll, total=True)[0]}
    ),
    "svy.mean.clus2": lambda d: ms(["api00"], mean_of(d.dclus2, d.apiclus2.api00)),
    "svy.mean.nhanes": lambda d: ms(
        ["HI_CHOL"],
        mean_of(
            declare_design(
                len(d.nhanes_hi_chol),
                weight=d.nhanes_hi_chol.WTMEC2YR,
                stratum=d.nhanes_hi_chol.SDMVSTRA,
                cluster=d.nhanes_hi_chol.SDMVPSU,
            ),
            d.nhanes_hi_chol.HI_CHOL,
        ),
    ),
    "svy.confint.t": confidence,
    "svy.confint.z": confidence_z,
    "svy.ratio": lambda d: {
        "est": float((r := ratios(d.dstrat.sums(d.apistrat[["enroll", "api.stu"]].to_numpy()))).value),
        "se": float(r.std_error),
    },
    "svy.var": lambda d: {
        "est": (v := variance_estimate(d.dclus1, d.apiclus1.api00, unit="score")).value,
        "se": v.std_error,
    },
    "svy.quantile": quantiles,
    "svy.by.mean": lambda d: ms(*by(d.dclus1, d.apiclus1.api00, d.apiclus1.stype)),
    "svy.by.total": totals_by_type,
    "svy.domain": lambda d: ms(
        ["api00"], mean_of(d.dclus1, d.apiclus1.api00, domain=d.apiclus1["comp.imp"] == "Yes")
    ),
    "svy.ciprop.logit": lambda d: ciprop(d, "logit"),
    "svy.ciprop.likelihood": lambda d: ciprop(d, "likelihood"),
    "svy.ciprop.asin": lambda d: ciprop(d, "arcsine"),
    "svy.ciprop.beta": lambda d: ciprop(d, "beta"),
    "svy.ciprop.mean": lambda d: ciprop(d, "mean"),
    "svy.ciprop.xlogit": lambda d: ciprop(d, "logit"),
    "svy.chisq.F": chi_f,
    "svy.chisq.Chisq": chi_chisq,
    "svy.ttest": lambda d: t_test(
        mean_difference(
            d.dclus1, d.apiclus1.enroll, d.apiclus1["comp.imp"] == "No", d.apiclus1["comp.imp"] == "Yes"
        )
    ),
    "svy.glm": svy_linear,
    "svy.olr": svy_ordinal,
    "rake.clus1": lambda d: calibrated(d, d.raked),
    "rake.clus1.default": lambda d: {
        key: value for key, value in calibrated(d, d.raked).items() if key in ("mean_api00", "total_enroll")
    },
    "rake.srs.unitweights": lambda d: wsum(
        rake(declare_design(200), {name: d.apisrs[name] for name in MARGINS}, MARGINS, total=6194)
    ),
    "poststrat.clus1": lambda d: calibrated(d, poststratify(d.dclus1, d.apiclus1.stype, TYPES, total=6194)),
    "calibrate.linear": lambda d: calibrated(d, linear_calibration(d, "linear")),
    "calibrate.raking": lambda d: {
        key: value
        for key, value in calibrated(d, linear_calibration(d, "raking")).items()
        if key != "total_enroll"
    },
    "trimweights": lambda d: wsum(trim(d.raked, lower=20, upper=45)),
    "ipf.loglin": lambda d: {
        "table": rake_table(
            pd.crosstab(d.apistrat.stype, d.apistrat["sch.wide"]).to_numpy(),
            [[4421, 755, 1018], [1072, 5122]],
        )
    },
    "kish": lambda d: {
        "ess": kish(d.apistrat.pw @ d.apistrat.pw, d.apistrat.pw.sum()),
        "deff": kish_design_effect(d.apistrat.pw),
        "cv2": kish_design_effect(d.apistrat.pw) - 1,
    },
    "rep.jk1": jackknife,
    "lonely.remove": lonely("remove"),
    "lonely.adjust": lonely("adjust"),
    "lonely.average": lonely("average"),
    "lonely.certainty": lonely("certainty"),
    "nps.weighted.taylor": lambda d: ms(["n3"], mean_of(d.dnps, d.nps)),
    "nps.weighted.by.quarter": lambda d: ms(*by(d.dnps, d.nps, d.nps_sim.quarter)),
    "nps.qoq.ttest": change_of_nps,
    "nps.rake.then.mean": raked_nps,
    "t2b.weighted": logit_of_top_box,
    "housing.mean.wtd": housing_means,
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
    if np.ndim(value):
        return {key: leaf for i, part in enumerate(value) for key, leaf in flat(part, f"{path}.{i}").items()}
    return {path: value}


def check(case, found):
    expected, got = flat(case["expected"]), flat(found)
    assert set(expected) <= set(got), sorted(set(expected) - set(got))[:5]
    for path, value in expected.items():
        bound = case["tolerance"]["atol"] + case["tolerance"]["rtol"] * abs(value)
        assert abs(float(got[path]) - value) <= bound, (path, float(got[path]), value)


@pytest.mark.parametrize("name", CASES)
def test_case(shared, name):
    check(cases(shared)[name], CASES[name](Data(shared / "references/r")))


def test_every_case_is_covered(shared):
    wanted = cases(shared)
    passed = 0
    for name, case in wanted.items():
        check(case, CASES[name](Data(shared / "references/r")))
        passed += 1
    print(f"R cases of survey designs: {passed} of {len(wanted)} pass")
    assert passed == len(wanted) == len(CASES)
