"""Each rule on and off: the policies, and the short way to their verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_kpi import engine
from survey_kpi.cleaning import RULES, excluded_under, noticed, observing, variants
from survey_kpi.study.models import Cleaning


def test_variants_toggle_one_debatable_rule_each(kit: Any) -> None:
    policy = kit.rules(at_least=1, duplicate="flag", too_fast=("exclude", {"below_median_share": 0.3}))
    toggled = {variant.rule: variant for variant in variants(policy)}
    assert set(toggled) == set(RULES) - {"nps_range", "undeclared_code", "missing_code"}
    assert toggled["duplicate"].action == "exclude"
    assert toggled["out_of_range"].action == "off"
    fast = toggled["too_fast"].policy
    assert fast.rules["too_fast"].action == "off"
    assert fast.rules["too_fast"].params == {"below_median_share": 0.3}
    assert fast.rules["duplicate"].action == "flag"
    assert fast.careless_at_least == 1
    assert policy.rules["too_fast"].action == "exclude"


@pytest.fixture
def dirty(kit: Any) -> tuple[pd.DataFrame, Any]:
    """Sheets on which most rules have something to notice."""
    rng = np.random.default_rng(11)
    n = 200
    codebook = kit.codebook(n=8)
    frame = kit.sheets([{} for _ in range(n)], codebook)
    trait = rng.normal(3, 1, (n, 1)) + rng.normal(0, 0.5, (n, 8))
    frame[[f"q{number}" for number in range(1, 9)]] = np.clip(np.rint(trait), 1, 5)
    frame.loc[:20, "q1"] = 9.0
    frame.loc[10:30, [f"q{number}" for number in range(2, 8)]] = np.nan
    frame["respondent_id"] = rng.integers(0, 150, n).astype(str)
    frame.loc[40:50, "respondent_id"] = None
    frame["duration_s"] = rng.lognormal(4, 1, n)
    frame["submitted_at"] = pd.Timestamp("2026-07-01 09:00:30") + pd.to_timedelta(
        rng.integers(0, 9000, n), "s"
    )
    frame["specialist_id"] = "s1"
    frame["platform_status"] = np.where(rng.random(n) < 0.1, "preview", "")
    return frame, codebook


@pytest.mark.parametrize("at_least", [1, 2])
def test_patterns_tell_the_verdict_of_every_variant_whose_flags_hold(
    kit: Any, dirty: tuple[pd.DataFrame, Any], at_least: int
) -> None:
    frame, codebook = dirty
    policy = kit.rules(
        at_least=at_least,
        undeclared_code="off",
        psychsyn=("off", {"critical": 0.5}),
        irv=("off", {"below": 0.6}),
    )
    cleaned = kit.clean(frame, codebook, observing(policy))
    patterns = engine.collect(
        cleaned.frame.select("row_id", "excluded_by", noticed(cleaned).alias("noticed"))
    )
    patterns = patterns.sort_values("row_id")
    assert patterns["noticed"].nunique() > 10
    own = [excluded_under(pattern, policy) for pattern in patterns["noticed"]]
    assert own == patterns["excluded_by"].tolist()
    kept = {}
    for variant in variants(policy):
        again = kit.table(kit.clean(frame, codebook, variant.policy))["excluded_by"].tolist()
        kept[variant.rule] = again.count("")
        if variant.flags_hold:
            short = [excluded_under(pattern, variant.policy) for pattern in patterns["noticed"]]
            assert short == again, variant.rule
    assert len(set(kept.values())) > 3


def test_observing_changes_nothing_but_what_is_noticed(kit: Any, dirty: tuple[pd.DataFrame, Any]) -> None:
    frame, codebook = dirty
    policy = kit.rules(undeclared_code="off", duplicate="off")
    plain, wide = (kit.table(kit.clean(frame, codebook, one)) for one in (policy, observing(policy)))
    pd.testing.assert_frame_equal(plain, wide[plain.columns])
    assert set(wide) - set(plain) >= {"flag_duplicate", "flag_long_string", "flag_irv"}


def test_without_row_rules_nothing_is_noticed(kit: Any) -> None:
    codebook = kit.codebook()
    off = {code: "off" for code, rule in RULES.items() if rule.level == "row"}
    cleaned = kit.clean(kit.sheets([{}], codebook), codebook, kit.rules(**off))
    assert engine.collect(cleaned.frame.select(noticed(cleaned).alias("noticed")))["noticed"].tolist() == [""]
    assert kit.table(cleaned)["keep"].all()
    assert excluded_under("", Cleaning()) == ""
