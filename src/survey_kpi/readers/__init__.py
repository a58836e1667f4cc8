"""Raw files to responses: one module per export format, one table `READERS`."""
