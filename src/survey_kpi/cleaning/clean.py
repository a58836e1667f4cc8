"""Cleaning: every row stays, with what was noticed about it and whether it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import narwhals.stable.v2 as nw

from survey_kpi import engine
from survey_kpi.cleaning import answers, grouping, verdict
from survey_kpi.cleaning.cleaned import Cleaned
from survey_kpi.cleaning.policy import Setting, resolve
from survey_kpi.cleaning.profile import Profile, Row, median_key, numbers, profile, scan
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG, HELPER, KEEP, VALID, Context, Frame, Scored
from survey_kpi.errors import MethodError, Problem, SchemaError, nearest
from survey_kpi.study.models import Cleaning, Codebook

NEEDED = ("row_id", "source", "period")
RESERVED = (FLAG, VALID, HELPER)


def clean(
    frame: Frame,
    codebook: Codebook,
    policy: Cleaning,
    *,
    thresholds: Mapping[str, float] | None = None,
) -> Cleaned:
    """Flag every response by the rules of the policy and say which are kept; no row is dropped or altered.

    One scan takes the scalars that the rules need (median durations, which items a source asked); the
    flags themselves are expressions that run when the result is collected.

    Parameters
    ----------
    frame
        Responses on any engine: row_id (text, unique), source, period, fields, and one number column per
        rated item, null where not answered.
    codebook
        Items and scales.
    policy
        What each rule does. Rules that are signs of careless answering exclude only together.
    thresholds
        Scalars by fact key that stay as published instead of being taken from these data.

    Raises
    ------
    SpecError
        See `survey_kpi.cleaning.policy.resolve`.
    SchemaError
        `column_missing`, `reserved_column`; `nps_range`, `undeclared_code`: see
        `survey_kpi.cleaning.profile.profile`.

    Examples
    --------
    >>> import pandas as pd
    >>> from survey_kpi import engine
    >>> from survey_kpi.study.models import Cleaning, Codebook
    >>> text = {"zh": "总体满意度", "en": "Overall satisfaction"}
    >>> codebook = Codebook(
    ...     schema_version=1,
    ...     scales={"five": {"low": 1, "high": 5}},
    ...     items=[{"id": "csat", "question": text, "label": text, "role": "overall", "scale": "five"}],
    ... )
    >>> rows = pd.DataFrame({
    ...     "row_id": ["r1", "r2", "r3"], "source": "web", "period": "2026Q3",
    ...     "respondent_id": ["c1", "c1", None], "csat": [4.0, 9.0, 5.0],
    ...     "submitted_at": pd.to_datetime(["2026-07-02", "2026-07-01", "2026-07-03"]),
    ... })
    >>> cleaned = clean(engine.scan(rows), codebook, Cleaning())
    >>> found = engine.collect(cleaned.frame).sort_values("row_id")
    >>> found[["row_id", "csat", "keep", "excluded_by"]]
      row_id  csat   keep    excluded_by
    0     r1   4.0   True
    1     r2   NaN  False      duplicate
    2     r3   5.0   True
    """
    settings = resolve(policy, codebook)
    columns = tuple(frame.collect_schema().names())
    _check_columns(columns, codebook)
    wanted = {code: setting for code, setting in settings.items() if setting.action != "off"}
    unmet = {code: why for code, setting in wanted.items() if (why := _unmet(setting, columns, codebook))}
    running = {code: setting for code, setting in wanted.items() if code not in unmet}
    frame, seen = _scanned(frame, codebook, settings)
    found = profile(frame, seen, codebook, settings)
    taken = _thresholds(found, running, thresholds or {})
    context = _context(codebook, columns, found, running, taken)
    rows = _with_valid(frame, codebook, running)
    noticed, failed = _scored(rows, context, running)
    context = replace(context, found=noticed)
    running = {code: setting for code, setting in running.items() if code not in failed}
    return Cleaned(
        rows=_judged(_looked_up(rows, context, running), context, running, policy.careless_at_least),
        columns=columns,
        settings=running,
        context=context,
        profile=found,
        thresholds=taken,
        unmet=unmet | failed,
    )


def _check_columns(columns: tuple[str, ...], codebook: Codebook) -> None:
    needed = [*NEEDED, *(item.id for item in codebook.rated)]
    missing = [
        Problem(
            code="column_missing",
            where="responses",
            what=f"column '{name}' is missing",
            hint=nearest(name, columns),
        )
        for name in needed
        if name not in columns
    ]
    taken = [
        Problem(
            code="reserved_column",
            where="responses",
            what=f"column '{name}' has a name that cleaning gives to its own columns",
            hint="give the field another name in codebook.yaml",
        )
        for name in columns
        if name in {KEEP, EXCLUDED_BY} or name.startswith(RESERVED)
    ]
    if missing or taken:
        raise SchemaError.collect([*missing, *taken])


def _unmet(setting: Setting, columns: tuple[str, ...], codebook: Codebook) -> str:
    absent = [name for name in setting.rule.columns(setting.params) if name not in columns]
    if absent:
        return f"column {', '.join(repr(name) for name in absent)} is missing"
    return setting.rule.unmet(codebook, setting.params)


def _scanned(frame: Frame, codebook: Codebook, settings: Mapping[str, Setting]) -> tuple[Frame, list[Row]]:
    """Scan the responses; where a NaN stands for a missing number, replace it by null and scan again."""
    seen = scan(frame, codebook, settings)
    if not any(row.get("nan") for row in seen):
        return frame, seen
    names = numbers(frame.collect_schema().names(), codebook)
    frame = frame.with_columns(
        nw.when(~nw.col(name).is_nan()).then(nw.col(name)).alias(name) for name in names
    )
    return frame, scan(frame, codebook, settings)


def _thresholds(
    found: Profile, running: Mapping[str, Setting], frozen: Mapping[str, float]
) -> dict[str, float]:
    if "too_fast" not in running:
        return {}
    taken = {median_key(group): value for group, value in found.medians.items()}
    return {key: frozen.get(key, value) for key, value in taken.items()}


def _context(
    codebook: Codebook,
    columns: tuple[str, ...],
    found: Profile,
    running: Mapping[str, Setting],
    taken: Mapping[str, float],
) -> Context:
    share = running["too_fast"].params["below_median_share"] if "too_fast" in running else 0.0
    return Context(
        codebook=codebook,
        columns=frozenset(columns),
        asked=found.asked,
        identified=found.identified,
        finished_only="platform_status" in running and running["platform_status"].action == "exclude",
        limits={group: share * taken.get(median_key(group), 0.0) for group in found.groups},
    )


def _with_valid(frame: Frame, codebook: Codebook, running: Mapping[str, Setting]) -> Frame:
    outside = running.get("out_of_range")
    drop = outside is not None and outside.action == "set_missing"
    valid = {
        VALID + item.id: answers.valid(item, answers.scale(codebook, item), drop_outside=drop)
        for item in codebook.rated
    }
    return frame.with_columns(**valid) if valid else frame


def _scored(
    rows: Frame, context: Context, running: Mapping[str, Setting]
) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Run the rules that score a matrix on the valid answers of all rows, which are read only if needed.

    Returns the rows noticed, and for rules that do not apply to these data the reason.
    """
    scores = {code: setting.rule.score for code, setting in running.items()}
    if not any(scores.values()):
        return {}, {}
    table = engine.collect(rows.select("row_id", *answers.columns(context.codebook.rated)))
    matrix = table.drop(columns="row_id").to_numpy(dtype=float, na_value=float("nan"))
    found, failed = {}, {}
    for code, score in scores.items():
        if score is not None:
            try:
                found[code] = _noticed(table["row_id"].tolist(), score(matrix, context, running[code].params))
            except MethodError as error:
                failed[code] = error.problems[0].what
    return found, failed


