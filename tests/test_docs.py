"""The documentation says what is so: links lead somewhere, commands run, generated pages are up to date."""

from __future__ import annotations

import doctest
import importlib.util
import json
import re
import shlex
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Annotated, NamedTuple

import pytest
import typer
from PIL import Image
from pydantic import BaseModel, Field, TypeAdapter
from typer.testing import CliRunner

from survey_kpi import __version__, cli
from survey_kpi.readers import READERS
from survey_kpi.report.parameters import validate
from survey_kpi.study.load import FILES
from survey_kpi.study.models import Text

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "data/raw/README.md", ROOT / "reports/README.md"]
)
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
GUIDES = ("quarter", "judgements", "study-files", "plan", "appraisal")
TWINS = [("README.md", "README.zh.md"), *((f"docs/{name}.md", f"docs/{name}.zh.md") for name in GUIDES)]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
TARGET = re.compile(r"(!?)\[((?:[^\[\]]|\[\])*)\]\(([^)\s]+)\)")


class Fence(NamedTuple):
    language: str
    text: str


def read(name: str | Path) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fences(text: str) -> list[Fence]:
    return [Fence(*found) for found in FENCE.findall(text)]


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text)


def headings(text: str) -> list[tuple[int, str]]:
    return [(len(marks), title) for marks, title in re.findall(r"^(#+) (.+)$", prose(text), re.M)]


def slug(title: str) -> str:
    """Anchor of a heading as GitHub makes it."""
    return "".join(char for char in title.lower() if char.isalnum() or char in " -_").replace(" ", "-")


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- links, pictures, paths ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for picture, words, target in TARGET.findall(prose(read(name))):
        assert words or not picture, f"{name}: the picture {target} has no alternative text"
        if target.startswith(("https://", "http://")):
            continue
        place, _, anchor = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        assert file.exists(), f"{name}: {target} does not exist"
        if anchor:
            anchors = {slug(title) for _, title in headings(file.read_text(encoding="utf-8"))}
            assert anchor in anchors, f"{name}: {target} names no heading"


@pytest.mark.parametrize("name", NAMES)
def test_no_page_names_a_machine_or_an_index(name: str) -> None:
    found = re.findall(
        r"(?:/home/|/root/|/Users/|[A-Z]:\\)\S*|\S*(?:pypi\.|pythonhosted|/simple/)\S*", read(name)
    )
    assert not found


def test_the_picture_is_sharp_and_small() -> None:
    picture = DOCS / "images/leadership.png"
    with Image.open(picture) as image:
        assert image.format == "PNG" and image.width >= 1200
    assert picture.stat().st_size < 300_000


# --- commands -----------------------------------------------------------------------------------------

COMMANDS = [
    pytest.param(line, id=f"{name}: {line}")
    for name in NAMES
    for fence in fences(read(name))
    if fence.language == "sh"
    for line in fence.text.splitlines()
    if line.strip() and not line.startswith(("#", "for ", "done"))
]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_printed_command_is_one_that_runs(line: str) -> None:
    program, *arguments = shlex.split(line)
    check = PROGRAMS.get(Path(program).name)
    assert check, f"teach this test what '{program}' needs"
    check(arguments)


def check_survey_kpi(arguments: list[str]) -> None:
    name, *rest = arguments
    command = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]
    command.make_context(name, rest)


def check_make(arguments: list[str]) -> None:
    targets = re.findall(r"^([a-z]+):", read("Makefile"), re.M)
    assert set(arguments) <= set(targets)


def check_python(arguments: list[str]) -> None:
    if arguments[0] == "-c":
        compile(arguments[1], "-c", "exec")
    elif arguments[0] == "-m":
        assert importlib.util.find_spec(arguments[1])
    else:
        assert (ROOT / arguments[0]).is_file()


def check_papermill(arguments: list[str]) -> None:
    given = {arguments[at + 1]: arguments[at + 2] for at, word in enumerate(arguments) if word == "-p"}
    validate(ROOT / arguments[0], given)


def check_jupyter(arguments: list[str]) -> None:
    exporters = metadata.entry_points(group="nbconvert.exporters").names
    assert arguments[:2] == ["nbconvert", "--to"] and arguments[2] in exporters


def check_pip(arguments: list[str]) -> None:
    assert arguments == ["install", f"dist/survey_kpi-{__version__}-py3-none-any.whl"]


def check_files(arguments: list[str]) -> None:
    """Files of the project that a command of the system names."""
    ours = [word for word in arguments if "/" in word and not word.startswith(("/tmp/", ".venv/"))]
    assert all((ROOT / word).exists() for word in ours)


PROGRAMS = {
    "survey-kpi": check_survey_kpi,
    "make": check_make,
    "python": check_python,
    "papermill": check_papermill,
    "jupyter": check_jupyter,
    "pip": check_pip,
    "cp": check_files,
    "source": check_files,
    "pdftoppm": check_files,
}


def test_a_wrong_command_would_be_noticed() -> None:
    for line in ("report sample", "report sample 2026Q3 --langage en", "check sample --format pdf"):
        with pytest.raises(Exception, match=r"(?i)missing|no such option"):
            check_survey_kpi(line.split())


def test_the_traced_number_is_as_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = fences(read("docs/quarter.md"))
    at = next(place for place, fence in enumerate(found) if "survey-kpi trace" in fence.text)
    result = CliRunner().invoke(cli.app, shlex.split(found[at].text)[1:])
    assert result.output == found[at + 1].text


