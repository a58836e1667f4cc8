"""What `rules.yaml` may not say about pay."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from survey_kpi.errors import SpecError
from survey_kpi.study import load_study
from survey_kpi.study.rewards import PayGuard
from survey_kpi.study.vocabulary import Vocabulary

WORD = {"zh": "奖", "en": "reward"}
FULL = {"id": "full", "label": WORD, "band": "excellent", "share": 1.0}
BANDS = [("full", 80, 100), ("half", 60, 79)]


class Plain(yaml.SafeDumper):
    """Writes values out in full, as study files must."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def load(root: Path, folder: Path, vocabulary: Vocabulary, **changes: Any) -> Any:
    shutil.copytree(root / "studies" / "sample", folder / "study")
    path = folder / "study" / "rules.yaml"
    rules = yaml.safe_load(path.read_text(encoding="utf-8")) | changes
    path.write_text(yaml.dump(rules, Dumper=Plain, allow_unicode=True), encoding="utf-8")
    return load_study(folder / "study", vocabulary=vocabulary)


STREAK = {"k": 2, "threshold": 100}
UNFIT = {"id": "p", "label": WORD, "band": "none", "share": 0.5}
BONUS = {"indicator": "A02", "threshold": 1, "points": 1}


def rewards(**declared: Any) -> dict[str, Any]:
    return {"rewards": declared}


def seed(row: str, *mistake: Any) -> Any:
    return pytest.param(*mistake, marks=pytest.mark.row(row))


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        seed("T94", {"pay": {"prior": "plug_in"}}, "pay_guard", "full_bayes"),
        ({"pay": {"down": 0.8, "up": 0.8}}, "pay_guard_range", "down 0.8, up 0.8"),
        ({"pay": {"down": 0}}, "value_range", "more than 0"),
        seed("T07", rewards(streak={"threshold": 100}), "streak_undefined", "how many quarters"),
        (rewards(streak=STREAK | {"threshold": 121}), "score_range", "at most 120"),
        (
            rewards(table=[{"id": "a", "label": WORD, "streak": True, "amount": 5}]),
            "streak_undefined",
            "none is defined",
        ),
        (rewards(table=[FULL | {"band": "excelent"}]), "unknown_name", "did you mean 'excellent'?"),
        (rewards(table=[FULL, FULL]), "duplicate_id", "twice"),
        (rewards(table=[FULL | {"amount": 5}]), "reward_undefined", "or an amount"),
        (rewards(table=[FULL | {"kind": "honour"}]), "reward_undefined", "neither"),
        (rewards(table=[FULL | {"streak": True}], streak=STREAK), "reward_undefined", "band or by a streak"),
        (rewards(penalties=[UNFIT]), "unknown_name", "no such band"),
        (rewards(threshold_bonuses=[BONUS]), "unknown_name", "not scored"),
        (rewards(pool=-1), "value_range", "0 or more"),
        seed("T08", {"score": {"formula": "none"}}, "formula_undeclared", "'none'"),
        seed("T08", {"score": {"cap": 120}}, "formula_undeclared", "not named"),
    ],
)
def test_mistakes_are_named(
    changes: dict[str, Any], code: str, words: str, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    with pytest.raises(SpecError) as refusal:
        load(root, tmp_path, vocabulary, **changes)
    found = [str(problem) for problem in refusal.value.problems if problem.code == code]
    assert any(words in problem for problem in found), str(refusal.value)


@pytest.mark.row("T01")
@pytest.mark.row("R02")
def test_the_bands_of_the_seed_leave_holes(root: Path, tmp_path: Path, vocabulary: Vocabulary) -> None:
    bands = [{"id": name, "label": WORD, "low": low, "high": high} for name, low, high in BANDS]
    with pytest.raises(SpecError) as refusal:
        load(root, tmp_path, vocabulary, bands=bands)
    (problem,) = [one for one in refusal.value.problems if one.code == "bands_gap"]
    assert problem.got == "nothing below 60, nothing in [79, 80), nothing above 100"


def test_what_is_sound_is_read(root: Path, tmp_path: Path, vocabulary: Vocabulary) -> None:
    declared = {
        "pool": 10000.5,
        "table": [FULL, {"id": "promoted", "label": WORD, "kind": "promotion", "streak": True}],
        "penalties": [{"id": "cut", "label": WORD, "band": "improve", "share": 0.5}],
        "streak": {"k": 2, "threshold": 100},
    }
    study = load(root, tmp_path, vocabulary, rewards=declared, pay={"looks": "two"})
    assert study.rules.rewards.pool == Decimal("10000.5")
    assert study.rules.rewards.streak.k == 2 and study.rules.pay.looks == "two"


def test_the_defaults_are_those_of_the_guard(root: Path, vocabulary: Vocabulary) -> None:
    study = load_study(root / "studies" / "sample", vocabulary=vocabulary)
    assert study.rules.pay == PayGuard(
        down=0.10, up=0.80, down_grade="C", pool_below=100, looks="one", tenure_days=60
    )
    assert (study.rules.rewards.streak, study.rules.rewards.penalties) == (None, ())
