"""Customers entered twice under other spellings are found, and hardly anybody else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import SchemaError
from survey_kpi.glossary import unknown_columns
from survey_kpi.sampling import find_duplicates
from survey_kpi.sampling.duplicates import Duplicate

SPELLINGS = (
    lambda phone: phone.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    lambda phone: f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}",
    lambda phone: f" {phone[:3]}-{phone[3:7]}-{phone[7:]} ",
    lambda phone: f"0086{phone}",
    lambda phone: f"（+86）{phone}",
)


@pytest.mark.row("W15")
def test_thirty_planted_duplicates_in_a_thousand_customers():
    rng = np.random.default_rng(15)
    phones = [f"13{number}" for number in rng.choice(10**9, 970, replace=False) if number >= 10**8]
    phones += [f"15{number}" for number in range(100_000_000, 100_000_000 + 970 - len(phones))]
    rows = [(f"c{place:04}", phone) for place, phone in enumerate(phones)]
    chosen = rng.choice(970, 30, replace=False)
    planted = {(f"c{row:04}", f"d{place:02}") for place, row in enumerate(chosen)}
    rows += [
        (f"d{place:02}", SPELLINGS[place % len(SPELLINGS)](phones[row])) for place, row in enumerate(chosen)
    ]
    rows = [rows[place] for place in rng.permutation(len(rows))]
    assert len(rows) == 1_000
    found = find_duplicates(pd.DataFrame(rows, columns=["customer_id", "phone"]), keys=["phone"])
    pairs = {tuple(sorted(one.units)) for one in found}
    assert pairs >= planted and len(pairs - planted) <= 1


def test_blanks_agree_with_nothing_and_one_unit_is_no_duplicate():
    table = pd.DataFrame(
        {"customer_id": ["a", "b", "c", "c", ""], "email": ["", None, "x@y.cn", "X@y.cn ", "x@y.cn"]}
    )
    assert find_duplicates(table, keys=["email"]) == ()
    with pytest.raises(SchemaError, match="did you mean 'email'"):
        find_duplicates(table, keys=["emial"])


def test_every_key_is_looked_at_and_named():
    table = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "name": ["云岭 科技", "云岭科技", "X"],
            "email": ["p@q", "r@s", "P@Q"],
        }
    )
    assert [(one.key, one.units) for one in find_duplicates(table, keys=["name", "email"])] == [
        ("name", ("a", "b")),
        ("email", ("a", "c")),
    ]
    assert unknown_columns(["key"]) == [] and Duplicate.__doc__
