"""The tables of this room speak the words of the glossary."""

from __future__ import annotations

from dataclasses import fields

import pytest

from survey_kpi.evaluation.breaks import COLUMNS as BREAKS
from survey_kpi.glossary import unknown_columns
from survey_kpi.sampling import (
    Change,
    Deviation,
    Excluded,
    Finding,
    Link,
    SampleSize,
    SpecialistCoverage,
    Stratum,
    Unmatched,
)
from survey_kpi.sampling.draw import COLUMNS, Drawn
from survey_kpi.sampling.frame import Match
from survey_kpi.sampling.invites import AUDIT, FIELDS

ROWS = (Change, Deviation, Excluded, Finding, Link, SampleSize, SpecialistCoverage, Stratum, Unmatched, Match)


@pytest.mark.parametrize("kind", ROWS, ids=[kind.__name__ for kind in ROWS])
def test_rows_use_the_glossary(kind):
    assert unknown_columns(field.name for field in fields(kind)) == []


def test_lists_and_audits_use_the_glossary():
    assert unknown_columns([*COLUMNS, *FIELDS, *AUDIT, *BREAKS]) == []
    parts = [field.name for field in fields(Drawn)]
    assert unknown_columns(name for name in parts if name != "strata") == []
