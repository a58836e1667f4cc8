"""The next period of a study: which files are there, what is called differently, what changed in words.

An edge: it reads headers and dates of the exports, keeps a dated copy of the codebook, and enters a new wave
under `sources` where each wave is a source of its own. Nothing is overwritten, so it can be run again
whenever a file has come or the codebook was changed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals.stable.v2 as nw

from survey_kpi.engine import collect
from survey_kpi.errors import RunError, SchemaError, SpecError, nearest
from survey_kpi.evaluation import open_study
from survey_kpi.evaluation.quality.intake import Layout, compare, read_layout
from survey_kpi.frames import rows_of
from survey_kpi.indicators.cells import MONTH, with_period
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.readers.files import is_glob
from survey_kpi.sampling import Change, difference
from survey_kpi.study import load_codebook
from survey_kpi.study.document import parse
from survey_kpi.study.models import Source, Study

PAST = "codebooks"
"""Folder of dated codebooks inside the study folder."""
BREAKING = frozenset({"wording", "scale"})
LONGEST = 70


def prepare_period(study: str | Path, period: str, *, data: str | Path | None = None) -> Iterator[str]:
    """Prepare the next period of a study; yield lines that tell what is there, what is missing, what to do.

    Parameters
    ----------
    study, data
        As for `survey_kpi.evaluation.open_study`.
    period
        A month `2026-10` or a quarter `2026Q4`.

    Raises
    ------
    SpecError
        `period_format`; and all mistakes of the study files at once.
    RunError
        `disk`: a file cannot be written.
    """
    declared, now = open_study(study, data=data), _single(period)
    yield f"{declared.study.name}: {now}, after {now.shift(-1)}"
    yield from _codebook_lines(declared, now.shift(-1))
    found = [_of_source(declared, source, now) for source in _sources(declared, now)]
    for one in found:
        yield from one.lines
    ready = [one for one in found if one.here]
    yield from _entry_lines(declared, now)
    lacking = "" if len(ready) == len(found) > 0 else declared.data_dir
    yield from _next_steps(study, now, data=data, lacking=lacking)


def _single(text: str) -> Period:
    period = Period.parse(text)
    if period.months > 3:
        raise SpecError(
            "period_format",
            where="period",
            what="answers are collected by month or quarter",
            got=repr(text),
            expected="a month 2026-07 or a quarter 2026Q3",
        )
    return period


# --- the codebook -------------------------------------------------------------------------------------


def _codebook_lines(study: Study, before: Period) -> Iterator[str]:
    """Keep the codebook of the period before, once, and print what has changed since."""
    kept = Path(study.root) / PAST / f"{before}.yaml"
    if not kept.exists():
        _write_new(kept, (Path(study.root) / "codebook.yaml").read_bytes())
        yield f"written: {kept}, the codebook of {before}"
    changes = difference(load_codebook(kept), study.codebook)
    if not changes:
        yield f"codebook: unchanged since {before}"
        return
    yield f"codebook: {len(changes)} changes since {before}"
    for change in changes:
        yield f"  {_told(change)}"
    if any(change.kind in BREAKING for change in changes):
        yield (
            "  other words or another scale break the trend: keep the former words under `wordings` of the"
            " item, by questionnaire version; with another scale, declare a new item"
        )


def _told(change: Change) -> str:
    sides = [_short(side) for side in (change.before, change.after) if side]
    return f"{change.kind} {change.name}: {' -> '.join(sides)}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _write_new(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        what = f"the file cannot be written: {error.strerror}"
        raise RunError("disk", where=str(path), what=what) from error


# --- the files of a source ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a source holds of the period: whether anything, and the lines that tell."""

    here: bool
    lines: Sequence[str]


def _sources(study: Study, period: Period) -> list[Source]:
    """Return the sources that can hold answers of a period: those of other waves cannot."""
    return [source for source in study.study.sources if source.period in (None, str(period))]


