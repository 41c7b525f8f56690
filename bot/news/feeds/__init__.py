"""Documents that are feeds, and which of their entries are new."""
