"""Every number of an assessment as a fact: the one place where its keys and formulas are composed.

Keys read `<period>/quality.<name>/<scope>`; the scope is "company", or the file, item, rule, person's code or
value that the number is about. Scalars that cleaning took from the data have the keys it gave them:
`<period>/param.<name>/<source>`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from survey_kpi.cleaning import RULES
from survey_kpi.estimate import State
from survey_kpi.evaluation.quality import tables
from survey_kpi.evaluation.quality.company_facts import company_facts
from survey_kpi.evaluation.quality.invitation_facts import invitation_facts
from survey_kpi.evaluation.quality.judging import percent
from survey_kpi.evaluation.quality.result import Quality, quality_key
from survey_kpi.facts import Fact
from survey_kpi.frames import rows_of
from survey_kpi.indicators import INDICATORS
from survey_kpi.inference.intervals import wilson

RECEIVED, KEPT = "rows of the period", "answers kept by cleaning, of the period"


def record(quality: Quality, *, weight_effect: float) -> Mapping[str, Fact]:
    """Return every number of an assessment's tables by its key.

    Parameters
    ----------
    weight_effect
        Kish's design effect; NaN where no respondent weight is declared.
    """
    found = [
        *_gates(quality),
        *_intake(quality),
        *_flow(quality),
        *_problems(quality),
        *_mixes(quality),
        *_weights(quality, weight_effect),
        *invitation_facts(quality),
        *_matching(quality),
        *company_facts(quality),
        *_toggles(quality),
    ]
    return {fact.key: fact for fact in found}


def _count(
    quality: Quality,
    name: str,
    value: float,
    formula: str,
    scope: str = "company",
    *,
    filter: str = RECEIVED,
) -> Fact:
    key = quality_key(quality.period, name, scope)
    return Fact(key=key, value=float(value), unit="count", formula=formula, filter=filter)


def _share(
    key: str,
    value: float,
    formula: str,
    filter: str,
    depends: tuple[str, ...] = (),
) -> Fact:
    measured = not math.isnan(value)
    return Fact(
        key=key,
        value=float(value),
        unit="percent",
        state=State.MEASURED if measured else State.UNAVAILABLE,
        reason="" if measured else "nothing to divide by",
        formula=formula,
        filter=filter,
        depends=depends,
    )


def _gates(quality: Quality) -> Iterator[Fact]:
    for one in quality.gates:
        measured = one.verdict != "not_measured"
        yield Fact(
            key=quality_key(quality.period, f"gate_{one.gate.name}"),
            value=one.value,
            unit=one.gate.unit,
            state=State.MEASURED if measured else State.UNAVAILABLE,
            reason="" if measured else "the data do not hold what the gate looks at",
            formula=one.gate.formula,
            filter=one.where or RECEIVED,
        )
        yield Fact(
            key=quality_key(quality.period, f"limit_{one.gate.name}"),
            value=one.limit,
            unit=one.gate.unit,
            formula="declared limit of the gate",
        )
    for table in dict.fromkeys(one.gate.table for one in quality.gates):
        mine = [one.verdict for one in quality.gates if one.gate.table == table]
        passed, judged = mine.count("passed"), len(mine) - mine.count("not_measured")
        yield _count(quality, "table_gates_passed", passed, "gates of the table that passed", table)
        yield _count(quality, "table_gates_judged", judged, "gates of the table that could be judged", table)
    failed = sum(one.verdict == "failed" for one in quality.gates)
    yield _count(quality, "gates_failed", failed, "gates that failed")
    judged = sum(one.verdict != "not_measured" for one in quality.gates)
    yield _count(quality, "gates_judged", judged, "gates that could be judged")


def _intake(quality: Quality) -> Iterator[Fact]:
    for row in rows_of(quality.intake):
        for name in ("rows", "columns", "bytes"):
            yield _count(
                quality, f"file_{name}", row[name], f"{name} of the file", row.file, filter=row.sha256
            )
    parts = {
        "columns_new": sum(len(drift.new) for drift in quality.drifts),
        "columns_gone": sum(len(drift.gone) for drift in quality.drifts),
        "columns_renamed": sum(len(drift.renamed) for drift in quality.drifts),
        "files_compared": sum(bool(drift.before) for drift in quality.drifts),
        "files_alone": sum(not drift.before for drift in quality.drifts),
    }
    for name, value in parts.items():
        yield _count(
            quality, name, value, "columns against the last file before", filter="files of the period"
        )
    yield _count(quality, "files", len(quality.intake), "files read", filter="all sources")


def _flow(quality: Quality) -> Iterator[Fact]:
    raw = quality_key(quality.period, "raw")
    kept, aside = quality.toggles[0].kept, len(quality.excluded)
    yield _count(quality, "raw", kept + aside, "rows received")
    yield _count(quality, "kept", kept, "rows kept by cleaning")
    yield _count(quality, "excluded", aside, "rows set aside")
    key = quality_key(quality.period, "excluded_share")
    share = percent(aside, kept + aside)
    yield _share(key, share, "100 x rows set aside / rows received", RECEIVED, (raw,))
    for row in rows_of(quality.rules):
        what = "answers" if row.level == "item" else "rows"
        for name in ("flagged", "excluded"):
            yield _count(quality, f"rule_{name}", row[name], f"{what} {name} by {row.rule}", row.rule)


def _problems(quality: Quality) -> Iterator[Fact]:
    for quarter, shares in quality.missing.items():
        for item, value in shares.items():
            key = quality_key(quarter, f"missing_{item}")
            formula = "100 x rows asked without a valid answer / rows asked"
            yield _share(key, value, formula, f"rows of {quarter}")
    for rule, n in quality.noticed["rule"].value_counts().items():
        yield _count(quality, "noticed", n, f"cells noticed by {rule}", str(rule))
    careless = quality.careless
    formula = f"rows with {careless.at_least} or more of the signs {', '.join(careless.signs) or 'none'}"
    yield _count(quality, "careless", careless.rows, formula)
    yield _count(quality, "careless_excluded", careless.excluded, f"{formula}, set aside")
    yield _count(quality, "careless_at_least", careless.at_least, "declared in study.yaml: careless_at_least")
    yield _count(quality, "doubts", len(quality.doubts), "codings let pass although they look wrong")
    yield from _settings(quality)
    for key, value in quality.thresholds.items():
        formula = "median credible duration; given back to cleaning, it stays"
        yield Fact(key=key, value=value, unit="seconds", formula=formula, filter="rows of source and quarter")
    for group, (median, threshold) in quality.medians.items():
        key = quality_key(quality.period, "median_duration", group)
        yield Fact(key=key, value=median, unit="seconds", formula="median credible duration", filter=group)
        yield Fact(
            key=quality_key(quality.period, "fastest_duration", group),
            value=threshold,
            unit="seconds",
            formula="below_median_share x median duration",
            filter=group,
            depends=(key,),
        )


def _settings(quality: Quality) -> Iterator[Fact]:
    """Yield the declared parameters that sentences print."""
    for rule, name in (("too_fast", "below_median_share"), ("straight_line", "min_items")):
        given = quality.study.study.cleaning.rules.get(rule)
        default = RULES[rule].params[name].default
        value = given.params.get(name, default) if given else default
        unit = "count" if isinstance(value, int) else "share"
        key = quality_key(quality.period, f"param_{name}", rule)
        yield Fact(key=key, value=float(value), unit=unit, formula=f"parameter {name} of {rule}")


def _mixes(quality: Quality) -> Iterator[Fact]:
    for name, table in quality.mixes.items():
        totals = {"": int(table["n"].sum()), "_before": int(table["n_before"].sum())}
        for row in rows_of(table):
            scope = f"{name}:{row.value}"
            for part, total in totals.items():
                rows = KEPT if not part else f"answers kept by cleaning, of {quality.against}"
                n = row[f"n{part}"]
                yield _count(quality, f"mix_n{part}", n, "kept answers of this value", scope, filter=rows)
                share = percent(n, total)
                key = quality_key(quality.period, f"mix_share{part}", scope)
                yield _share(key, share, "100 x kept answers of this value / kept answers", rows)
        yield _count(quality, "mix_values", len(table), "values that occur", name, filter=KEPT)


def _weights(quality: Quality, effect: float) -> Iterator[Fact]:
    if quality.weights is None:
        return
    for row in rows_of(quality.weights):
        yield _count(quality, "weights", row.n, "kept answers with a weight in this class", row.value)
    n = int(quality.weights["n"].sum())
    yield _count(quality, "weighted", n, "answers with a weight")
    key = quality_key(quality.period, "design_effect")
    formula = "n x sum of squared weights / (sum of weights) squared; Kish (1965)"
    yield Fact(key=key, value=effect, unit="score", formula=formula, filter=KEPT)
    yield Fact(
        key=quality_key(quality.period, "effective_size"),
        value=n / effect,
        unit="count",
        formula="answers with a weight / design effect",
        filter=KEPT,
        depends=(key, quality_key(quality.period, "weighted")),
    )


def _matching(quality: Quality) -> Iterator[Fact]:
    for row in rows_of(quality.matching):
        yield _count(
            quality, "key", row.n, f"kept answers whose key is: {row.reason}", row.reason, filter=KEPT
        )
    counts = quality.matching.set_index("reason")["n"]
    hits, n = int(counts[tables.MATCHED]), int(counts.sum())
    base = quality_key(quality.period, "key_match")
    yield _share(base, percent(hits, n), "100 x matched answers / kept answers", KEPT)
    if n:
        for part, end in zip(("low", "high"), wilson(hits, n), strict=True):
            formula = f"{part} end of the 95 % interval: Wilson"
            yield _share(f"{base}:{part}", 100 * float(end), formula, KEPT, (base,))
    yield _count(quality, "unmatched", n - hits, "kept answers of nobody known", filter=KEPT)
    yield _count(quality, "moves", len(quality.moves), "changes of team in the period", filter="all spells")


def _toggles(quality: Quality) -> Iterator[Fact]:
    published, *others = quality.toggles
    yield from _largest(quality)
    for name, (value, low, high) in published.values.items():
        yield from _figure(quality, f"published_{name}", name, "company", value, low, high)
    for toggle in others:
        if toggle.reason:
            continue
        formula = f"rows kept with {toggle.rule} {toggle.action}"
        yield _count(quality, "toggled_kept", toggle.kept, formula, toggle.rule)
        for name, (value, low, high) in toggle.values.items():
            yield from _figure(quality, f"toggled_{name}", name, toggle.rule, value, low, high)
            before = published.values[name][0]
            key = quality_key(quality.period, f"toggled_{name}_difference", toggle.rule)
            measured = not math.isnan(value - before)
            yield Fact(
                key=key,
                value=value - before,
                unit="pp" if _unit(quality, name) == "percent" else _unit(quality, name),
                state=State.MEASURED if measured else State.UNAVAILABLE,
                reason="" if measured else "no valid answer",
                formula=f"{name} with {toggle.rule} {toggle.action} minus {name} as published",
                filter=KEPT,
                depends=(
                    quality_key(quality.period, f"toggled_{name}", toggle.rule),
                    quality_key(quality.period, f"published_{name}"),
                ),
            )


def _largest(quality: Quality) -> Iterator[Fact]:
    """Yield how far one toggled rule moves each figure at most."""
    published, *others = quality.toggles
    running = [one for one in others if not one.reason]
    for name, (value, _, _) in published.values.items():
        moves = [abs(one.values[name][0] - value) for one in running]
        moves = [move for move in moves if not math.isnan(move)]
        unit = _unit(quality, name)
        yield Fact(
            key=quality_key(quality.period, f"toggled_{name}_largest"),
            value=max(moves, default=0.0),
            unit="pp" if unit == "percent" else unit,
            formula=f"largest absolute difference of {name} with one rule toggled",
            filter=KEPT,
            depends=tuple(
                quality_key(quality.period, f"toggled_{name}_difference", one.rule) for one in running
            ),
        )


def _unit(quality: Quality, name: str) -> str:
    indicator, measure = name.split(".")
    return INDICATORS[quality.study.indicator(indicator).kpi].measure(measure).unit


def _figure(
    quality: Quality, key: str, name: str, scope: str, value: float, low: float, high: float
) -> Iterator[Fact]:
    measured = not math.isnan(value)
    base = quality_key(quality.period, key, scope)
    yield Fact(
        key=base,
        value=value,
        unit=_unit(quality, name),
        state=State.MEASURED if measured else State.UNAVAILABLE,
        reason="" if measured else "no valid answer",
        formula=name,
        filter=KEPT if scope == "company" else f"kept rows with {scope} toggled",
    )
    if measured and not math.isnan(low):
        for part, end in (("low", low), ("high", high)):
            yield Fact(
                key=f"{base}:{part}",
                value=end,
                unit=_unit(quality, name),
                formula=f"{part} end of the 95 % interval",
                depends=(base,),
            )
