"""What each customer is worth: orders, amount, the difference from the tier, and how concentrated value is.

Examples
--------
>>> orders = pd.DataFrame({"customer_id": ["a", "a", "a", "b"], "amount": [100.0, 200, 300, 400]})
>>> worth = customer_values(orders)
>>> worth[["customer_id", "orders", "average", "value", "share"]].values.tolist()
[['a', 3, 200.0, 600.0, 60.0], ['b', 1, 400.0, 400.0, 40.0]]
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def customer_values(orders: pd.DataFrame, tiers: pd.Series | None = None) -> pd.DataFrame:
    """Sum orders by customer.

    Parameters
    ----------
    orders
        customer_id and amount, one row for each order.
    tiers
        Tier by customer_id, for the difference from the tier.

    Returns
    -------
    DataFrame
        customer_id, orders, average (amount / orders), value (sum), share (percent of all value, missing when
        there is none), contribution (value minus the mean of the tier, missing without tiers); the largest
        value first, equals by id.
    """
    sums = orders.groupby("customer_id")["amount"].agg(["size", "sum"]).set_axis(["orders", "value"], axis=1)
    whole = float(sums["value"].sum())
    table = sums.assign(
        average=sums["value"] / sums["orders"],
        share=100 * sums["value"] / whole if whole else np.nan,
    ).reset_index()
    tier = table["customer_id"].map(tiers) if tiers is not None else pd.Series(np.nan, index=table.index)
    table["contribution"] = table["value"] - table.groupby(tier)["value"].transform("mean")
    columns = ["customer_id", "orders", "average", "value", "share", "contribution"]
    return table.sort_values(["value", "customer_id"], ascending=[False, True], ignore_index=True)[columns]
