"""Estimates under a declared design: linearised standard errors from the same cells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_kpi.designs.estimates import Linear, nps_interval, ratios
from survey_kpi.designs.proportions import share_interval
from survey_kpi.designs.sums import DesignSums, psu_sums_needed, sums_by_domain
from survey_kpi.indicators.cells import ROWS, WEIGHTED_SUMS, Score
from survey_kpi.study.models import Design

SUBJECT = "subject"


def design_numbers(
    cells: pd.DataFrame, subjects: pd.Series, score: Score, design: Design
) -> tuple[pd.Series, dict[str, np.ndarray]]:
    """Estimate one measure for many subjects of one period.

    Parameters
    ----------
    cells
        Cells of the period: the whole design, whatever the subject.
    subjects
        Subject of each cell; missing where a cell belongs to none of them.

    Returns
    -------
    subjects : Series
    numbers : dict
        value, std_error, conf_low, conf_high (in the unit of the score), n, n_effective and method.
    """
    clustered = design.cluster is not None
    wanted = psu_sums_needed(clustered=clustered)
    lines = cells.assign(**{SUBJECT: subjects})[subjects.notna()]
    table = lines.rename(columns={_cell_column(score, key, design): key for key in wanted})
    keys = [SUBJECT, *(name for name in (design.stratum, design.cluster) if name)]
    table = table.groupby(keys, dropna=False)[list(wanted)].sum().reset_index()
    labels, sums = sums_by_domain(
        table, _units(cells, design), domain=[SUBJECT], stratum=design.stratum, clustered=clustered
    )
    return labels[SUBJECT], _numbers(sums, score)


def _cell_column(score: Score, key: str, design: Design) -> str:
    """Without respondent weights w = 1, so the weighted sums are the plain ones."""
    plain = {"n": "n", "w": "n", "ww": "n", "wy": "y", "wwy": "y", "wwyy": "yy"}
    weighted = key in WEIGHTED_SUMS and design.weight is not None
    return f"{score.name}:{key if weighted else plain[key]}"


def _units(cells: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Count the sampling units of the whole design, per stratum where there are strata."""
    by = [design.stratum] if design.stratum else []
    if design.cluster:
        units = cells[[*by, design.cluster]].drop_duplicates().assign(psus=1)
    else:
        units = cells.assign(psus=cells[ROWS])
    if not by:
        return pd.DataFrame({"psus": [units["psus"].sum()]})
    return units.groupby(by, dropna=False)["psus"].sum().reset_index()


def _numbers(sums: DesignSums, score: Score) -> dict[str, np.ndarray]:
    linear = ratios(sums)
    low, high, method = _interval(linear, score.measure.family)
    return {
        "value": linear.value,
        "std_error": linear.std_error,
        "conf_low": np.asarray(low),
        "conf_high": np.asarray(high),
        "n": linear.n,
        "n_effective": linear.n_effective,
        "method": np.array([f"linearised, {method}, t({df:.0f})" for df in linear.df], dtype=object),
    }


def _interval(linear: Linear, family: str) -> tuple[np.ndarray, np.ndarray, str]:
    if family == "proportion":
        ends = share_interval(
            linear.value, linear.std_error, linear.df, n=linear.n, n_effective=linear.n_effective
        )
        return (*ends, "logit")
    ends = nps_interval(linear, scale=1.0) if family == "nps" else linear.interval()
    return (*ends, "mean")


def lonely_strata(cells: pd.DataFrame, design: Design) -> list[dict[str, str]]:
    """Doubts about strata in which a single sampling unit was drawn, as rows of the diagnostics.

    Parameters
    ----------
    cells
        Cells of one period, kept rows only.

    Returns
    -------
    list
        One row (code, where, message) that names the strata; none where every stratum has two units, or where
        no strata are declared. Such a stratum adds the distance of its unit from the grand mean, the rule
        "adjust" of `survey_kpi.designs.sums`.
    """
    if not design.stratum or cells.empty:
        return []
    units = _units(cells, design)
    alone = units.loc[units["psus"] == 1, design.stratum]
    if alone.empty:
        return []
    named = ", ".join(sorted("(empty)" if pd.isna(name) else str(name) for name in alone))
    unit = "cluster" if design.cluster else "answer"
    message = f"one {unit} only in stratum {named}; its distance from the grand mean stands for its variance"
    return [{"code": "lonely_unit", "where": "sampling design", "message": message}]
