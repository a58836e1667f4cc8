"""The KPI library: one table `INDICATORS`."""
