"""McDonald's omega: the share of a scale's variance that common factors, and one general factor, explain.

Examples
--------
>>> import numpy as np
>>> from survey_kpi.psychometrics.moments import moments_of_correlation
>>> general, group = np.full(9, 0.6), np.kron(np.eye(3), np.ones((3, 3))) * 0.16
>>> R = np.outer(general, general) + group
>>> np.fill_diagonal(R, 1)
>>> found = omega(moments_of_correlation("abcdefghi", R, rows=500))
>>> round(found.hierarchical, 2), round(found.total, 2)
(0.77, 0.89)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray
from survey_kpi.psychometrics.doubt import Doubt
from survey_kpi.psychometrics.factors import Method, extract, factor_analysis
from survey_kpi.psychometrics.moments import ItemMoments
from survey_kpi.psychometrics.reliability import reversal_doubts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Omega:
    """Omega of a scale, from correlations.

    Parameters
    ----------
    names
        Items.
    hierarchical
        Variance of the sum that the general factor explains.
    total
        Variance of the sum that all common factors explain.
    general
        Loading of each item on the general factor.
    group
        (items, factors) loadings on the group factors.
    doubts
        `probably_reversed`, `heywood_case`.
    """

    names: tuple[str, ...]
    hierarchical: float
    total: float
    general: FloatArray
    group: FloatArray
    doubts: tuple[Doubt, ...]

    @property
    def limit(self) -> float:
        """Hierarchical over total: omega of an endless scale of the same kind."""
        return self.hierarchical / self.total


def omega(moments: ItemMoments, *, factors: int = 3, method: Method = "minres") -> Omega:
    """Omega total and hierarchical by the Schmid-Leiman transformation of oblimin factors.

    Parameters
    ----------
    moments
        Items, reversed as the codebook says; nothing is reversed here.
    factors
        Group factors; at least 3, as fewer cannot tell the general factor.
    method
        How factors are extracted.

    Raises
    ------
    MethodError
        `too_few_factors`; `too_many_factors`, `singular`, `not_converged`: see `factor_analysis`.

    Notes
    -----
    Schmid and Leiman (1957), Zinbarg and others (2005); R: `psych::omega(x, factors, flip = FALSE)`.
    """
    if factors < 3:
        raise MethodError(
            "too_few_factors",
            where="omega",
            what="the general factor is not determined by fewer than three group factors",
            got=factors,
            expected="at least 3",
            hint="use omega_of_one_factor for a scale of one factor",
        )
    first = factor_analysis(moments, factors, method=method)
    higher = extract(first.correlation, 1, method)[0][:, 0]
    higher = higher * (np.sign(higher.sum()) or 1.0)
    general = first.loadings @ higher
    total = moments.correlation.sum()
    return Omega(
        names=moments.names,
        hierarchical=float(general.sum() ** 2 / total),
        total=float(1 - (1 - first.communality).sum() / total),
        general=general,
        group=first.loadings * np.sqrt(np.maximum(1 - higher**2, 0.0)),
        doubts=(*reversal_doubts(moments), *first.doubts),
    )


def omega_of_one_factor(moments: ItemMoments, *, method: Method = "minres") -> float:
    """Omega of a scale with a single factor, (Σλ)² ÷ the variance of the sum.

    Raises
    ------
    MethodError
        `too_many_factors`: fewer than three items; `singular`, `not_converged`.

    Notes
    -----
    McDonald (1999); R: `psych::omega(x, nfactors = 1)$omega.tot`.
    """
    found = factor_analysis(moments, 1, method=method)
    return float(found.loadings.sum() ** 2 / moments.correlation.sum())
