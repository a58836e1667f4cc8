"""Editors check study files with the same models that load them."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

FILES = ("study", "codebook", "indicators", "rules")


def test_the_committed_schemas_are_those_of_the_models(root: Path) -> None:
    made = runpy.run_path(str(root / "scripts" / "write_schemas.py"))["schemas"]()
    folder = root / "src" / "survey_kpi" / "study" / "schemas"
    committed = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    assert committed == made, "run python scripts/write_schemas.py"


@pytest.mark.parametrize("study", ["sample", "sfo"])
@pytest.mark.parametrize("name", FILES)
def test_every_study_file_names_its_schema(root: Path, study: str, name: str) -> None:
    path = root / "studies" / study / f"{name}.yaml"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    assert (path.parent / first.removeprefix(prefix)).resolve().name == f"{name}.schema.json"
    assert (path.parent / first.removeprefix(prefix)).is_file()


def test_schemas_explain_keys_and_refuse_others(root: Path) -> None:
    folder = root / "src" / "survey_kpi" / "study" / "schemas"
    schema = json.loads((folder / "rules.schema.json").read_text(encoding="utf-8"))
    assert schema["additionalProperties"] is False
    rule = schema["$defs"]["IndicatorWeightRule"]["properties"]["judgements"]
    assert "Pairwise judgements" in rule["description"]
