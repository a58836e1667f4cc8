"""What the notebooks of one run have in common, such as the evaluation, is computed once.

A run gives its notebooks a private folder. Whoever needs a result first computes it and leaves it there; the
others wait for it and pick it up. Outside of a run, in JupyterLab say, everybody computes. All reports of a
run so speak of one evaluation, even if a file changes while they render.

Examples
--------
>>> import tempfile
>>> calls = []
>>> @once_per_run
... def double(number: int) -> int:
...     calls.append(number)
...     return 2 * number
>>> with tempfile.TemporaryDirectory() as folder, within(Path(folder)):
...     double(4), double(4), double(5)
(8, 8, 10)
>>> calls
[4, 5]
"""

from __future__ import annotations

import functools
import hashlib
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

try:
    import fcntl
except ImportError:  # Windows: two notebooks may compute the same thing, with the same result
    fcntl = None  # type: ignore[assignment]

P = ParamSpec("P")
R = TypeVar("R")

_FOLDER: ContextVar[Path | None] = ContextVar("folder of the run", default=None)


@contextmanager
def within(folder: Path | None) -> Iterator[None]:
    """Share results through a folder of this run alone; None shares nothing.

    What lies there is loaded as it is: nobody else may be able to write to the folder.
    """
    token = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(token)


def once_per_run(compute: Callable[P, R]) -> Callable[P, R]:
    """Let the first caller of a run compute a result for all; errors are not kept.

    Two calls ask for the same result when their arguments have the same representation; the result must be
    picklable, and is a copy for everybody but the first.
    """

    @functools.wraps(compute)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        folder = _FOLDER.get()
        if folder is None:
            return compute(*args, **kwargs)
        asked = f"{compute.__module__}.{compute.__qualname__}{args}{sorted(kwargs.items())}"
        place = folder / hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
        with _alone(place.with_suffix(".lock")):
            if place.exists():
                kept: R = pickle.loads(place.read_bytes())  # noqa: S301  the run wrote it, nobody else can
                return kept
            result = compute(*args, **kwargs)
            _keep(place, result)
            return result

    return wrapper


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until nobody else computes the same; the lock of a process that died is free."""
    with lock.open("w") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _keep(place: Path, result: Any) -> None:
    unfinished = place.with_suffix(".part")
    unfinished.write_bytes(pickle.dumps(result))
    unfinished.replace(place)
