"""Where studies lie, and where their rows do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from survey_kpi.errors import SpecError, nearest

STUDIES = "studies"
MAIN_FILE = "study.yaml"
DATA_VARIABLE = "SURVEY_KPI_DATA"


def find_study(name_or_path: str, start: Path) -> Path:
    """Return the folder of a study: a folder as given, or a name under `studies/` of the project.

    Parameters
    ----------
    name_or_path
        A folder that holds `study.yaml`, relative to `start`, or the name of a study.
    start
        Where to look: this folder and those above it.

    Raises
    ------
    SpecError
        `study_missing`: there is no such study.
    """
    given = start / Path(name_or_path).expanduser()
    if (given / MAIN_FILE).is_file():
        return given.resolve()
    for root in (start.resolve(), *start.resolve().parents):
        if name_or_path in list_studies(root):
            return root / STUDIES / name_or_path
    known = [name for root in (start.resolve(), *start.resolve().parents) for name in list_studies(root)]
    raise SpecError(
        "study_missing",
        where="study",
        what=f"neither a folder with {MAIN_FILE} nor a study of this project",
        got=repr(name_or_path),
        hint=nearest(name_or_path, known) or "survey-kpi init DIRECTORY writes a new study",
    )


def list_studies(root: Path) -> list[str]:
    """Return the names of the studies under `root/studies`, sorted."""
    return sorted(path.parent.name for path in (root / STUDIES).glob(f"*/{MAIN_FILE}"))


def data_directory(study_folder: Path, option: Path | None, env: Mapping[str, str]) -> Path:
    """Return the folder of a study's rows: as given, from `SURVEY_KPI_DATA`, or where the project keeps them.

    Parameters
    ----------
    study_folder
        Folder of the declarations.
    option
        What the user asked for; wins when given.
    env
        Environment variables; `$SURVEY_KPI_DATA/<study>` comes next.

    Returns
    -------
    Path
        `data/raw/<study>` of the project that holds `studies/<study>`; for a study that stands alone, its own
        `data`. The folder need not exist.

    Examples
    --------
    >>> data_directory(Path("/p/studies/ours"), None, {}).as_posix()
    '/p/data/raw/ours'
    >>> data_directory(Path("/p/ours"), None, {}).as_posix()
    '/p/ours/data'
    """
    if option is not None:
        return option
    if env.get(DATA_VARIABLE):
        return Path(env[DATA_VARIABLE]) / study_folder.name
    if study_folder.parent.name == STUDIES:
        return study_folder.parent.parent / "data" / "raw" / study_folder.name
    return study_folder / "data"
