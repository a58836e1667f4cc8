"""Indicator (criteria) weights: one module per family, one table `WEIGHT_METHODS`."""
