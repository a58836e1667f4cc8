"""Small helpers between pandas tables and plain Python."""

from __future__ import annotations

from typing import Any

import pandas as pd


class Row(dict[str, Any]):
    """A table row whose columns read as attributes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error


def rows_of(table: pd.DataFrame) -> list[Row]:
    """Return the rows of a small table in order, values as builtin types.

    Examples
    --------
    >>> [row.n for row in rows_of(pd.DataFrame({"n": [1, 2]}))]
    [1, 2]
    """
    return [Row({str(key): value for key, value in record.items()}) for record in table.to_dict("records")]
