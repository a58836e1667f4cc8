"""What every method of the table promises, whatever its formula."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import WEIGHT_METHODS, IndicatorWeights
from survey_kpi.indicator_weights.result import shares

DATA = sorted(name for name, method in WEIGHT_METHODS.items() if method.needs == "data")
SPREAD = sorted(name for name in DATA if WEIGHT_METHODS[name].constant_weighs_zero)
PAIRWISE = sorted(name for name, method in WEIGHT_METHODS.items() if method.needs == "judgements")


def higher(table):
    return dict.fromkeys(map(str, table.columns), "higher")


@st.composite
def tables(draw, columns=4):
    rows = draw(st.integers(5, 12))
    cells = arrays.arrays(np.int64, (rows, columns), elements=st.integers(1, 40))
    return pd.DataFrame(draw(cells).astype(float), columns=list("abcd")[:columns])


def weighed(name, table, direction=None):
    """Weights, or None where the method says that it does not apply to these data."""
    try:
        return WEIGHT_METHODS[name].weigh(table, direction or higher(table))
    except MethodError as error:
        assert error.code == "no_variation"
        return None


@pytest.mark.parametrize("name", WEIGHT_METHODS)
def test_every_row_says_what_it_is(name):
    method = WEIGHT_METHODS[name]
    assert method.zh and method.en and method.formula and method.source
    assert method.needs in {"data", "judgements", "ratings"}
    assert (method.weigh.__doc__ or "").count("Examples\n") == 1
    code = method.weigh.__kwdefaults__ or {}
    assert set(method.params) <= set(code), "a study may set keyword-only parameters of the function"


@pytest.mark.parametrize("name", DATA)
@settings(max_examples=40)
@given(table=tables(), order=st.permutations(list("abcd")), random=st.randoms(use_true_random=False))
def test_weights_follow_their_labels(name, table, order, random):
    kept = table.copy()
    weights = weighed(name, table)
    pd.testing.assert_frame_equal(table, kept)
    assume(weights is not None)
    assert isinstance(weights, IndicatorWeights)
    assert weights.labels == tuple("abcd")
    assert min(weights.values.values()) >= 0
    assert sum(weights.values.values()) == pytest.approx(1, abs=1e-9)
    rows = list(table.index)
    random.shuffle(rows)
    shuffled = weighed(name, table.loc[rows, order])
    assert shuffled is not None
    assert shuffled.labels == tuple(order)
    assert {label: shuffled.values[label] for label in "abcd"} == pytest.approx(
        dict(weights.values), abs=1e-7
    )


@pytest.mark.parametrize("name", SPREAD)
@settings(max_examples=40)
@given(table=tables(columns=3), value=st.sampled_from([0.1, 3.0, 7.7]), lower=st.booleans())
def test_a_constant_column_weighs_exactly_zero_and_changes_nothing(name, table, value, lower):
    plain = weighed(name, table)
    assume(plain is not None)
    wider = table.assign(flat=value)
    weights = weighed(name, wider, {**higher(table), "flat": "lower" if lower else "higher"})
    assert weights is not None
    assert weights.values["flat"] == 0.0
    if name != "merec":  # its performance is a mean over all columns, the constant ones among them
        assert {k: weights.values[k] for k in "abc"} == pytest.approx(dict(plain.values), abs=1e-9)


@pytest.mark.parametrize("name", SPREAD)
def test_degenerate_input_is_refused_and_the_column_named(name):
    weigh = WEIGHT_METHODS[name].weigh
    table = pd.DataFrame({"a": [1.0, 2, 3], "b": [2.0, 1, 5], "c": [4.0, 4, 1]}, index=["s1", "s2", "s3"])
    for cell in (np.nan, np.inf, "many", None):
        broken = table.astype(object)
        broken.loc["s2", "b"] = cell
        with pytest.raises(MethodError, match="subject 's2', indicator 'b'") as refusal:
            weigh(broken, higher(table))
        assert refusal.value.code == "missing_cell"
    for data, direction, code, named in [
        (table.iloc[:1], higher(table), "too_few_subjects", "indicator table"),
        (table * 0 + 1, higher(table), "no_variation", "a, b, c"),
        (table, {"a": "higher", "b": "higher"}, "direction_missing", "'c'"),
        (table, {**higher(table), "c": "up"}, "direction_missing", "'c'"),
        (table.set_axis(["a", "b", "b"], axis=1), higher(table), "labels_repeated", "b"),
    ]:
        with pytest.raises(MethodError, match=named) as refusal:
            weigh(data, direction)
        assert refusal.value.code == code


@pytest.mark.parametrize("name", [n for n in SPREAD if "interval_scales" in WEIGHT_METHODS[n].params])
def test_ratios_are_refused_on_scales_without_a_true_zero(name):
    weigh = WEIGHT_METHODS[name].weigh
    raw = {"normalisation": "sum"} if name == "entropy" else {}
    table = pd.DataFrame({"nps": [30.0, 12, 51], "fcr": [0.8, 0.7, 0.9]})
    with pytest.raises(MethodError, match="'nps'") as refusal:
        weigh(table, higher(table), interval_scales=["nps"], **raw)
    assert refusal.value.code == "no_true_zero"
    with pytest.raises(MethodError, match="'nps'") as refusal:
        weigh(table - [20.0, 0], higher(table), **raw)
    assert refusal.value.code == "negative_cell"


@pytest.mark.parametrize("name", ["merec", "cilos", "idocriw"])
def test_zero_is_refused_where_it_would_be_divided_by(name):
    table = pd.DataFrame({"a": [0.0, 2, 3], "b": [2.0, 1, 5]})
    with pytest.raises(MethodError, match="'a'") as refusal:
        WEIGHT_METHODS[name].weigh(table, higher(table))
    assert refusal.value.code == "zero_cell"


ratio = st.floats(0.2, 5)


@pytest.mark.parametrize("name", PAIRWISE)
@settings(max_examples=40)
@given(a=ratio, b=ratio, c=ratio, order=st.permutations(list("xyz")))
def test_pairwise_weights_follow_their_labels(name, a, b, c, order):
    rows = [[1, a, b], [1 / a, 1, c], [1 / b, 1 / c, 1]]
    table = pd.DataFrame(rows, index=list("xyz"), columns=list("xyz"))
    options = {"consistency_limit": None} if name == "ahp" else {}
    weigh = WEIGHT_METHODS[name].weigh
    weights, kept = weigh(table, **options), table.copy()
    pd.testing.assert_frame_equal(table, kept)
    assert weights.labels == tuple("xyz")
    assert sum(weights.values.values()) == pytest.approx(1, abs=1e-9)
    turned = weigh(table.loc[order, order], **options)
    assert {label: turned.values[label] for label in "xyz"} == pytest.approx(dict(weights.values), abs=1e-9)


def test_expert_scores_follow_their_labels():
    ratings = pd.DataFrame({"a": [5.0, 9], "b": [3.0, 6], "c": [1.0, 2]})
    weigh = WEIGHT_METHODS["expert_scores"].weigh
    weights, turned = weigh(ratings), weigh(ratings[["c", "a", "b"]].iloc[::-1])
    assert turned.labels == ("c", "a", "b")
    assert {label: turned.values[label] for label in "abc"} == pytest.approx(dict(weights.values))


@pytest.mark.parametrize("name", SPREAD)
def test_cells_too_large_to_square_are_named_and_tiny_units_lose_nothing(name):
    weigh = WEIGHT_METHODS[name].weigh
    table = pd.DataFrame({"a": [1.0, 2, 5], "b": [1.0, 1e150, 3], "c": [3.0, 1, 2]})
    with pytest.raises(MethodError, match="subject '1', indicator 'b'") as refusal:
        weigh(table, higher(table))
    assert refusal.value.code == "cell_too_large"
    small = table.assign(b=[5.0, 1, 3])
    whole, shrunk = weigh(small, higher(small)), weigh(small * 1e-200, higher(small))
    assert dict(shrunk.values) == pytest.approx(dict(whole.values), rel=1e-6)


def test_spread_a_hair_above_rounding_still_weighs_in_proportion():
    """Relative spreads of 1e-7 and 2e-7: the plain sum of p ln p would return noise; theirs go as 1 to 4."""
    table = pd.DataFrame({"a": [1e8, 1e8 + 10], "b": [1e8, 1e8 + 20]})
    weights = WEIGHT_METHODS["entropy"].weigh(table, dict.fromkeys("ab", "ignored"), normalisation="sum")
    assert weights.values["b"] / weights.values["a"] == pytest.approx(4, rel=1e-5)


def test_what_cannot_be_told_from_rounding_is_refused():
    with pytest.raises(MethodError, match="a, b") as refusal:
        shares(np.zeros(2), ["a", "b"])
    assert refusal.value.code == "no_variation"
