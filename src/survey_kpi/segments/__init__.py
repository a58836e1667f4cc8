"""Customers by value: tiers, clusters, migration between periods, lifetime value."""
