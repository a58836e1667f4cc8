"""Write the page that says which test proves which requirement, from the markers that tests carry.

python scripts/write_rows.py            # writes docs/reference/requirements.md
python scripts/write_rows.py --check    # says whether the page is out of date, status 1

A test names what it proves with `@pytest.mark.row("A19")`. Markers are found in the text of the tests, which
are not imported. Names of the requirements stand in docs/reference/rows.yaml.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
PAGE = ROOT / "docs/reference/requirements.md"
TABLE: Mapping[str, Any] = yaml.safe_load((ROOT / "docs/reference/rows.yaml").read_text(encoding="utf-8"))
REQUIREMENTS: Mapping[str, Mapping[str, str]] = TABLE["requirements"]
MANUAL = frozenset(TABLE["manual"])

AREAS = {
    "A": "Indicators · 指标",
    "M": "Methods · 方法",
    "P": "Process · 流程",
    "R": "Scoring, reward, appeal · 计分、奖惩、申诉",
    "G": "Segments, channels, complaints, improvement · 分层、渠道、投诉、改进",
    "W": "Pitfalls · 陷阱",
}
TESTED, BY_HAND, NOT_YET = (
    "tested · 已测试",
    "tested, and read by a person · 已测试，另需人工审读",
    "not yet · 尚无",
)
INTRO = """\
<!-- Written by scripts/write_rows.py; mark tests with pytest.mark.row instead. -->

# Requirements and their tests · 需求与测试

What the system must do, and the tests that prove it. A requirement without a test is not fulfilled, whatever
the code says. {tested} of {all} have at least one test.

系统须满足的全部要求，以及证明它们的测试。没有测试的要求，一律视为尚未满足。共 {all} 项，
其中 {tested} 项至少有一个测试。
"""


class Marker(NamedTuple):
    """A requirement and a test that claims to prove it, as `tests/room/test_module.py::test_name`."""

    row: str
    test: str


def markers(folder: Path = TESTS) -> list[Marker]:
    """Markers of all tests of a folder, in the order of files and lines."""
    return [marker for path in sorted(folder.rglob("test_*.py")) for marker in markers_of(path, folder)]


def markers_of(path: Path, folder: Path) -> Iterator[Marker]:
    """Markers of one file; one that decorates no test proves nothing, so it must not pass for a proof."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    place = path.relative_to(folder.parent).as_posix()
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    tests = [node for node in functions if node.name.startswith("test_")]
    helpers = {node.name for node in functions if node not in tests and marks(node)}
    found = 0
    for node in tests:
        for row in (row for decorator in node.decorator_list for row in rows_in(decorator, helpers)):
            found += 1
            yield Marker(row, f"{place}::{node.name}")
    if found != len(list(rows_in(tree, helpers))):
        raise ValueError(f"{place}: a row marker stands elsewhere than on a test")


def marks(node: ast.AST) -> list[ast.Call]:
    """Calls of `mark.row(...)` anywhere below a node."""
    return [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "row"
        and isinstance(call.func.value, ast.Attribute)
        and call.func.value.attr == "mark"
    ]


def rows_in(tree: ast.AST, helpers: Collection[str]) -> Iterator[str]:
    """Ids that stand below a node: in `mark.row("A19")`, or first in the call of a helper that marks."""
    calls = [*marks(tree), *(c for c in ast.walk(tree) if isinstance(c, ast.Call) and named(c) in helpers)]
    for call in calls:
        yield from (arg.value for arg in call.args[:1] if isinstance(arg, ast.Constant))


def named(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def proofs() -> dict[str, list[str]]:
    """Tests of every requirement, each named once."""
    known = markers()
    return {row: list(dict.fromkeys(m.test for m in known if m.row == row)) for row in REQUIREMENTS}


def status(row: str, tests: list[str]) -> str:
    """What can be said of a requirement with these tests."""
    return NOT_YET if not tests else BY_HAND if row in MANUAL else TESTED


def line(row: str, tests: list[str]) -> str:
    """One line of the table."""
    name = REQUIREMENTS[row]
    listed = "<br>".join(f"`{test}`" for test in tests)
    return f"| {row} | {name['en']}<br>{name['zh']} | {status(row, tests)} | {listed} |"


def page() -> str:
    """Text of the page."""
    found = proofs()
    parts = [INTRO.format(all=len(found), tested=sum(bool(tests) for tests in found.values()))]
    for letter, title in AREAS.items():
        heads = "| id | requirement · 要求 | status · 状态 | tests · 测试 |\n| --- | --- | --- | --- |"
        rows = [line(row, tests) for row, tests in found.items() if row.startswith(letter)]
        parts.append("\n".join([f"## {title}\n", heads, *rows]) + "\n")
    return "\n".join(parts)


def outdated() -> bool:
    """Whether the page differs from what would be written."""
    return not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page()


def main() -> int:
    """Write or check the page."""
    late = outdated()
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
        late = False
    print(f"docs/reference/{PAGE.name} is {'out of date' if late else 'up to date'}")
    return late


if __name__ == "__main__":
    sys.exit(main())
