"""Where a question was asked in other words: trends break there, and the two sides are not compared.

A codebook declares former words of an item under `wordings`, by version of the questionnaire; each source
says which version it asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.indicators.cells import MONTH
from survey_kpi.indicators.estimation import in_period
from survey_kpi.period import Period
from survey_kpi.study.models import Item, Study

COLUMNS = ("period", "against", "indicator", "wording_before", "wording_now")
REWORDED = "asked in other words in {against} than in {period}"
Asked = Mapping[tuple[str, Period], frozenset[str]]
"""Words in which an indicator's question was asked, by indicator and period; empty where it was not."""


def wordings(answers: nw.LazyFrame[Any], study: Study, periods: Sequence[Period]) -> Asked:
    """Return the words of every reworded indicator in every period, in one scan; nothing where none is.

    Parameters
    ----------
    answers
        All rows, dated by `with_period`, with the `version` of the questionnaire.
    """
    items = {item.id: item for item in study.codebook.items if item.wordings}
    sheets = [sheet for sheet in study.indicators.indicators if sheet.item in items]
    if not sheets:
        return {}
    seen = collect(answers.select("version", MONTH).unique())
    return {
        (sheet.id, period): frozenset(
            words
            for version in seen.loc[in_period(seen[MONTH], period), "version"]
            if (words := _words(items[str(sheet.item)], version))
        )
        for sheet in sheets
        for period in periods
    }


def _words(item: Item, version: str) -> str:
    """Return the words of an item in a version, empty where the version does not ask it."""
    if item.versions and version not in item.versions:
        return ""
    text = item.wordings.get(version, item.question)
    return f"{text.zh} / {text.en}"


def version_breaks(asked: Asked, periods: Sequence[Period]) -> pd.DataFrame:
    """Return the periods before which a trend breaks: the words differ from those of the period asked before.

    Parameters
    ----------
    periods
        Periods of the trend, oldest first.

    Returns
    -------
    DataFrame
        period, against (the period before the break), indicator, wording_before, wording_now. A period in
        which two wordings meet breaks from those on either side of it.
    """
    rows = []
    for indicator in dict.fromkeys(indicator for indicator, _ in asked):
        known = [period for period in periods if asked.get((indicator, period))]
        for before, now in pairwise(known):
            old, new = asked[indicator, before], asked[indicator, now]
            if old != new:
                rows.append((str(now), str(before), indicator, _told(old), _told(new)))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def _told(words: frozenset[str]) -> str:
    return "; ".join(sorted(words))


def reworded(asked: Asked, period: Period, against: Period) -> dict[str, str]:
    """Return why indicators are not compared between two periods: their words differ."""
    return {
        indicator: REWORDED.format(period=period, against=against)
        for indicator in dict.fromkeys(indicator for indicator, _ in asked)
        if (now := asked.get((indicator, period)))
        and (before := asked.get((indicator, against)))
        and now != before
    }
