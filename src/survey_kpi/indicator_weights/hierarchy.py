"""Hierarchies of criteria of any depth: local priorities, global weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.ahp import ahp
from survey_kpi.indicator_weights.result import IndicatorWeights


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """Weights of a tree of criteria.

    Parameters
    ----------
    weights
        The leaves: indicators, or alternatives compared under every criterion.
    local
        Priorities of the children of each inner node.
    share
        Weight of every node, the goal 1.
    """

    weights: IndicatorWeights
    local: Mapping[str, IndicatorWeights]
    share: Mapping[str, float]


def hierarchy(
    judgements: Mapping[str, pd.DataFrame],
    *,
    priority: str = "eigenvector",
    random_index: str | float = "alonso_lamata",
    consistency_limit: float | None = 0.10,
    missing: str = "refuse",
) -> Hierarchy:
    """Weigh the leaves of a hierarchy: products of local priorities down the tree, added where paths meet.

    Parameters
    ----------
    judgements
        Pairwise matrix of the children of each inner node, by the node's name. A child that is itself a
        key is an inner node, any other is a leaf; a leaf may stand under several nodes, as alternatives
        do (distributive synthesis).
    priority, random_index, consistency_limit, missing
        As `ahp`, for every node.

    Raises
    ------
    MethodError
        As `ahp`, `where` naming the node; `hierarchy_root`: not exactly one node is nobody's child;
        `hierarchy_cycle`.

    Examples
    --------
    >>> def pair(a, b, ratio):
    ...     return pd.DataFrame([[1, ratio], [1 / ratio, 1]], index=[a, b], columns=[a, b])
    >>> tree = {"goal": pair("service", "speed", 3), "service": pair("tone", "help", 1)}
    >>> hierarchy(tree).weights.values
    {'tone': 0.375, 'help': 0.375, 'speed': 0.25}
    """
    root = _root(judgements)
    local = {
        node: ahp(
            matrix,
            priority=priority,
            random_index=random_index,
            consistency_limit=consistency_limit,
            missing=missing,
            where=node,
        )
        for node, matrix in judgements.items()
    }
    share: dict[str, float] = {root: 1.0}
    for node in _order(root, local):
        for child, weight in local[node].values.items():
            share[child] = share.get(child, 0.0) + share[node] * weight
    leaves = {name: share[name] for name in _leaves(root, local)}
    ratios = {f"consistency_ratio.{node}": w.statistics["consistency_ratio"] for node, w in local.items()}
    weights = IndicatorWeights(
        values=leaves,
        method="ahp",
        variant=f"hierarchy of {len(local)} comparisons, {local[root].variant}",
        statistics=ratios,
        diagnostics=tuple(doubt for part in local.values() for doubt in part.diagnostics),
    )
    return Hierarchy(weights=weights, local=local, share=share)


def _root(judgements: Mapping[str, pd.DataFrame]) -> str:
    children = {str(child) for matrix in judgements.values() for child in matrix.columns}
    roots = [node for node in judgements if node not in children]
    if len(roots) != 1:
        raise MethodError(
            "hierarchy_root",
            where="hierarchy",
            what="one goal must stand at the top",
            got=", ".join(roots) or "a cycle",
            expected="exactly one node that is nobody's child",
        )
    return roots[0]


def _order(root: str, local: Mapping[str, IndicatorWeights]) -> list[str]:
    """Inner nodes, each after all of its parents.

    Raises
    ------
    MethodError
        `hierarchy_cycle`.
    """
    waiting = {node: {parent for parent in local if node in local[parent].values} for node in local}
    ready: list[str] = []
    while waiting:
        free = [node for node, parents in waiting.items() if parents <= set(ready)]
        if not free:
            stuck = ", ".join(waiting)
            raise MethodError(
                "hierarchy_cycle", where="hierarchy", what="a node stands above itself", got=stuck
            )
        ready += free
        waiting = {node: parents for node, parents in waiting.items() if node not in free}
    return ready


def _leaves(root: str, local: Mapping[str, IndicatorWeights]) -> Sequence[str]:
    """Leaves in the order in which a reader of the tree meets them."""
    found: dict[str, None] = {}

    def visit(node: str) -> None:
        for child in local[node].values:
            if child in local:
                visit(child)
            else:
                found[child] = None

    visit(root)
    return list(found)