def test_the_examples_of_the_quarter_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    outcome = doctest.testfile(str(DOCS / "quarter.md"), module_relative=False, encoding="utf-8")
    assert outcome.attempted > 5 and outcome.failed == 0


@pytest.mark.parametrize("name", NAMES)
def test_python_in_fences_is_python(name: str) -> None:
    for fence in fences(read(name)):
        if fence.language == "python" and ">>>" not in fence.text:
            compile(fence.text, name, "exec")


def test_error_codes_of_the_quarter_exist() -> None:
    table = read("docs/quarter.md").partition("| code | what happened")[2].partition("\n\n")[0]
    codes = re.findall(r"`(\w+)`", "".join(re.findall(r"^\|[^|]+\|", table, re.M)))
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert len(codes) > 15
    assert [code for code in codes if f'"{code}"' not in source] == []


# --- twins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("english", "chinese"), TWINS)
def test_twins_are_built_alike(english: str, chinese: str) -> None:
    one, other = read(english), read(chinese)
    assert [level for level, _ in headings(one)] == [level for level, _ in headings(other)]
    assert fences(one) == fences(other)
    for mark in (r"^\|", r"^- ", r"^!\["):
        assert len(re.findall(mark, prose(one), re.M)) == len(re.findall(mark, prose(other), re.M))
    assert Path(chinese).name in one and Path(english).name in other


# --- generated pages ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    return load(ROOT / "scripts/write_reference.py")


def test_generated_pages_are_up_to_date(writer: ModuleType) -> None:
    assert writer.outdated() == [], "run: python scripts/write_reference.py"


def test_json_schemas_are_up_to_date() -> None:
    schemas = load(ROOT / "scripts/write_schemas.py")
    for name, text in schemas.schemas().items():
        assert (schemas.TARGET / name).read_text(encoding="utf-8") == text, "run scripts/write_schemas.py"


def models(writer: ModuleType) -> dict[str, type[BaseModel]]:
    found = [model for top in FILES.values() for model in (top, *(m for _, m in writer.sections(top)))]
    return {model.__name__: model for model in (*found, Text)}


def test_every_key_has_its_words_and_no_word_is_left_over(writer: ModuleType) -> None:
    known = models(writer)
    assert set(writer.WORDS["models"]) == set(known)
    for name, model in known.items():
        words = writer.WORDS["models"][name]
        assert list(words["keys"]) == list(model.model_fields), name
        for key, entry in words["keys"].items():
            told = model.model_fields[key].description
            assert ("en" in entry) != bool(told), (
                f"{name}.{key}: its meaning stands once, here or in the model"
            )
            assert {"zh", "example"} <= set(entry) and words["about"]


def test_every_example_is_accepted_by_its_model(writer: ModuleType) -> None:
    for name, model in models(writer).items():
        for key, (info, kind) in writer.fields_of(model).items():
            example = writer.WORDS["models"][name]["keys"][key]["example"]
            bounded = kind if not info.metadata else Annotated[kind, *info.metadata]
            TypeAdapter(bounded).validate_json(json.dumps(example, default=str), strict=True)


def test_types_and_bounds_are_told(writer: ModuleType) -> None:
    class Probe(BaseModel):
        names: dict[str, tuple[int, ...]]
        share: float = Field(default=1.0, ge=0, le=1)
        sizes: tuple[float, ...] = Field(default=(), min_length=2)

    told = {
        name: writer.bounded(writer.kind_text(kind, "en", name), info.metadata, "en")
        for name, (info, kind) in writer.fields_of(Probe).items()
    }
    assert told == {
        "names": "mapping: text → list: whole number",
        "share": "number ≥ 0, ≤ 1",
        "sizes": "list: number, at least 2",
    }


# --- claims -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_airport_figures_are_the_published_ones(name: str, shared: Path) -> None:
    path = shared / "references/published/sfo_2017_2018.json"
    published = json.loads(path.read_text(encoding="utf-8"))  # R 4.2.2, survey 4.1-1
    rows = re.findall(r"^\| .*(?:2017|2018|z).* \| (.+) \| (.+) \|$", read(name), re.M)
    waves = [published["waves"][year]["nps"] for year in ("2017", "2018")]
    expected = [f"{nps['weighted']:.4f} ({nps['weighted_se_cluster']:.4f})" for nps in waves]
    change = published["change_2017_2018"]["weighted_clustered"]
    expected.append(f"{change['difference']:.4f}, {change['z']:.2f}".replace("-", "−"))
    assert rows == [(text, text) for text in expected]


def test_the_readme_names_every_export_format() -> None:
    text = read("README.md")
    assert [reader.name for reader in READERS.values() if reader.label.en.split()[0] not in text] == []


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{__version__}]" in read("CHANGELOG.md")


def test_architecture_places_every_room_on_its_floor() -> None:
    floor_of = load(ROOT / "tests/test_architecture.py").FLOOR_OF
    lines = re.findall(r"^\| (\d+) \| (.+?) \|", read("docs/architecture.md"), re.M)
    placed = {room: int(floor) for floor, rooms in lines for room in re.findall(r"`(\w+)`", rooms)}
    package = ROOT / "src/survey_kpi"
    modules = {path.stem for path in package.glob("*.py")} | {
        p.parent.name for p in package.glob("*/__init__.py")
    }
    assert modules - {"__init__"} <= set(placed)
    assert placed == {room: floor_of.get(room, floor) for room, floor in placed.items()}
