"""The sample news site."""
