"""Expert scoring: scores to weights, agreement, influence of each expert, Delphi rounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from scipy import stats

from survey_kpi.errors import MethodError, Problem, nearest
from survey_kpi.indicator_weights.group import influences
from survey_kpi.indicator_weights.result import Diagnostic, IndicatorWeights, Matrix, shares
from survey_kpi.indicator_weights.table import numbers

AGREEMENT_LIMIT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Kendall's coefficient of concordance of several judges.

    Parameters
    ----------
    w
        0 (no agreement) to 1 (the same order), corrected for ties.
    sum_of_squares
        Squared deviations of the rank sums from their mean.
    chi_square, df, p_value
        Friedman's test that the judges rank at random; approximate for fewer than 7 items.
    """

    w: float
    sum_of_squares: float
    chi_square: float
    df: int
    p_value: float


def kendall_w(ratings: pd.DataFrame) -> Agreement:
    """Agreement of experts (rows) about items (columns), ties corrected.

    ``W = 12 S / (m**2 (n**3 - n) - m sum(t**3 - t))`` over m experts, n items and tied groups of t; the test
    statistic is ``m (n - 1) W``.

    Parameters
    ----------
    ratings
        Experts x items, scores or ranks; only the order within each expert enters.

    Raises
    ------
    MethodError
        `rating_missing`; `too_few_experts`: fewer than two experts or items; `no_variation`: every expert
        ties all items.

    References
    ----------
    .. [1] Kendall and Babington Smith (1939); equal to kendall(..., correct = TRUE) of R's irr.

    Examples
    --------
    >>> kendall_w(pd.DataFrame([[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 1, 3]])).w
    0.1111111111111111
    """
    values = _scores(ratings, minimum=-math.inf)
    experts, items = values.shape
    if experts < 2 or items < 2:
        raise MethodError(
            "too_few_experts",
            where="ratings",
            what="agreement needs several experts and several indicators",
            got=f"{experts} x {items}",
            expected="at least 2 x 2",
        )
    ranks = stats.rankdata(values, axis=1)
    ties = sum(float((count**3 - count).sum()) for count in (_tied(row) for row in ranks))
    squares = float(((ranks.sum(axis=0) - experts * (items + 1) / 2) ** 2).sum())
    most = experts**2 * (items**3 - items) - experts * ties
    if most <= 0:
        raise MethodError("no_variation", where="ratings", what="every expert scores all indicators alike")
    w = 12 * squares / most
    statistic = experts * (items - 1) * w
    return Agreement(
        w=w,
        sum_of_squares=squares,
        chi_square=statistic,
        df=items - 1,
        p_value=float(stats.chi2.sf(statistic, items - 1)),
    )


def _tied(ranks: Matrix) -> Matrix:
    return np.unique(ranks, return_counts=True)[1].astype(float)


def expert_scores(
    ratings: pd.DataFrame,
    *,
    normalise: str = "expert",
    trim: float = 0.0,
    agreement_limit: float = AGREEMENT_LIMIT,
    override_reason: str = "",
    influence: Sequence[float] | None = None,
) -> IndicatorWeights:
    """Weights from importance scores that experts gave.

    Parameters
    ----------
    ratings
        Experts x indicators, non-negative scores, complete.
    normalise
        "expert" (default): each expert's scores are divided by their sum before they are averaged, so that
        generous experts do not count more. "sum": scores are averaged first.
    trim
        Share of experts cut at each end per indicator (trimmed mean), below .5; 0 keeps everybody.
    agreement_limit
        Refuse scores with Kendall's W below it.
    override_reason
        Why weights are wanted although the experts disagree; printed.
    influence
        Weight of each expert; cannot be combined with trimming.

    Returns
    -------
    IndicatorWeights
        Statistics `kendall_w`, `p_value`, `experts`.

    Raises
    ------
    MethodError
        `rating_missing`, `rating_negative`, `too_few_experts`, `no_variation`, `trim_invalid`,
        `normalisation_unknown`, `agreement_too_low`.

    Examples
    --------
    >>> ratings = pd.DataFrame({"a": [8, 5], "b": [2, 5]}, index=["e1", "e2"])
    >>> expert_scores(ratings, agreement_limit=0).values
    {'a': 0.65, 'b': 0.35}
    """
    if normalise not in NORMALISE:
        hint = nearest(normalise, NORMALISE)
        what = "there is no such way to normalise scores"
        raise MethodError("normalisation_unknown", where="normalise", what=what, got=normalise, hint=hint)
    values = _scores(ratings)
    agreement = kendall_w(ratings)
    doubts = _agreed(agreement, agreement_limit, override_reason)
    labels = [str(column) for column in ratings.columns]
    means = _means(NORMALISE[normalise](values), trim, influence)
    return IndicatorWeights(
        values=shares(means, labels),
        method="expert_scores",
        variant=f"normalised per {normalise}" + (f", trimmed {trim:g} at each end" if trim else ""),
        statistics={"kendall_w": agreement.w, "p_value": agreement.p_value, "experts": float(len(ratings))},
        diagnostics=doubts,
    )


def _per_expert(values: Matrix) -> Matrix:
    share: Matrix = values / values.sum(axis=1, keepdims=True)
    return share


NORMALISE: Mapping[str, Callable[[Matrix], Matrix]] = MappingProxyType(
    {"expert": _per_expert, "sum": lambda values: values}
)


