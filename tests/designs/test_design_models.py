"""Comparisons, quantiles and regressions under a design."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from survey_kpi.designs.comparisons import (
    chi_square_test,
    difference_of_means,
    mean_difference,
    rank_difference,
    sums_of_pairs,
)
from survey_kpi.designs.design import declare_design
from survey_kpi.designs.models import linear_model, logit_model, ordinal_model
from survey_kpi.designs.quantiles import quantile_estimate, weighted_quantile
from survey_kpi.errors import MethodError, SpecError
from survey_kpi.estimate import State


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(11)
    x, w = rng.normal(size=400), rng.uniform(0.5, 2, 400)
    latent = 0.8 * x + rng.logistic(size=400)
    return {"x": x, "w": w, "cluster": rng.integers(0, 40, 400), "latent": latent}


def test_repeated_customers_have_a_covariance():
    """The same clusters answer in both quarters: the change is tested with its covariance."""
    rng = np.random.default_rng(2)
    customer = np.tile(np.arange(150), 2)
    quarter = np.repeat([0, 1], 150)
    y = rng.normal(size=150)[customer] + 0.3 * rng.normal(size=300) + 0.2 * quarter
    repeated = mean_difference(declare_design(300, cluster=customer), y, quarter == 0, quarter == 1)
    apart = mean_difference(declare_design(300), y, quarter == 0, quarter == 1)
    assert repeated.difference == pytest.approx(apart.difference)
    assert repeated.covariance > 0 and repeated.std_error < 0.5 * apart.std_error
    paired = (y[150:] - y[:150]).std(ddof=1) / math.sqrt(150)
    assert repeated.std_error == pytest.approx(paired)


def test_grouped_pairs_give_what_the_rows_give():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(
        {
            "stratum": rng.integers(0, 2, 200),
            "cluster": rng.integers(0, 15, 200),
            "later": rng.integers(0, 2, 200),
            "w": rng.uniform(0.5, 2, 200),
            "y": rng.normal(size=200),
        }
    )
    design = declare_design(200, weight=frame.w, stratum=frame.stratum, cluster=frame.cluster)
    rows = mean_difference(design, frame.y, frame.later == 0, frame.later == 1)
    frame["wy"] = frame.w * frame.y
    lines = frame.groupby(["stratum", "cluster", "later"])[["w", "wy"]].sum().reset_index()
    psu = lines.groupby(["stratum", "cluster"]).ngroup()
    psus = lines.groupby("stratum").cluster.nunique()
    sums = sums_of_pairs(psus, stratum=lines.stratum, psu=psu, second=lines.later, w=lines.w, wy=lines.wy)
    grouped = difference_of_means(sums, df=float(sums.df) - 1)
    assert (grouped.difference, grouped.std_error) == pytest.approx((rows.difference, rows.std_error))
    assert (grouped.covariance, grouped.df) == pytest.approx((rows.covariance, rows.df))


def test_independent_domains_have_none():
    y, new = np.arange(10.0), np.arange(10) >= 5
    assert mean_difference(declare_design(10), y, ~new, new).covariance == pytest.approx(0, abs=1e-12)


def test_a_domain_without_answers_is_refused():
    with pytest.raises(MethodError) as caught:
        mean_difference(declare_design(3), [1.0, 2.0, np.nan], [1, 1, 0], [0, 0, 1])
    assert caught.value.code == "no_answers"


def test_without_weights_the_rank_test_is_near_wilcoxon(rows):
    from scipy import stats

    new = np.arange(400) % 2 == 0
    y = np.round(rows["latent"])
    ours = rank_difference(declare_design(400), y, ~new, new)
    assert ours.p_value == pytest.approx(stats.mannwhitneyu(y[new], y[~new]).pvalue, abs=0.01)
    shifted = rank_difference(declare_design(400), y + 3 * new, ~new, new)
    assert shifted.difference > 0 and shifted.p_value < 1e-6


def test_simple_random_samples_give_pearson():
    from scipy import stats

    a, b = np.repeat([0, 0, 1, 1], [20, 30, 30, 20]), np.repeat([0, 1, 0, 1], [20, 30, 30, 20])
    found = chi_square_test(declare_design(100), a, b)
    pearson = stats.chi2_contingency([[20, 30], [30, 20]], correction=False)
    assert found.chi_square == pytest.approx(pearson.statistic)
    assert found.chi_square_p == pytest.approx(stats.chi2.sf(pearson.statistic * 99 / 100, 1))


def test_one_category_cannot_be_tested():
    with pytest.raises(MethodError) as caught:
        chi_square_test(declare_design(4), ["a"] * 4, [1, 2, 1, 2])
    assert caught.value.code == "no_variation"


def test_quantiles():
    assert weighted_quantile(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0]), 0.5) == 2.0
    assert weighted_quantile(np.array([1.0, 2.0]), np.array([1.0, 1.0]), 0.5) == 1.0
    y = np.concatenate([np.arange(1.0, 100), [np.nan]])
    found = quantile_estimate(declare_design(100), y, 0.5, unit="score")
    assert found.value == 50.0 and found.n == 99
    assert found.conf_low < 50 < found.conf_high
    with pytest.raises(SpecError):
        quantile_estimate(declare_design(100), y, 1.5, unit="score")


def test_a_quantile_without_answers_or_bound():
    nothing = quantile_estimate(declare_design(2), [np.nan, np.nan], 0.5, unit="score")
    assert nothing.state is State.UNAVAILABLE
    few = quantile_estimate(declare_design(3), [1.0, 2.0, 3.0], 0.9, unit="score")
    assert few.conf_high == math.inf


def test_linear_model_agrees_with_sandwich_errors(rows):
    sm = pytest.importorskip("statsmodels.api")
    y = rows["latent"]
    ours = linear_model(declare_design(400, weight=rows["w"], cluster=rows["cluster"]), y, {"x": rows["x"]})
    fit = sm.WLS(y, sm.add_constant(rows["x"]), weights=rows["w"]).fit(
        cov_type="cluster", cov_kwds={"groups": rows["cluster"], "use_correction": False}
    )
    clusters = np.unique(rows["cluster"]).size
    assert ours.value == pytest.approx(fit.params)
    assert ours.std_error == pytest.approx(fit.bse * math.sqrt(clusters / (clusters - 1)), rel=1e-6)
    assert ours.df == clusters - 2
    low, high = ours.interval()
    assert (low < ours.value).all() and (ours.value < high).all() and ours.p_value[1] < 0.05


def test_logit_and_ordinal_agree_where_there_are_two_categories(rows):
    y = (rows["latent"] > 0).astype(float)
    design = declare_design(400, weight=rows["w"], cluster=rows["cluster"])
    logit, ordinal = logit_model(design, y, {"x": rows["x"]}), ordinal_model(design, y, {"x": rows["x"]})
    assert ordinal.value[0] == pytest.approx(logit.value[1], rel=1e-6)
    assert ordinal.std_error[0] == pytest.approx(logit.std_error[1], rel=1e-4)
    assert ordinal.value[1] == pytest.approx(-logit.value[0], rel=1e-6)


def test_ordinal_agrees_with_statsmodels_without_weights(rows):
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    y = np.digitize(rows["latent"], [-1.0, 0.5, 2.0]).astype(float)
    ours = ordinal_model(declare_design(400), y, {"x": rows["x"]})
    fit = OrderedModel(y.astype(int), rows["x"][:, None], distr="logit").fit(method="bfgs", disp=False)
    assert ours.value[0] == pytest.approx(fit.params[0], rel=1e-4)
    assert ours.names == ("x", "0|1", "1|2", "2|3")


def test_missing_values_stay_in_the_design(rows):
    x = rows["x"].copy()
    x[:40] = np.nan
    design = declare_design(400, weight=rows["w"])
    fit = linear_model(design, rows["latent"], {"x": x})
    assert fit.n == 360
    kept = linear_model(declare_design(360, weight=rows["w"][40:]), rows["latent"][40:], {"x": x[40:]})
    assert fit.value == pytest.approx(kept.value)


@pytest.mark.parametrize("model", [linear_model, logit_model, ordinal_model])
def test_dependent_columns_are_refused(model, rows):
    y = (rows["latent"] > 0).astype(float)
    with pytest.raises(MethodError) as caught:
        model(declare_design(400), y, {"x": rows["x"], "twice": 2 * rows["x"]})
    assert caught.value.code == "collinear"


@pytest.mark.parametrize("model", [logit_model, ordinal_model])
def test_separated_answers_are_refused(model):
    x = np.arange(20.0)
    with pytest.raises(MethodError) as caught:
        model(declare_design(20), (x > 9).astype(float), {"x": x})
    assert caught.value.code == "not_converged"


def test_an_outcome_that_never_varies_is_refused():
    with pytest.raises(MethodError) as caught:
        ordinal_model(declare_design(5), np.ones(5), {"x": np.arange(5.0)})
    assert caught.value.code == "no_variation"
