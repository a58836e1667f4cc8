"""How well labels from rules or a model agree with labels by hand.

Examples
--------
>>> found = label_agreement(["speed", "price", "price", "speed"], ["speed", "price", "speed", "speed"])
>>> round(found.macro_f1, 3), found.kappa, found.n
(0.733, 0.5, 4)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sklearn.metrics import cohen_kappa_score, f1_score

from survey_kpi.errors import MethodError


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAgreement:
    """Agreement with hand labels.

    Parameters
    ----------
    n
        Comments labelled by hand.
    macro_f1
        Mean F1 over the labels that hands gave, so that rare topics count as much as common ones.
    kappa
        Cohen's kappa: agreement beyond chance.
    f1
        By label.
    """

    n: int
    macro_f1: float
    kappa: float
    f1: Mapping[str, float]


def label_agreement(by_hand: Sequence[str], found: Sequence[str]) -> LabelAgreement:
    """Compare labels of the same comments.

    Parameters
    ----------
    by_hand
        Labels by people who did not see the others.
    found
        Labels by rules or a model.

    Raises
    ------
    MethodError
        `sizes_differ`: not the same comments, or none; `no_variation`: hands gave one label only.

    Notes
    -----
    Cohen (1960); scikit-learn's `f1_score(average = "macro")`.
    """
    if len(by_hand) != len(found) or not by_hand:
        raise MethodError(
            "sizes_differ",
            where="label_agreement",
            what="both sides label the same comments, at least one",
            got=f"{len(by_hand)} and {len(found)}",
        )
    labels = sorted(set(by_hand))
    if len(labels) < 2:
        raise MethodError(
            "no_variation",
            where="label_agreement",
            what="agreement beyond chance needs two labels",
            got=labels,
        )
    each = f1_score(by_hand, found, labels=labels, average=None, zero_division=0.0).tolist()
    return LabelAgreement(
        n=len(by_hand),
        macro_f1=sum(each) / len(each),
        kappa=float(cohen_kappa_score(by_hand, found)),
        f1=dict(zip(labels, each, strict=True)),
    )
