"""Why a figure may be worth less than its base says: breaks inside a period, unusual invitations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.evaluation.breaks import Asked
from survey_kpi.indicators.cells import EXCLUDED_BY, MONTH
from survey_kpi.indicators.estimation import in_period
from survey_kpi.indicators.subjects import customer_column, level_column
from survey_kpi.period import Period
from survey_kpi.sampling.coverage import coverage_alarm
from survey_kpi.study.models import Level, Study

BREAK = ("definition_break",)


def broken(study: Study, asked: Asked, period: Period) -> dict[str, tuple[str, ...]]:
    """Return the doubts of scored indicators whose words or definition changed inside a period.

    Parameters
    ----------
    asked
        Words by indicator and period, for spans of which some lie inside the period.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in study.rules.scored:
        words = frozenset().union(*(said for (one, span), said in asked.items()
                                    if one == name and _inside(span, period)))  # fmt: skip
        defined = study.indicator(name).defined_on
        if len(words) > 1 or (defined is not None and period.start < defined < period.end):
            found[name] = BREAK
    return found


def _inside(span: Period, period: Period) -> bool:
    return period.first <= span.first and span.first + span.months <= period.first + period.months


def alarmed(
    study: Study,
    level: Level,
    period: Period,
    against: Period,
    *,
    frames: Mapping[str, nw.LazyFrame[Any]],
    answers: nw.LazyFrame[Any],
) -> frozenset[str]:
    """Return the people with an open alarm on invitation coverage: unusual, and explained by nobody.

    An explanation under `invitations.explained` of `study.yaml` closes the alarm of that person.

    Parameters
    ----------
    level
        Only persons invite; other levels have no alarm.
    against
        Earlier period in which the customers' satisfaction was asked.
    frames
        Tables by name; without `invites` nobody is tested.
    answers
        Cleaned answers with the column of the level.
    """
    satisfied = _satisfaction(study)
    columns = answers.collect_schema().names()
    customer = customer_column(columns)
    if "invites" not in frames or not level.people or customer is None or satisfied is None:
        return frozenset()
    item, top = satisfied
    month = nw.col(MONTH)
    before = answers.filter(
        month >= against.first, month < against.first + against.months, nw.col(EXCLUDED_BY) == ""
    ).select(nw.col(customer).alias("customer"), nw.col(level_column(level)).alias("subject"), item, "row_id")
    known = collect(before).dropna(subset=["customer", "subject", item]).sort_values("row_id")
    known = known.drop_duplicates("customer", keep="last")
    invited = _invited(frames["invites"], period)
    if known.empty or not invited:
        return frozenset()
    table = known.assign(satisfied=known[item].isin(top), invited=known["customer"].astype(str).isin(invited))
    return _unusual(table, study.study.invitations.alarm_level) - set(study.study.invitations.explained)


def _satisfaction(study: Study) -> tuple[str, tuple[float, ...]] | None:
    """Item that says whether a customer was satisfied, and the answers that say so."""
    items = [item for item in study.codebook.items if item.role == "overall"]
    scale = study.codebook.scale_of(items[0]) if items else None
    return (items[0].id, scale.top_box) if scale and scale.top_box else None


def _invited(invites: nw.LazyFrame[Any], period: Period) -> set[str]:
    rows = collect(invites.select("customer_id", "sent_at"))
    months = rows["sent_at"].dt.year * 12 + rows["sent_at"].dt.month - 1
    return set(rows.loc[in_period(months, period), "customer_id"].dropna().astype(str))


def _unusual(known: pd.DataFrame, level: float) -> frozenset[str]:
    """People of whose customers more satisfied ones were invited than blind invitations would bring."""
    flags = known.assign(both=known["satisfied"] & known["invited"], customers=True)
    counts = flags.groupby("subject")[["customers", "satisfied", "invited", "both"]].sum()
    alarm = coverage_alarm(*(counts[name] for name in counts.columns), level=level)
    return frozenset(str(subject) for subject in counts.index[np.asarray(alarm.flagged)])
