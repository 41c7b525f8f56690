"""Domain types to Telegram messages: pure functions, no I/O."""
