"""A new study on disk: declarations that run as they are, on generated answers."""

from __future__ import annotations

import re
import tempfile
from importlib import resources
from pathlib import Path

from survey_kpi.errors import RunError, SpecError
from survey_kpi.sample.generate import generate
from survey_kpi.sample.world import STARTER

NAME_LINE = "name: starter\n"
STUDY_FILE = "study.yaml"


def scaffold(directory: Path) -> list[Path]:
    """Write a small complete study into a new or empty folder, whole or not at all.

    Parameters
    ----------
    directory
        The study's folder; its last part becomes the study's name.

    Returns
    -------
    list of Path
        The files written, sorted.

    Raises
    ------
    SpecError
        `target_not_empty`: something stands there already.
    RunError
        `disk`: the folder cannot be written.
    """
    if directory.is_symlink() or (directory.exists() and not directory.is_dir()):
        raise _occupied(directory, "a file or a link has this name")
    if directory.is_dir() and any(directory.iterdir()):
        raise _occupied(directory, "the folder is not empty")
    try:
        _write_whole(directory, study_name(directory.resolve().name))
    except OSError as error:
        what = f"the study cannot be written: {error.strerror}"
        raise RunError("disk", where=str(directory), what=what) from error
    return sorted(path for path in directory.rglob("*") if path.is_file())


def study_name(folder: str) -> str:
    """Return a study name made of a folder's name.

    Examples
    --------
    >>> study_name("our-survey 2026"), study_name("客户调查"), study_name("2026")
    ('our_survey_2026', 'study', 'study_2026')
    """
    words = "_".join(re.findall(r"[A-Za-z0-9]+", folder))[:50]
    return words if words[:1].isalpha() else "_".join(filter(None, ("study", words)))


def starter_files(name: str) -> dict[str, bytes]:
    """Return the files of a new study by their place in its folder."""
    package = resources.files("survey_kpi")
    files = {file.name: file.read_bytes() for file in (package / "sample" / "starter").iterdir()}
    files |= {f"schemas/{file.name}": file.read_bytes() for file in (package / "study" / "schemas").iterdir()}
    files |= {f"data/{file}": content for file, content in generate(STARTER).items()}
    named = files[STUDY_FILE].decode().replace(NAME_LINE, f"name: {name}\n")
    return files | {STUDY_FILE: named.encode()}


def _occupied(directory: Path, what: str) -> SpecError:
    return SpecError("target_not_empty", where=str(directory), what=what, hint="name a new folder")


def _write_whole(directory: Path, name: str) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".survey-kpi-") as temporary:
        folder = Path(temporary) / "study"
        for place, content in starter_files(name).items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(content)
        if directory.is_dir():
            directory.rmdir()
        folder.rename(directory)
