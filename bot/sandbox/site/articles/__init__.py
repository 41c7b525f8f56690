"""The sample papers' texts, all our own."""
