"""From an evaluation to the working papers of its appraisal: its rows once more, one function per part."""

from __future__ import annotations

from dataclasses import replace

from survey_kpi.evaluation.appraisal.numbers import by_key
from survey_kpi.evaluation.appraisal.people import names_of, people_facts
from survey_kpi.evaluation.appraisal.result import Appraisal
from survey_kpi.evaluation.appraisal.sources import open_sources
from survey_kpi.evaluation.result import Evaluation


def appraise(evaluation: Evaluation) -> Appraisal:
    """Lay out what the analyst and the committee need to decide about people.

    Parameters
    ----------
    evaluation
        Of `survey_kpi.evaluation.evaluate`.

    Returns
    -------
    Appraisal
        Names people with their figures; nothing in it is decided, and every number is a fact.

    Raises
    ------
    SchemaError, SpecError
        As `evaluate`: the files of the study are read again.
    """
    sources = open_sources(evaluation)
    found = Appraisal(evaluation=evaluation, names=names_of(sources), facts={})
    return replace(found, facts=by_key(people_facts(evaluation)))
