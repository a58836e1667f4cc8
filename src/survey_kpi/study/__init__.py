"""The declarations of a study: models, loading, cross-checks."""
