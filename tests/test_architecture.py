"""The house stays as docs/architecture.md draws it: imports go down, modules explain themselves."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "survey_kpi"
LONG = 400

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "__version__", ""}),
    # words and tools without an opinion
    frozenset({"estimate", "period", "numeric", "glossary", "engine", "frames"}),
    # what is declared, and what is printed
    frozenset({"study", "facts", "workdays"}),
    # rooms that know nothing of each other; `sample` makes an invented company's exports and new studies: it
    # writes files, as the readers read them, and needs the declarations' schemas but none of its neighbours
    frozenset({"readers", "cleaning", "designs", "inference", "indicator_weights", "sample"})
    | frozenset({"psychometrics", "segments", "comments"}),
    # `records` opens files and databases, as the readers do; `judging` reads what experts filled in
    frozenset({"indicators", "sampling", "records", "judging"}),
    frozenset({"scoring"}),
    frozenset({"evaluation"}),
    frozenset({"appeals", "publishing", "next_period", "frozen"}),
    frozenset({"report"}),
    frozenset({"cli_options", "cli_printing"}),
    frozenset({"cli_cards", "cli_judgements", "cli_repairs"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
"""Rooms by floor, ground floor first. A room imports from floors below its own, and from itself.

The empty name is the bare package, from which anybody may take the version.
"""

FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of every import from the package, be it at the top, in a function or for types."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names if name.name.startswith("survey_kpi"))
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; write the whole name"
            if node.module == "survey_kpi":
                yield from ((node.lineno, f"survey_kpi.{name.name}") for name in node.names)
            elif (node.module or "").startswith("survey_kpi."):
                yield node.lineno, node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_imports_go_down(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    assert room in FLOOR_OF, f"give the room '{room}' a floor in this test and in docs/architecture.md"
    for line, name in imports_of(path):
        target = [*name.split("."), ""][1]
        if target == room:
            continue
        assert target in FLOOR_OF, f"{path}:{line} imports the unknown room '{target}'"
        below = FLOOR_OF[target] < FLOOR_OF[room]
        assert below, f"{path}:{line}: '{room}' may not import '{target}', which is not on a floor below it"


def test_the_package_itself_imports_nothing_until_asked() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    at_once = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {getattr(node, "module", None) for node in at_once} <= {"__future__", "typing"}


def test_the_rooms_have_one_floor_each() -> None:
    assert len(FLOOR_OF) == sum(map(len, FLOORS))


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_modules_say_what_they_are_and_do_not_assert(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "a module begins with a docstring"
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert not lines, f"assert vanishes under python -O; raise an error instead (lines {lines})"


def test_long_modules_are_named() -> None:
    """Length is reported, not enforced: a folder is opened when a file passes some 400 lines."""
    for path, name in zip(MODULES, NAMES, strict=True):
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > LONG:
            warnings.warn(f"{name} has {length} lines", stacklevel=1)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_are_committed_without_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
