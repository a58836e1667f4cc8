"""Lists that people act on, written as CSV: the drawn sample, with the record that binds it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from survey_kpi.errors import SpecError
from survey_kpi.readers import read_table
from survey_kpi.report.files import publish
from survey_kpi.sampling import Drawn, draw

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def draw_sample(
    frame: Path, *, size: int, by: Sequence[str], unit: str, seed: int, draw_id: str, output: Path
) -> Iterator[str]:
    """Draw a stratified sample from a file of units and write the drawn list; yield lines that tell how.

    Parameters
    ----------
    frame
        CSV or XLSX, one row per unit, with the columns `unit` and `by`.
    by
        Columns whose combinations are the strata; allocation is proportional.
    output
        CSV to write; its record (draw, seed, hash of the list, strata) goes beside it, under the same name
        with the ending `.json`. Nothing is overwritten.

    Raises
    ------
    SpecError
        `target_exists`; and those of `survey_kpi.sampling.draw`.
    SchemaError, MethodError
        The frame or the size is unfit.
    """
    record = output.with_suffix(".json")
    for target in (output, record):
        if target.exists():
            raise SpecError("target_exists", where=str(target), what="a drawn list is never overwritten")
    if record == output:
        raise SpecError("target_exists", where=str(output), what="the record of the draw takes this name")
    units = read_table(frame, dict.fromkeys([unit, *by], "text"))
    drawn = draw(
        units, strata=list(by), n=size, generator=np.random.default_rng(seed), draw_id=draw_id, unit=unit
    )
    folder = output.absolute().parent
    files = {output.absolute(): _csv(drawn).encode("utf-8-sig"), record.absolute(): _record(drawn, seed, by)}
    publish(files, root=folder)
    yield f"{output}: {len(drawn.sample)} of {len(units)} units, draw {draw_id}, seed {seed}"
    yield f"sha256 of the list: {drawn.list_hash}, kept in {record}"
    for stratum in drawn.strata:
        yield f"  {stratum.name}: {stratum.sample} of {stratum.population}"


def _record(drawn: Drawn, seed: int, by: Sequence[str]) -> bytes:
    """Return what makes a draw verifiable: its seed, the hash of the list, its strata."""
    strata = [
        {"name": one.name, "frame": one.frame, "population": one.population, "sample": one.sample}
        for one in drawn.strata
    ]
    told = {
        "draw_id": drawn.draw_id,
        "unit": drawn.unit,
        "seed": seed,
        "by": list(by),
        "list_hash": drawn.list_hash,
        "strata": strata,
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _csv(drawn: Drawn) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(drawn.sample.columns)
    writer.writerows([inert(cell) for cell in row] for row in drawn.sample.itertuples(index=False))
    return text.getvalue()


def inert(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    Examples
    --------
    >>> inert("=1+1"), inert("c1042"), inert(0.1)
    ("'=1+1", 'c1042', 0.1)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
