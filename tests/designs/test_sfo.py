"""The airport survey of 2017 and 2018: figures of R survey 4.1-1 (shared/references/published)."""

from __future__ import annotations

import gzip
import json
import math

import numpy as np
import pandas as pd
import pytest

from survey_kpi.designs.estimates import (
    kish_design_effect,
    mean_estimate,
    means,
    nps_estimates,
    proportion_estimates,
)
from survey_kpi.designs.sums import psu_sums_needed, sums_by_domain

WAVES = ("2017", "2018")
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def published(shared):
    return json.loads((shared / "references/published/sfo_2017_2018.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def waves(shared):
    def read(year):
        with gzip.open(shared / f"data/sfo/sfo_{year}.csv.gz", "rt", encoding="utf-8-sig") as file:
            rows = pd.read_csv(file, low_memory=False)
        rows.columns = [name.strip() for name in rows.columns]
        score = pd.to_numeric(rows["NETPRO"], errors="coerce").where(lambda s: s.between(0, 10))
        overall = pd.to_numeric(rows["Q7ALL"], errors="coerce").where(lambda s: s.between(1, 5))
        nps = np.select([score.isna(), score >= 9, score >= 7], [np.nan, 100.0, 0.0], -100.0)
        return pd.DataFrame(
            {
                "w": rows["WEIGHT"].astype(float),
                "stratum": rows["STRATA"],
                "cluster": rows["RUNID"],
                "nps": nps,
                "overall": overall,
                "top": (overall >= 4).astype(float).where(overall.notna()),
            }
        )

    return {year: read(year) for year in WAVES}


def sums(rows, score, *, stratum=None, clustered=False, domain=None):
    """Group and sum as a scan does; NULL clusters form a group of their own (dropna=False)."""
    domain = domain or "all"
    rows = rows.assign(all=0, one=1)
    keys = ([stratum] if stratum else []) + (["cluster"] if clustered else [])
    units = rows.groupby(keys, dropna=False).size() if keys else pd.Series([len(rows)])
    counts = units.groupby(level=0, dropna=False) if stratum else None
    if stratum:
        psus = (counts.size() if clustered else counts.sum()).rename("psus").reset_index()
    else:
        psus = pd.DataFrame({"psus": [len(units) if clustered else len(rows)]})
    valid = rows[rows[score].notna()]
    powers = psu_sums_needed(clustered=clustered)
    terms = valid[list(dict.fromkeys([domain, *keys]))].assign(
        **{name: valid["w"] ** i * valid[score] ** j for name, (i, j) in powers.items()}
    )
    table = (
        terms.groupby(list(dict.fromkeys([domain, *keys])), dropna=False)[list(powers)].sum().reset_index()
    )
    return sums_by_domain(table, psus, domain=[domain], stratum=stratum, clustered=clustered)


@pytest.mark.parametrize("year", WAVES)
@pytest.mark.parametrize(
    ("design", "key"),
    [
        ({}, "weighted_se"),
        ({"stratum": "stratum"}, "weighted_se_strata"),
        ({"clustered": True}, "weighted_se_cluster"),
    ],
)
def test_weighted_nps_under_three_designs(waves, published, year, design, key):
    expected = published["waves"][year]["nps"]
    (estimate,) = nps_estimates(sums(waves[year], "nps", **design)[1])
    assert estimate.value == pytest.approx(expected["weighted"], abs=TOLERANCE)
    assert estimate.std_error == pytest.approx(expected[key], abs=TOLERANCE)
    assert estimate.n == expected["valid_n"]


@pytest.mark.parametrize("year", WAVES)
def test_every_cluster_counts_and_rows_without_one_form_one_more(waves, published, year):
    _, found = sums(waves[year], "nps", clustered=True)
    assert found.stages[0].units.tolist() == [published["waves"][year]["nps"]["clusters_in_design"]]


@pytest.mark.parametrize("year", WAVES)
def test_overall_satisfaction(waves, published, year):
    expected = published["waves"][year]["overall"]
    mean = mean_estimate(sums(waves[year], "overall")[1], unit="score")
    (top,) = proportion_estimates(sums(waves[year], "top")[1])
    assert mean.value == pytest.approx(expected["weighted_mean"], abs=TOLERANCE)
    assert mean.std_error == pytest.approx(expected["weighted_mean_se"], abs=TOLERANCE)
    assert top.value == pytest.approx(expected["weighted_top2_pct"], abs=TOLERANCE)
    assert top.std_error == pytest.approx(expected["weighted_top2_se"], abs=TOLERANCE)


@pytest.mark.parametrize("year", WAVES)
def test_domains_are_estimated_on_the_full_design(waves, published, year):
    labels, found = sums(waves[year], "nps", domain="stratum")
    for label, estimate in zip(labels["stratum"], nps_estimates(found), strict=True):
        expected = published["waves"][year]["nps"]["weighted_by_strata"][str(label)]
        assert estimate.n == expected["n"]
        assert estimate.value == pytest.approx(expected["value"], abs=TOLERANCE)
        assert estimate.std_error == pytest.approx(expected["se"], abs=TOLERANCE)


def test_weights_and_clusters_turn_a_clear_change_into_none(waves, published):
    expected = published["change_2017_2018"]["weighted_clustered"]
    old, new = (means(sums(waves[year], "nps", clustered=True)[1]) for year in WAVES)
    difference = float((new.value - old.value)[0])
    error = math.hypot(old.std_error[0], new.std_error[0])
    assert difference == pytest.approx(expected["difference"], abs=TOLERANCE)
    assert error == pytest.approx(expected["se"], abs=TOLERANCE)
    assert difference / error == pytest.approx(expected["z"], abs=TOLERANCE)
    assert abs(difference / error) < 1.96


@pytest.mark.parametrize("year", WAVES)
def test_kish(waves, published, year):
    assert kish_design_effect(waves[year]["w"]) == pytest.approx(
        published["waves"][year]["kish_deff"], abs=1e-6
    )