def _means(values: Matrix, trim: float, influence: Sequence[float] | None) -> Matrix:
    if not 0 <= trim < 0.5 or (trim and influence is not None):
        raise MethodError(
            "trim_invalid",
            where="trim",
            what="a trimmed mean cuts less than half of the experts, all of equal influence",
            got=trim,
            expected="0 to below .5",
        )
    if trim:
        return np.asarray(stats.trim_mean(values, trim, axis=0), dtype="float64")
    return influences(len(values), influence) @ values


def _agreed(agreement: Agreement, limit: float, reason: str) -> tuple[Diagnostic, ...]:
    if agreement.w >= limit:
        return ()
    if not reason:
        raise MethodError(
            "agreement_too_low",
            where="ratings",
            what="the experts disagree about the order of the indicators",
            got=f"Kendall W {agreement.w:.3f} (p = {agreement.p_value:.3g})",
            expected=f"at least {limit:g}",
            hint="hold another round, or give an override reason, which is printed",
        )
    message = f"Kendall W {agreement.w:.3f} lies below {limit:g}; accepted because: {reason}"
    return (Diagnostic(code="agreement_too_low", message=message, value=agreement.w),)


def leave_one_expert_out(
    ratings: pd.DataFrame, weigh: Callable[[pd.DataFrame], IndicatorWeights]
) -> pd.DataFrame:
    """Weights without each expert, and the largest change of any indicator.

    Parameters
    ----------
    ratings
        Experts x indicators, at least three experts.
    weigh
        Ratings to weights, such as `expert_scores` with its options bound.

    Returns
    -------
    DataFrame
        One row per expert left out: a column per indicator and `largest_change`, in shares.

    Examples
    --------
    >>> ratings = pd.DataFrame({"a": [8, 8, 2], "b": [2, 2, 8]}, index=["e1", "e2", "e3"])
    >>> def weigh(scores):
    ...     return expert_scores(scores, agreement_limit=0)
    >>> leave_one_expert_out(ratings, weigh)["largest_change"].round(3).to_dict()
    {'e1': 0.1, 'e2': 0.1, 'e3': 0.2}
    """
    everybody = weigh(ratings).as_series()
    without = pd.DataFrame(
        {expert: weigh(ratings.drop(index=expert)).as_series() for expert in ratings.index}
    ).T
    return without.assign(largest_change=(without - everybody).abs().max(axis=1))


def delphi(rounds: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Describe the rounds of a Delphi survey: do scores settle, and do experts converge?

    Parameters
    ----------
    rounds
        Experts x indicators, one table per round, the same indicators in each.

    Returns
    -------
    DataFrame
        One row per round and indicator: `round` (from 1), `item`, `n`, `mean`, `std_dev` (n - 1),
        `variation` (coefficient of variation), `median`, `quartile_low`, `quartile_high`, `shift` (change
        of the mean since the round before, NaN in the first), `kendall_w` of the round.

    Raises
    ------
    MethodError
        As `kendall_w`; `labels_differ`: a round has other indicators than the first.

    Examples
    --------
    >>> first = pd.DataFrame({"a": [9, 5, 7], "b": [4, 6, 2]})
    >>> second = pd.DataFrame({"a": [8, 7, 7], "b": [4, 4, 3]})
    >>> delphi([first, second]).loc[:, ["round", "item", "mean", "kendall_w"]].round(2).values.tolist()
    [[1, 'a', 7.0, 0.11], [1, 'b', 4.0, 0.11], [2, 'a', 7.33, 1.0], [2, 'b', 3.67, 1.0]]
    """
    tables = []
    before: pd.Series | None = None
    for number, ratings in enumerate(rounds, start=1):
        if set(ratings.columns) != set(rounds[0].columns):
            raise MethodError(
                "labels_differ",
                where=f"Delphi round {number}",
                what="the round asks about other indicators than the first",
                got=", ".join(map(str, ratings.columns)),
                expected=", ".join(map(str, rounds[0].columns)),
            )
        scores = ratings[list(rounds[0].columns)]
        low, median, high = (scores.quantile(share) for share in (0.25, 0.5, 0.75))
        mean = scores.mean()
        tables.append(
            pd.DataFrame(
                {
                    "round": number,
                    "item": list(map(str, scores.columns)),
                    "n": len(scores),
                    "mean": mean.to_numpy(),
                    "std_dev": scores.std().to_numpy(),
                    "variation": (scores.std() / mean).to_numpy(),
                    "median": median.to_numpy(),
                    "quartile_low": low.to_numpy(),
                    "quartile_high": high.to_numpy(),
                    "shift": np.nan if before is None else (mean - before).to_numpy(),
                    "kendall_w": kendall_w(scores).w,
                }
            )
        )
        before = mean
    return pd.concat(tables, ignore_index=True)


def _scores(ratings: pd.DataFrame, *, minimum: float = 0.0) -> Matrix:
    values = numbers(ratings)
    bad = [
        Problem(
            code="rating_negative" if np.isfinite(values[row, column]) else "rating_missing",
            where=f"expert '{ratings.index[int(row)]}', indicator '{ratings.columns[int(column)]}'",
            what="the score is negative" if np.isfinite(values[row, column]) else "there is no score",
            got=ratings.iloc[int(row), int(column)],
            expected="0 or more",
        )
        for row, column in zip(*np.nonzero(~(np.isfinite(values) & (values >= minimum))), strict=True)
    ]
    bad += [
        Problem(
            code="no_variation",
            where=f"expert '{ratings.index[int(row)]}'",
            what="all scores are 0, so they have no shares",
        )
        for row in np.flatnonzero((values == 0).all(axis=1))
        if minimum == 0
    ]
    if bad:
        raise MethodError.collect(bad)
    return values
