"""Proposals to repair faulty cells: old value, new value, rule. Nothing is changed, least of all a raw file.

Whether a proposal is taken is the company's decision; `applied` carries the chosen ones out on a copy.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from survey_kpi.errors import SchemaError

PROPOSAL_COLUMNS = ("table", "key", "column", "old", "new", "rule")

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


REPAIRS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "phone": ("phone_format", _mobile),
    "email": ("email_format", _mail),
    "address": ("full_width", _half_width),
    "industry": ("full_width", _half_width),
    "segment": ("full_width", _half_width),
}
"""Rule and repair of each column of the customers; a repair returns what it cannot repair."""


def repair_proposals(customers: pd.DataFrame) -> pd.DataFrame:
    """Return a proposal for each cell of the customers whose form is faulty.

    Parameters
    ----------
    customers
        Table with customer_id and any of the columns of `REPAIRS`.

    Returns
    -------
    DataFrame
        `PROPOSAL_COLUMNS`, one row per cell, in the order of the rows. A cell that cannot be repaired by rule
        has no proposal.

    Examples
    --------
    >>> faulty = pd.DataFrame({"customer_id": ["c1", "c2"], "phone": ["138 0013 8000", "13800138000"]})
    >>> repair_proposals(faulty).to_numpy().tolist()
    [['customers', 'c1', 'phone', '138 0013 8000', '13800138000', 'phone_format']]
    """
    return pd.DataFrame(list(_proposals(customers)), columns=list(PROPOSAL_COLUMNS), dtype="str")


def _proposals(customers: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for column in [name for name in REPAIRS if name in customers.columns]:
        rule, repair = REPAIRS[column]
        for key, old in customers.loc[customers[column].notna(), ["customer_id", column]].itertuples(
            index=False
        ):
            new = repair(old)
            if new != old:
                yield "customers", key, column, old, new, rule


def applied(customers: pd.DataFrame, proposals: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of the customers in which proposals are carried out.

    Raises
    ------
    SchemaError
        `proposal_stale`: a cell no longer holds the old value, all of them at once.
    """
    copy = customers.set_index("customer_id")
    stale = []
    for key, column, old, new in proposals[["key", "column", "old", "new"]].itertuples(index=False):
        if key not in copy.index or copy.loc[key, column] != old:
            what = "the cell no longer holds the value that the proposal replaces"
            stale.append(
                SchemaError(
                    "proposal_stale", where=f"customers '{key}', column '{column}'", what=what, got=repr(old)
                )
            )
        else:
            copy.loc[key, column] = new
    if stale:
        raise SchemaError.collect(problem for error in stale for problem in error.problems)
    return copy.reset_index()[list(customers.columns)]
