"""Drawing a stratified sample that can be drawn again, with the weight of every unit.

Examples
--------
>>> customers = pd.DataFrame({"customer_id": [f"c{number:04}" for number in range(1000)]})
>>> customers["tier"] = ["high"] * 69 + ["mid"] * 408 + ["low"] * 523
>>> drawn = draw(customers, strata=["tier"], n=100, generator=np.random.default_rng(1), draw_id="d2026Q3")
>>> [(row.name, row.sample) for row in drawn.strata], round(drawn.sample["design_weight"].sum())
([('high', 7), ('low', 52), ('mid', 41)], 1000)
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.errors import Problem, SchemaError, SpecError
from survey_kpi.sampling.allocation import allocate
from survey_kpi.sampling.tables import require_columns, texts

JOIN: Final = "×"
BLANK: Final = "(blank)"
"""Stratum of units whose stratum column is empty: they stay in the frame and show in the allocation."""
COLUMNS: Final = ("stratum", "inclusion_probability", "design_weight", "drawn_by", "draw_id")
"""Columns of a drawn list beside the unit and the columns that make the strata; as in the invitations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """One row of the allocation.

    Parameters
    ----------
    name
        Values of the stratum columns, joined by ×.
    frame
        Units of the frame in this stratum.
    population
        Those that could be drawn: the frame without the exclusions (N_h).
    sample
        Those that were drawn (n_h).
    """

    name: str
    frame: int
    population: int
    sample: int

    @property
    def inclusion_probability(self) -> float | None:
        """n_h / N_h; None where nobody could be drawn."""
        return self.sample / self.population if self.population else None

    @property
    def design_weight(self) -> float | None:
        """N_h / n_h; None where nobody was drawn."""
        return self.population / self.sample if self.sample else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A unit of the frame that could not be drawn, and why."""

    unit: str
    stratum: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A drawn list.

    Parameters
    ----------
    draw_id
        Name of the draw.
    unit
        Column of `sample` that identifies a unit.
    sample
        One row per drawn unit, by stratum and unit: unit, stratum columns, `COLUMNS`.
    list_hash
        sha256 of the list as drawn; `deviations` refuses a list that does not fit it.
    strata, excluded
        Allocation and exclusions; empty when the list was read back from its file.
    """

    draw_id: str
    unit: str
    sample: pd.DataFrame
    list_hash: str
    strata: tuple[Stratum, ...] = ()
    excluded: tuple[Excluded, ...] = ()

    @property
    def uncovered(self) -> tuple[Stratum, ...]:
        """Strata without anybody drawn from those who could be: the weights do not speak for them."""
        return tuple(stratum for stratum in self.strata if stratum.population and not stratum.sample)


def draw(
    frame: pd.DataFrame,
    *,
    strata: Sequence[str],
    n: int,
    generator: np.random.Generator,
    draw_id: str,
    unit: str = "customer_id",
    excluded: Mapping[str, str] = MappingProxyType({}),
    at_least: int = 1,
) -> Drawn:
    """Draw a stratified random sample without replacement.

    Parameters
    ----------
    frame
        One row per unit: its identifier and the stratum columns.
    strata
        Columns whose combinations are the strata, such as specialist and tier; none for a simple sample.
    n
        Units to draw.
    generator
        Source of randomness; the same seed gives the same units, in whatever order the frame stands.
    draw_id
        Name of the draw; stands on every row of the list.
    unit
        Column of the identifier.
    excluded
        Reason by identifier, such as `contacted_recently` gives; identifiers outside the frame do not matter.
    at_least
        See `allocate`.

    Returns
    -------
    Drawn
        Design weights sum to the units that could be drawn (the frame without the exclusions), unless
        `at_least` is 0 and a stratum stays `uncovered`.

    Raises
    ------
    SpecError
        `reserved_column`: a column of the frame is named like one of `COLUMNS`, or named twice.
    SchemaError
        `column_missing`; `id_missing` and `duplicate_id`, with the rows; `stratum_ambiguous`: two
        combinations of stratum values read alike.
    MethodError
        `sample_size`: see `allocate`.

    Notes
    -----
    Every unit gets a uniform number in the order of the identifiers and each stratum keeps its n_h smallest
    (random sort, Sunter 1977), which is simple random sampling without replacement within strata.

    Examples
    --------
    >>> customers = pd.DataFrame({"customer_id": ["c1", "c2", "c3", "c4"], "tier": ["high", "low"] * 2})
    >>> drawn = draw(customers, strata=["tier"], n=2, generator=np.random.default_rng(3), draw_id="d2026Q3")
    >>> drawn.sample[["customer_id", "stratum", "design_weight"]].values.tolist()
    [['c1', 'high', 2.0], ['c2', 'low', 2.0]]
    """
    _check_names(frame, [unit, *strata])
    units = _units(frame, unit, strata)
    barred = units[unit].isin(list(excluded))
    rows = _allocated(units["stratum"], ~barred, n, at_least)
    sample = _chosen(units[~barred], {row.name: row for row in rows}, generator)
    sample = sample.assign(drawn_by="program", draw_id=draw_id)[[unit, *strata, *COLUMNS]]
    out = units.loc[barred, [unit, "stratum"]].itertuples(index=False, name=None)
    return Drawn(
        draw_id=draw_id,
        unit=unit,
        sample=sample,
        list_hash=hash_list(draw_id, unit, sample),
        strata=rows,
        excluded=tuple(Excluded(unit=one, stratum=name, reason=excluded[one]) for one, name in out),
    )


