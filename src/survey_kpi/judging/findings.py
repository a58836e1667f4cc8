"""What collecting found, expert by expert: gaps, contradictions, consistency, who cannot be used."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import (
    Repair,
    ahp,
    complete_judgements,
    kendall_w,
    read_judgements,
    read_ratings,
    worst_judgements,
)
from survey_kpi.judging.answers import Answer
from survey_kpi.judging.collect import Collected
from survey_kpi.judging.exports import advice
from survey_kpi.judging.questions import Questions

DOUBTS = {
    "not_understood": "not understood",
    "contradictory": "the cells contradict each other",
    "half_answered": "only one of the two cells is filled in",
    "out_of_scale": "not on the scale",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One expert.

    Parameters
    ----------
    expert, where
        Who, and in which file.
    answered, asked
        Usable answers, and questions.
    missing
        Questions without a usable answer.
    doubts
        Cells with something wrong.
    ratio
        Consistency ratio, NaN for scores and where there is none; missing pairs by Harker's method.
    repair
        The judgement most at odds with the others.
    notes
        Decimals that were read as the fraction they round (`reciprocal_rounded`).
    refusal
        Why the study cannot use the expert as things stand; empty when it can.
    """

    expert: str
    where: str
    answered: int
    asked: int
    missing: tuple[str, ...] = ()
    doubts: tuple[Answer, ...] = ()
    ratio: float = math.nan
    repair: Repair | None = None
    notes: tuple[str, ...] = ()
    refusal: str = ""


def findings(collected: Collected, questions: Questions) -> tuple[Finding, ...]:
    """Look at every expert; nobody is left out.

    Examples
    --------
    >>> from survey_kpi.judging.answers import Answer
    >>> from survey_kpi.study.models import Text
    >>> words = {name: Text(zh=name, en=name) for name in "abc"}
    >>> asked = Questions(study="demo", title=words["a"], labels=words, definitions=words)
    >>> said = [Answer(expert="e1", row="a", column=name, value=3.0, typed="3") for name in "bc"]
    >>> got = Collected(kind="pairwise", experts=(("e1", "e1.xlsx"),), answers=tuple(said))
    >>> finding = findings(got, asked)[0]
    >>> finding.answered, finding.missing, finding.ratio
    (2, ('b / c',), 0.0)
    """
    look = _pairwise if collected.kind == "pairwise" else _scored
    table = collected.frame()
    return tuple(
        look(
            expert,
            where,
            table[table["expert_id"] == expert],
            tuple(answer for answer in collected.answers if answer.expert == expert),
            questions,
        )
        for expert, where in collected.experts
    )


def _pairwise(
    expert: str, where: str, rows: pd.DataFrame, answers: tuple[Answer, ...], questions: Questions
) -> Finding:
    given = {frozenset(pair) for pair in zip(rows["row"], rows["column"], strict=True)}
    missing = tuple(f"{a} / {b}" for a, b in questions.pairs if frozenset((a, b)) not in given)
    seen = Finding(
        expert=expert,
        where=where,
        answered=len(questions.pairs) - len(missing),
        asked=len(questions.pairs),
        missing=missing,
        doubts=tuple(answer for answer in answers if answer.doubt),
    )
    if rows.empty:
        return replace(seen, refusal="there is no usable answer")
    try:
        read = read_judgements(rows, questions.ids, complete=False)
        judged = read.matrices[expert]
        whole, _ = complete_judgements(judged, "harker", where=f"expert {expert}")
        ratio = ahp(whole, random_index=questions.random_index, consistency_limit=None).statistics
    except MethodError as error:
        return replace(seen, refusal="; ".join(map(str, error.problems)))
    return replace(
        seen,
        ratio=ratio["consistency_ratio"],
        repair=_worst(judged, whole, questions),
        notes=tuple(note.message for note in read.notes),
        refusal=_incomplete(missing, questions),
    )


