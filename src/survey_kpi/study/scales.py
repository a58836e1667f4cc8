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

import math
from collections.abc import Mapping
from typing import Final

from survey_kpi.errors import Problem
from survey_kpi.study.models import Codebook, IndicatorSheet, Scale, Text

Ends = tuple[float, float]
Counts = Mapping[float, int]
"""How often each value was answered."""
MOST_OUTSIDE: Final = 0.2
"""Share of a file's answers off the declared scale from which the file is taken to be on another scale."""
MANY: Final = 5
"""So many answers off the scale are no strays, and so many different values no codes."""
SHORTER: Final = (5.0, 7.0)
"""Where usual shorter scales end."""
BY_CHANCE: Final = 1e-6
"""Probability below which a file that ends early does not do so by chance."""


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


# --- one item, several files ------------------------------------------------------------------------------


def mixed_scale(column: str, declared: Ends, files: Mapping[str, Counts]) -> Problem | None:
    """Find files whose answers to one item stand on another scale than the codebook's.

    A few strays are rows of the audit, and one value that keeps coming back is a code that nobody declared.
    When a good part of a file lies off the scale, on several values that belong together, the file is on
    another one. So it is when a file ends where a shorter scale does and others go on: none of its answers
    lies above 5, though at least `MOST_OUTSIDE` of theirs do, and even a third of that share would have shown
    in it. A mean over such files would be a number of nothing.

    Parameters
    ----------
    column
        The item.
    declared
        Ends of its scale.
    files
        How often each value was answered, by file; without missing codes.

    Returns
    -------
    Problem or None
        `scale_mixed`, naming the column, every file that does not fit, and both ranges.

    Examples
    --------
    >>> files = {"a.csv": {3: 20, 4: 50, 5: 9}, "b.csv": {0: 2, 7: 9, 9: 30, 10: 8}}
    >>> found = mixed_scale("csat", (1, 5), files)
    >>> found.got, found.expected
    ('b.csv with answers from 0 to 10', '1-5 as in a.csv')
    """
    asked = {file: counts for file, counts in files.items() if counts}
    off = [file for file in asked if _beyond(asked[file], declared) or _falls_short(file, asked, declared)]
    on = [file for file in asked if file not in off]
    if not off:
        return None
    return Problem(
        code="scale_mixed",
        where=column,
        what="files are on different scales, and nothing is averaged over them",
        got=", ".join(
            f"{file} with answers from {min(files[file]):g} to {max(files[file]):g}" for file in off
        ),
        expected=f"{shown_ends(declared)} as in {', '.join(on) or 'the codebook'}",
        hint="give the item of that file its own scale, or recode the file before it is read",
    )


def _beyond(counts: Counts, declared: Ends) -> bool:
    """Whether a good part lies off the scale, on values that belong together: 6 and 7, but not 98 and 99."""
    outside = {value: n for value, n in counts.items() if not declared[0] <= value <= declared[1]}
    room = max(max(counts) - declared[1], 0.0) + max(declared[0] - min(counts), 0.0)
    together = len(outside) >= MANY or (len(outside) > 1 and len(outside) > room / 2)
    return together and sum(outside.values()) >= max(MANY, MOST_OUTSIDE * sum(counts.values()))


def _falls_short(file: str, files: Mapping[str, Counts], declared: Ends) -> bool:
    """Whether a file ends where a shorter scale does, beyond what chance and other customers explain."""
    end, n = max(files[file]), sum(files[file].values())
    others = [
        (value, times) for name, counts in files.items() if name != file for value, times in counts.items()
    ]
    if end not in SHORTER or end >= declared[1] or not others:
        return False
    share = sum(times for value, times in others if value > end) / sum(times for _, times in others)
    return share > MOST_OUTSIDE and n * math.log1p(-share / 3) < math.log(BY_CHANCE)