def _of_source(study: Study, source: Source, period: Period) -> _Found:
    try:
        months = _months(study, source)
    except SchemaError as error:
        problems = [f"  {problem}" for problem in error.problems]
        return _Found(here=False, lines=[f"source {source.id}: cannot be read yet", *problems])
    mine = {file: _inside(found, period) for file, found in months.items()}
    files = [file for file, rows in mine.items() if rows]
    if not files:
        return _Found(here=False, lines=_missing(study, source, period, list(months)))
    lines = [f"source {source.id}: {file} holds {mine[file]:,} rows of {period}" for file in files]
    earlier = [file for file, found in months.items() if max(found, default=period.first) < period.first]
    before = max(earlier, key=lambda file: max(months[file], default=0), default=None)
    return _Found(
        here=True, lines=[*lines, *(line for file in files for line in _drift(study, source, file, before))]
    )


def _months(study: Study, source: Source) -> dict[str, dict[int, int]]:
    """Count the rows of each file by month; only fields are read, so that unknown questions do no harm."""
    fields = study.codebook.model_copy(update={"items": ()})
    dates = study.model_copy(update={"codebook": fields})
    frame = with_period(read_responses(dates, only=[source.id]).frame, study.study.sources)
    rows = collect(frame.group_by("file", MONTH).agg(nw.len().alias("rows")))
    found: dict[str, dict[int, int]] = {}
    for row in rows_of(rows.sort_values("file")):
        here = found.setdefault(str(row.file), {})
        if row.month == row.month:  # rows without a date are of no month
            here[int(row.month)] = int(row.rows)
    return found


def _inside(months: Mapping[int, int], period: Period) -> int:
    return sum(rows for month, rows in months.items() if 0 <= month - period.first < period.months)


def _missing(study: Study, source: Source, period: Period, files: Sequence[str]) -> list[str]:
    what = f"source {source.id}: missing; no file of '{source.file}' holds answers of {period}"
    if not is_glob(source.file):
        return [what, f"  export it again with all answers to date, as {source.file}, into {study.data_dir}"]
    name = renamed(files[-1], period.shift(-1), period) if files else source.file
    return [what, f"  put the export into {study.data_dir}, for example as {name}"]


def _drift(study: Study, source: Source, file: str, before: str | None) -> Iterator[str]:
    """Tell which headers the codebook does not know, and which items have no column, with near names."""
    layout = read_layout(study, source, file)
    earlier = read_layout(study, source, before) if before else Layout(known={}, unused=(), absent=())
    drift = compare(file, before or "", layout, earlier)
    strange = [header for header in layout.unused if header in drift.new] if before else list(layout.unused)
    for header in strange:
        yield f"  {file}: the codebook does not know the header '{_short(header)}'"
    for item in study.codebook.items:
        if item.id not in layout.known and item.id not in layout.absent:
            words = earlier.known.get(item.id, item.question.zh)
            near = nearest(words, layout.unused)
            meant = f"; {near}" if near.startswith("did you mean") else ""
            yield f"  {file}: no column for '{item.id}' ('{_short(words)}'){meant}"
    for code, old, new in drift.renamed:
        yield f"  {file}: '{code}' is now headed '{_short(new)}', before '{_short(old)}'"


def renamed(name: str, before: Period, now: Period) -> str:
    """Return a name with the period in it moved on; with the period added where it holds none.

    Examples
    --------
    >>> third, fourth = Period.parse("2026Q3"), Period.parse("2026Q4")
    >>> renamed("wjx_2026q3.csv", third, fourth), renamed("wave.csv.gz", third, fourth)
    ('wjx_2026q4.csv', 'wave_2026q4.csv.gz')
    >>> renamed("sfo_2017.csv", Period.parse("2017Q2"), Period.parse("2018Q2"))
    'sfo_2018.csv'
    """
    for form in (str, lambda period: str(period).lower(), lambda period: str(period)[:4]):
        old, new = form(before), form(now)
        if old in name and old != new:
            return name.replace(old, new)
    stem, dot, ending = name.partition(".")
    return f"{stem}_{str(now).lower().replace('-', '_')}{dot}{ending}"


