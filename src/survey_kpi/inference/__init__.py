"""Intervals, comparisons, multiple testing, tiers."""
