"""Bands that tile the scale: half-open, the last one closed at the cap."""

from __future__ import annotations

import math
from collections.abc import Sequence

from survey_kpi.study.models import Band


def band_of(score: float, bands: Sequence[Band]) -> Band | None:
    """Return the band of an unrounded score; None for a score that is not measured.

    Parameters
    ----------
    bands
        In ascending order, tiling the scale (checked when the study is loaded).

    Examples
    --------
    >>> from survey_kpi.study.models import Text
    >>> edges = [(0, 60, "low"), (60, 80, "middle"), (80, 120, "full")]
    >>> bands = [Band(id=n, label=Text(zh=n, en=n), low=a, high=b) for a, b, n in edges]
    >>> [band_of(score, bands).id for score in (79.96, 80.0, 120)]
    ['middle', 'full', 'full']
    """
    if math.isnan(score):
        return None
    for band in bands:
        if band.low <= score < band.high:
            return band
    return bands[-1] if score == bands[-1].high else None
