"""Views that show figures of other indicators side by side: the same numbers, never a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from survey_kpi.errors import SpecError, nearest
from survey_kpi.study.models import IndicatorSheet

PANELS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "A53": (("A15", "median"), ("A16", "median"), ("A10", "on_time")),
        "G09": (("A52", "closed"), ("A11", "csat"), ("A11", "response_rate")),
    }
)
"""Row of the library and measure of each figure, in the order of printing."""


def panel(code: str, estimates: pd.DataFrame, sheets: Sequence[IndicatorSheet]) -> pd.DataFrame:
    """Return the rows of estimates that a view shows, as they are.

    Parameters
    ----------
    code
        A53 or G09.
    estimates
        Tidy rows (`indicators.estimation.COLUMNS`) of the study's indicators.
    sheets
        The study's indicators; a figure that none of them declares is absent.

    Raises
    ------
    SpecError
        `unknown_parameter`: no such view.
    """
    if code not in PANELS:
        raise SpecError(
            "unknown_parameter",
            where="panel",
            what="there is no such view",
            got=code,
            hint=nearest(code, PANELS),
        )
    wanted = pd.DataFrame(
        [
            {"place": place, "indicator": sheet.id, "measure": measure}
            for place, (kpi, measure) in enumerate(PANELS[code])
            for sheet in sheets
            if sheet.kpi == kpi
        ],
        columns=["place", "indicator", "measure"],
    )
    found = estimates.merge(wanted, on=["indicator", "measure"], how="inner", sort=False)
    ordered = found.sort_values(["period", "level", "subject", "place"], kind="stable", ignore_index=True)
    return ordered[list(estimates.columns)]
