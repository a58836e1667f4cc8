"""Reproducible appraisal of customer-facing work: estimates, indicator weights, scores, reports."""

__version__ = "0.1.0"
