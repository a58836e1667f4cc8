"""Where benchmark tables go: between two marks of docs/benchmarks.md."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def write(name: str, what: str, packages: Iterable[str], lines: Sequence[str]) -> None:
    """Put a table between the marks of a script, under the date, the machine and the versions."""
    text = PAGE.read_text(encoding="utf-8")
    first, last = (f"<!-- {name}: {edge} -->" for edge in ("begin", "end"))
    head, rest = text.split(first)
    stamp = f"{dt.date.today().isoformat()}, {what}, {os.cpu_count()} cores; {versions(packages)}."
    body = "\n".join(["", stamp, "", *lines, ""])
    PAGE.write_text(head + first + body + last + rest.split(last)[1], encoding="utf-8")


def versions(packages: Iterable[str]) -> str:
    """Return Python and the packages that are installed, each with its version."""
    found = [f"Python {platform.python_version()}"]
    for name in packages:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
