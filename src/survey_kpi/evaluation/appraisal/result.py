"""What the working papers of an appraisal are: results by part, and every number in them as a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey_kpi.errors import nearest
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.facts import Fact


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Appraisal:
    """The appraisal of one study and period; a part that cannot be told is None.

    Parameters
    ----------
    names
        Name of each specialist by code; empty where the study declares no specialists.
    """

    evaluation: Evaluation
    names: Mapping[str, str]
    facts: Mapping[str, Fact]

    def fact(self, key: str) -> Fact:
        """Return the fact with this key.

        Raises
        ------
        KeyError
            There is none; the message names the nearest.
        """
        if key not in self.facts:
            raise KeyError(f"no fact '{key}'; {nearest(key, self.facts)}")
        return self.facts[key]
