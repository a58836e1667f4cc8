"""A target stands on the scale of the answers, or the way from one scale to the other is declared.

Linear rescaling maps the ends of one scale to the ends of the other. It is a convention, not a measurement: 4
on a scale of five points need not feel like 7.5 on one of ten, so it happens only where a definition sheet
says `rescale: linear`, and reports print it.

Examples
--------
>>> rescaled(4.0, (1, 5), (0, 10)), rescaled(9.2, (0, 10), (1, 5))
(7.5, 4.68)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import SchemaError
from survey_kpi.study.models import Codebook, IndicatorSheet, Scale, Text

Ends = tuple[float, float]
MOST_OUTSIDE: Final = 0.2
"""Share of a file's answers off the declared scale from which the file is taken to be on another scale."""


def rescaled(value: float, old: Ends, new: Ends) -> float:
    """Map a value linearly from one scale to another, end to end."""
    return new[0] + (value - old[0]) * (new[1] - new[0]) / (old[1] - old[0])


def shown_ends(ends: Ends) -> str:
    """Return a scale as it is spoken of: `1-5`."""
    return f"{ends[0]:g}-{ends[1]:g}"


def item_ends(sheet: IndicatorSheet, scale: Scale | None) -> Ends | None:
    """Return the ends of the scale that the answers of an indicator are on, None without a scale."""
    return (scale.low, scale.high) if scale and sheet.item else None


def on_item_scale(
    sheet: IndicatorSheet, codebook: Codebook, default_anchor: float | None = 0.0
) -> IndicatorSheet:
    """Bring target and anchor of a sheet onto the scale of the answers, and say so in its definition.

    Attainment is the same on either scale, because it is a ratio of differences and target and anchor move
    together. A sheet whose target stands on the scale of the answers is returned as it is.

    Parameters
    ----------
    default_anchor
        Value worth nothing on the target's scale, where the sheet declares none.
    """
    ends = _ends(sheet, codebook)
    if ends is None or sheet.target is None:
        return sheet
    old, new = ends
    anchor = default_anchor if sheet.anchor is None else sheet.anchor
    target = sheet.target.model_copy(
        update={"value": rescaled(sheet.target.value, old, new), "scale": new},
    )
    return sheet.model_copy(
        update={
            "target": target,
            "anchor": None if anchor is None else rescaled(anchor, old, new),
            "definition": _told(sheet.definition, sheet.target.value, target.value, ends),
        }
    )


def _told(definition: Text, declared: float, value: float, ends: tuple[Ends, Ends]) -> Text:
    old, new = map(shown_ends, ends)
    return Text(
        zh=f"{definition.zh}目标{declared:g}（{old}分制）按线性换算为{value:.4g}（{new}分制）。",
        en=f"{definition.en} The target {declared:g} on {old} is rescaled linearly to {value:.4g} on {new}.",
    )


def _ends(sheet: IndicatorSheet, codebook: Codebook) -> tuple[Ends, Ends] | None:
    """Return the scale of the target and that of the answers, None where they are the same."""
    if sheet.target is None or sheet.target.scale is None or sheet.item is None:
        return None
    own = item_ends(sheet, codebook.scale_of(codebook.item(sheet.item)))
    return None if own is None or own == sheet.target.scale else (sheet.target.scale, own)


def check_one_scale(
    column: str, declared: Ends, answers: Mapping[str, npt.ArrayLike], *, most_outside: float = MOST_OUTSIDE
) -> None:
    """Refuse files whose answers to one item stand on another scale than the codebook's.

    A stray 11 is a row of the audit. When a good part of a file lies off the scale, the file is on another
    one, and a mean over both files would be a number of nothing.

    Parameters
    ----------
    column
        The item.
    declared
        Ends of its scale.
    answers
        Numeric answers by file, NaN where there is none.
    most_outside
        Largest share of a file's answers off the scale.

    Raises
    ------
    SchemaError
        `scale_mixed`, naming the column, every file that does not fit and both ranges.

    Examples
    --------
    >>> check_one_scale("csat", (1, 5), {"a.csv": [4, 5, 1], "b.csv": [9, 10, 0, 7]})
    Traceback (most recent call last):
    survey_kpi.errors.SchemaError: csat: ... got b.csv with answers from 0 to 10, expected 1-5 as in a.csv...
    """
    on, off = [], []
    for file, given in answers.items():
        values = np.asarray(given, dtype=float)
        values = values[np.isfinite(values)]
        outside = (values < declared[0]) | (values > declared[1])
        if values.size and outside.mean() > most_outside:
            off.append(f"{file} with answers from {values.min():g} to {values.max():g}")
        else:
            on.append(file)
    if off:
        raise SchemaError(
            "scale_mixed",
            where=column,
            what="files are on different scales, and nothing is averaged over them",
            got=", ".join(off),
            expected=f"{shown_ends(declared)} as in {', '.join(on) or 'the codebook'}",
            hint="give the item of that file its own scale, or recode the file before it is read",
        )
