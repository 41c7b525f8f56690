"""Feeds polled when they are due, and what they bring on its way to readers."""
