"""Every mistake of a study is reported at once, with its code, file, key path, line and a way out."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_kpi.errors import Problem, SpecError
from survey_kpi.study import load_study
from survey_kpi.study.vocabulary import Vocabulary

FILES = ("study", "codebook", "indicators", "rules")
Declared = dict[str, Any]
Edit = Callable[[Declared], object]


@pytest.fixture(scope="session")
def declared(root: Path) -> Declared:
    """The sample study as plain data, one entry per file."""
    folder = root / "studies" / "sample"
    return {name: yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")) for name in FILES}


def write(folder: Path, root: Path, study: Declared) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(root / "studies" / "sample" / "judgements", folder / "judgements", dirs_exist_ok=True)
    shutil.copy(root / "studies" / "sample" / "goals.yaml", folder)
    for name in FILES:
        text = yaml.dump(study[name], Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def problems_of(folder: Path, vocabulary: Vocabulary, data_dir: Path | None = None) -> tuple[Problem, ...]:
    with pytest.raises(SpecError) as caught:
        load_study(folder, data_dir=data_dir, vocabulary=vocabulary)
    return caught.value.problems


@pytest.mark.parametrize("name", ["sample", "sfo"])
def test_the_shipped_studies_load(name: str, root: Path, vocabulary: Vocabulary) -> None:
    study = load_study(root / "studies" / name, data_dir=root / "data" / "raw" / name, vocabulary=vocabulary)
    assert study.study.name == name
    assert len(study.rule_hash) == 64
    assert study.level(study.study.evaluate or "").id == study.study.evaluate
    assert study.indicator("A07").anchor == -100
    assert sum(sheet.tile for sheet in study.indicators.indicators) == 5
    assert (study.rules.bands[0].low, study.rules.bands[-1].high) == (0, 120)


def sheet(study: Declared, indicator: str) -> Declared:
    return next(entry for entry in study["indicators"]["indicators"] if entry["id"] == indicator)


def item(study: Declared, name: str) -> Declared:
    return next(entry for entry in study["codebook"]["items"] if entry["id"] == name)


def weights(study: Declared, **more: Any) -> None:
    study["rules"]["indicator_weights"] = more


EQUAL = {"A01": 0.25, "A01-speed": 0.25, "A01-problem_solving": 0.25, "A07": 0.25}

# code, where it is said to stand, words of the message, and the mistake itself
MISTAKES: list[tuple[str, str, str, Edit]] = [
    # form
    ("unknown_key", "rules.yaml: band, line", "did you mean 'bands'?",
     lambda s: s["rules"].update(band=s["rules"].pop("bands"))),
    ("unknown_key", "study.yaml: primary.mesure, line", "did you mean 'measure'?",
     lambda s: s["study"]["primary"].update(mesure=s["study"]["primary"].pop("measure"))),
    ("unknown_key", "codebook.yaml: items[0].colour", "'colour'",
     lambda s: s["codebook"]["items"][0].update(colour=1)),
    ("key_missing", "study.yaml: company", "the key is missing", lambda s: s["study"].pop("company")),
    ("key_missing", "indicators.yaml: indicators[2].kpi, line", "missing",
     lambda s: sheet(s, "A01-speed").pop("kpi")),
    ("value_type", "rules.yaml: bands[1].low, line", "got 'ninety', expected a number",
     lambda s: s["rules"]["bands"][1].update(low="ninety")),
    ("value_type", "rules.yaml: bands[1].low", "got true, expected a number",
     lambda s: s["rules"]["bands"][1].update(low=True)),
    ("value_type", "study.yaml: title", "a mapping with the keys zh, en",
     lambda s: s["study"].update(title="x")),
    ("value_type", "study.yaml: sources", "got a mapping, expected a list",
     lambda s: s["study"].update(sources={"id": "x"})),
    ("value_type", "study.yaml: sources[0].version", "put it between quotes",
     lambda s: s["study"]["sources"][0].update(version=2)),
    ("value_type", "codebook.yaml: items[1].missing_codes[0]", "a whole number or text",
     lambda s: item(s, "attitude").update(missing_codes=[[6]])),
    ("value_type", "indicators.yaml: indicators[0].tile", "true or false",
     lambda s: sheet(s, "A01").update(tile="yes")),
    ("value_type", "rules.yaml: effective_from", "a date such as 2026-07-01",
     lambda s: s["rules"].update(effective_from="July")),
    ("value_range", "study.yaml: trend_quarters", "got 1, expected 2 or more",
     lambda s: s["study"].update(trend_quarters=1)),
    ("value_range", "rules.yaml: scored", "got an empty list, expected at least 1 entry",
     lambda s: s["rules"].update(scored=[])),
    ("value_range", "rules.yaml: bands", "at least 1 entry", lambda s: s["rules"].update(bands=[])),
    ("value_range", "study.yaml: title.zh", "at least 1 character",
     lambda s: s["study"]["title"].update(zh="  ")),
    ("value_range", "declared.A07", "0 or more", lambda s: weights(s, declared=EQUAL | {"A07": -0.25})),
    ("unknown_name", "study.yaml: primary.against", "'year_ago'",
     lambda s: s["study"]["primary"].update(against="yearago")),
    ("unknown_name", "rules.yaml: schema_version", "expected 1",
     lambda s: s["rules"].update(schema_version=2)),
    ("name_form", "study.yaml: name", "letters, digits", lambda s: s["study"].update(name="my study")),
    ("name_form", "codebook.yaml: scales", "'a scale'",
     lambda s: s["codebook"]["scales"].update({"a scale": {"low": 1, "high": 2}})),
    ("period_format", "study.yaml: sources[0].period", "a quarter 2026Q3",
     lambda s: s["study"]["sources"][0].update(period="Q3")),
    ("period_format", "study.yaml: sources[0].period", "a month or a quarter",
     lambda s: s["study"]["sources"][0].update(period="2026Q3-R4")),
    ("language_missing", "study.yaml: title.en", "no en words", lambda s: s["study"]["title"].pop("en")),
    ("options_differ", "codebook.yaml: scales.satisfaction.labels.5.en", "the option has no en words",
     lambda s: s["codebook"]["scales"]["satisfaction"]["labels"][5].pop("en")),
    ("formula_undeclared", "rules.yaml: score.formula", "two readings",
     lambda s: s["rules"]["score"].pop("formula")),
    ("unit_missing", "indicators.yaml: indicators[6].target.unit", "33 (percent) or 40 (points)",
     lambda s: sheet(s, "A07")["target"].pop("unit")),
    # codebook
    ("duplicate_id", "codebook.yaml: items[2].id", "twice",
     lambda s: item(s, "speed").update(id="attitude")),
    ("duplicate_id", "codebook.yaml: items[2].id", "response field",
     lambda s: item(s, "speed").update(id="channel")),
    ("role_twice", "codebook.yaml: items[1].role", "the first is 'overall'",
     lambda s: item(s, "attitude").update(role="overall")),
    ("duplicate_header", "codebook.yaml: items[1]", "already belongs to 'channel'",
     lambda s: item(s, "attitude").update(headers=["来源"])),
    ("scale_empty", "codebook.yaml: scales.satisfaction.low", "5 to 5",
     lambda s: s["codebook"]["scales"]["satisfaction"].update(low=5)),
    ("scale_ends", "codebook.yaml: scales.recommendation", "integer: false",
     lambda s: s["codebook"]["scales"]["recommendation"].update(high=10.5)),
    ("top_box_outside", "codebook.yaml: scales.satisfaction.top_box", "got 6",
     lambda s: s["codebook"]["scales"]["satisfaction"].update(top_box=[5, 6])),
    ("label_outside", "codebook.yaml: scales.satisfaction.labels", "got 6",
     lambda s: s["codebook"]["scales"]["satisfaction"]["labels"].update({6: {"zh": "好", "en": "good"}})),
    ("label_outside", "codebook.yaml: items[1].labels", "got 7",
     lambda s: item(s, "attitude").update(labels={"优": 7})),
    ("duplicate_option", "codebook.yaml: scales.satisfaction.labels", "'非常满意'",
     lambda s: s["codebook"]["scales"]["satisfaction"]["labels"][4].update(zh="非常满意")),
    ("duplicate_option", "codebook.yaml: scales.satisfaction.labels", "in several spellings",
     lambda s: s["codebook"]["scales"]["satisfaction"]["labels"].update({"05": {"zh": "优", "en": "top"}})),
    ("duplicate_option", "codebook.yaml: items[1].labels", "stands for 3 and for 2",
     lambda s: item(s, "attitude").update(labels={"一般": 2})),
    ("unknown_name", "codebook.yaml: items[1].scale", "did you mean 'satisfaction'?",
     lambda s: item(s, "attitude").update(scale="satisfacton")),
    ("scale_missing", "codebook.yaml: items[1].scale", "needs a scale",
     lambda s: item(s, "attitude").pop("scale")),
    ("scale_unneeded", "codebook.yaml: items[8].scale", "has no scale",
     lambda s: item(s, "comment").update(scale="satisfaction")),
    ("nps_range", "codebook.yaml: items[6].scale", "shift: -1",
     lambda s: s["codebook"]["scales"]["recommendation"].update(low=1, high=11, labels={})),
    ("missing_code_valid", "codebook.yaml: items[1].missing_codes[1]", "also a valid answer",
     lambda s: item(s, "attitude").update(missing_codes=[0, 3])),
    ("missing_code_valid", "codebook.yaml: items[0].missing_codes[0]", "'一般'",
     lambda s: item(s, "overall").update(missing_codes=["一般"])),
    ("missing_code_valid", "codebook.yaml: items[6].missing_codes[0]", "also a valid answer",
     lambda s: item(s, "ltr").update(missing_codes=[11], shift=-1)),
    ("expected_missing", "codebook.yaml: items[1].expected", "attention check",
     lambda s: item(s, "attitude").update(role="attention")),
    ("expected_outside", "codebook.yaml: items[1].expected", "got 9",
     lambda s: item(s, "attitude").update(role="attention", expected=9)),
    ("unknown_name", "codebook.yaml: items[1].versions[0]", "'v1'",
     lambda s: item(s, "attitude").update(versions=["v2"])),
    ("unknown_name", "codebook.yaml: items[1].wordings.v0", "no source has this version",
     lambda s: item(s, "attitude").update(wordings={"v0": {"zh": "旧题", "en": "old"}})),
    ("version_unasked", "codebook.yaml: items[1].wordings.v2", "one of its versions: v1",
     lambda s: (item(s, "attitude").update(versions=["v1"], wordings={"v2": {"zh": "旧题", "en": "old"}}),
                s["study"]["sources"][1].update(version="v2"))),
    ("unknown_name", "codebook.yaml: accepted[0]", "did you mean 'double_barrelled'?",
     lambda s: s["codebook"].update(accepted=[{"finding": "double_barreled", "item": "speed", "reason": "x"}])),  # noqa: E501
    ("unknown_name", "codebook.yaml: accepted[0]", "did you mean 'speed'?",
     lambda s: s["codebook"].update(accepted=[{"finding": "double_barrelled", "item": "sped", "reason": "x"}])),  # noqa: E501
    ("key_missing", "codebook.yaml: accepted[0].reason", "missing",
     lambda s: s["codebook"].update(accepted=[{"finding": "double_barrelled", "item": "speed"}])),
    ("reserved_name", "codebook.yaml: items[2].id", "only in letter case from 'attitude'",
     lambda s: item(s, "speed").update(id="Attitude", label={"zh": "速度", "en": "Speed"})),
    ("reserved_name", "codebook.yaml: fields.month", "a column that the toolkit adds",
     lambda s: s["codebook"]["fields"].update(month={})),
    ("reserved_name", "codebook.yaml: fields.Row_ID", "a column that the toolkit adds",
     lambda s: s["codebook"]["fields"].update(Row_ID={})),
    ("reserved_name", "codebook.yaml: items[8].id", "begins like columns",
     lambda s: item(s, "comment").update(id="flag_comment")),
    # study
    ("unknown_name", "study.yaml: sources[0].format", "did you mean 'wenjuanxing'?",
     lambda s: s["study"]["sources"][0].update(format="wenjuanxin")),
    ("unknown_name", "study.yaml: sources[0].encoding", "no such encoding",
     lambda s: s["study"]["sources"][0].update(encoding="utf-9")),
    ("period_format", "study.yaml: sources[0].period", "not a period",
     lambda s: s["study"]["sources"][0].update(period="0000Q1")),
    ("duplicate_id", "study.yaml: sources[1].id", "twice",
     lambda s: s["study"]["sources"][1].update(id="wenjuanxing")),
    ("unknown_name", "study.yaml: sources[0].headers.spped", "did you mean 'speed'?",
     lambda s: s["study"]["sources"][0].update(headers={"spped": "速度"})),
    ("duplicate_header", "study.yaml: sources[0].headers", "two columns",
     lambda s: s["study"]["sources"][0].update(headers={"speed": "速度", "attitude": "速度"})),
    ("path_escape", "study.yaml: sources[0].file", "'../secret.csv'",
     lambda s: s["study"]["sources"][0].update(file="../secret.csv")),
    ("path_escape", "study.yaml: sources[0].file", "/etc/passwd",
     lambda s: s["study"]["sources"][0].update(file="/etc/passwd")),
    ("path_escape", "study.yaml: sources[0].file", "leads out",
     lambda s: s["study"]["sources"][0].update(file="C:\\data\\x.csv")),
    ("path_escape", "study.yaml: invitations.drawn[0]", "leads out",
     lambda s: s["study"].update(invitations={"drawn": ["../drawn.csv"]})),
    ("unknown_name", "study.yaml: gates.unparsd", "did you mean 'unparsed'?",
     lambda s: s["study"].update(gates={"unparsd": 3})),
    ("path_escape", "study.yaml: tables.specialists", "leads out",
     lambda s: s["study"].update(tables={"specialists": "a/../../x.csv"})),
    ("path_escape", "rules.yaml: indicator_weights.judgements", "leads out",
     lambda s: s["rules"]["indicator_weights"].update(judgements="../ahp.csv")),
    ("duplicate_id", "study.yaml: levels[1].id", "twice",
     lambda s: s["study"]["levels"][1].update(id="team")),
    ("unknown_name", "study.yaml: levels[0].column", "did you mean 'team'?",
     lambda s: s["study"]["levels"][0].update(column="teem")),
    ("unknown_name", "study.yaml: levels[1].column", "'specialist_id'",
     lambda s: s["study"]["levels"][1].update(column="specialist")),
    ("duplicate_id", "study.yaml: levels[0].members", "'华东'",
     lambda s: s["study"]["levels"][0]["members"][1].update(id="华东")),
    ("table_missing", "study.yaml: levels[0].via", "tables.specialists",
     lambda s: s["study"].pop("tables")),
    ("unknown_name", "study.yaml: levels[0].via", "'specialist_id'",
     lambda s: (s["codebook"]["fields"].pop("specialist_id"), s["study"]["tables"].pop("ownership"))),
    ("unknown_name", "study.yaml: evaluate", "did you mean 'specialist'?",
     lambda s: s["study"].update(evaluate="specialists")),
    ("unknown_name", "study.yaml: design.weight", "no such response field",
     lambda s: s["study"].update(design={"weight": "wieght"})),
    ("unknown_name", "study.yaml: cleaning.rules.to_fast", "did you mean 'too_fast'?",
     lambda s: s["study"]["cleaning"]["rules"].update(to_fast={"action": "flag"})),
    ("unknown_parameter", "study.yaml: cleaning.rules.straight_line.params.min_item",
     "did you mean 'min_items'?",
     lambda s: s["study"]["cleaning"]["rules"]["straight_line"]["params"].update(min_item=3)),
    ("unknown_parameter", "study.yaml: cleaning.rules.duplicate.params.by", "takes no parameters",
     lambda s: s["study"]["cleaning"]["rules"]["duplicate"].update(params={"by": "x"})),
    ("unknown_name", "study.yaml: primary.indicator", "no such indicator",
     lambda s: s["study"]["primary"].update(indicator="A99")),
    ("unknown_name", "study.yaml: primary.measure", "A01 has no such measure",
     lambda s: s["study"]["primary"].update(measure="nps")),
    ("unknown_name", "study.yaml: time_zone", "did you mean 'Asia/Shanghai'?",
     lambda s: s["study"].update(time_zone="Asia/Shangai")),
    # indicators
    ("duplicate_id", "indicators.yaml: indicators[1].id", "twice",
     lambda s: sheet(s, "A01-attitude").update(id="A01")),
    ("unknown_name", "indicators.yaml: indicators[0].kpi", "no such KPI",
     lambda s: sheet(s, "A01").update(kpi="A0l")),
    ("item_missing", "indicators.yaml: indicators[0].item", "A01 needs an item",
     lambda s: sheet(s, "A01").pop("item")),
    ("item_unneeded", "indicators.yaml: indicators[1].item", "A36 takes no item",
     lambda s: sheet(s, "A01-attitude").update(kpi="A36", measure="rate")),
    ("unknown_name", "indicators.yaml: indicators[2].item", "did you mean 'speed'?",
     lambda s: sheet(s, "A01-speed").update(item="sped")),
    ("item_role", "indicators.yaml: indicators[6].item", "expected 'ltr'",
     lambda s: sheet(s, "A07").update(item="overall")),
    ("unknown_name", "indicators.yaml: indicators[0].measure", "did you mean 'top_box'?",
     lambda s: sheet(s, "A01").update(measure="top_bx")),
    ("unknown_name", "indicators.yaml: indicators[0].target.measure", "no such measure",
     lambda s: sheet(s, "A01")["target"].update(measure="nps")),
    ("top_box_missing", "indicators.yaml: indicators[0].item", "no top box",
     lambda s: s["codebook"]["scales"]["satisfaction"].pop("top_box")),
    ("unit_unfit", "indicators.yaml: indicators[6].target", "got percent, expected points",
     lambda s: sheet(s, "A07")["target"].update(unit="percent")),
    ("unit_unfit", "indicators.yaml: indicators[0].target", "pp is a change",
     lambda s: sheet(s, "A01")["target"].update(unit="pp")),
    ("target_range", "indicators.yaml: indicators[0].target", "got 850 percent",
     lambda s: sheet(s, "A01")["target"].update(value=850)),
    ("target_range", "indicators.yaml: indicators[0].target", "got 9.2 score",
     lambda s: sheet(s, "A01").update(measure="mean", target={"value": 9.2, "unit": "score"})),
    ("anchor_missing", "indicators.yaml: indicators[6]", "the anchor of NPS is -100",
     lambda s: sheet(s, "A07").pop("anchor")),
    ("target_degenerate", "indicators.yaml: indicators[6]", "equals the anchor -100",
     lambda s: sheet(s, "A07")["target"].update(value=-100)),
    ("target_degenerate", "indicators.yaml: indicators[0]", "lower is better and the target is 0",
     lambda s: sheet(s, "A01").update(direction="lower", target={"value": 0, "unit": "percent"})),
    # rules
    ("unknown_name", "rules.yaml: scored[1]", "did you mean 'A01-speed'?",
     lambda s: s["rules"].update(scored=["A01", "A01-sped"])),
    ("duplicate_id", "rules.yaml: scored[4]", "twice", lambda s: s["rules"]["scored"].append("A01")),
    ("target_missing", "rules.yaml: scored[0]", "needs a target",
     lambda s: sheet(s, "A01").pop("target")),
    ("formula_unfit", "rules.yaml: scored[3]", "'A07'",
     lambda s: s["rules"]["score"].update(formula="identity")),
    ("weights_undeclared", "rules.yaml: indicator_weights", "got neither", weights),
    ("weights_undeclared", "rules.yaml: indicator_weights", "got both",
     lambda s: weights(s, declared=EQUAL, parts=[{"method": "equal"}])),
    ("weights_sum", "rules.yaml: indicator_weights.declared", "got 0.5, expected 1",
     lambda s: (s["rules"].update(scored=["A01", "A07"]), weights(s, declared={"A01": 0.3, "A07": 0.2}))),
    ("weights_sum", "rules.yaml: indicator_weights.parts", "the shares do not sum to 1",
     lambda s: s["rules"]["indicator_weights"]["parts"][0].update(share=0.5)),
    ("weight_missing", "rules.yaml: indicator_weights.declared", "'A07'",
     lambda s: weights(s, declared={"A01": 0.5, "A01-speed": 0.25, "A01-problem_solving": 0.25})),
    ("unknown_name", "rules.yaml: indicator_weights.declared.A01-attitude", "not scored",
     lambda s: weights(s, declared={**EQUAL, "A01": 0.15, "A01-attitude": 0.1})),
    ("unknown_name", "rules.yaml: indicator_weights.parts[1].method", "did you mean 'entropy'?",
     lambda s: s["rules"]["indicator_weights"]["parts"][1].update(method="entropi")),
    ("unknown_parameter", "rules.yaml: indicator_weights.parts[1].params.normalization", "'normalisation'",
     lambda s: s["rules"]["indicator_weights"]["parts"][1].update(params={"normalization": "sum"})),
    ("judgements_missing", "rules.yaml: indicator_weights.judgements", "'ahp' needs a file",
     lambda s: s["rules"]["indicator_weights"].pop("judgements")),
    ("file_missing", "rules.yaml: indicator_weights.judgements", "'other.csv'",
     lambda s: s["rules"]["indicator_weights"].update(judgements="judgements/other.csv")),
    ("ratings_missing", "rules.yaml: indicator_weights.ratings", "judgements template",
     lambda s: s["rules"]["indicator_weights"]["parts"][1].update(method="expert_scores")),
    ("file_missing", "rules.yaml: indicator_weights.ratings", "judgements collect",
     lambda s: s["rules"]["indicator_weights"].update(ratings="judgements/scores.csv")),
    ("path_escape", "rules.yaml: indicator_weights.ratings", "leads out",
     lambda s: s["rules"]["indicator_weights"].update(ratings="../scores.csv")),
    ("score_range", "rules.yaml: indicator_weights.rating_scale", "10 to 0",
     lambda s: s["rules"]["indicator_weights"].update(rating_scale=[10, 0])),
    ("influence_missing", "rules.yaml: indicator_weights.influence", "'e5'",
     lambda s: s["rules"]["indicator_weights"].update(influence={"e1": 1, "e2": 1, "e3": 2, "e4": 1})),
    ("unknown_name", "rules.yaml: indicator_weights.influence.e6", "no such expert",
     lambda s: s["rules"]["indicator_weights"].update(influence={f"e{n}": 1 for n in range(1, 7)})),
    ("unknown_name", "rules.yaml: indicator_weights.missing", "harker",
     lambda s: s["rules"]["indicator_weights"].update(missing="harkr")),
    ("unknown_name", "ahp.csv: column, line 4", "not scored",
     lambda s: (s["rules"].update(scored=["A01", "A01-speed", "A01-problem_solving"]))),
    ("unknown_name", "rules.yaml: indicator_weights.random_index", "'saaty'",
     lambda s: s["rules"]["indicator_weights"].update(random_index="saati")),
    ("reason_missing", "rules.yaml: indicator_weights.consistency_limit", "without a reason",
     lambda s: s["rules"]["indicator_weights"].update(consistency_limit=None)),
    ("bands_gap", "rules.yaml: bands", "nothing below 60, nothing in [79, 80), nothing above 100",
     lambda s: s["rules"].update(bands=[
         {"id": "full", "label": {"zh": "全额", "en": "full"}, "low": 80, "high": 100},
         {"id": "half", "label": {"zh": "半额", "en": "half"}, "low": 60, "high": 79},
     ], rewards={})),
    ("bands_gap", "rules.yaml: bands", "overlap in [90, 95)",
     lambda s: s["rules"]["bands"][0].update(high=95)),
    ("bands_gap", "rules.yaml: bands", "'solid' is empty",
     lambda s: s["rules"]["bands"][1].update(low=100)),
    ("bands_gap", "rules.yaml: bands", "'excellent' ends above 120",
     lambda s: s["rules"]["bands"][2].update(high=130)),
    ("bands_gap", "rules.yaml: bands", "'improve' begins below 0",
     lambda s: s["rules"]["bands"][0].update(low=-1)),
    ("duplicate_id", "rules.yaml: bands[1].id", "twice",
     lambda s: s["rules"]["bands"][1].update(id="improve")),
    ("score_range", "rules.yaml: score", "not in this order",
     lambda s: s["rules"]["score"].update(cap=90)),
    ("evidence_order", "rules.yaml: evidence", "do not fall",
     lambda s: s["rules"]["evidence"].update(c=150)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "where", "words", "edit"), MISTAKES, ids=[f"{n}-{m[0]}" for n, m in enumerate(MISTAKES)]
)
def test_a_mistake_is_named_with_its_place_and_a_way_out(
    code: str,
    where: str,
    words: str,
    edit: Edit,
    declared: Declared,
    root: Path,
    tmp_path: Path,
    vocabulary: Vocabulary,
) -> None:
    study = copy.deepcopy(declared)
    edit(study)
    found = problems_of(write(tmp_path / "study", root, study), vocabulary)
    named = [problem for problem in found if problem.code == code and problem.where.startswith(where)]
    named += [problem for problem in found if problem.code == code and where in problem.where]
    assert named, "\n".join(map(str, found))
    assert any(words in str(problem) for problem in named), "\n".join(map(str, named))


ALONE = {"unknown_key", "value_type", "period_format", "language_missing", "bands_gap", "weights_sum"}
ALONE |= {"anchor_missing", "unit_missing", "item_role"}
SINGLE = [mistake for mistake in MISTAKES if mistake[0] in ALONE]


@pytest.mark.parametrize("mistake", SINGLE, ids=[f"{n}-{m[0]}" for n, m in enumerate(SINGLE)])
def test_one_mistake_is_reported_once_and_breeds_no_others(
    mistake: tuple[str, str, str, Edit],
    declared: Declared,
    root: Path,
    tmp_path: Path,
    vocabulary: Vocabulary,
) -> None:
    study = copy.deepcopy(declared)
    mistake[3](study)
    found = problems_of(write(tmp_path / "study", root, study), vocabulary)
    assert [problem.code for problem in found] == [mistake[0]], "\n".join(map(str, found))


def test_ten_mistakes_in_four_files_are_reported_in_one_go(
    declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    study = copy.deepcopy(declared)
    study["study"]["levels"][0]["label"] = "team"
    study["study"]["sources"][0]["format"] = "wenjuan"
    study["study"]["evaluate"] = "specialits"
    item(study, "attitude")["scale"] = "sat"
    item(study, "speed")["missing_codes"] = [4]
    item(study, "comment")["role"] = "coment"
    sheet(study, "A07").pop("anchor")
    sheet(study, "A01-speed")["item"] = "sped"
    study["rules"]["bands"][1]["low"] = 95
    study["rules"]["indicator_weights"]["parts"][1]["share"] = 0.3
    found = problems_of(write(tmp_path / "study", root, study), vocabulary)
    assert [(problem.where.split(",")[0], problem.code) for problem in found] == [
        ("study.yaml: sources[0].format", "unknown_name"),
        ("study.yaml: levels[0].label", "value_type"),
        ("study.yaml: evaluate", "unknown_name"),
        ("codebook.yaml: items[1].scale", "unknown_name"),
        ("codebook.yaml: items[2].missing_codes[0]", "missing_code_valid"),
        ("codebook.yaml: items[8].role", "unknown_name"),
        ("indicators.yaml: indicators[2].item", "unknown_name"),
        ("indicators.yaml: indicators[6]", "anchor_missing"),
        ("rules.yaml: indicator_weights.parts", "weights_sum"),
        ("rules.yaml: bands", "bands_gap"),
    ]


def test_lines_are_those_of_the_file(root: Path, tmp_path: Path, vocabulary: Vocabulary) -> None:
    shutil.copytree(root / "studies" / "sample", tmp_path / "study")
    path = tmp_path / "study" / "rules.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next(place for place, line in enumerate(lines, start=1) if "id: solid" in line)
    lines[number - 1] = lines[number - 1].replace("low: 90", "low: ninety")
    path.write_text("\n".join(lines), encoding="utf-8")
    (problem,) = problems_of(tmp_path / "study", vocabulary)
    assert problem.where == f"rules.yaml: bands[1].low, line {number}"


def test_missing_files_are_all_named(tmp_path: Path, vocabulary: Vocabulary) -> None:
    found = problems_of(tmp_path, vocabulary)
    assert [(problem.where, problem.code) for problem in found] == [
        (f"{name}.yaml", "file_missing") for name in FILES
    ]


def test_a_broken_file_does_not_hide_the_mistakes_of_the_others(
    declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    study = copy.deepcopy(declared)
    study["rules"]["score"].pop("formula")
    folder = write(tmp_path / "study", root, study)
    (folder / "codebook.yaml").write_text("scales:\n  five: [1,\n", encoding="utf-8")
    codes = [problem.code for problem in problems_of(folder, vocabulary)]
    assert codes == ["yaml_syntax", "formula_undeclared"]


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"expert_id,row,column\ne1,A01,A07\n", "column_missing", "the column 'value' is missing"),
        (b"", "column_missing", "the column 'expert_id' is missing"),
        ("expert_id,row,column,value\n专家,A01,A07,3\n".encode("gb18030"), "encoding", "CSV in UTF-8"),
        (
            b"expert_id,row,column,value\n" + b"e" * 2_000_000,
            "limit_exceeded",
            "larger than judgements can be",
        ),
        (
            b"expert_id,row,column,value\ne1,A01,A08,3\ne1,A07,A08,3\n",
            "unknown_name",
            "ahp.csv: column, line 2",
        ),
    ],
)
def test_judgements_that_cannot_be_used(
    content: bytes,
    code: str,
    words: str,
    declared: Declared,
    root: Path,
    tmp_path: Path,
    vocabulary: Vocabulary,
) -> None:
    folder = write(tmp_path / "study", root, declared)
    (folder / "judgements" / "ahp.csv").write_bytes(content)
    (problem,) = problems_of(folder, vocabulary)
    assert problem.code == code
    assert words in str(problem)


SCORES = "judgements/scores.csv"


def with_scores(study: Declared) -> Declared:
    """A copy of the study that weighs by importance scores."""
    scored = copy.deepcopy(study)
    parts = [{"method": "expert_scores"}]
    weights(scored, parts=parts, ratings=SCORES, rating_scale=[0, 5])
    return scored


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("expert_id,score\ne1,3\n", "column_missing", "the column 'indicator' is missing"),
        ("expert_id,indicator,score\ne1,A08,3\n", "unknown_name", "scores.csv: indicator, line 2"),
        ("expert_id,indicator,score\ne1,A01,3\ne1,A07,6\n", "score_range", "scores.csv: score, line 3"),
    ],
)
def test_importance_scores_that_cannot_be_used(
    content: str,
    code: str,
    words: str,
    declared: Declared,
    root: Path,
    tmp_path: Path,
    vocabulary: Vocabulary,
) -> None:
    folder = write(tmp_path / "study", root, with_scores(declared))
    (folder / SCORES).write_text(content, encoding="utf-8")
    (problem,) = problems_of(folder, vocabulary)
    assert problem.code == code
    assert words in str(problem)


def test_importance_scores_enter_the_rule_hash_and_need_not_stand_there_before_they_are_collected(
    declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    folder = write(tmp_path / "study", root, with_scores(declared))
    before = load_study(folder, vocabulary=vocabulary, judged=False).rule_hash
    hashes = {before}
    for score in (3, 4):
        rows = "".join(f"e1,{name},{score}\n" for name in EQUAL)
        (folder / SCORES).write_text(f"expert_id,indicator,score\n{rows}", encoding="utf-8")
        assert load_study(folder, vocabulary=vocabulary, judged=False).rule_hash == before
        hashes.add(load_study(folder, vocabulary=vocabulary).rule_hash)
    assert len(hashes) == 3


def test_links_that_leave_the_data_folder_are_refused(
    declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "secret.csv").write_text("x")
    (data / "wjx_1.csv").symlink_to(tmp_path / "secret.csv")
    found = problems_of(write(tmp_path / "study", root, declared), vocabulary, data)
    assert [(p.code, p.where.split(",")[0]) for p in found] == [
        ("path_escape", "study.yaml: sources[0].file")
    ]


def test_a_file_belongs_to_one_source(
    declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    study = copy.deepcopy(declared)
    study["study"]["sources"][1]["file"] = "*.csv"
    data = tmp_path / "data"
    data.mkdir()
    (data / "wjx_1.csv").write_text("x")
    found = problems_of(write(tmp_path / "study", root, study), vocabulary, data)
    assert [p.code for p in found] == ["file_twice"]


def test_the_rule_hash_follows_what_is_declared_and_nothing_else(
    declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    committed = load_study(root / "studies" / "sample", vocabulary=vocabulary).rule_hash
    folder = write(tmp_path / "anywhere", root, declared)  # other layout, no comments
    assert load_study(folder, vocabulary=vocabulary).rule_hash == committed
    path = folder / "judgements" / "ahp.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert load_study(folder, vocabulary=vocabulary).rule_hash == committed
    path.write_text(text.replace("A01,A07,2", "A01,A07,3", 1), encoding="utf-8")
    assert load_study(folder, vocabulary=vocabulary).rule_hash != committed
    path.write_text(text, encoding="utf-8")
    study = copy.deepcopy(declared)
    study["rules"]["minimum_group"] = 6
    assert load_study(write(folder, root, study), vocabulary=vocabulary).rule_hash != committed


def test_a_table_may_say_how_far_it_reaches(
    declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    """Days stay text in YAML; an empty end is open."""
    study = copy.deepcopy(declared)
    study["study"]["tables"]["usage"] = {"file": "usage.csv", "covers": ["2025-10-01", None]}
    loaded = load_study(write(tmp_path / "study", root, study), vocabulary=vocabulary)
    assert loaded.study.tables["usage"].covers == (dt.date(2025, 10, 1), None)


def test_answers_that_name_nobody_have_owners(
    declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    """With customers on the answers and a table of owners, persons and tiers need no field of their own."""
    study = copy.deepcopy(declared)
    study["codebook"]["fields"].pop("specialist_id")
    words = {"zh": "层级", "en": "tier"}
    study["study"]["levels"].append({"id": "tier", "label": words, "column": "tier", "via": "customers"})
    loaded = load_study(write(tmp_path / "study", root, study), vocabulary=vocabulary)
    assert [level.id for level in loaded.study.levels] == ["team", "specialist", "tier"]


def test_bands_may_stand_in_any_order(
    declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    study = copy.deepcopy(declared)
    study["rules"]["bands"].reverse()
    loaded = load_study(write(tmp_path / "study", root, study), vocabulary=vocabulary)
    assert [band.id for band in loaded.rules.bands] == ["improve", "solid", "excellent"]


def test_names_of_the_rooms_above_come_from_the_vocabulary(root: Path, vocabulary: Vocabulary) -> None:
    bare = Vocabulary(
        formats=(),
        rules={},
        kpis={},
        weight_methods={},
        judgement_methods=(),
        random_indices=(),
        fields=(),
    )
    wheres = {problem.where.split(",")[0] for problem in problems_of(root / "studies" / "sample", bare)}
    assert {"study.yaml: sources[0].format", "study.yaml: cleaning.rules.duplicate"} <= wheres
    assert {"indicators.yaml: indicators[0].kpi", "rules.yaml: indicator_weights.parts[0].method"} <= wheres


# --- whatever happens to the files, nothing but a SpecError with file and key comes out ----------------

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        found += places(value, (*path, key))
    return found


def mutate(study: Declared, path: tuple[Any, ...], how: str, junk: Any) -> None:
    *above, key = path
    holder: Any = study
    for step in above:
        if not isinstance(holder, dict | list) or (isinstance(holder, dict) and step not in holder):
            return  # an earlier mutation took the place away
        if isinstance(holder, list) and (not isinstance(step, int) or step >= len(holder)):
            return
        holder = holder[step]
    if not isinstance(holder, dict | list) or (isinstance(holder, dict) and key not in holder):
        return
    if isinstance(holder, list) and (not isinstance(key, int) or key >= len(holder)):
        return
    if how == "drop":
        del holder[key]
    elif how == "rename" and isinstance(holder, dict):
        holder[f"{key}x"] = holder.pop(key)
    elif how == "repeat" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = junk


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_studies_give_problems_with_file_and_key_and_never_a_traceback(
    data: st.DataObject, declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    study = copy.deepcopy(declared)
    all_places = [path for path in places(study) if len(path) > 1]
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(all_places))
        how = data.draw(st.sampled_from(["drop", "rename", "repeat", "replace"]))
        mutate(study, path, how, data.draw(JUNK))
    try:
        load_study(write(tmp_path / "study", root, study), vocabulary=vocabulary)
    except SpecError as error:
        for problem in error.problems:
            file = problem.where.split(":")[0].split(",")[0]
            assert file.endswith((".yaml", ".csv")), problem
            assert problem.code and problem.what
            assert len(str(problem)) < 900
            assert str(problem).isprintable(), repr(str(problem))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_broken_text_gives_problems_and_never_a_traceback(
    data: st.DataObject, declared: Declared, root: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    folder = write(tmp_path / "study", root, declared)
    name = data.draw(st.sampled_from(FILES))
    content = bytearray((folder / f"{name}.yaml").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from(
                [b"\t", b": ", b"&a ", b"*a ", b"!!x ", b"\xff", b"\x00", b"- ", b"{", b"'", b"\n", b"? [a]"]
            )
        )
    (folder / f"{name}.yaml").write_bytes(bytes(content))
    try:
        load_study(folder, vocabulary=vocabulary)
    except SpecError as error:
        assert all(problem.where and problem.code for problem in error.problems)
