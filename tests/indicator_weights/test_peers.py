"""Inputs on which other packages go wrong: the paper's number, ours and theirs, recorded by running them.

pymcdm 1.4.0, scikit-criteria 0.10, pyDecision 5.1.8; their results are written down, so nothing is imported.
"""

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import ahp, cilos, critic, entropy, idocriw

ZAVADSKAS = pd.DataFrame(
    [[3.0, 100, 10, 7], [2.5, 80, 8, 5], [1.8, 50, 20, 11], [2.2, 70, 12, 9]], columns=list("abcd")
)
COSTS = {"a": "lower", "b": "higher", "c": "lower", "d": "higher"}
FLAT = pd.DataFrame([[5, 4, 30], [6, 4, 31], [7, 4, 55], [5.5, 4, 20]], columns=list("abc"), dtype=float)
HIGHER = dict.fromkeys("abc", "higher")


@pytest.mark.parametrize(
    ("weigh", "paper", "theirs"),
    [
        (cilos, [0.3343, 0.2199, 0.1957, 0.2501], [0.2703, 0.2162, 0.2162, 0.2973]),  # pyDecision
        (idocriw, [0.1658, 0.1886, 0.3545, 0.2911], [0.1146, 0.1981, 0.4185, 0.2689]),  # pyDecision: entropy
    ],
)
def test_the_paper_decides(weigh, paper, theirs):
    """Zavadskas and Podvezko (2016)."""
    ours = list(weigh(ZAVADSKAS, COSTS).values.values())
    assert ours == pytest.approx(paper, abs=1e-4)
    assert max(abs(np.array(theirs) - paper)) > 0.04


def test_critic_with_a_constant_column():
    """pymcdm and scikit-criteria: NaN everywhere. pyDecision: .5015 / 0 / .4985, correlation taken as 0."""
    ours = critic(FLAT, HIGHER)
    assert ours.values["b"] == 0
    pair = critic(FLAT[["a", "c"]], HIGHER)
    assert [ours.values["a"], ours.values["c"]] == pytest.approx(list(pair.values.values()))


def test_all_columns_constant_or_a_cell_missing():
    """pymcdm and scikit-criteria return NaN for every weight."""
    for table, code in ((FLAT * 0 + 3.3, "no_variation"), (FLAT.replace(55.0, np.nan), "missing_cell")):
        with pytest.raises(MethodError) as refusal:
            entropy(table, HIGHER)
        assert refusal.value.code == code


def test_a_cycle_and_a_table_that_is_not_reciprocal():
    """pyDecision returns a third each for both, with ratios 6.13 and 3.45 and no word."""
    names = list("abc")
    cycle = [[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]
    for rows, code in ((cycle, "inconsistent_judgements"), (np.full((3, 3), 3.0) - 2 * np.eye(3), None)):
        with pytest.raises(MethodError) as refusal:
            ahp(pd.DataFrame(rows, index=names, columns=names))
        assert refusal.value.code == (code or "contradictory_judgement")
