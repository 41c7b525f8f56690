"""sumy's algorithms."""
