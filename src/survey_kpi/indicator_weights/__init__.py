"""Indicator (criteria) weights: one module per family, one table `WEIGHT_METHODS`.

Data methods take a subjects x indicators table, judgement methods take pairwise matrices, expert scoring
takes ratings; a study names them in `rules.yaml`. Every result is an `IndicatorWeights`.
"""

from survey_kpi.indicator_weights.acceptability import (
    Acceptability,
    bounded_weights,
    nearby_weights,
    ordered_weights,
    rank_acceptability,
    simplex_weights,
)
from survey_kpi.indicator_weights.ahp import (
    Repair,
    ahp,
    complete_judgements,
    consistency,
    worst_judgements,
)
from survey_kpi.indicator_weights.combination import (
    game_theory,
    least_squares,
    linear,
    minimum_deviation,
    multiplicative,
    variance_maximising,
)
from survey_kpi.indicator_weights.entropy import entropy
from survey_kpi.indicator_weights.experts import (
    Agreement,
    delphi,
    expert_scores,
    kendall_w,
    leave_one_expert_out,
)
from survey_kpi.indicator_weights.group import aggregate_judgements, aggregate_priorities, consensus
from survey_kpi.indicator_weights.hierarchy import Hierarchy, hierarchy
from survey_kpi.indicator_weights.judgement_doubt import fuzzy_ahp, judgement_draws, judgement_intervals
from survey_kpi.indicator_weights.methods import WEIGHT_METHODS, WeightMethod
from survey_kpi.indicator_weights.pairwise import Judgements, judgement_matrices, read_judgements
from survey_kpi.indicator_weights.random_index import RANDOM_INDEX, simulated_random_index
from survey_kpi.indicator_weights.ratings import read_ratings
from survey_kpi.indicator_weights.removal import cilos, idocriw, merec
from survey_kpi.indicator_weights.resampling import NoiseCurve, bootstrap_intervals, noise_curve
from survey_kpi.indicator_weights.result import Diagnostic, IndicatorWeights, WeightIntervals
from survey_kpi.indicator_weights.sensitivity import (
    rank_grid,
    rank_reversals,
    stability_intervals,
    tornado,
    variance_shares,
)
from survey_kpi.indicator_weights.spread import (
    coefficient_of_variation,
    critic,
    equal,
    pca,
    standard_deviation,
)

__all__ = [
    "RANDOM_INDEX",
    "WEIGHT_METHODS",
    "Acceptability",
    "Agreement",
    "Diagnostic",
    "Hierarchy",
    "IndicatorWeights",
    "Judgements",
    "NoiseCurve",
    "Repair",
    "WeightIntervals",
    "WeightMethod",
    "aggregate_judgements",
    "aggregate_priorities",
    "ahp",
    "bootstrap_intervals",
    "bounded_weights",
    "cilos",
    "coefficient_of_variation",
    "complete_judgements",
    "consensus",
    "consistency",
    "critic",
    "delphi",
    "entropy",
    "equal",
    "expert_scores",
    "fuzzy_ahp",
    "game_theory",
    "hierarchy",
    "idocriw",
    "judgement_draws",
    "judgement_intervals",
    "judgement_matrices",
    "kendall_w",
    "least_squares",
    "leave_one_expert_out",
    "linear",
    "merec",
    "minimum_deviation",
    "multiplicative",
    "nearby_weights",
    "noise_curve",
    "ordered_weights",
    "pca",
    "rank_acceptability",
    "rank_grid",
    "rank_reversals",
    "read_judgements",
    "read_ratings",
    "simplex_weights",
    "simulated_random_index",
    "stability_intervals",
    "standard_deviation",
    "tornado",
    "variance_maximising",
    "variance_shares",
    "worst_judgements",
]
