"""Names of teams as parts of file names: what people may call a team is not always fit for a disk."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

from survey_kpi.indicators import COMPANY

LONGEST: Final = 40
"""Characters of a code; a Chinese one has three bytes, and file names at most 255."""


def team_codes(subjects: Sequence[str]) -> dict[str, str]:
    """Return a code by subject: letters, digits, `-` and `_`, no two alike even where case does not count.

    Parameters
    ----------
    subjects
        The company and `<level>:<member>`; all teams of a study, so that a code does not depend on whom
        somebody asked for.

    Returns
    -------
    dict
        The member's own id where it is fit and nobody else's; else with the first digits of its sha256.

    Examples
    --------
    >>> list(team_codes(["company", "team:华东", "team:a/b", "team:../x", "team:East", "team:east"]).values())
    ['company', '华东', 'a-b-e63c54bd', 'x-44599991', 'East-e4077eab', 'east-68950771']
    """
    members = {subject: subject if subject == COMPANY else subject.partition(":")[2] for subject in subjects}
    codes = {subject: _fit(member) for subject, member in members.items()}
    uses = Counter(code.casefold() for code in codes.values())
    return {
        subject: code
        if subject == COMPANY or (code == members[subject] and uses[code.casefold()] == 1)
        else f"{code}-{_digits(subject)}".lstrip("-")
        for subject, code in codes.items()
    }


def _fit(member: str) -> str:
    plain = unicodedata.normalize("NFC", member)
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in plain)
    return "-".join(filter(None, kept.split("-")))[:LONGEST]


def _digits(subject: str) -> str:
    return hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:8]
