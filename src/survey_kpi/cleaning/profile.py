"""The first scan: the scalars that rules take from data, and the codings that must not be computed on.

One grouped query yields, per source and period, how often each item was answered and how often outside its
scale, and the median duration. Per source and period, because a median over everything would change the
exclusions of past quarters whenever a new quarter arrives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.cleaning import answers
from survey_kpi.cleaning.grouping import named
from survey_kpi.cleaning.policy import Setting
from survey_kpi.cleaning.rule import Frame, Group
from survey_kpi.errors import Problem, SchemaError
from survey_kpi.facts import fact_key
from survey_kpi.study.models import Codebook, Item

Row = Mapping[str, Any]
Settings = Mapping[str, Setting]
UNDATED = "undated"
ONES_SCALE = (1.0, 11.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the first scan found.

    Parameters
    ----------
    rows
        One record per source and period: how many rows, how many of each item `answered`, `outside` its scale
        and `coded` as missing, how many rows `named` their respondent, and the `median` duration.
    medians
        Median credible duration in seconds per source and period; only where there is one.
    asked, identified
        See `survey_kpi.cleaning.rule.Context`.
    doubts
        What would have been refused, had the study not set the rule to `flag`.
    """

    rows: tuple[Row, ...]
    medians: Mapping[Group, float]
    asked: Mapping[str | None, frozenset[str]]
    identified: frozenset[str | None]
    doubts: tuple[Problem, ...]

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every source and period in the data."""
        return tuple((row["source"], row["period"]) for row in self.rows)

    def total(self, part: str, item: Item) -> int:
        """Count the answers to an item that are `answered`, `outside` or `coded`."""
        return sum(row.get(f"{part} {item.id}", 0) for row in self.rows)


def scan(frame: Frame, codebook: Codebook, settings: Settings) -> list[Row]:
    """Count answers and take medians per source and period, in one scan."""
    names = frame.collect_schema().names()
    sums = [*_item_sums(codebook), *_row_sums(names, codebook, settings)]
    found = records(frame.group_by("source", "period").agg(nw.len().alias("rows"), *sums))
    found.sort(key=lambda row: (str(row["source"]), str(row["period"])))
    return [row | dict(_derived(row, codebook)) for row in found]


def numbers(names: Sequence[str], codebook: Codebook) -> list[str]:
    """Name the columns in which some engines write NaN for a missing number."""
    return [item.id for item in codebook.rated] + [name for name in ("duration_s",) if name in names]


def profile(frame: Frame, rows: Sequence[Row], codebook: Codebook, settings: Settings) -> Profile:
    """Draw the conclusions from the first scan.

    Raises
    ------
    SchemaError
        `nps_range`: a recommendation item is coded 1-11 without a declared shift. `undeclared_code`: a value
        outside its scale keeps coming back. All such items of the data at once.
    """
    doubts = {
        "nps_range": list(_ones_scale(rows, codebook, settings["nps_range"])),
        "undeclared_code": list(_undeclared(frame, rows, codebook, settings["undeclared_code"])),
    }
    refused = [one for code, found in doubts.items() if settings[code].action == "refuse" for one in found]
    if refused:
        raise SchemaError.collect(_first_per_place(refused))
    return _summary(
        rows, codebook.rated, _first_per_place([*doubts["nps_range"], *doubts["undeclared_code"]])
    )


def records(frame: Frame) -> list[dict[str, Any]]:
    """Run a small query; nulls come back as None, and counts as int from every engine."""
    found: list[dict[str, Any]] = frame.collect("pyarrow").to_native().to_pylist()
    return [{key: _plain(value) for key, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) else value


def _item_sums(codebook: Codebook) -> Iterator[nw.Expr]:
    for item in codebook.rated:
        yield nw.col(item.id).count().alias(f"given {item.id}")
        yield count(answers.within(item, answers.scale(codebook, item))).alias(f"valid {item.id}")
        if answers.codes(item):
            yield count(answers.coded(item)).alias(f"coded {item.id}")
        if item.role == "ltr":
            yield count(nw.col(item.id) == 0).alias(f"zero {item.id}")
            yield count((nw.col(item.id) == 11) & ~answers.coded(item)).alias(f"eleven {item.id}")


def _derived(row: Row, codebook: Codebook) -> Iterator[tuple[str, int]]:
    for item in codebook.rated:
        answered = row[f"given {item.id}"] - row.get(f"coded {item.id}", 0)
        yield f"answered {item.id}", answered
        yield f"outside {item.id}", answered - row[f"valid {item.id}"]


def _row_sums(names: Sequence[str], codebook: Codebook, settings: Settings) -> Iterator[nw.Expr]:
    if cells := [nw.col(name) for name in numbers(names, codebook)]:
        yield count(answers.largest(cells).is_nan()).alias("nan")  # engines rank a NaN above any number
    if "respondent_id" in names:
        yield count(named()).alias("named")
    if "duration_s" in names:
        duration = nw.col("duration_s")
        credible = (duration >= 0) & (duration <= settings["time_order"].params["max_s"])
        yield nw.when(credible).then(duration).median().alias("median")


def count(condition: nw.Expr) -> nw.Expr:
    """Count the rows for which a condition holds."""
    return nw.coalesce(answers.number(condition).sum(), nw.lit(0))


def _summary(rows: Sequence[Row], rated: Sequence[Item], doubts: Sequence[Problem]) -> Profile:
    sources = dict.fromkeys(row["source"] for row in rows)
    asked = {
        source: frozenset(
            item.id
            for item in rated
            if any(row["source"] == source and row[f"answered {item.id}"] for row in rows)
        )
        for source in sources
    }
    return Profile(
        rows=tuple(rows),
        medians={
            (row["source"], row["period"]): float(row["median"])
            for row in rows
            if row.get("median") is not None
        },
        asked=asked,
        identified=frozenset(row["source"] for row in rows if row.get("named")),
        doubts=tuple(doubts),
    )


def median_key(group: Group) -> str:
    """Return the fact key of the median duration of a source and period."""
    source, period = group
    return fact_key(period or UNDATED, "param", "median_duration_s", source or "unnamed")


# --- refusals -----------------------------------------------------------------------------------------


def _per_source(rows: Sequence[Row], key: str) -> dict[str | None, int]:
    totals: dict[str | None, int] = {}
    for row in rows:
        totals[row["source"]] = totals.get(row["source"], 0) + int(row[key])
    return totals


def _ones_scale(rows: Sequence[Row], codebook: Codebook, setting: Setting) -> Iterator[Problem]:
    """Find recommendation items that were coded 1-11: elevens are common and nobody answered 0."""
    items = [item for item in codebook.rated if item.role == "ltr" and not item.shift]
    for item in items if setting.action != "off" else ():
        scale = answers.scale(codebook, item)
        if (scale.low, scale.high) == ONES_SCALE:
            yield _nps_problem("codebook", item, "a scale from 1 to 11")
            continue
        counts = (_per_source(rows, f"{part} {item.id}") for part in ("zero", "eleven", "answered"))
        zeros, elevens, answered = counts
        for source, total in answered.items():
            if not zeros[source] and elevens[source] > setting.params["max_share"] * total:
                yield _nps_problem(source, item, f"no 0 and {elevens[source]} of {total} answers 11")


def _nps_problem(source: str | None, item: Item, got: str) -> Problem:
    return Problem(
        code="nps_range",
        where=f"{source}: item '{item.id}'",
        what="the recommendation item looks coded 1-11",
        got=got,
        expected="answers from 0 to 10",
        hint="if 1 means 'not at all likely', declare the scale 0-10 and shift: -1 in codebook.yaml; "
        "if 11 means no answer, declare missing_codes: [11]",
    )


def _undeclared(frame: Frame, rows: Sequence[Row], codebook: Codebook, setting: Setting) -> Iterator[Problem]:
    """Find values outside a scale that are too common to be slips; looks closer only where there are many."""
    for item in codebook.rated if setting.action != "off" else ():
        outside, answered = (_per_source(rows, f"{part} {item.id}") for part in ("outside", "answered"))
        limits = {
            source: max(setting.params["max_share"] * total, setting.params["min_rows"] - 1)
            for source, total in answered.items()
        }
        if any(outside[source] > limit for source, limit in limits.items()):
            yield from _common_values(frame, item, codebook, limits, answered)


def _common_values(
    frame: Frame,
    item: Item,
    codebook: Codebook,
    limits: Mapping[str | None, float],
    answered: Mapping[str | None, int],
) -> Iterator[Problem]:
    scale = answers.scale(codebook, item)
    strange = frame.filter(answers.outside(item, scale)).select("source", nw.col(item.id).alias("code"))
    common = records(strange.group_by("source", "code").agg(nw.len().alias("rows")))
    for row in sorted(common, key=lambda row: (str(row["source"]), row["code"])):
        source, code, times = row["source"], row["code"], row["rows"]
        if times > limits[source]:
            yield Problem(
                code="undeclared_code",
                where=f"{source}: item '{item.id}'",
                what=f"the value {code:g} lies outside the scale and keeps coming back",
                got=f"{times} of {answered[source]} answers",
                expected=f"answers from {scale.low:g} to {scale.high:g}, or a declared missing code",
                hint=f"declare missing_codes: [{code:g}] for the item in codebook.yaml",
            )


def _first_per_place(problems: Sequence[Problem]) -> list[Problem]:
    """Name each item of a source once: elevens on a 1-11 coding are undeclared codes as well."""
    return list({problem.where: problem for problem in reversed(problems)}.values())[::-1]
