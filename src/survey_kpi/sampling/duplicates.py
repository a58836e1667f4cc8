"""One unit entered twice, under spellings that a machine takes for different: found by normalised keys.

Examples
--------
>>> table = pd.DataFrame({
...     "customer_id": ["c1", "c2", "c3"],
...     "phone": ["138 0013 8000", "+86-１３８００１３８０００", "13900139000"],
... })
>>> [(one.key, one.units) for one in find_duplicates(table, keys=["phone"])]
[('phone', ('c1', 'c2'))]
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from survey_kpi.sampling.tables import require_columns, text_of

_SEPARATORS: Final = re.compile(r"[\s\-–—_().·,，。'’\"“”/]+")
_CALLING_CODE: Final = re.compile(r"^(?:\+|00)86(?=1\d{10}$)")
_NUMBER: Final = re.compile(r"^[+\d\s\-–—().]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Units that agree in one key once it is normalised.

    Parameters
    ----------
    key
        Column in which they agree.
    units
        Identifiers of the units, in the order of the table.
    """

    key: str
    units: tuple[str, ...]


def find_duplicates(
    table: pd.DataFrame, *, keys: Sequence[str], unit: str = "customer_id"
) -> tuple[Duplicate, ...]:
    """List units that stand in a table more than once under different spellings.

    Parameters
    ----------
    table
        One row per unit.
    keys
        Columns that ought to tell units apart, such as phone, e-mail, or name; a blank agrees with nothing.
    unit
        Column of the identifier; rows without one are not compared.

    Returns
    -------
    tuple of Duplicate
        By key, then in the order of the table. Nothing is merged: who is who is for a person to say.

    Raises
    ------
    SchemaError
        `column_missing`.
    """
    require_columns(table, [unit, *keys], "duplicates")
    ids = [text_of(one) for one in table[unit]]
    found: list[Duplicate] = []
    for key in keys:
        groups: dict[str, list[str]] = {}
        for one, cell in zip(ids, table[key], strict=True):
            normal = normalised(text_of(cell))
            if one and normal:
                groups.setdefault(normal, []).append(one)
        found += [Duplicate(key=key, units=tuple(units)) for units in groups.values() if len(set(units)) > 1]
    return tuple(found)


def normalised(text: str) -> str:
    """Return a key as it is compared: NFKC, letter case and separators gone, numbers without calling code.

    Examples
    --------
    >>> normalised("（+86）138-0013-8000"), normalised(" Li.Si@Example.com "), normalised("云岭 科技")
    ('13800138000', 'lisi@examplecom', '云岭科技')
    """
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    bare = _SEPARATORS.sub("", folded)
    return _CALLING_CODE.sub("", bare) if _NUMBER.match(folded) else bare
