"""Proposals to repair tables, written as CSV for people to choose from, and carried out on a working copy.

Raw files are only ever read. What people open in a spreadsheet is guarded against being taken for a formula,
and read back to the letter.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from survey_kpi.errors import Problem, SchemaError, SpecError, nearest
from survey_kpi.frames import rows_of
from survey_kpi.readers.files import Options, open_export
from survey_kpi.records import PROPOSAL_COLUMNS, Original, applied, originals, repair_proposals
from survey_kpi.report.files import publish
from survey_kpi.report.lists import FORMULA_STARTS
from survey_kpi.sampling import find_duplicates
from survey_kpi.study.models import Study

LOG = "repairs-log.csv"
LOG_COLUMNS = ("file", *PROPOSAL_COLUMNS)
PEOPLE = "customers"
SAME = ("phone", "email")
"""Columns that ought to tell customers apart."""
DUPLICATE_COLUMNS = ("pair", "column", "customer_id", "row_id", "value")
_WIDE_STARTS = ("＝", "＋", "－", "＠")
"""Signs that spreadsheets of East Asia take for those of a formula."""


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, and that `unguarded` gives back.

    Examples
    --------
    >>> [guarded(text) for text in ("=1+1", "+86 138", "'quoted", "c1042")]
    ["'=1+1", "'+86 138", "''quoted", 'c1042']
    >>> all(unguarded(guarded(text)) == text for text in ("=1", "'=1", "''", "", "x", "＝1"))
    True
    """
    return f"'{text}" if text.startswith((*FORMULA_STARTS, *_WIDE_STARTS, "'")) else text


def unguarded(text: str) -> str:
    """Return the cell that `guarded` was given."""
    return text.removeprefix("'")


# --- proposals ----------------------------------------------------------------------------------------


def write_proposals(study: Study, *, tables: Sequence[str], output: Path) -> Iterator[str]:
    """Write a proposal for every faulty cell of the tables; yield lines that tell how many by rule.

    Parameters
    ----------
    tables
        Canonical names; all that the study declares where empty.
    output
        CSV to write. Customers who share a phone number or an address are listed beside it, in a file whose
        name ends in `-duplicates.csv`: who is who is for a person to say. Nothing is overwritten.

    Raises
    ------
    SpecError
        `target_exists`, `unknown_table`; `path_escape`: the file would lie among the raw ones.
    SchemaError
        Those of opening the files.
    """
    found = {name: originals(study, name) for name in _declared(study, tables)}
    beside = output.with_name(f"{output.stem}-duplicates.csv")
    _refuse_raw(study, output)
    _refuse_existing([output, beside])
    parts = [repair_proposals(name, one.cells) for name, files in found.items() for one in files]
    proposals = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=PROPOSAL_COLUMNS)
    doubles = _duplicates(found.get(PEOPLE, []))
    files = {output.absolute(): _csv(PROPOSAL_COLUMNS, proposals.itertuples(index=False))}
    if doubles:
        files[beside.absolute()] = _csv(DUPLICATE_COLUMNS, doubles)
    publish(files, root=output.absolute().parent)
    counts = proposals.groupby(["table", "rule"], sort=True).size().reset_index(name="cells")
    yield from (f"table {row.table}: {row.rule}, {row.cells:,} cells" for row in rows_of(counts))
    yield from (f"table {name}: no text file, not looked at" for name, files in found.items() if not files)
    yield f"{output}: {len(proposals):,} proposals; nothing was changed"
    if doubles:
        pairs = len({double[0] for double in doubles})
        yield f"{beside}: {pairs:,} groups of customers with the same phone number or e-mail address"


def _declared(study: Study, tables: Sequence[str]) -> list[str]:
    known = list(study.study.tables)
    for name in tables:
        if name not in known:
            what = "the study declares no such table"
            raise SpecError(
                "unknown_table", where="--table", what=what, got=repr(name), hint=nearest(name, known)
            )
    return list(dict.fromkeys(tables)) or known


def _duplicates(files: Sequence[Original]) -> list[tuple[str, ...]]:
    """Return one row for each customer who shares a key with another, the sharers together."""
    if not files:
        return []
    cells = pd.concat([one.cells for one in files])
    keys = [name for name in SAME if name in cells]
    units = cells.assign(row_id=cells.index, customer_id=cells["customer_id"].str.strip())
    first = {row["customer_id"]: row for row in reversed(units.to_dict("records"))}
    return [
        (str(number), group.key, unit, str(first[unit]["row_id"]), str(first[unit][group.key]))
        for number, group in enumerate(find_duplicates(units, keys=keys), start=1)
        for unit in dict.fromkeys(group.units)
    ]


