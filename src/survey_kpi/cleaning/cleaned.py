"""What cleaning yields: all rows with flags and verdict, the raw answers beside the clean ones."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning import answers
from survey_kpi.cleaning.policy import Setting
from survey_kpi.cleaning.profile import Profile
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG, KEEP, Context, Frame
from survey_kpi.cleaning.tally import Tally, tally
from survey_kpi.errors import Problem


@dataclass(frozen=True, kw_only=True, eq=False)  # not slotted: `counts` runs its query once, when asked for
class Cleaned:
    """Cleaned responses; no row is read until a frame is collected or a count is asked for.

    Parameters
    ----------
    rows
        Every row: its columns as they came, its valid answers, flags, `keep` and `excluded_by`.
    columns
        Columns of the responses as they came.
    settings
        Rules that ran, in the order of the table, with action and parameters.
    context
        Codebook and scalars that the rules used.
    thresholds
        Scalars taken from data first, by fact key.
    profile
        What the first scan found.
    unmet
        Rules that were wanted and could not run, with the reason.
    """

    rows: Frame
    columns: tuple[str, ...]
    settings: Mapping[str, Setting]
    context: Context
    profile: Profile
    thresholds: Mapping[str, float]
    unmet: Mapping[str, str]

    @property
    def frame(self) -> Frame:
        """Every row: answers cleaned in place, one `flag_<rule>` per row rule, `keep`, `excluded_by`."""
        codebook = self.context.codebook
        clean = {item.id: answers.recoded(item, answers.scale(codebook, item)) for item in codebook.rated}
        flags = [FLAG + setting.code for setting in self.settings.values() if setting.rule.level == "row"]
        return self.rows.select(
            *(clean.get(name, nw.col(name)).alias(name) for name in self.columns), *flags, KEEP, EXCLUDED_BY
        )

    @property
    def excluded(self) -> Frame:
        """The rows set aside, exactly as they came, and the rule that claims each."""
        return self.rows.filter(~nw.col(KEEP)).select(*self.columns, EXCLUDED_BY)

    @functools.cached_property
    def tally(self) -> Tally:
        """Rows in, kept and excluded, and what each rule noticed, per source and period."""
        return tally(self.rows, list(self.settings.values()), self.profile)

    @functools.cached_property
    def counts(self) -> pd.DataFrame:
        """Per rule and item ("" for rules on rows): rows flagged, excluded by first reason, action."""
        return self.tally.within().rules

    @property
    def doubts(self) -> tuple[Problem, ...]:
        """Codings that would have been refused, had the study not decided otherwise."""
        return self.profile.doubts
