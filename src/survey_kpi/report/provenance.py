"""What a report was made of and with: the record `run.json` that lies beside it.

Reports themselves hold nothing that changes from run to run; times, versions and hashes stand here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1

LIBRARIES = (
    "survey-kpi",
    "duckdb",
    "ipython",
    "matplotlib",
    "narwhals",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "pyarrow",
    "scipy",
    "seaborn",
    "statsmodels",
    "typst",
)
"""Packages whose version can change a figure or a byte of a report."""


def sha256(content: bytes) -> str:
    """Return the hash of a file's content as it stands in the record."""
    return hashlib.sha256(content).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python, of this package and of the libraries that shape a report."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            found[library] = "absent"
    return found


def revision(folder: Path) -> str | None:
    """Return the git revision of the project around `folder`, with `-dirty` after uncommitted changes.

    None outside a git project, or where git is not installed.
    """
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), "describe"]
    command += ["--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None


def environment(project: Path) -> dict[str, Any]:
    """Return what a run of the project in this folder is made with: versions, platform, revision."""
    return {"versions": versions(), "platform": platform.platform(), "revision": revision(project)}


def run_record(
    *,
    notebook: str,
    notebook_hash: str,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    started: dt.datetime,
    seconds: Mapping[str, float],
    cpu_seconds: Mapping[str, float],
    made_with: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the record of one report.

    Parameters
    ----------
    notebook, notebook_hash
        Name and sha256 of the notebook.
    parameters
        Every parameter of the run.
    inputs, outputs
        sha256 by name: what went in, what was written.
    started
        Start of the run, with a time zone.
    seconds, cpu_seconds
        Wall and CPU time by stage.
    made_with
        The `environment` of the run.

    Examples
    --------
    >>> record = run_record(
    ...     notebook="card.ipynb",
    ...     notebook_hash=sha256(b""),
    ...     parameters={"period": "2026Q3"},
    ...     inputs={},
    ...     outputs={},
    ...     started=dt.datetime(2026, 10, 8, 9, tzinfo=dt.UTC),
    ...     seconds={"cells": 0.25},
    ...     cpu_seconds={},
    ...     made_with={},
    ... )
    >>> record["started"], record["seconds"]
    ('2026-10-08T09:00:00+00:00', {'cells': 0.25})
    """
    return {
        "notebook": {"name": notebook, "sha256": notebook_hash},
        "parameters": dict(sorted(parameters.items())),
        "inputs": dict(sorted(inputs.items())),
        "outputs": dict(sorted(outputs.items())),
        "started": started.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "seconds": _rounded(seconds),
        "cpu_seconds": _rounded(cpu_seconds),
        **made_with,
    }


def _rounded(times: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(spent, 3) for stage, spent in times.items()}


def with_record(
    existing: bytes | None, report: str, record: Mapping[str, Any], *, revision: int = 0
) -> bytes:
    """Return `run.json` with the record of one report renewed and those of the others kept.

    `revision` is that of the period's facts; 0, what was published first, is not written.

    Examples
    --------
    >>> first = with_record(None, "leadership.en", {"seconds": {"cells": 1.0}})
    >>> both = json.loads(with_record(first, "leadership.zh", {"seconds": {"cells": 2.0}}))
    >>> list(both["reports"])
    ['leadership.en', 'leadership.zh']
    """
    reports = {**_reports(existing), report: dict(record)}
    numbered = {"revision": revision} if revision else {}
    content = {"schema_version": SCHEMA_VERSION, **numbered, "reports": dict(sorted(reports.items()))}
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _reports(existing: bytes | None) -> dict[str, Any]:
    """Return the records of an earlier `run.json`; one that cannot be read is replaced."""
    try:
        content = json.loads(existing or b"{}")
        return dict(content["reports"]) if content.get("schema_version") == SCHEMA_VERSION else {}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
