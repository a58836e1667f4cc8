"""A published period is frozen: what is said otherwise later is a revision, and the earlier facts are kept.

The facts of a period lie in `facts.parquet` beside its reports. Before a run says something else, that file
and its record are copied to `revisions/<number>/`, number 0 being what was published first. The number of the
present revision follows from these copies alone, so that an interrupted run leaves nothing to repair.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from survey_kpi.errors import SpecError
from survey_kpi.facts import Fact
from survey_kpi.frozen import Change, Difference, Revision, difference, from_parquet, to_parquet
from survey_kpi.publishing import publish
from survey_kpi.report import children, files, once
from survey_kpi.report.evaluating import evaluated

FACTS = "facts.parquet"
FOLDER = "revisions"
RECORD = "run.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Facts of a period as of now, and whether they differ from those that lie in the folder."""

    facts: bytes
    differs: bool


def facts_now(study: str, period: str, data: Path | None) -> dict[str, Fact]:
    """Evaluate a period and return the facts that its leadership edition may show."""
    return dict(publish(evaluated(study, period, str(data or ""))).facts)


def standing(
    _: children.Send, study: str, period: str, data: Path | None, published: Path, shared: Path
) -> Standing:
    """Evaluate a period and compare it with what was published; the task of a child process.

    The evaluation stays in `shared` for the reports of the run.
    """
    with once.within(shared):
        facts = facts_now(study, period, data)
    if not published.is_file():
        return Standing(facts=to_parquet(facts), differs=False)
    found = difference(from_parquet(published.read_bytes(), where=str(published)), facts)
    return Standing(facts=to_parquet(facts), differs=bool(found.changes))


def revision_of(folder: Path) -> int:
    """Return the number of the revision that a period's folder holds; 0 is what was published first."""
    kept, facts = _kept(folder), folder / FACTS
    if kept and facts.is_file() and _place(folder, kept - 1).read_bytes() == facts.read_bytes():
        return kept - 1  # copied, but then nothing was published
    return kept


def keep(folder: Path, *, root: Path) -> int:
    """Keep the facts and the record that a folder holds, and return the number of the revision to come.

    Raises
    ------
    RunError
        `disk`: the copies cannot be written.
    """
    number = revision_of(folder)
    target = _place(folder, number).parent
    found = [folder / name for name in (FACTS, RECORD) if (folder / name).is_file()]
    files.publish({target / path.name: path.read_bytes() for path in found}, root=root)
    return number + 1


def first_published(folder: Path) -> Path:
    """Return the place of the facts as they were published first."""
    return _place(folder, 0)


def read_revision(number: int, published: str) -> Revision | None:
    """Return what a notebook's parameters say of the revision; None for what is published first."""
    if not number:
        return None
    return Revision(number=number, published=from_parquet(Path(published).read_bytes(), where=published))


def _kept(folder: Path) -> int:
    return next(number for number in itertools.count() if not _place(folder, number).is_file())


def _place(folder: Path, number: int) -> Path:
    return folder / FOLDER / str(number) / FACTS


# --- survey-kpi diff ----------------------------------------------------------------------------------


def compare(
    before: str, after: str, *, data: Path | None = None, output: Path | None = None
) -> Iterator[str]:
    """Yield the lines that tell what differs between two evaluations.

    Parameters
    ----------
    before, after
        Each a file of facts, a folder that holds one, or `STUDY:PERIOD`, which is evaluated now.
    output
        CSV file to write the same listing to.

    Raises
    ------
    SpecError
        `facts_missing`: neither file, folder nor study and period.
    IntegrityError
        See `survey_kpi.frozen.from_parquet`.
    """
    found = difference(read_facts(before, data=data), read_facts(after, data=data))
    if output:
        write_difference(found, output)
    for change in found.changes:
        yield f"{change.key}  {_shown(change.before)} -> {_shown(change.after)} {change.unit}".rstrip()
    counts = ", ".join(f"{found.count(kind):,} {kind}" for kind in ("changed", "appeared", "vanished"))
    yield f"{counts}, {found.equal:,} equal"


def read_facts(source: str, *, data: Path | None = None) -> dict[str, Fact]:
    """Return the facts of a file, of a folder, or of a study and period evaluated now."""
    place = Path(source) / FACTS if Path(source).is_dir() else Path(source)
    if place.is_file():
        return from_parquet(place.read_bytes(), where=str(place))
    study, colon, period = source.rpartition(":")
    if colon and study and period:
        return facts_now(study, period, data)
    raise SpecError(
        "facts_missing",
        where=source,
        what=f"there is no file of facts, and no folder with {FACTS}",
        expected="a facts file, the folder of a run, or STUDY:PERIOD such as sample:2026Q3",
    )


def write_difference(found: Difference, output: Path) -> None:
    """Write every fact that differs as a row of a CSV file; an absent value is an empty cell."""
    with output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "change", "before", "after", "unit", "state_before", "state_after"])
        writer.writerows(_row(change) for change in found.changes)


def _row(change: Change) -> list[str]:
    sides = (change.before, change.after)
    values = [repr(side.value) if side and not math.isnan(side.value) else "" for side in sides]
    states = [str(side.state) if side else "" for side in sides]
    return [change.key, change.kind, *values, change.unit, *states]


def _shown(fact: Fact | None) -> str:
    if fact is None:
        return "none"
    return str(fact.state) if math.isnan(fact.value) else repr(fact.value)
