"""The people's side over HTTP, for the chat page and for tests."""
