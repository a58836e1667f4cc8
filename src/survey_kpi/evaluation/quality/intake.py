"""How the layout of a period's files differs from the last files before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from survey_kpi.frames import Row, rows_of
from survey_kpi.period import Period
from survey_kpi.readers.files import Options, open_export
from survey_kpi.readers.formats import choose
from survey_kpi.readers.headers import fold, match
from survey_kpi.study.models import Source, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Columns of one file against an earlier one; `before` is empty where there is none.

    Parameters
    ----------
    new, gone
        Headers that only the later, or only the earlier file has.
    renamed
        What the codebook knows as the same: code, earlier header, present header.
    absent
        Items that this version of the questionnaire did not ask.
    """

    file: str
    before: str
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str, str], ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Headers of one file: those the codebook knows by their code, and the others."""

    known: Mapping[str, str]
    unused: tuple[str, ...]
    absent: tuple[str, ...]


def drifts(study: Study, intake: pd.DataFrame, months: pd.DataFrame, period: Period) -> tuple[Drift, ...]:
    """Compare each file that holds answers of the period with the last one before it.

    Parameters
    ----------
    intake
        One row per file, as `read_responses` records it.
    months
        Rows per file and month (`file`, `month`, `rows`).

    Notes
    -----
    The last file of the same source counts; a source that is one wave is compared with the last wave of
    its format. A file that holds earlier quarters too has nothing to be compared with.
    """
    spans = months.dropna(subset=["month"]).groupby("file")["month"].agg(["min", "max"])
    sources = {source.id: source for source in study.study.sources}
    files = [row for row in rows_of(intake) if row.file in spans.index]
    mine = [row for row in files if _touches(spans.loc[row.file], period)]
    found = []
    for row in mine:
        before = _before(row, files, spans, period)
        layout = read_layout(study, sources[row.source], row.file)
        if before is None:
            found.append(Drift(file=row.file, before="", absent=layout.absent))
            continue
        earlier = read_layout(study, sources[before.source], before.file)
        found.append(compare(row.file, before.file, layout, earlier))
    return tuple(found)


def _touches(span: pd.Series, period: Period) -> bool:
    return bool(span["min"] < period.first + period.months and span["max"] >= period.first)


def _before(row: Row, files: Sequence[Row], spans: pd.DataFrame, period: Period) -> Row | None:
    if spans.loc[row.file, "min"] < period.first:
        return None
    earlier = [one for one in files if spans.loc[one.file, "max"] < period.first]
    same = [one for one in earlier if one.source == row.source]
    alike = same or [one for one in earlier if one.format == row.format]
    return max(alike, key=lambda one: (spans.loc[one.file, "max"], one.file), default=None)


def read_layout(study: Study, source: Source, file: str) -> Layout:
    """Read the headers of one file and match them with the codebook."""
    path = Path(study.data_dir) / file
    export = open_export(path, where=file, options=Options(encoding=source.encoding))
    found, _ = match(choose(export, source.format).read(export).columns, study, source, file)
    known = {code: " + ".join(c.header for c in columns) for code, columns in found.items.items()}
    known |= {code: column.header for code, column in found.fields.items()}
    return Layout(known=known, unused=found.unused, absent=found.absent)


def compare(file: str, before: str, now: Layout, earlier: Layout) -> Drift:
    """Return what is new, gone and renamed between two layouts."""
    both = [code for code in now.known if code in earlier.known]
    new = [now.known[code] for code in now.known if code not in earlier.known]
    gone = [earlier.known[code] for code in earlier.known if code not in now.known]
    return Drift(
        file=file,
        before=before,
        new=(*new, *_without(now.unused, earlier.unused)),
        gone=(*gone, *_without(earlier.unused, now.unused)),
        renamed=tuple(
            (code, earlier.known[code], now.known[code])
            for code in both
            if fold(earlier.known[code]) != fold(now.known[code])
        ),
        absent=now.absent,
    )


def _without(headers: Sequence[str], others: Sequence[str]) -> list[str]:
    known = {fold(name) for name in others}
    return [name for name in headers if fold(name) not in known]
