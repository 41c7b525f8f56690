"""What of an article is report, and which of its sentences can stand alone."""
