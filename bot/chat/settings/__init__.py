"""What a chat has set, and what becomes of what is stored about it."""
