"""Cross-checks of what experts said: settings of the rules, and the files that hold judgements and scores."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey_kpi.errors import Problem, nearest
from survey_kpi.study.check_study import escapes
from survey_kpi.study.document import MAX_BYTES
from survey_kpi.study.draft import Draft, Problems, unknown
from survey_kpi.study.models import IndicatorWeightRule
from survey_kpi.study.wording import shown

RULES = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One kind of file: its columns, those of them that name indicators, and what it is called."""

    columns: tuple[str, ...]
    named: tuple[str, ...]
    words: str


LAYOUTS: Mapping[str, Layout] = {
    "judgements": Layout(
        columns=("expert_id", "row", "column", "value"),
        named=("column", "row"),
        words="a file of judgements",
    ),
    "ratings": Layout(
        columns=("expert_id", "indicator", "score"),
        named=("indicator",),
        words="a file of importance scores",
    ),
}
"""Files that `indicator_weights` may name, by key."""

Lines = list[tuple[int, dict[str, str]]]
"""Rows with their line numbers."""


def settings(draft: Draft) -> Problems:
    """The random index exists, an override says why, the scale of scores has two ends."""
    rule: IndicatorWeightRule = draft.get("rules.indicator_weights")
    here = draft.where(RULES, "indicator_weights", "random_index")
    yield from unknown(here, "no such random index", rule.random_index, draft.words.random_indices)
    if rule.consistency_limit is None and not rule.consistency_reason:
        here = draft.where(RULES, "indicator_weights", "consistency_limit")
        what = "judgements are accepted however inconsistent they are, without a reason"
        yield Problem(code="reason_missing", where=here, what=what, hint="give consistency_reason")
    low, high = rule.rating_scale
    if not 0 <= low < high:
        here = draft.where(RULES, "indicator_weights", "rating_scale")
        what, got = "the scale of importance scores needs a lower and a higher end", f"{low:g} to {high:g}"
        yield Problem(
            code="score_range", where=here, what=what, got=got, expected="0 or more, the lower first"
        )


def files(draft: Draft) -> Problems:
    """Files stand in the study folder and name what is scored; influence is declared for every expert."""
    rule: IndicatorWeightRule = draft.get("rules.indicator_weights")
    methods = {"judgements": draft.words.judgement_methods, "ratings": draft.words.rating_methods}
    rows: dict[str, Lines] = {}
    for key, layout in LAYOUTS.items():
        name = getattr(rule, key)
        needed = [part.method for part in rule.parts if part.method in methods[key]]
        where = draft.where(RULES, "indicator_weights", key)
        if needed and not name:
            what = f"the method '{needed[0]}' needs {layout.words}"
            hint = "survey-kpi judgements template writes a questionnaire, judgements collect the file"
            yield Problem(code=f"{key}_missing", where=where, what=what, hint=hint)
        if name:
            escaped = list(escapes(where, name, draft.folder))
            problems, rows[key] = (escaped, []) if escaped else _read(where, draft.folder / name, layout)
            yield from problems
            yield from _names(draft, rows[key], name, layout)
    yield from _scores(rows.get("ratings", []), rule)
    yield from _influence(draft, rule, [row for lines in rows.values() for _, row in lines])


def _read(where: str, path: Path, layout: Layout) -> tuple[list[Problem], Lines]:
    """Return the rows of a file with their lines, or why there are none."""
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        what = "the file is larger than judgements can be" if path.is_file() else "there is no such file"
        code = "limit_exceeded" if path.is_file() else "file_missing"
        hint = "" if path.is_file() else "survey-kpi judgements collect writes it from what experts filled in"
        return [Problem(code=code, where=where, what=what, got=shown(path.name), hint=hint)], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            columns = reader.fieldnames or []
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what, got = f"the judgements cannot be read: {type(error).__name__}", shown(path.name)
        return [Problem(code="encoding", where=where, what=what, got=got, expected="CSV in UTF-8")], []
    missing = [name for name in layout.columns if name not in columns]
    if missing:
        got, expected = shown(", ".join(columns)), ", ".join(layout.columns)
        what = f"the column '{missing[0]}' is missing"
        code = "column_missing"
        return [Problem(code=code, where=path.name, what=what, got=got, expected=expected)], []
    return [], rows


def _names(draft: Draft, rows: Lines, file: str, layout: Layout) -> Problems:
    """Tell a name that is not scored once, at its first line."""
    named = {row[column]: (column, line) for line, row in reversed(rows) for column in layout.named}
    for name, (column, line) in sorted(named.items(), key=lambda entry: entry[1][1]):
        here, what = f"{Path(file).name}: {column}, line {line}", "the judgement names what is not scored"
        yield from unknown(here, what, name, draft.get("rules.scored"))


def _scores(rows: Lines, rule: IndicatorWeightRule) -> Problems:
    """Scores stand on the declared scale; what is no number is told when the table is read."""
    low, high = rule.rating_scale
    for line, row in rows:
        score = _number(row["score"])
        if not (math.isnan(score) or low <= score <= high):
            where = f"{Path(rule.ratings or '').name}: score, line {line}"
            what = "the score lies outside the declared scale"
            expected = f"{low:g} to {high:g} (rating_scale)"
            yield Problem(
                code="score_range", where=where, what=what, got=shown(row["score"]), expected=expected
            )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _influence(draft: Draft, rule: IndicatorWeightRule, rows: Sequence[Mapping[str, str]]) -> Problems:
    experts = list(dict.fromkeys(row["expert_id"] for row in rows))
    if not rule.influence or not experts:
        return
    for name in rule.influence:
        where = draft.where(RULES, "indicator_weights", "influence", name)
        yield from unknown(where, "no such expert in the files of judgements", name, experts)
    where = draft.where(RULES, "indicator_weights", "influence")
    for name in experts:
        if name not in rule.influence:
            what = "an expert has no influence declared, and none is assumed"
            hint = nearest(name, rule.influence)
            yield Problem(code="influence_missing", where=where, what=what, got=shown(name), hint=hint)


CHECKS = ((settings, ("rules.indicator_weights",)),)
FILE_CHECKS = ((files, ("rules.indicator_weights", "rules.scored")),)
"""Checks that read the files of judgements; those who are about to collect them do without."""