def _noticed(row_ids: list[str], scored: Scored) -> dict[str, float]:
    where = scored.noticed.nonzero()[0]
    return {row_ids[row]: float(scored.index[row]) for row in where}


def _looked_up(rows: Frame, context: Context, running: Mapping[str, Setting]) -> Frame:
    """Attach what is known about groups of rows; each group is built from the rows themselves."""
    found = rows
    for setting in running.values():
        if setting.rule.lookup:
            found = grouping.attach(found, setting.rule.lookup(rows, context, setting.params))
    return found


def _judged(rows: Frame, context: Context, running: Mapping[str, Setting], at_least: int) -> Frame:
    judging = [setting for setting in running.values() if setting.rule.level == "row"]
    flags = [_flag(setting, context).alias(FLAG + setting.code) for setting in judging]
    flagged = rows.with_columns(flags) if flags else rows
    agreed = flagged.with_columns(verdict.together(judging, at_least).alias(verdict.TOGETHER))
    return agreed.with_columns(
        verdict.keep(judging).alias(KEEP), verdict.excluded_by(judging).alias(EXCLUDED_BY)
    )


def _flag(setting: Setting, context: Context) -> nw.Expr:
    if setting.rule.flag is None:
        ids = list(context.found[setting.code])
        return nw.col("row_id").is_in(ids) if ids else nw.lit(False)
    return nw.coalesce(setting.rule.flag(context, setting.params), nw.lit(False))
