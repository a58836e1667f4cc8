"""Grouped sums and rows must tell the same story; rules for single units; states without answers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_kpi.designs.design import declare_design
from survey_kpi.designs.effects import effective_n
from survey_kpi.designs.estimates import (
    mean_estimate,
    means,
    nps_estimates,
    proportion_estimates,
    total_estimate,
)
from survey_kpi.designs.proportions import SHARE_METHODS, share_interval
from survey_kpi.designs.sums import psu_sums_needed, sums_by_domain, sums_of_rows
from survey_kpi.errors import MethodError, SchemaError, SpecError
from survey_kpi.estimate import State


@st.composite
def surveys(draw):
    """Rows with weights, strata, clusters (some empty), missing scores and two domains."""
    rows = draw(st.integers(12, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cluster = rng.integers(0, 6, rows).astype(float)
    cluster[rng.uniform(size=rows) < 0.1] = np.nan
    y = rng.choice([100.0, 0.0, -100.0], rows)
    y[rng.uniform(size=rows) < 0.15] = np.nan
    return pd.DataFrame(
        {
            "w": rng.uniform(0.3, 3, rows),
            "stratum": rng.choice(["a", "b"], rows),
            "cluster": cluster,
            "y": y,
            "domain": rng.choice(["one", "two"], rows),
        }
    )


def grouped(rows, *, clustered):
    """What a scan delivers: sums by domain and design cell, and units over all rows."""
    cells = ["stratum", "cluster"] if clustered else ["stratum"]
    units = rows.groupby(cells, dropna=False).size().reset_index(name="rows")
    psus = units.groupby("stratum")["rows"].agg("size" if clustered else "sum").reset_index(name="psus")
    valid = rows[rows.y.notna()]
    powers = psu_sums_needed(clustered=clustered)
    terms = valid[["domain", *cells]].assign(**{k: valid.w**i * valid.y**j for k, (i, j) in powers.items()})
    table = terms.groupby(["domain", *cells], dropna=False)[list(powers)].sum().reset_index()
    return sums_by_domain(table, psus, domain=["domain"], stratum="stratum", clustered=clustered)


@settings(deadline=None, max_examples=30)
@given(surveys(), st.booleans())
def test_grouped_sums_give_what_the_rows_give(rows, clustered):
    labels, sums = grouped(rows, clustered=clustered)
    design = declare_design(
        len(rows), weight=rows.w, stratum=rows.stratum, cluster=rows.cluster if clustered else None
    )
    together = means(sums)
    for place, label in enumerate(labels.domain):
        alone = means(design.mean_sums(rows.y, domain=rows.domain == label))
        assert together.value[place] == pytest.approx(float(alone.value), abs=1e-9)
        assert together.std_error[place] == pytest.approx(float(alone.std_error), abs=1e-6, nan_ok=True)
        assert together.df[place] == alone.df and together.n[place] == alone.n
        assert together.n_effective[place] == pytest.approx(float(alone.n_effective))


@settings(deadline=None, max_examples=20)
@given(surveys(), st.floats(0.01, 100))
def test_scale_of_weights_does_not_matter(rows, factor):
    one, other = (
        mean_estimate(
            declare_design(len(rows), weight=rows.w * f, cluster=rows.cluster).mean_sums(rows.y),
            unit="points",
        )
        for f in (1.0, factor)
    )
    assert other.value == pytest.approx(one.value, rel=1e-9, abs=1e-9)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-6)
    assert other.n_effective == pytest.approx(one.n_effective)


@settings(deadline=None, max_examples=20)
@given(surveys())
def test_order_of_rows_does_not_matter(rows):
    shuffled = rows.sample(frac=1, random_state=1)
    one, other = (
        means(declare_design(len(r), weight=r.w, stratum=r.stratum, cluster=r.cluster).mean_sums(r.y))
        for r in (rows, shuffled)
    )
    assert float(other.std_error) == pytest.approx(float(one.std_error), rel=1e-9)


@pytest.mark.parametrize(
    "rename",
    [lambda ids: ids - 3, lambda ids: ids * 10**15, lambda ids: ids.astype(str), lambda ids: ids / 2],
    ids=["negative", "huge", "text", "float"],
)
def test_what_clusters_are_called_does_not_matter(rename):
    rng = np.random.default_rng(12)
    ids, y = pd.Series(rng.integers(0, 9, 60)), rng.normal(size=60)
    plain, renamed = (
        means(declare_design(60, stratum=ids % 2, cluster=names).mean_sums(y)) for names in (ids, rename(ids))
    )
    assert renamed.std_error == pytest.approx(float(plain.std_error)) and renamed.df == plain.df == 7


def test_simple_random_sample_is_the_textbook():
    y = np.array([3.0, 4.0, 4.0, 5.0, 2.0, 5.0])
    estimate = mean_estimate(declare_design(6).mean_sums(y), unit="score")
    assert estimate.std_error == pytest.approx(y.std(ddof=1) / math.sqrt(6))
    assert estimate.method == "linearised, t(5)"


def test_finite_population_shrinks_and_a_census_has_no_error():
    y = np.array([3.0, 4.0, 4.0, 5.0, 2.0, 5.0])
    some, all_ = (declare_design(6, population=[size] * 6).mean_sums(y) for size in (12, 6))
    assert float(means(some).std_error) == pytest.approx(y.std(ddof=1) / math.sqrt(6) * math.sqrt(0.5))
    assert float(means(all_).std_error) == 0.0


def test_second_stage_adds_its_share():
    """R: svydesign(id = ~cluster + unit, fpc = ~N1 + N2), by hand: f1 (1 - f2) of the within variance."""
    cluster, y = [1, 1, 2, 2], np.array([1.0, 3.0, 4.0, 8.0])
    design = declare_design(
        4, cluster=cluster, second=[1, 2, 3, 4], population=[4] * 4, second_population=[4] * 4
    )
    assert design.weight.tolist() == [4.0] * 4
    estimate = total_estimate(design.sums(y), unit="count", column=0)
    first = (1 - 2 / 4) * 2 * ((16 - 32) ** 2 + (48 - 32) ** 2)
    second = 0.5 * (1 - 2 / 4) * 2 * ((4 - 8) ** 2 + (12 - 8) ** 2 + (16 - 24) ** 2 + (32 - 24) ** 2)
    assert estimate.value == 64.0
    assert estimate.std_error == pytest.approx(math.sqrt(first + second))


def test_single_units_are_named():
    design = declare_design(5, stratum=["a", "a", "b", "b", "c"])
    sums = design.mean_sums([1.0, 2.0, 3.0, 5.0, 9.0])
    assert sums.lonely_units.tolist() == [2]
    errors = {rule: float(means(sums, lonely=rule).std_error) for rule in ("adjust", "average", "remove")}
    assert errors["adjust"] > errors["remove"] and errors["average"] > errors["remove"]
    with pytest.raises(SpecError) as caught:
        means(sums, lonely="adjsut")
    assert caught.value.code == "unknown_parameter" and "'adjust'" in str(caught.value)


def test_one_cluster_has_no_standard_error():
    estimate = mean_estimate(
        declare_design(6, cluster=list("aabbcc")).mean_sums([1, 2, 3, 4, 5, 6], domain=[1, 1, 0, 0, 0, 0]),
        unit="score",
    )
    assert estimate.value == 1.5 and math.isnan(estimate.std_error) and math.isnan(estimate.conf_low)
    assert estimate.reason == "one sampling unit: no standard error"


def test_without_answers_there_is_a_state_and_no_number():
    estimate = mean_estimate(declare_design(3).mean_sums([np.nan] * 3), unit="score")
    assert estimate.state is State.UNAVAILABLE and math.isnan(estimate.value)


@pytest.mark.parametrize("hits", [0, 20])
def test_shares_at_the_ends_keep_an_interval(hits):
    (share,) = proportion_estimates(
        sums_of_rows([20], n=[20], w=[20], wy=[hits], ww=[20], wwy=[hits], wwyy=[hits])
    )
    assert share.method == "wilson on effective n"
    assert share.conf_high - share.conf_low > 10


def test_an_nps_of_one_group_keeps_an_interval():
    w = np.array([0.3, 1.7, 2.2, 0.4, 1.1])
    (estimate,) = nps_estimates(declare_design(5, weight=w).mean_sums([100.0] * 5))
    assert estimate.value == 100.0 and estimate.std_error == 0.0
    assert estimate.conf_high == 100.0 and estimate.conf_low < 60
    assert estimate.method == "adjusted Wald on effective n"


@pytest.mark.parametrize("method", SHARE_METHODS)
def test_share_intervals_hold_the_share_and_widen_with_the_level(method):
    p, error, df, n = (
        np.array(column) for column in ([0.3, 0.9], [0.05, 0.03], [20.0, 200.0], [90.0, 300.0])
    )
    narrow, wide = (
        share_interval(p, error, df, n=n, n_effective=n, conf_level=c, method=method) for c in (0.8, 0.95)
    )
    assert (wide.low < narrow.low).all() and (narrow.low < p).all()
    assert (p < narrow.high).all() and (narrow.high < wide.high).all()


def test_likelihood_follows_the_exact_roots_closely_where_samples_are_large():
    numbers = [np.array([value]) for value in (0.4, 0.02, 500.0)]
    ends = [
        share_interval(*numbers, n=np.array([2000.0]), n_effective=np.array([2000.0]), method=method)
        for method in ("likelihood", "likelihood_exact")
    ]
    assert ends[0].low[0] == pytest.approx(ends[1].low[0], abs=1e-3)
    assert ends[0].high[0] == pytest.approx(ends[1].high[0], abs=1e-3)


def test_effective_n_of_a_share():
    sums = sums_of_rows([50], n=[50], w=[50], wy=[41], ww=[50], wwy=[41], wwyy=[41])
    assert float(effective_n(means(sums))) == pytest.approx(49)


@pytest.mark.parametrize("weight", [[1, -1, 2], [1, None, 2], [1, "x", 2], [1, math.inf, 2], [0, 0, 0]])
def test_weights_must_be_weights(weight):
    with pytest.raises(SchemaError) as caught:
        declare_design(3, weight=weight)
    assert caught.value.code == "weight_invalid"


def test_bad_weights_are_named_by_row():
    with pytest.raises(SchemaError, match="rows 1, 3"):
        declare_design(4, weight=[1, -1, 2, math.nan])


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: declare_design(3, weight=[1, 2]), "rows_differ"),
        (lambda: declare_design(3).mean_sums([1, 2]), "rows_differ"),
        (lambda: declare_design(3).sums([1, math.nan, 2]), "missing_value"),
        (lambda: declare_design(3, population=[2, 2, 2]), "population_size"),
        (lambda: declare_design(3, population=[9, 8, 9]), "population_size"),
        (lambda: sums_of_rows([2], n=[3], w=[3], wy=[1], ww=[3], wwy=[1], wwyy=[1]), "design_counts"),
    ],
)
def test_refusals(call, code):
    with pytest.raises(MethodError) as caught:
        call()
    assert caught.value.code == code


def test_a_stratum_without_units_is_refused():
    table = pd.DataFrame({"who": ["a"], "stratum": ["x"], "n": [1], "w": [1.0], "wy": [1.0], "ww": [1.0]})
    psus = pd.DataFrame({"stratum": ["y"], "psus": [3]})
    with pytest.raises(MethodError) as caught:
        sums_by_domain(table, psus, domain=["who"], stratum="stratum", clustered=True)
    assert caught.value.code == "design_counts"


def test_null_strata_are_one_stratum_and_the_word_for_null_is_another():
    table = pd.DataFrame(
        {
            "who": ["a"] * 2,
            "stratum": [None, "<NA>"],
            "n": [2, 2],
            "w": [2.0, 2.0],
            "wy": [1.0, 2.0],
            "ww": [2.0, 2.0],
        }
    )
    psus = pd.DataFrame({"stratum": [np.nan, "<NA>"], "psus": [3, 4]})
    _, sums = sums_by_domain(table, psus, domain=["who"], stratum="stratum", clustered=True)
    assert sums.stages[0].totals[0].tolist() == [[2.0, 1.0], [2.0, 2.0]]


def test_unknown_share_interval_is_refused():
    one = np.array([0.5])
    with pytest.raises(SpecError) as caught:
        share_interval(one, one / 10, one * 20, n=one, n_effective=one, method="logti")
    assert caught.value.code == "unknown_parameter" and "'logit'" in str(caught.value)
