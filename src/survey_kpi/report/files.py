"""Files that appear together or not at all.

`publish` writes every file under a temporary name beside its target, forces it to disk, and renames all of
them at the end; what stood there before returns if a rename fails. Temporary names are hidden, end in
`.survey-kpi-tmp` and never outlive a run: what a killed run left is swept by the next one. One folder is
published into by one process at a time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from survey_kpi.errors import RunError, SpecError

SUFFIX = ".survey-kpi-tmp"


def contained(target: Path, root: Path) -> Path:
    """Return the place of `target` with its folder resolved; `target` is relative to `root`, or absolute.

    Symbolic links of the folder are followed, one at the place of the file itself is not: it gets replaced.

    Raises
    ------
    SpecError
        `path_escape`: the folder does not lie in `root`.

    Examples
    --------
    >>> contained(Path("../secrets/run.json"), Path("reports"))
    Traceback (most recent call last):
    survey_kpi.errors.SpecError: ../secrets/run.json: this path leaves the output folder; expected a path
    inside reports. [path_escape]
    """
    try:
        folder = (root / target).parent.resolve()
        named = os.fsencode(target.name) not in (b"", b"..") and "\0" not in target.name
        inside = named and folder.is_relative_to(root.resolve())
    except ValueError:  # a null byte, or half a character
        inside = False
    if not inside:
        what = "this path leaves the output folder"
        shown = str(target).encode("utf-8", "backslashreplace").decode()
        expected = f"a path inside {root}"
        raise SpecError("path_escape", where=shown, what=what, expected=expected)
    return folder / target.name


def publish(outputs: Mapping[Path, bytes], *, root: Path) -> None:
    """Write all files, or none, as far as the file system allows.

    Parameters
    ----------
    outputs
        Content by path; paths are absolute or relative to `root`. Folders are made as needed.
    root
        The output folder; nothing is written outside it.

    Raises
    ------
    SpecError
        `path_escape`: a path leads out of `root`; `duplicate_output`: two paths name one file.
    RunError
        `disk`: a file cannot be written (the disk is full, read-only, or something stands in the way).
    """
    targets = {contained(path, root): content for path, content in outputs.items()}
    if len(targets) < len(outputs):
        what = "two outputs share one path"
        raise SpecError("duplicate_output", where=str(root), what=what, got=", ".join(map(str, outputs)))
    folders = sorted({target.parent for target in targets})
    with _refused(targets), contextlib.ExitStack() as stack:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(_locked(folder))
            _sweep(folder)
            stack.callback(_sweep, folder)
        for target, content in targets.items():
            _check_place(target)
            _write(_beside(target, "new"), content)
        _replace(list(targets))
        for folder in folders:
            _sync(folder)


def _check_place(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        raise IsADirectoryError(errno.EISDIR, "a folder stands where the file should go", str(target))


def _write(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _replace(targets: list[Path]) -> None:
    """Rename every new file into its place; on any failure put back what was there."""
    undo: list[Callable[[], object]] = []
    try:
        for target in targets:
            old = _beside(target, "old")
            if os.path.lexists(target):
                _keep(target, old)
                undo.append(partial(old.replace, target))
            else:
                undo.append(partial(target.unlink, missing_ok=True))
            _beside(target, "new").replace(target)
    except BaseException:
        for step in reversed(undo):
            step()
        raise


def _keep(target: Path, old: Path) -> None:
    try:
        os.link(target, old, follow_symlinks=False)
    except (OSError, NotImplementedError):  # not every file system has hard links
        shutil.copy2(target, old, follow_symlinks=False)


def _beside(target: Path, part: str) -> Path:
    return target.with_name(f".{target.name}.{part}{SUFFIX}")


def _sweep(folder: Path) -> None:
    for left in folder.glob(f".*{SUFFIX}"):
        left.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Force the renames to disk, where folders can be opened at all."""
    with contextlib.suppress(OSError), _opened(folder) as descriptor:
        os.fsync(descriptor)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if sys.platform == "win32":  # where folders cannot be locked
        yield
        return
    import fcntl  # noqa: PLC0415  absent on Windows

    with _opened(folder) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _refused(targets: Iterable[Path]) -> Iterator[None]:
    """Turn what the operating system says into an error that names the file and what is missing."""
    try:
        yield
    except OSError as error:
        missing = ", ".join(target.name for target in targets)
        raise RunError(
            "disk",
            where=str(error.filename or next(iter(targets))),
            what=f"the files could not be written, so none of them was: {missing}",
            got=error.strerror,
            hint="free some space, or choose a folder that can be written to",
        ) from error
