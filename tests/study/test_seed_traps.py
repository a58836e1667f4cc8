"""The 13 traps inside the documents that asked for this toolkit: each ends by name, with its repair."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from survey_kpi.comments.glosses import strip_glosses
from survey_kpi.errors import Problem, SpecError
from survey_kpi.evaluation.vocabulary import vocabulary as vocabulary_of_the_library
from survey_kpi.indicator_weights import entropy
from survey_kpi.indicator_weights.resampling import noise_curve
from survey_kpi.period import Period
from survey_kpi.scoring import attainment
from survey_kpi.scoring.periods import check_graded
from survey_kpi.study import load_study
from survey_kpi.study.interval import looks_like_interval, parse_interval
from survey_kpi.study.models import ScoreRule
from survey_kpi.study.vocabulary import KpiWords, Vocabulary

Declared = dict[str, Any]
FILES = ("study", "codebook", "indicators", "rules")
WORDS = {"zh": "指标", "en": "indicator"}
LIBRARY = {
    "A17": KpiWords(measures={"share_in_band": "percent"}, headline="share_in_band"),
    "A19": KpiWords(measures={"churn": "percent"}, headline="churn", declare=("denominator",)),
    "A31": KpiWords(
        measures={"completeness": "percent", "accuracy": "percent"}, headline="completeness", conflated=True
    ),
    "A50": KpiWords(measures={"growth": "percent"}, headline="growth", controllable=False),
    "A53": KpiWords(measures={}, headline=""),
}


@pytest.fixture
def words(vocabulary: Vocabulary) -> Vocabulary:
    """The library with the rows that the traps are about."""
    return replace(vocabulary, kpis={**vocabulary.kpis, **LIBRARY})


@pytest.fixture
def refused(root: Path, tmp_path: Path, words: Vocabulary) -> Callable[..., Problem]:
    """Load the sample study after an edit, and return the one problem it has."""

    def load(edit: Callable[[Declared], object], goals: Declared | None = None) -> Problem:
        with pytest.raises(SpecError) as caught:
            load_study(edited(root, tmp_path, edit, goals), vocabulary=words)
        (problem,) = caught.value.problems
        assert problem.hint or problem.expected is not None, "a trap ends with its repair"
        return problem

    return load


def edited(
    root: Path, tmp_path: Path, edit: Callable[[Declared], object], goals: Declared | None = None
) -> Path:
    folder = tmp_path / "study"
    shutil.copytree(root / "studies/sample", folder)
    declared = {name: yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8")) for name in FILES}
    edit(declared)
    if goals:
        declared["goals"] = {"schema_version": 1, "goals": [goals]}
    for name, content in declared.items():
        text = json.dumps(content, ensure_ascii=False, indent=1, default=str)  # dates
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def sheet(study: Declared, name: str) -> Declared:
    return next(entry for entry in study["indicators"]["indicators"] if entry["id"] == name)


def add(study: Declared, kpi: str, **more: Any) -> None:
    study["indicators"]["indicators"].append(
        {"id": kpi, "kpi": kpi, "label": WORDS, "definition": WORDS, **more}
    )


def weigh(study: Declared, **declared: float) -> None:
    study["rules"]["scored"] = list(declared)
    study["rules"]["indicator_weights"] = {"declared": declared}


def band(name: str, low: float, high: float) -> Declared:
    return {"id": name, "label": WORDS, "low": low, "high": high}


def test_t01_bands_with_holes_list_every_hole(refused: Callable[..., Problem]) -> None:
    found = refused(
        lambda s: s["rules"].update(bands=[band("full", 80, 100), band("half", 60, 79)], rewards={}),
    )
    assert found.code == "bands_gap"
    assert found.got == "nothing below 60, nothing in [79, 80), nothing above 100"
    assert "half-open" in str(found) or "the last one closed" in str(found)


@pytest.mark.row("M10")
def test_t02_weights_that_sum_to_one_half_are_not_rescaled(refused: Callable[..., Problem]) -> None:
    found = refused(lambda s: weigh(s, A01=0.3, A07=0.2))
    assert (found.code, found.got, found.expected) == ("weights_sum", "0.5", 1)


def test_t03_nps_up_ten_percent_asks_which_ten(refused: Callable[..., Problem]) -> None:
    goal = {
        "goal_id": "nps",
        "text": {"zh": "NPS提升10%", "en": "NPS up 10%"},
        "indicator": "A07",
        "baseline": 30,
        "target": 10,
        "owner": {"level": "company"},
        "due": "2026-12-31",
    }
    found = refused(lambda s: None, goals=goal)
    assert found.code == "unit_missing"
    assert "30→33 (percent)" in found.hint and "30→40 (points)?" in found.hint


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda s: sheet(s, "A07").pop("anchor"), "anchor_missing"),
        (lambda s: sheet(s, "A07").update(target={"value": -100, "unit": "points"}), "target_degenerate"),
        (
            lambda s: sheet(s, "A01").update(direction="lower", target={"value": 0, "unit": "percent"}),
            "target_degenerate",
        ),
    ],
)
def test_t04_attainment_has_a_zero_point_apart_from_the_target(
    refused: Callable[..., Problem], edit: Callable[[Declared], object], code: str
) -> None:
    found = refused(edit)
    assert found.code == code
    assert "-100" in found.hint if code == "anchor_missing" else "formula: step" in found.hint


def test_t04_an_anchored_nps_attains_86_36() -> None:
    points = attainment(-5, 10, rule=ScoreRule(formula="linear"), anchor=-100)
    assert float(points) == pytest.approx(100 * 95 / 110)


def test_t05_churn_says_what_it_is_divided_by(
    refused: Callable[..., Problem], root: Path, tmp_path: Path, words: Vocabulary
) -> None:
    found = refused(lambda s: add(s, "A19", id="churn"))
    assert found.code == "denominator_undeclared" and "params.denominator" in found.hint
    shutil.rmtree(tmp_path / "study")
    folder = edited(root, tmp_path, lambda s: add(s, "A19", id="churn", params={"denominator": "start"}))
    assert load_study(folder, vocabulary=words).indicator("churn").params == {"denominator": "start"}


@pytest.mark.row("A02")
def test_t06_a_ten_point_target_meets_no_five_point_answers(refused: Callable[..., Problem]) -> None:
    target = {"value": 9.2, "unit": "score", "scale": [0, 10]}
    found = refused(lambda s: sheet(s, "A01").update(measure="mean", target=target))
    assert found.code == "scale_mixed"
    assert "'overall'" in found.what and found.got == "a target on 0-10 and answers on 1-5"
    assert "rescale: linear" in found.hint


@pytest.mark.row("A02")
def test_t06_without_a_scale_of_its_own_the_target_is_out_of_range(refused: Callable[..., Problem]) -> None:
    target = {"value": 9.2, "unit": "score"}
    found = refused(lambda s: sheet(s, "A01").update(measure="mean", target=target))
    assert found.code == "target_range"
    assert "'overall' is answered on 1-5" in found.hint and "target.scale" in found.hint


def test_t07_several_in_a_row_is_a_number(refused: Callable[..., Problem]) -> None:
    found = refused(lambda s: s["rules"].update(rewards={"streak": {"threshold": 100}}))
    assert found.code == "streak_undefined" and "k: 2" in found.hint


def test_t08_deducting_in_proportion_names_its_formula(refused: Callable[..., Problem]) -> None:
    found = refused(lambda s: s["rules"]["score"].pop("formula"))
    assert found.code == "formula_undeclared" and "two readings" in found.what and "linear" in found.hint
    readings = {
        name: float(attainment(6, 5, rule=ScoreRule(formula=name), direction="lower"))
        for name in ("linear", "ratio_target_over_actual")
    }
    assert readings == {
        "linear": pytest.approx(80),
        "ratio_target_over_actual": pytest.approx(83.33, abs=0.005),
    }


def test_t09_complete_and_accurate_are_two_figures(refused: Callable[..., Problem]) -> None:
    found = refused(lambda s: add(s, "A31", target={"value": 95, "unit": "percent"}))
    assert found.code == "conflated_indicator"
    assert "A31.completeness, A31.accuracy" in found.what and found.hint


def test_t10_spread_is_not_importance() -> None:
    """Matrix of seed row M08: the column of pure noise outweighs all five real indicators."""
    managers = pd.DataFrame(
        [
            [4.2, 35, 0.82, 0.05, 6],
            [4.0, 12, 0.74, 0.09, 9],
            [4.5, 51, 0.88, 0.03, 4],
            [3.8, -8, 0.70, 0.12, 12],
            [4.3, 28, 0.80, 0.06, 7],
            [4.1, 0, 0.77, 0.08, 8],
        ],
        columns=["csat", "nps", "fcr", "churn", "hours"],
    )
    direction = {"csat": "higher", "nps": "higher", "fcr": "higher", "churn": "lower", "hours": "lower"}
    noisy = managers.assign(noise=[5, 1, 4, 2, 9, 3])
    weights = entropy(noisy, {**direction, "noise": "higher"}).values
    assert max(weights, key=weights.__getitem__) == "noise"
    assert weights["noise"] == pytest.approx(0.221012, abs=5e-7)
    doubt = noise_curve(entropy, managers, direction, np.random.default_rng(1), columns=1, draws=40).doubt()
    assert doubt.code == "noise_earns_weight" and "pure noise would weigh" in doubt.message


@pytest.mark.row("A17")
@pytest.mark.parametrize("bare", ["30-60", "30–60", "30~60", "30至60", "30, 60", "(30-60)"])
def test_t11_an_interval_says_whether_its_ends_are_inside(refused: Callable[..., Problem], bare: str) -> None:
    found = refused(lambda s: add(s, "A17", params={"band": bare}))
    assert found.code == "interval_ends" and found.hint == "write [30, 60] to hold both ends"
    assert "params.band, line" in found.where


@pytest.mark.row("A17")
def test_t11_both_ends_of_the_closed_band_are_inside() -> None:
    band_s = parse_interval("[30, 60]")
    assert [band_s.holds(seconds) for seconds in (45, 60, 30, 61, 29)] == [True, True, True, False, False]
    half = parse_interval("[20, 60)")
    assert [half.holds(seconds) for seconds in (20, 60)] == [True, False] and str(half) == "[20, 60)"


@pytest.mark.parametrize("text", ["[60, 30]", "(30, 30)", "[30, 30)", "30", "fast", "[30; 60]"])
def test_t11_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_interval(text)
    assert caught.value.code == "interval_ends"
    assert not looks_like_interval(text) or text.startswith(("[", "("))


@pytest.mark.row("P10")
def test_t12_a_month_grades_nobody() -> None:
    with pytest.raises(SpecError) as caught:
        check_graded(Period.parse("2026-08"))
    (found,) = caught.value.problems
    assert found.code == "period_too_short_for_grade" and found.where == "period 2026-08"
    assert "2026Q3, or four rolling quarters 2026Q3-R4" in str(found.expected)
    for period in ("2026Q3", "2026Q3-R4"):
        check_graded(Period.parse(period))


def test_t13_glosses_are_taken_out_and_damage_is_named() -> None:
    glossed = "在客戶關(guān)系管理日益成為企業(yè)核心競(jìng)爭(zhēng)力的今天,客戶主管的角色"
    found = strip_glosses(glossed)
    assert found.glosses == ("guān", "yè", "jìng", "zhēng")
    assert found.text == "在客戶關系管理日益成為企業核心競爭力的今天,客戶主管的角色"
    assert (len(glossed), len(found.text)) == (52, 29)
    for damaged in ("轉變?yōu)榭蛻魞r值", "評審?fù)?)"):
        assert strip_glosses(damaged).damaged, "a damaged place is named, never guessed"


# --- rescaling, and rows beside the traps -------------------------------------------------------------


@pytest.mark.row("A02")
def test_a_declared_rescaling_keeps_the_attainment_and_is_printed(
    root: Path, tmp_path: Path, words: Vocabulary
) -> None:
    target = {"value": 9.2, "unit": "score", "scale": [0, 10]}
    edit = {"measure": "mean", "target": target, "rescale": "linear"}
    folder = edited(root, tmp_path, lambda s: sheet(s, "A01").update(edit))
    own = load_study(folder, vocabulary=words).indicator("A01")
    assert own.target is not None
    assert (own.target.value, own.anchor) == (pytest.approx(4.68), 1.0)
    assert own.definition.en.endswith("The target 9.2 on 0-10 is rescaled linearly to 4.68 on 1-5.")
    assert own.definition.zh.endswith("目标9.2（0-10分制）按线性换算为4.68（1-5分制）。")
    rule = ScoreRule(formula="linear")
    answered = 1 + 8.74 * 4 / 10  # 8.74 of ten, as five-point answers
    assert float(attainment(answered, own.target.value, rule=rule, anchor=own.anchor)) == pytest.approx(95.0)
    assert float(attainment(8.74, 9.2, rule=rule)) == pytest.approx(95.0)


def test_a_target_on_the_scale_of_the_answers_stays_as_it_is(
    root: Path, tmp_path: Path, words: Vocabulary
) -> None:
    target = {"value": 4.5, "unit": "score", "scale": [1, 5]}
    folder = edited(root, tmp_path, lambda s: sheet(s, "A01").update(measure="mean", target=target))
    own = load_study(folder, vocabulary=words).indicator("A01")
    assert own.target is not None and own.target.value == 4.5 and own.anchor is None
    assert "rescaled" not in own.definition.en


@pytest.mark.row("A50")
def test_what_nobody_controls_has_no_weight_without_a_reason(
    refused: Callable[..., Problem], root: Path, tmp_path: Path, words: Vocabulary
) -> None:
    def plan(share: float, **more: Any) -> Callable[[Declared], None]:
        def edit(study: Declared) -> None:
            add(study, "A50", target={"value": 5, "unit": "percent"}, **more)
            weigh(study, A01=1 - share, A50=share)

        return edit

    found = refused(plan(0.2))
    assert found.code == "uncontrollable_indicator" and "weight_reason" in found.hint
    for harmless in (plan(0.0), plan(0.2, weight_reason=WORDS)):
        shutil.rmtree(tmp_path / "study")
        load_study(edited(root, tmp_path, harmless), vocabulary=words)


@pytest.mark.row("A53")
@pytest.mark.parametrize("asked", ["scored", "target"])
def test_a_view_is_not_asked_for_one_number(
    asked: str, root: Path, tmp_path: Path, words: Vocabulary
) -> None:
    def edit(study: Declared) -> None:
        add(study, "A53", **({"target": {"value": 5, "unit": "hours"}} if asked == "target" else {}))
        if asked == "scored":
            weigh(study, A01=0.5, A53=0.5)

    with pytest.raises(SpecError) as caught:
        load_study(edited(root, tmp_path, edit), vocabulary=words)
    assert "undefined_composite" in [problem.code for problem in caught.value.problems]


def test_a_view_that_is_only_shown_is_welcome(root: Path, tmp_path: Path, words: Vocabulary) -> None:
    folder = edited(root, tmp_path, lambda s: add(s, "A53"))
    assert load_study(folder, vocabulary=words).indicator("A53").kpi == "A53"


def test_the_library_itself_marks_the_rows_that_the_traps_are_about() -> None:
    rows = vocabulary_of_the_library().kpis
    assert [code for code in ("A19", "A20", "A21") if "denominator" not in rows[code].declare] == []
    assert [code for code, row in rows.items() if row.conflated] == ["A31"]
    assert [code for code, row in rows.items() if not row.controllable] == ["A50"]
    assert not rows["A53"].measures
