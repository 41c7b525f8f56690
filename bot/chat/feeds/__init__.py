"""What a chat follows: finding it, following it, lists of it."""