# --- carrying out -------------------------------------------------------------------------------------


def apply_proposals(study: Study, proposals: Path, *, output: Path) -> Iterator[str]:
    """Copy the data folder and carry proposals out on the copy; yield lines that tell what changed.

    Parameters
    ----------
    proposals
        CSV that `write_proposals` wrote, less the rows that nobody wants.
    output
        Folder of the working copy, new or empty: every file of the data folder, repaired ones as CSV in
        their encoding, and `repairs-log.csv` with one row for each changed cell.

    Raises
    ------
    SpecError
        `target_exists`: the folder holds something; `path_escape`: it lies among the raw files, or holds
        them; `unknown_table`.
    SchemaError
        `proposals_unreadable`; `proposal_stale`: all stale ones at once.
    """
    wanted = _read(proposals)
    _refuse_raw(study, output)
    if output.is_dir() and any(output.iterdir()):
        raise SpecError("target_exists", where=str(output), what="this folder holds something already")
    tables = _declared(study, list(dict.fromkeys(wanted["table"]))) if len(wanted) else []
    changed = {
        one.copy_name: (one, mine)
        for table in tables
        for one, mine in _shared_out(originals(study, table), wanted[wanted["table"] == table])
    }
    made = {name: one.copied(applied(one.cells, mine)) for name, (one, mine) in changed.items()}
    log = [
        (one.file, *row) for one, mine in changed.values() for row in mine.itertuples(index=False, name=None)
    ]
    _copy_rest(Path(study.data_dir), output, {one.file for one, _ in changed.values()})
    outputs: Mapping[Path, bytes] = {Path(name): content for name, content in made.items()}
    publish({**outputs, Path(LOG): _csv(LOG_COLUMNS, log)}, root=output)
    for name, (one, mine) in changed.items():
        renamed = "" if name == one.file else f", a copy of {one.file}: declare it under this name"
        yield f"{output / name}: {len(mine):,} cells changed{renamed}"
    yield f"{output / LOG}: {len(log):,} changes; the raw files are as they were"


def _read(path: Path) -> pd.DataFrame:
    """Read proposals back, whatever spreadsheet program saved them."""
    export = open_export(path, where=path.name, options=Options())
    rows = export.grid.rows if export.grid else [[]]
    head = [cell.strip() for cell in rows[0]]
    if absent := [name for name in PROPOSAL_COLUMNS if name not in head]:
        raise SchemaError(
            "proposals_unreadable",
            where=path.name,
            what=f"columns are missing: {', '.join(absent)}",
            got=", ".join(head),
            expected="a file that survey-kpi repairs --output wrote",
        )
    places = [head.index(name) for name in PROPOSAL_COLUMNS]
    cells = [[unguarded(row[place]) for place in places] for row in rows[1:]]
    return pd.DataFrame(cells, columns=list(PROPOSAL_COLUMNS), dtype="str")


def _shared_out(files: Sequence[Original], wanted: pd.DataFrame) -> Iterator[tuple[Original, pd.DataFrame]]:
    """Give each file of a table its proposals; the first file answers for rows that none has."""
    known = {row_id for one in files for row_id in one.cells.index}
    for number, one in enumerate(files):
        mine = wanted["row_id"].isin(one.cells.index) | ((number == 0) & ~wanted["row_id"].isin(known))
        if mine.any():
            yield one, wanted[mine]


def _copy_rest(folder: Path, output: Path, repaired: set[str]) -> None:
    """Copy every other file; links that lead out of the data folder stay behind."""
    inside = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if hidden or not path.is_file() or not path.resolve().is_relative_to(inside):
            continue
        if name.as_posix() not in repaired:
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, output / name)


# --- places -------------------------------------------------------------------------------------------


def _refuse_raw(study: Study, target: Path) -> None:
    raw, place = Path(study.data_dir).resolve(), target.resolve()
    if place.is_relative_to(raw) or raw.is_relative_to(place):
        what = "this place holds the raw files, which stay as they are"
        raise SpecError("path_escape", where=str(target), what=what, expected="a place outside them")


def _refuse_existing(targets: Iterable[Path]) -> None:
    problems = [
        Problem(code="target_exists", where=str(target), what="a file stands there already")
        for target in targets
        if target.exists()
    ]
    if problems:
        raise SpecError.collect(problems)


def _csv(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([guarded(str(cell)) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
