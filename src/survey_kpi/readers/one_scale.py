"""Do all files answer an item on one scale? One scan of all files, for all items at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.engine import collect
from survey_kpi.errors import Problem
from survey_kpi.frames import rows_of
from survey_kpi.study.models import Codebook
from survey_kpi.study.scales import Counts, mixed_scale


def mixed_scales(answers: nw.LazyFrame[Any], codebook: Codebook) -> Iterator[Problem]:
    """Yield the items that files answer on different scales, `scale_mixed`; see `mixed_scale` for the rule.

    Parameters
    ----------
    answers
        One row per answer with `file` and the items, as read.
    """
    counted = _counted(answers, codebook)
    for item in codebook.rated:
        scale = codebook.scales[str(item.scale)]
        files = {file: counts for (asked, file), counts in counted.items() if asked == item.id}
        if problem := mixed_scale(f"item '{item.id}'", (scale.low, scale.high), files):
            yield problem


def _counted(answers: nw.LazyFrame[Any], codebook: Codebook) -> dict[tuple[str, str], Counts]:
    """Count the answers by item, file and value, missing codes left out."""
    if not codebook.rated:
        return {}
    codes = {
        item.id: {float(c) for c in item.missing_codes if not isinstance(c, str)} for item in codebook.rated
    }
    cells = [
        answers.select("file", nw.lit(item).alias("item"), nw.col(item).alias("value")) for item in codes
    ]
    counts = nw.concat(cells, how="vertical").group_by("file", "item", "value").agg(nw.len().alias("n"))
    table = collect(counts).dropna(subset="value").sort_values(["file", "value"])
    found: dict[tuple[str, str], dict[float, int]] = {}
    for row in rows_of(table):
        if row["value"] not in codes[row["item"]]:
            found.setdefault((row["item"], row["file"]), {})[row["value"]] = row["n"]
    return dict(found)
