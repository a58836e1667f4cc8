"""Topics learned from labelled comments: characters of both languages, logistic regression.

Examples
--------
>>> texts = ["price too high", "high price", "costly price", "slow reply", "reply slow", "slow answer"] * 3
>>> labels = ["price"] * 3 + ["speed"] * 3
>>> model = learn_topics(texts, labels * 3)
>>> [label.topic for label in predict_topics(model, ["what a price", "a slow day"])]
['price', 'speed']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline

from survey_kpi.comments.agreement import LabelAgreement, label_agreement
from survey_kpi.errors import MethodError

FOLDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Most probable topic of a comment and its probability under the model."""

    topic: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TopicModel:
    """A fitted model, its topics, and how many labelled comments it learned from."""

    pipeline: Any
    topics: tuple[str, ...]
    n: int


def learn_topics(comments: Sequence[str], labels: Sequence[str]) -> TopicModel:
    """Fit the model to labelled comments.

    Parameters
    ----------
    comments
        Texts, masked.
    labels
        One topic each.

    Raises
    ------
    MethodError
        `sizes_differ`: not one label per comment; `too_few_labels`: fewer than two topics, or a topic with
        fewer than five comments.

    Notes
    -----
    TF-IDF of runs of 1 to 4 characters, which need no word segmentation; scikit-learn.
    """
    _check(comments, labels)
    pipeline = _pipeline().fit(list(comments), list(labels))
    return TopicModel(pipeline=pipeline, topics=tuple(pipeline.classes_.tolist()), n=len(labels))


def predict_topics(model: TopicModel, comments: Sequence[str]) -> tuple[Prediction, ...]:
    """Most probable topic of each comment."""
    if not comments:
        return ()
    chance = model.pipeline.predict_proba(list(comments))
    return tuple(
        Prediction(topic=model.topics[i], confidence=float(row[i]))
        for row, i in zip(chance, chance.argmax(axis=1), strict=True)
    )


def model_agreement(
    comments: Sequence[str], labels: Sequence[str], rng: np.random.Generator
) -> LabelAgreement:
    """Agreement with hand labels on comments that the model has not seen, by five-fold cross-validation.

    Parameters
    ----------
    comments, labels
        As in `learn_topics`.
    rng
        Source of the folds.

    Raises
    ------
    MethodError
        As `learn_topics`.
    """
    _check(comments, labels)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=int(rng.integers(2**31)))
    found = cross_val_predict(_pipeline(), list(comments), list(labels), cv=folds)
    return label_agreement(list(labels), found.tolist())


def _pipeline() -> Pipeline:
    return make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, lowercase=True),
        LogisticRegression(C=10.0, max_iter=1000, class_weight="balanced"),
    )


def _check(comments: Sequence[str], labels: Sequence[str]) -> None:
    if len(comments) != len(labels):
        raise MethodError(
            "sizes_differ",
            where="learn_topics",
            what="every comment needs its label",
            got=f"{len(comments)} comments, {len(labels)} labels",
        )
    count = Counter(labels)
    rare = sorted(topic for topic, n in count.items() if n < FOLDS)
    if len(count) < 2 or rare:
        raise MethodError(
            "too_few_labels",
            where="learn_topics",
            what="the model needs two topics with five labelled comments each",
            got=", ".join(f"{topic}: {count[topic]}" for topic in rare) or dict(count),
            hint="label more comments, or use the rules",
        )