# --- a wave of its own --------------------------------------------------------------------------------


def _entry_lines(study: Study, period: Period) -> Iterator[str]:
    """Enter the wave under `sources` where every wave is a source of its own; else tell nothing."""
    waves = [source for source in study.study.sources if source.period]
    if len(waves) < len(study.study.sources) or any(wave.period == str(period) for wave in waves):
        return
    last = max(waves, key=lambda wave: Period.parse(str(wave.period)))
    before = Period.parse(str(last.period))
    entry = last.model_copy(
        update={
            "id": renamed(last.id, before, period),
            "file": renamed(last.file, before, period),
            "period": str(period),
        }
    )
    path = Path(study.root) / "study.yaml"
    text = path.read_text(encoding="utf-8-sig")
    extended = with_source(text, entry)
    yield f"source {entry.id}: new, {entry.file} for {period}, with the layout of '{last.id}'"
    if extended is None:
        yield "  add under sources in study.yaml:"
        yield from (f"  {line}" for line in entry_text(entry, "  ").splitlines())
        return
    _replace(path, extended)
    yield f"  written: the source under sources in {path}; put the export into {study.data_dir}"


def entry_text(source: Source, indent: str) -> str:
    """Return a source as YAML, in the plain form that study files use."""
    told = source.model_dump(exclude_defaults=True, mode="json")
    lines = [f"{key}: {_scalar(value)}" for key, value in told.items()]
    return (
        "\n".join(f"{indent}{'- ' if place == 0 else '  '}{line}" for place, line in enumerate(lines)) + "\n"
    )


def _scalar(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: {_quoted(text)}" for key, text in value.items()) + " }"
    return _quoted(value)


def _quoted(value: object) -> str:
    text = str(value)
    return f'"{text}"' if text.replace(".", "").isdigit() else "'" + text.replace("'", "''") + "'"


def with_source(text: str, source: Source) -> str | None:
    """Return `study.yaml` with one more source after the others; None where its form does not allow that.

    The result is parsed again: it counts only if it says what stood there, and the new source.
    """
    document = parse("study.yaml", text)
    keys = [(line, path[0]) for path, line in document.lines.items() if len(path) == 1]
    start = document.lines[("sources",)]
    after = min((line for line, key in keys if line > start), default=None)
    lines = text.splitlines(keepends=True)
    end = len(lines) if after is None else after - 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    while end > start and lines[end - 1].lstrip().startswith("#"):
        end -= 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    first = lines[start] if start < len(lines) else ""
    indent = first[: len(first) - len(first.lstrip())]
    extended = "".join([*lines[:end], entry_text(source, indent), *lines[end:]])
    result = parse("study.yaml", extended)
    wanted = {**document.data, "sources": [*document.data["sources"], _plain(source)]}
    return extended if not result.problems and result.data == wanted else None


def _plain(source: Source) -> dict[str, object]:
    return source.model_dump(exclude_defaults=True, mode="json")


def _replace(path: Path, text: str) -> None:
    """Put a file in the place of another in one step."""
    beside = path.with_name(f".{path.name}.survey-kpi-tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        what = f"the file cannot be written: {error.strerror}"
        raise RunError("disk", where=str(path), what=what) from error


# --- what comes next ----------------------------------------------------------------------------------


def _next_steps(study: str | Path, period: Period, *, data: str | Path | None, lacking: str) -> Iterator[str]:
    """Tell what to do next, with commands that name the study and its rows as they were named here."""
    name, rows = shlex.quote(str(study)), f" --data {shlex.quote(str(data))}" if data else ""
    steps = [f"put the missing files into {lacking}"] if lacking else []
    steps += [
        f"run this again after each change: survey-kpi new-quarter {name} {period}{rows}",
        f"survey-kpi check {name}{rows}",
        f"survey-kpi report {name} {period} --edition all{rows}",
    ]
    yield "next:"
    yield from (f"  {place}. {step}" for place, step in enumerate(steps, start=1))
