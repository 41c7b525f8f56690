"""A local Telegram, strict as the real one, with a chat page and a sample news site."""
