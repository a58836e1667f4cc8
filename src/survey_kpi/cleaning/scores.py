"""Careless indices that need correlations, as rules: which items enter, and from where a row is noticed.

The matrix has the rated items of the codebook in its columns, in order, as shown to the respondent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from survey_kpi.cleaning import careless
from survey_kpi.cleaning.answers import scale
from survey_kpi.cleaning.rule import Context, Params, Scored
from survey_kpi.cleaning.selection import content, dimensions
from survey_kpi.study.models import Codebook, Item

Matrix = NDArray[np.float64]
LEAST_DIMENSIONS = 3


def few_dimensions(codebook: Codebook, params: Params) -> str:
    """Say that too few dimensions have two items, if so: two points always correlate at 1 or -1."""
    enough = len(dimensions(codebook)) >= LEAST_DIMENSIONS
    return "" if enough else f"fewer than {LEAST_DIMENSIONS} dimensions with two items"


def _columns(matrix: Matrix, codebook: Codebook, items: tuple[Item, ...]) -> Matrix:
    at = {item.id: column for column, item in enumerate(codebook.rated)}
    return matrix[:, [at[item.id] for item in items]]


def _answered(matrix: Matrix, context: Context, params: Params) -> Matrix:
    part = _columns(matrix, context.codebook, content(context.codebook, params))
    return part[:, ~np.isnan(part).all(axis=0)]


def even_odd(matrix: Matrix, context: Context, params: Params) -> Scored:
    """Notice rows whose even-odd index is above the limit; reversed items are recoded first."""
    groups = dimensions(context.codebook).values()
    items = tuple(item for group in groups for item in group)
    part = _columns(matrix, context.codebook, items).copy()
    for column, item in enumerate(items):
        if item.reversed:
            on = scale(context.codebook, item)
            part[:, column] = on.low + on.high - part[:, column]
    index = careless.even_odd(part, [len(group) for group in groups]).values
    return Scored(index=index, noticed=index > params["above"])


def synonyms(matrix: Matrix, context: Context, params: Params) -> Scored:
    """Notice rows in which psychometric synonyms do not go together."""
    index = careless.psychsyn(_answered(matrix, context, params), params["critical"]).index.values
    return Scored(index=index, noticed=index < params["below"])


def antonyms(matrix: Matrix, context: Context, params: Params) -> Scored:
    """Notice rows in which psychometric antonyms do not oppose each other."""
    part = _answered(matrix, context, params)
    index = careless.psychsyn(part, params["critical"], antonyms=True).index.values
    return Scored(index=index, noticed=index > params["above"])


def distance(matrix: Matrix, context: Context, params: Params) -> Scored:
    """Notice rows whose squared Mahalanobis distance exceeds the chi-squared quantile of their answers."""
    found = careless.mahalanobis(_answered(matrix, context, params))
    cut = chdtri(np.maximum(found.df, 1), 1 - params["confidence"])
    return Scored(index=found.index.values, noticed=found.index.values > cut)
