"""Reference cases of the shared folder, and small builders."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def cases(shared):
    found = json.loads((shared / "references/weights/cases.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in found}


@pytest.fixture(scope="session")
def city200(shared):
    """Pairwise matrices of the 200 (simulated) judges of R's ahpsurvey; -3 says that the left item leads."""
    table = pd.read_csv(shared / "data/ahp/city200.csv")
    items = ["cult", "fam", "house", "jobs", "trans"]
    stack = np.ones((len(table), 5, 5))
    for pair, codes in table.items():
        left, right = (items.index(name) for name in pair.split("_"))
        value = np.where(codes < 0, -codes, 1 / codes)
        stack[:, left, right], stack[:, right, left] = value, 1 / value
    return [pd.DataFrame(matrix, index=items, columns=items) for matrix in stack]
