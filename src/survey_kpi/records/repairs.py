"""Proposals to repair faulty cells: old value, new value, rule. Nothing is changed, least of all a raw file.

Whether a proposal is taken is the company's decision; `applied` carries the chosen ones out on a copy. A row
that repeats another word for word gets its key struck out: reading sets a row without its key aside, and the
numbers of all other rows stay what they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from survey_kpi.errors import Problem, SchemaError
from survey_kpi.readers.words import loose_number, number
from survey_kpi.records.cells import amount
from survey_kpi.study.tables import TABLES, TableColumn, TableSpec

PROPOSAL_COLUMNS = ("row_id", "table", "key", "column", "old", "new", "rule")

Repair = tuple[str, Callable[[str], str]]
"""Rule, and the repair, which returns what it cannot repair."""

_MOBILE = re.compile(r"(?:\+|00)?(?:86)?(1[3-9][0-9]{9})")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_MAIL_MARKS = str.maketrans({"。": ".", "，": ".", "；": ""})


def _mobile(text: str) -> str:
    """Return the eleven digits of a mobile number, the text itself where it is none.

    Examples
    --------
    >>> [_mobile(text) for text in ("+86 138-0013-8000", "１３８００１３８０００", "010-6552 9988")]
    ['13800138000', '13800138000', '010-6552 9988']
    """
    digits = re.sub(r"[\s()\-.]", "", unicodedata.normalize("NFKC", text))
    found = _MOBILE.fullmatch(digits)
    return found[1] if found else text


def _mail(text: str) -> str:
    """Return an address in small letters and ASCII marks, the text itself where that makes no address.

    Examples
    --------
    >>> _mail(" Wang＠Example。com"), _mail("nobody")
    ('wang@example.com', 'nobody')
    """
    plain = unicodedata.normalize("NFKC", text.translate(_MAIL_MARKS)).strip().lower()
    return plain if _MAIL.fullmatch(plain) else text


def _half_width(text: str) -> str:
    """Return letters and digits at half width, blanks at the ends gone; other text to the letter."""
    narrow = "".join(
        unicodedata.normalize("NFKC", letter)
        if "\uff10" <= letter <= "\uff5a" and letter.isalnum()
        else letter
        for letter in text
    )
    return narrow.strip()


def _plain_number(text: str) -> str:
    """Return a number in ASCII digits without its unit, the text itself where it is none.

    Examples
    --------
    >>> [_plain_number(text) for text in ("９", "9 分", "0.50", "many")]
    ['9', '9', '0.50', 'many']
    """
    value = None if number(text) is not None else loose_number(text)
    return text if value is None else format(value, ".0f" if value == int(value) else "")


def _plain_amount(text: str) -> str:
    """Return an amount with its cents and nothing else, the text itself where it is none or has more digits.

    Examples
    --------
    >>> [_plain_amount(text) for text in ("¥1,234.5", "１２００元", "200", "2.005", "much")]
    ['1234.50', '1200.00', '200', '2.005', 'much']
    """
    value, rule = amount(text)
    return str(value) if rule == "parsed_number" else text


FORMS: Mapping[str, Repair] = {
    "phone": ("phone_format", _mobile),
    "email": ("email_format", _mail),
    "address": ("full_width", _half_width),
    "industry": ("full_width", _half_width),
    "segment": ("full_width", _half_width),
}
"""Repair of columns that have a form of their own."""

KINDS: Mapping[str, Repair] = {
    "integer": ("number_format", _plain_number),
    "number": ("number_format", _plain_number),
    "money": ("number_format", _plain_amount),
}
"""Repair of all other columns, by their kind; identifiers are brought to half width."""


def repair_of(column: TableColumn) -> Repair | None:
    """Return how cells of a column are repaired; None for a column that nothing repairs."""
    if column.name in FORMS:
        return FORMS[column.name]
    if column.kind == "text" and column.name.endswith("_id"):
        return "full_width", _half_width
    return KINDS.get(column.kind)


def repair_proposals(table: str, cells: pd.DataFrame) -> pd.DataFrame:
    """Return a proposal for each cell of a table whose form is faulty, and for each row that repeats another.

    Parameters
    ----------
    table
        Canonical name.
    cells
        Text as it stands in the source, by canonical column; the index holds the row ids.

    Returns
    -------
    DataFrame
        `PROPOSAL_COLUMNS`, one row per cell, column by column. A cell that cannot be repaired by rule has no
        proposal.

    Examples
    --------
    >>> faulty = pd.DataFrame(
    ...     {"customer_id": ["c1", "c2"], "phone": ["138 0013 8000", "13800138000"]},
    ...     index=["customers:1", "customers:2"],
    ... )
    >>> repair_proposals("customers", faulty).to_numpy().tolist()
    [['customers:1', 'customers', 'c1', 'phone', '138 0013 8000', '13800138000', 'phone_format']]
    """
    spec = TABLES[table]
    found = [*_forms(spec, cells), *_repeats(spec, cells)]
    return pd.DataFrame(found, columns=list(PROPOSAL_COLUMNS), dtype="str")


def _forms(spec: TableSpec, cells: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    keys = cells[spec.key] if spec.key in cells else pd.Series("", index=cells.index)
    for column in spec.columns:
        repair = repair_of(column) if column.name in cells else None
        if repair is None:
            continue
        rule, mend = repair
        better = {old: mend(old) for old in cells[column.name].unique() if old}
        faulty = cells[column.name].map(lambda old, better=better: better.get(old, old) != old)
        for row_id, old in cells.loc[faulty, column.name].items():
            yield str(row_id), spec.name, keys[row_id], column.name, old, better[old], rule


def _repeats(spec: TableSpec, cells: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """Yield rows that say again, word for word, what an earlier row of the same key said."""
    if spec.key not in cells:
        return
    again = cells[cells.duplicated() & (cells[spec.key].str.strip() != "")]
    for row_id, key in again[spec.key].items():
        yield str(row_id), spec.name, key, spec.key, key, "", "duplicate_key"


def applied(cells: pd.DataFrame, proposals: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of a table's cells in which proposals are carried out.

    Parameters
    ----------
    cells
        As for `repair_proposals`.
    proposals
        `PROPOSAL_COLUMNS`, of this table alone.

    Raises
    ------
    SchemaError
        `proposal_stale`: there is no such cell, it no longer holds the old value, or two proposals want it;
        all of them at once.
    """
    places = {str(row_id): place for place, row_id in enumerate(cells.index)}
    columns = {name: cells[name].tolist() for name in cells.columns}
    problems = []
    for row_id, column, old, new in proposals[["row_id", "column", "old", "new"]].itertuples(index=False):
        held = columns[column][places[row_id]] if column in columns and row_id in places else None
        if held is None or held != old:
            problems.append(_stale(row_id, column, old, held))
        else:
            columns[column][places[row_id]] = new
    if problems:
        raise SchemaError.collect(problems)
    return pd.DataFrame(columns, index=cells.index, dtype="str")


def _stale(row_id: str, column: str, old: str, held: str | None) -> Problem:
    what = "the cell no longer holds the value that the proposal replaces"
    return Problem(
        code="proposal_stale",
        where=f"row '{row_id}', column '{column}'",
        what=what if held is not None else "the table has no such cell",
        got="nothing" if held is None else repr(held),
        expected=repr(old),
        hint="make the proposals again from the files as they are now",
    )