def _check_names(frame: pd.DataFrame, names: Sequence[str]) -> None:
    taken = [name for place, name in enumerate(names) if name in COLUMNS or name in names[:place]]
    if taken:
        raise SpecError(
            "reserved_column",
            where="sampling frame",
            what="the drawn list has a column of this name already",
            got=", ".join(taken),
            hint="rename the column of the frame",
        )
    require_columns(frame, names, "sampling frame")


def _units(frame: pd.DataFrame, unit: str, strata: Sequence[str]) -> pd.DataFrame:
    """Return the frame as text, ordered by identifier, with the name of each unit's stratum."""
    units = pd.DataFrame({name: texts(frame[name]) for name in (unit, *strata)}).reset_index(drop=True)
    _check_ids(units[unit])
    filled = units[list(strata)].replace("", BLANK)
    columns = [filled[name] for name in strata] or [pd.Series("all", index=units.index)]
    names = reduce(lambda left, right: left + JOIN + right, columns)
    if strata and names.nunique() < len(filled.drop_duplicates()):
        raise SchemaError(
            "stratum_ambiguous",
            where="sampling frame",
            what=f"two combinations of {', '.join(strata)} read alike when joined by {JOIN}",
            hint=f"remove {JOIN} from the values",
        )
    return units.assign(stratum=names.astype("str")).sort_values(unit, kind="stable", ignore_index=True)


def _check_ids(ids: pd.Series) -> None:
    where = "sampling frame, column '" + str(ids.name) + "'"
    blank, again = ids == "", ids.duplicated(keep=False) & (ids != "")
    wrong = [
        ("id_missing", "the identifier is blank", blank),
        ("duplicate_id", "the identifier stands on several rows", again),
    ]
    problems = [
        Problem(code=code, where=where, what=what, got=f"rows {_rows(rows)}", expected="one unit per row")
        for code, what, rows in wrong
        if rows.any()
    ]
    if problems:
        raise SchemaError.collect(problems)


def _rows(noticed: pd.Series, few: int = 10) -> str:
    numbers = (np.flatnonzero(noticed) + 1).tolist()
    more = f" and {len(numbers) - few} more" if len(numbers) > few else ""
    return ", ".join(map(str, numbers[:few])) + more


def _allocated(stratum: pd.Series, eligible: pd.Series, n: int, at_least: int) -> tuple[Stratum, ...]:
    in_frame, can_be_drawn = Counter(stratum), Counter(stratum[eligible])
    sizes = {name: can_be_drawn[name] for name in sorted(in_frame)}
    found = allocate(sizes, n, at_least=at_least)
    return tuple(
        Stratum(name=name, frame=in_frame[name], population=size, sample=found[name])
        for name, size in sizes.items()
    )


def _chosen(
    eligible: pd.DataFrame, rows: Mapping[str, Stratum], generator: np.random.Generator
) -> pd.DataFrame:
    """Keep the n_h units of each stratum with the smallest random numbers."""
    key = pd.Series(generator.random(len(eligible)), index=eligible.index)
    place = key.groupby(eligible["stratum"]).rank(method="first")
    population = eligible["stratum"].map({name: row.population for name, row in rows.items()})
    size = eligible["stratum"].map({name: row.sample for name, row in rows.items()})
    sample = eligible.assign(inclusion_probability=size / population, design_weight=population / size)
    return sample[place <= size].sort_values(["stratum", eligible.columns[0]], ignore_index=True)


def hash_list(draw_id: str, unit: str, sample: pd.DataFrame) -> str:
    """Return the sha256 of a drawn list: draw, units, strata and design weights, in any order of rows."""
    numbers = pd.to_numeric(sample["design_weight"], errors="coerce")
    weights = [f"{weight:.9g}" for weight in numbers]  # nine digits survive any file format
    rows = sorted(zip(texts(sample[unit]), texts(sample["stratum"]), weights, strict=True))
    text = json.dumps([draw_id, rows], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
