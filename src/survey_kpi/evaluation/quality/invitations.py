"""The invitations of a period: what became of them, whom they reached, and whether anybody chose.

Rows come from the table `invites`; a list that `survey-kpi sample` drew is held against them exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from survey_kpi.errors import SchemaError
from survey_kpi.estimate import Estimate
from survey_kpi.indicators.cells import MONTH
from survey_kpi.indicators.estimation import in_period
from survey_kpi.period import Period
from survey_kpi.readers import read_table
from survey_kpi.sampling import (
    Deviation,
    Dispositions,
    SpecialistCoverage,
    count_dispositions,
    coverage_by_specialist,
    deviations,
    exact_coverage,
    outcome_rates,
    proportional_share,
)
from survey_kpi.sampling.draw import Drawn
from survey_kpi.study.models import Study

LIST_COLUMNS = {"stratum": "text", "design_weight": "number"}
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Invited:
    """Invitations of one period.

    Parameters
    ----------
    rows
        Number of invitations.
    dispositions, eligible_share, rates
        Counts by final disposition, e, and the outcome rates of the AAPOR standard by code.
    declared_share
        Whether e was declared; else it is the share of the known.
    strata
        stratum, population (sum of the design weights of those invited), invited, answered.
    weights
        Design weights of the invitations that were answered; empty where none is recorded.
    coverage
        One row per specialist, see `coverage_by_specialist`; empty where nothing is known from before.
    unusual, explained
        Specialists whose coverage is unusual, and those of them whom the study explains.
    deviations, departures
        Departures from the drawn lists, by kind, and by specialist; None where no list is declared.
    rested
        Invitations sent sooner than the rest days after the customer's last one.
    """

    rows: int
    dispositions: Dispositions
    eligible_share: float
    declared_share: bool
    rates: Mapping[str, Estimate]
    strata: pd.DataFrame
    weights: pd.Series
    coverage: tuple[SpecialistCoverage, ...]
    unusual: tuple[str, ...]
    explained: tuple[str, ...]
    deviations: tuple[Deviation, ...] | None
    departures: Mapping[str, int]
    rested: int

    @property
    def open(self) -> tuple[str, ...]:
        """Specialists whose coverage is unusual and whom nobody has explained."""
        return tuple(one for one in self.unusual if one not in self.explained)


def invited(
    study: Study, period: Period, before: pd.DataFrame, invites: pd.DataFrame | None
) -> Invited | None:
    """Assess the invitations of a period; None where the study declares no table of them, or none is of it.

    Parameters
    ----------
    before
        Customers whose satisfaction in the earlier period is known: customer_id, specialist_id, satisfied.
    invites
        The table of invitations, None where the study declares none.

    Raises
    ------
    SchemaError
        Those of reading the drawn lists; `record_missing`: a drawn list without its record.
    IntegrityError
        `verify`: a drawn list was changed after the draw.
    """
    if invites is None:
        return None
    every = invites.assign(**{MONTH: invites["sent_at"].dt.year * 12 + invites["sent_at"].dt.month - 1})
    mine = every[in_period(every[MONTH], period)]
    if mine.empty:
        return None
    declared = study.study.invitations
    counts = count_dispositions(mine["disposition"])
    known = counts.eligible + counts.NE
    share = declared.eligible_share
    e = share if share is not None else proportional_share(counts) if known else 1.0
    coverage = _coverage(mine, before, declared.alarm_level)
    unusual = tuple(one.subject for one in coverage if one.verdict == "unusual")
    found = _deviations(study, mine)
    owner = _owners(before, "customer_id") | _owners(every, "customer_id")
    return Invited(
        rows=len(mine),
        dispositions=counts,
        eligible_share=e,
        declared_share=share is not None,
        rates=outcome_rates(counts, eligible_share=e),
        strata=_strata(mine),
        weights=mine.loc[_answered(mine), "design_weight"].dropna(),
        coverage=coverage,
        unusual=unusual,
        explained=tuple(one for one in unusual if one in declared.explained),
        deviations=found,
        departures=exact_coverage(found or (), owner),
        rested=_rested(every, mine, declared.rest_days),
    )


def _answered(rows: pd.DataFrame) -> pd.Series:
    return rows["disposition"].isin(["I", "P"])


def _owners(rows: pd.DataFrame, key: str) -> dict[str, str]:
    known = rows.dropna(subset=[key, "specialist_id"])
    return dict(zip(known[key].astype(str), known["specialist_id"].astype(str), strict=True))


def _strata(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the frame behind the weights, the invitations and the answers by stratum."""
    drawn = rows[rows["stratum"].notna() & rows["design_weight"].notna()]
    groups = drawn.assign(answered=_answered(drawn)).groupby("stratum", sort=True)
    table = groups.agg(
        population=("design_weight", "sum"), invited=("invite_id", "size"), answered=("answered", "sum")
    )
    return table.round({"population": 6}).reset_index()


