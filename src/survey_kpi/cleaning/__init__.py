"""Cleaning rules as expressions in one table `RULES`; they flag and never drop."""
