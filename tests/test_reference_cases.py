"""Every reference case of R and Python is compared in exactly one room, or named here with its reason."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
ROOMS = {
    "designs": "designs/test_r_cases.py",
    "inference": "inference/test_r_cases_inference.py",
    "psychometrics": "psychometrics/test_r_cases_psychometrics.py",
}
CARELESS = "cleaning/test_careless_r.py"
NOT_COMPARED = {"careless.psychant2": "R resamples at random; psychant2.noresample stands for it"}


def module(place: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(place).stem + "_counted", HERE / place)
    assert spec and spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_every_reference_case_has_a_room(shared: Path) -> None:
    folder = shared / "references/r"
    wanted = [
        case["id"]
        for name in ("cases.json", "cases_python.json")
        for case in json.loads((folder / name).read_text(encoding="utf-8"))["cases"]
    ]
    rooms = {room: set(module(place).CASES) for room, place in ROOMS.items()}
    rooms["cleaning"] = {f"careless.{case}" for case, _, _ in module(CARELESS).CHECKS}
    compared = Counter(case for cases in rooms.values() for case in cases)
    print(*(f"{room}: {len(cases)}" for room, cases in rooms.items()), sep=", ")
    print(f"reference cases compared: {len(compared)} of {len(wanted)}; left out: {NOT_COMPARED}")
    assert set(compared.values()) == {1}
    assert set(compared) | set(NOT_COMPARED) == set(wanted) and not set(compared) & set(NOT_COMPARED)