def _coverage(rows: pd.DataFrame, before: pd.DataFrame, level: float) -> tuple[SpecialistCoverage, ...]:
    """Hold those invited against what is known of customers from before; they are counted once each."""
    if before.empty:
        return ()
    once = before.drop_duplicates("customer_id", keep="last")
    asked = once["customer_id"].isin(set(rows["customer_id"]))
    table = pd.DataFrame(
        {
            "specialist_id": once["specialist_id"],
            "invited": asked.to_numpy(),
            "satisfied_before": once["satisfied"].astype(object),
        }
    )
    return coverage_by_specialist(table, level=level)


def _rested(every: pd.DataFrame, mine: pd.DataFrame, days: int) -> int:
    """Count invitations of the period that came too soon after the customer's last one."""
    sent = every.dropna(subset=["sent_at"]).sort_values(["customer_id", "sent_at"], kind="stable")
    gap = sent.groupby("customer_id")["sent_at"].diff()
    soon = gap.notna() & (gap < days * DAY)
    return int(soon[soon.index.isin(mine.index)].sum())


# --- drawn lists --------------------------------------------------------------------------------------


def _deviations(study: Study, rows: pd.DataFrame) -> tuple[Deviation, ...] | None:
    """Hold the invitations against the lists that were drawn for this period; None where there is no list."""
    draws = set(rows["draw_id"].dropna())
    lists = [one for one in _lists(study) if one.draw_id in draws]
    if not lists:
        return None
    return tuple(found for one in lists for found in _of_list(one, rows, lists))


def _of_list(drawn: Drawn, rows: pd.DataFrame, lists: Sequence[Drawn]) -> Iterator[Deviation]:
    """Yield the departures from one list; whoever stands on another list of the period is not chosen."""
    others = {str(unit) for one in lists if one is not drawn for unit in one.sample[one.unit]}
    own = {str(unit) for unit in drawn.sample[drawn.unit]}
    asked = [unit for unit in rows["customer_id"].astype(str) if unit in own or unit not in others]
    yield from deviations(drawn, asked)


def _lists(study: Study) -> Iterator[Drawn]:
    for file in study.study.invitations.drawn:
        path = Path(study.data_dir) / file
        record = _record(path.with_suffix(".json"), file)
        unit = str(record["unit"])
        table = read_table(path, {unit: "text", **LIST_COLUMNS})
        yield Drawn(
            draw_id=str(record["draw_id"]), unit=unit, sample=table, list_hash=str(record["list_hash"])
        )


def _record(path: Path, file: str) -> Mapping[str, object]:
    """Read the record of a draw: draw_id, unit and list_hash at least."""
    try:
        record = json.loads(path.read_bytes().decode("utf-8-sig"))
        sound = {"draw_id", "unit", "list_hash"} <= record.keys()
    except (OSError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise SchemaError(
            "record_missing",
            where=file,
            what="the record of the draw is missing or damaged, so the list cannot be verified",
            expected=f"{path.name} beside it, as `survey-kpi sample` writes it",
        )
    return dict(record)
