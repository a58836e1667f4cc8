"""Importance scores as they arrive: one row per expert and indicator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, Problem, nearest


def read_ratings(rows: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Turn rows (expert_id, indicator, score) into experts x indicators.

    Parameters
    ----------
    rows
        One score per row.
    labels
        Indicators of the table, in order.

    Returns
    -------
    DataFrame
        One row per expert, sorted; NaN where an expert gave no score, which `expert_scores` refuses by name.

    Raises
    ------
    MethodError
        `rating_missing`: there is no row. `expert_missing`: a row of nobody. `rating_unknown`: a name that is
        not scored. `rating_repeated`: two scores of one expert for one indicator. All at once.

    Examples
    --------
    >>> columns = ["expert_id", "indicator", "score"]
    >>> read_ratings(pd.DataFrame([("e1", "b", 2), ("e1", "a", 8)], columns=columns), ["a", "b"]).loc["e1"]
    a    8.0
    b    2.0
    Name: e1, dtype: float64
    """
    problems = [*_nameless(rows), *_unknown(rows, labels), *_repeated(rows)]
    if rows.empty:
        problems.append(
            Problem(code="rating_missing", where="ratings", what="there is no score", got="0 rows")
        )
    if problems:
        raise MethodError.collect(problems)
    # pivot_table would lose an expert whose scores are all empty
    table = rows.pivot(index="expert_id", columns="indicator", values="score")  # noqa: PD010
    return pd.DataFrame(
        table.reindex(columns=list(labels)).to_numpy(dtype=np.float64),
        index=[str(expert) for expert in table.index],
        columns=list(labels),
    )


def _nameless(rows: pd.DataFrame) -> list[Problem]:
    what, expected = "the row does not say whose score it is", "an expert_id"
    return [
        Problem(code="expert_missing", where=f"ratings: {name}", what=what, expected=expected)
        for name in rows.loc[rows["expert_id"].isna(), "indicator"]
    ]


def _unknown(rows: pd.DataFrame, labels: Sequence[str]) -> list[Problem]:
    what = "the score names an indicator that is not scored"
    return [
        Problem(code="rating_unknown", where="ratings", what=what, got=name, hint=nearest(name, labels))
        for name in rows["indicator"].unique()
        if name not in labels
    ]


def _repeated(rows: pd.DataFrame) -> list[Problem]:
    again = rows[rows["expert_id"].notna() & rows.duplicated(["expert_id", "indicator"])]
    what, expected = "the expert scored the indicator more than once", "one score"
    return [
        Problem(
            code="rating_repeated",
            where=f"expert '{expert}', indicator '{name}'",
            what=what,
            expected=expected,
        )
        for expert, name in again[["expert_id", "indicator"]].drop_duplicates().itertuples(index=False)
    ]