def _incomplete(missing: tuple[str, ...], questions: Questions) -> str:
    if not missing or questions.missing != "refuse":
        return ""
    absent = f"{len(missing)} pair{'s are' if len(missing) > 1 else ' is'} missing"
    return f"{absent}, and rules.yaml refuses that (missing: harker would complete them)"


def _worst(judged: pd.DataFrame, whole: pd.DataFrame, questions: Questions) -> Repair | None:
    """The worst judgement that was really made."""
    found = worst_judgements(whole, count=len(questions.pairs), random_index=questions.random_index)
    made = judged.notna()
    return next((one for one in found if bool(made.loc[one.row, one.column])), None)


def _scored(
    expert: str, where: str, rows: pd.DataFrame, answers: tuple[Answer, ...], questions: Questions
) -> Finding:
    missing = tuple(name for name in questions.ids if name not in set(rows["indicator"]))
    refusal = f"no score for {', '.join(missing)}, and scores are not guessed" if missing else ""
    try:
        if not rows.empty:
            read_ratings(rows, questions.ids)
    except MethodError as error:
        refusal = "; ".join(map(str, error.problems))
    doubts = tuple(answer for answer in answers if answer.doubt)
    if any(answer.doubt == "out_of_scale" for answer in doubts) and not refusal:
        refusal = "a score lies outside the scale, and the study refuses that"
    return Finding(
        expert=expert,
        where=where,
        answered=len(questions.ids) - len(missing),
        asked=len(questions.ids),
        missing=missing,
        doubts=doubts,
        refusal=refusal,
    )


# --- telling ------------------------------------------------------------------------------------------


def lines(collected: Collected, found: tuple[Finding, ...], questions: Questions) -> Iterator[str]:
    """Tell what was found: one line per expert, and one more for each thing to know about them."""
    yield from collected.notes
    noun = "pairs" if collected.kind == "pairwise" else "scores"
    for finding in found:
        counted = f"{finding.answered} of {finding.asked} {noun}"
        yield f"{finding.expert}: {counted}{_consistency(finding, questions)}"
        yield from (f"  {line}" for line in _details(finding, questions))
    if collected.kind == "scores":
        yield _agreement(collected, found, questions)


def _consistency(finding: Finding, questions: Questions) -> str:
    if math.isnan(finding.ratio):
        return ""
    by = f"random index {questions.random_index}" + (", missing pairs by harker" if finding.missing else "")
    limit = questions.consistency_limit
    above = limit is not None and finding.ratio > limit
    told = f", above {limit:g}: the evaluation leaves this expert out" if above else ""
    return f", consistency ratio {finding.ratio:.3f} ({by}){told}"


def _details(finding: Finding, questions: Questions) -> Iterator[str]:
    if finding.refusal:
        yield f"cannot be used as it stands: {finding.refusal}"
    if finding.missing:
        yield f"missing: {', '.join(finding.missing)}"
    for answer in finding.doubts:
        about = f"{answer.row} / {answer.column}" if answer.column else answer.row
        more = f"; {advice(answer)}" if advice(answer) else ""
        yield f"{about}: {DOUBTS[answer.doubt]}: {answer.typed[:60]!r} ({answer.where}){more}"
    yield from finding.notes
    limit = questions.consistency_limit
    if finding.repair and limit is not None and finding.ratio > limit:
        repair = finding.repair
        yield (
            f"first revise {repair.row} / {repair.column}: judged {repair.judged:.3g}, the others imply"
            f" {repair.implied:.3g}, which alone would bring the ratio to {repair.ratio:.3f}"
        )


def _agreement(collected: Collected, found: tuple[Finding, ...], questions: Questions) -> str:
    usable = [finding.expert for finding in found if not finding.refusal]
    table = collected.frame()
    try:
        agreement = kendall_w(read_ratings(table[table["expert_id"].isin(usable)], questions.ids))
    except MethodError as error:
        return f"agreement: {error.problems[0].what}"
    return f"agreement: Kendall W {agreement.w:.3f} over {len(usable)} experts (p = {agreement.p_value:.3g})"
