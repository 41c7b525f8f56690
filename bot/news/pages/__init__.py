"""Pages, the articles on them, and what stands in the way."""
