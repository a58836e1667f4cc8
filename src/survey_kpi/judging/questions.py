"""What experts are asked: the scored indicators of a study, in pairs or one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from survey_kpi.errors import SpecError
from survey_kpi.study.models import SCHEMA_VERSION, Study, Text

Kind = Literal["pairwise", "scores"]

_EXPERT_ID = re.compile(r"\w[\w. -]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Questions of one study, and the rules by which it will use the answers.

    Parameters
    ----------
    study, title
        The study's name, and its title in both languages.
    labels, definitions
        Words of each scored indicator by its id, in the order of the rules.
    rule_hash
        Hash of the declarations without any file of judgements.
    random_index, consistency_limit, missing
        As in `IndicatorWeightRule`.
    rating_scale
        Lowest and highest importance score.
    schema_version
        Of the study files.
    """

    study: str
    title: Text
    labels: Mapping[str, Text]
    definitions: Mapping[str, Text]
    rule_hash: str = ""
    random_index: str = "alonso_lamata"
    consistency_limit: float | None = 0.10
    missing: str = "refuse"
    rating_scale: tuple[float, float] = (0.0, 10.0)
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        if len(self.labels) < 2:
            raise SpecError(
                "too_few_indicators",
                where="rules.yaml: scored",
                what="weights need several indicators to choose between",
                got=", ".join(self.labels) or "none",
                expected="at least 2",
            )

    @property
    def ids(self) -> tuple[str, ...]:
        """Indicators in the order of the rules."""
        return tuple(self.labels)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every pair once, in the order in which experts are asked."""
        return tuple(combinations(self.labels, 2))


def questions_of(study: Study) -> Questions:
    """Return what the experts of a study are asked.

    Raises
    ------
    SpecError
        `too_few_indicators`: a single indicator has nothing to be weighed against.
    """
    rule = study.rules.indicator_weights
    sheets = {name: study.indicator(name) for name in study.rules.scored}
    return Questions(
        study=study.study.name,
        title=study.study.title,
        labels={name: sheet.label for name, sheet in sheets.items()},
        definitions={name: sheet.definition for name, sheet in sheets.items()},
        rule_hash=study.rule_hash,
        random_index=rule.random_index,
        consistency_limit=rule.consistency_limit,
        missing=rule.missing,
        rating_scale=rule.rating_scale,
        schema_version=study.study.schema_version,
    )


def expert_id(text: str, where: str) -> str:
    """Return an expert's id, or refuse one that could not stand in a file name or a spreadsheet.

    Raises
    ------
    SpecError
        `expert_missing`: it is empty. `expert_id_invalid`.

    Examples
    --------
    >>> expert_id(" 张工-2 ", "form.xlsx")
    '张工-2'
    """
    name = text.strip()
    if not name:
        what = "the file does not say whose judgements it holds"
        raise SpecError("expert_missing", where=where, what=what, expected="an expert's id")
    if not _EXPERT_ID.fullmatch(name):
        raise SpecError(
            "expert_id_invalid",
            where=where,
            what="the expert's id cannot be used",
            got=repr(name[:60]),
            expected="up to 60 letters, digits, spaces, '.', '-' or '_', a letter or digit first",
        )
    return name
