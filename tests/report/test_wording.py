"""The words of the reports as a mapping."""

from __future__ import annotations

import pytest

from survey_kpi.errors import ReportError
from survey_kpi.report.wording import Words


def test_an_unknown_key_is_absent_and_asking_for_it_names_the_nearest() -> None:
    words = Words("en", {"verdict.rose": "rose"})
    assert "verdict.rose" in words
    assert "verdict.ros" not in words
    assert 3 not in words
    with pytest.raises(ReportError, match=r"verdict\.rose"):
        words["verdict.ros"]
