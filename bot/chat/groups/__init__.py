"""Groups and channels, and who in them may decide."""
