"""Attainment, composite score, bands."""
