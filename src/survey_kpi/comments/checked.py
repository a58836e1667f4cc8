"""Sentiment of comments only together with its agreement with labels by hand; without labels nothing.

Examples
--------
>>> comments = {"r1": "服务很好", "r2": "Rude and slow", "r3": "周一来电"}
>>> checked_sentiment(comments, {}).state.value
'unavailable'
>>> found = checked_sentiment(comments, {"r1": "positive", "r2": "negative"})
>>> found.ids["negative"], found.agreement.macro_f1
(('r2',), 1.0)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from survey_kpi.comments.agreement import LabelAgreement, label_agreement
from survey_kpi.comments.sentiment import Label, sentiment
from survey_kpi.errors import MethodError, nearest
from survey_kpi.estimate import State

LABELS: Final[tuple[str, ...]] = get_args(Label)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSentiment:
    """What a report may show of sentiment.

    Parameters
    ----------
    state, reason
        `measured`, or `unavailable` with the reason: the section is then left out and listed as not measured.
    ids
        Ids of the comments by label; empty where unavailable.
    agreement
        With the labels by hand; None where unavailable.
    """

    state: State
    reason: str = ""
    ids: Mapping[str, tuple[str, ...]]
    agreement: LabelAgreement | None


def checked_sentiment(comments: Mapping[str, str], by_hand: Mapping[str, str]) -> CheckedSentiment:
    """Label all comments, and say how well the labels agree with those that people gave to some of them.

    Parameters
    ----------
    comments
        Text by comment id; empty texts are no comments.
    by_hand
        positive, negative or neutral by comment id, of a sample that people labelled without seeing ours.

    Raises
    ------
    MethodError
        `undeclared_label`: a label by hand is none of the three; `unknown_comment`: it belongs to no comment.
    """
    texts = {key: text for key, text in comments.items() if text.strip()}
    _check(texts, by_hand)
    if len(set(by_hand.values())) < 2:
        reason = "no labels by hand" if not by_hand else "labels by hand hold one label only"
        return CheckedSentiment(state=State.UNAVAILABLE, reason=reason, ids={}, agreement=None)
    found = {key: sentiment(text).label for key, text in texts.items()}
    return CheckedSentiment(
        state=State.MEASURED,
        ids={label: tuple(key for key in found if found[key] == label) for label in LABELS},
        agreement=label_agreement(list(by_hand.values()), [found[key] for key in by_hand]),
    )


def _check(texts: Mapping[str, str], by_hand: Mapping[str, str]) -> None:
    for key, label in by_hand.items():
        if label not in LABELS:
            raise MethodError(
                "undeclared_label",
                where=f"label of comment '{key}'",
                what="there is no such label",
                got=label,
                hint=nearest(label, LABELS),
            )
        if key not in texts:
            raise MethodError(
                "unknown_comment",
                where=f"label of comment '{key}'",
                what="no comment has this id",
                hint=nearest(key, texts),
            )
