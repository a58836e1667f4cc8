"""The table of weighting methods: what studies may name, reports print and contract tests run over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from survey_kpi.indicator_weights.ahp import ahp
from survey_kpi.indicator_weights.entropy import entropy
from survey_kpi.indicator_weights.experts import expert_scores
from survey_kpi.indicator_weights.judgement_doubt import fuzzy_ahp
from survey_kpi.indicator_weights.removal import cilos, idocriw, merec
from survey_kpi.indicator_weights.result import IndicatorWeights
from survey_kpi.indicator_weights.spread import (
    coefficient_of_variation,
    critic,
    equal,
    pca,
    standard_deviation,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightMethod:
    """A method, what it works on, and what a reader must know about it.

    Parameters
    ----------
    weigh
        ``(data, direction, **params)`` for methods from data, ``(judgements, **params)`` for pairwise
        matrices, ``(ratings, **params)`` for experts x indicators scores.
    needs
        "data", "judgements" or "ratings".
    params
        Names of the parameters that a study may set.
    zh, en
        Names in reports.
    formula
        The weight before it is divided by the sum.
    source
        The publication whose numbers the tests reproduce.
    constant_weighs_zero
        A constant column weighs exactly 0.
    """

    weigh: Callable[..., IndicatorWeights]
    needs: Literal["data", "judgements", "ratings"]
    params: tuple[str, ...] = ()
    zh: str
    en: str
    formula: str
    source: str
    constant_weighs_zero: bool = False


_SCALED = ("normalisation", "ends")
_RATIO = ("interval_scales",)

WEIGHT_METHODS: Mapping[str, WeightMethod] = MappingProxyType(
    {
        "equal": WeightMethod(
            weigh=equal,
            needs="data",
            zh="等权",
            en="equal weights",
            formula="1 / n",
            source="Dawes (1979), American Psychologist 34(7):571-582",
        ),
        "entropy": WeightMethod(
            weigh=entropy,
            needs="data",
            params=(*_SCALED, *_RATIO),
            zh="熵权法",
            en="entropy",
            formula="1 + sum_i p_ij ln p_ij / ln m",
            source="Hwang and Yoon (1981), section 3.2",
            constant_weighs_zero=True,
        ),
        "standard_deviation": WeightMethod(
            weigh=standard_deviation,
            needs="data",
            params=_SCALED,
            zh="标准差法",
            en="standard deviation",
            formula="s_j",
            source="Diakoulaki et al. (1995), Computers & Operations Research 22(7):763-770",
            constant_weighs_zero=True,
        ),
        "coefficient_of_variation": WeightMethod(
            weigh=coefficient_of_variation,
            needs="data",
            params=_RATIO,
            zh="变异系数法",
            en="coefficient of variation",
            formula="s_j / mean_j",
            source="Shuai et al. (2012), CCDC 3889-3892",
            constant_weighs_zero=True,
        ),
        "critic": WeightMethod(
            weigh=critic,
            needs="data",
            params=_SCALED,
            zh="CRITIC 法",
            en="CRITIC",
            formula="s_j sum_k (1 - r_jk)",
            source="Diakoulaki et al. (1995), Computers & Operations Research 22(7):763-770",
            constant_weighs_zero=True,
        ),
        "merec": WeightMethod(
            weigh=merec,
            needs="data",
            params=_RATIO,
            zh="MEREC 法",
            en="MEREC",
            formula="sum_i |S_i without j - S_i|, S_i = ln(1 + mean_j |ln n_ij|)",
            source="Keshavarz-Ghorabaee et al. (2021), Symmetry 13(4):525",
            constant_weighs_zero=True,
        ),
        "cilos": WeightMethod(
            weigh=cilos,
            needs="data",
            params=_RATIO,
            zh="CILOS 法",
            en="CILOS",
            formula="q with (P - diag(sum_k p_kj)) q = 0",
            source="Zavadskas and Podvezko (2016), IJITDM 15(2):267-283",
            constant_weighs_zero=True,
        ),
        "idocriw": WeightMethod(
            weigh=idocriw,
            needs="data",
            params=_RATIO,
            zh="IDOCRIW 法",
            en="IDOCRIW",
            formula="entropy weight x CILOS weight",
            source="Zavadskas and Podvezko (2016), IJITDM 15(2):267-283",
            constant_weighs_zero=True,
        ),
        "pca": WeightMethod(
            weigh=pca,
            needs="data",
            zh="主成分法",
            en="principal components",
            formula="sum_k l_k v_jk^2 over eigenvalues l_k >= 1",
            source="OECD and JRC (2008), Handbook on Constructing Composite Indicators, section 6.1",
            constant_weighs_zero=True,
        ),
        "ahp": WeightMethod(
            weigh=ahp,
            needs="judgements",
            params=("priority",),
            zh="层次分析法",
            en="AHP",
            formula="A w = lambda w",
            source="Saaty (1980), The Analytic Hierarchy Process",
        ),
        "fuzzy_ahp": WeightMethod(
            weigh=fuzzy_ahp,
            needs="judgements",
            params=("spread",),
            zh="模糊层次分析法",
            en="fuzzy AHP",
            formula="mean of (l_j / sum u, m_j / sum m, u_j / sum l)",
            source="Buckley (1985), Fuzzy Sets and Systems 17(3):233-247",
        ),
        "expert_scores": WeightMethod(
            weigh=expert_scores,
            needs="ratings",
            params=("normalise", "trim", "agreement_limit", "override_reason"),
            zh="专家打分法",
            en="expert scoring",
            formula="mean over experts of s_ij / sum_k s_ik",
            source="Kendall and Babington Smith (1939) for the agreement",
        ),
    }
)
