"""Comments: topics, sentiment, masking of personal data, repair of glossed text."""
