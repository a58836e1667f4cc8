"""Reliability, agreement, factor checks, rater leniency, drivers."""
