"""Feeds, articles and stories."""
