"""Several articles about one event."""
