"""Who is in the sandbox, and what they do."""
