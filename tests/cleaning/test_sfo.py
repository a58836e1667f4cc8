"""Both waves of the SFO airport survey: straight-liners, empty sheets, and what they do to the NPS.

Figures: references/published/sfo_2017_2018.json, block "quality" and its definitions (R survey 4.1-1 and
numpy agree on them): at least 8 of the 14 Q7 items answered 1-5 and all equal; none of the 14 answered 1-5.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey_kpi.errors import SchemaError
from survey_kpi.study.models import Codebook


def wave(shared: Path, year: int) -> tuple[pd.DataFrame, list[str]]:
    raw = pd.read_csv(shared / f"data/sfo/sfo_{year}.csv.gz", low_memory=False, encoding="utf-8-sig")
    raw.columns = raw.columns.str.strip()
    items = [name for name in raw if name.startswith("Q7") and name != "Q7ALL"]
    wanted = raw[[*items, "NETPRO", "WEIGHT"]].apply(pd.to_numeric, errors="coerce").astype(float)
    ids = raw["RESPNUM"].astype(str).str.zfill(6)
    return wanted.assign(row_id=ids, source=f"sfo{year}", period=f"{year}Q2"), items


def book(kit: Any, items: list[str], nps_codes: list[int]) -> Codebook:
    rated = [{"id": name, "scale": "five", "missing_codes": [0, 6]} for name in items]
    netpro = {"id": "NETPRO", "role": "ltr", "scale": "nps", "missing_codes": nps_codes}
    return kit.codebook(*rated, netpro, n=0)


@pytest.mark.parametrize("year", [2017, 2018])
def test_careless_and_empty_sheets(shared: Path, kit: Any, year: int) -> None:
    published = json.loads((shared / "references/published/sfo_2017_2018.json").read_text(encoding="utf-8"))
    figures = published["waves"][str(year)]
    frame, items = wave(shared, year)
    policy = kit.rules(
        at_least=1,
        straight_line=("exclude", {"min_items": 8}),
        missing_share=("flag", {"above": 0.999, "items": items}),
    )
    cleaned = kit.clean(frame, book(kit, items, [11]), policy)
    counts = cleaned.counts.query("item == ''").set_index("rule")["flagged"]
    assert len(items) == figures["quality"]["items"]
    assert counts["straight_line"] == figures["quality"]["straight_liners_8_or_more_equal"]
    assert counts["missing_share"] == figures["quality"]["no_valid_item"]

    rows = kit.table(cleaned)
    for part, expected in [
        (rows, figures["nps"]),
        (rows[rows["keep"]], figures["quality"]["nps_without_straight_liners"]),
    ]:
        valid = part[part["NETPRO"].notna()]
        score = 100 * ((valid["NETPRO"] >= 9).astype(int) - (valid["NETPRO"] <= 6).astype(int))
        assert len(valid) == expected.get("n", expected.get("valid_n"))
        assert score.mean() == pytest.approx(expected["value"], abs=1e-4)
        weighted = (score * valid["WEIGHT"]).sum() / valid["WEIGHT"].sum()
        assert weighted == pytest.approx(expected["weighted"], abs=1e-4)


@pytest.mark.parametrize("year", [2017, 2018])
def test_the_blank_code_beside_the_recommendation_scale_must_be_declared(
    shared: Path, kit: Any, year: int
) -> None:
    """84 and 159 answers are 11, "blank": counted as promoters they would add 2 to 4 points of NPS."""
    frame, items = wave(shared, year)
    with pytest.raises(SchemaError, match="the value 11 lies outside the scale") as raised:
        kit.clean(frame, book(kit, items, []))
    assert [problem.code for problem in raised.value.problems] == ["undeclared_code"]
