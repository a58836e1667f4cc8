"""The descriptions of the environment agree: pyproject.toml, the locks, environment.yml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONDA_NAMES = {"duckdb": "python-duckdb", "typst": "typst-py"}
"""Packages that conda-forge calls differently."""

LOCKS = {
    "requirements.lock": "lab",
    "requirements-postgres.lock": "postgres",
    "requirements-spark.lock": "spark",
}
"""What each lock holds: the first all that runs and builds the package, the others one extra on top of it."""

PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)[^\n]*\\\n(?P<hashes>(?:    --hash=.*\n)+)", re.M
)


@pytest.fixture(scope="module")
def project(root: Path) -> Any:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def needed(project: Any) -> list[Requirement]:
    """What runs the package and the notebooks."""
    declared = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["lab"]
    return [Requirement(text) for text in declared]


@pytest.fixture(scope="module", params=LOCKS)
def lock(request: pytest.FixtureRequest, root: Path) -> str:
    return (root / request.param).read_text(encoding="utf-8")


def pins_of(lock: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for pin in PIN.finditer(lock):
        pins.setdefault(canonicalize_name(pin["name"]), set()).add(pin["version"])
    return pins


def test_the_conda_environment_mirrors_the_project(
    root: Path, project: Any, needed: list[Requirement]
) -> None:
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    *packages, last = environment["dependencies"]
    found = {Requirement(text).name: Requirement(text).specifier for text in packages}
    assert found.pop("pip") == ""
    assert found.pop("python") == project["project"]["requires-python"]
    assert found == {CONDA_NAMES.get(need.name, need.name): need.specifier for need in needed}
    assert last == {"pip": ["--editable ."]}


@pytest.mark.parametrize(("name", "extra"), LOCKS.items())
def test_the_locks_pin_every_dependency_within_its_bounds(
    root: Path, needed: list[Requirement], project: Any, name: str, extra: str
) -> None:
    pins = pins_of((root / name).read_text(encoding="utf-8"))
    own = [Requirement(text) for text in project["project"]["optional-dependencies"][extra]]
    developers = [Requirement(text) for text in project["dependency-groups"]["dev"]]
    for need in [*needed, *developers] if extra == "lab" else own:
        versions = pins.get(canonicalize_name(need.name))
        assert versions, f"{need.name} is not locked"
        assert all(need.specifier.contains(version, prereleases=True) for version in versions), need


def test_every_extra_has_a_lock_that_fits_on_top_of_the_first(root: Path, project: Any) -> None:
    assert set(project["project"]["optional-dependencies"]) == set(LOCKS.values())
    first, *others = (pins_of((root / name).read_text(encoding="utf-8")) for name in LOCKS)
    for pins in others:
        assert all(first[name] == versions for name, versions in pins.items() if name in first)


def test_every_locked_package_has_hashes(lock: str) -> None:
    names = re.findall(r"^[A-Za-z0-9._-]+==", lock, re.M)
    assert len(names) == len(PIN.findall(lock))
    assert re.fullmatch(
        r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", "".join(re.findall(r"^    .*\n", lock, re.M))
    )


def test_the_lock_names_no_index(lock: str) -> None:
    assert "://" not in lock
    assert not re.search(r"^\s*--(?!hash)", lock, re.M)
