"""Languages, sentences and words."""
