"""What Telegram demands and refuses: its texts, limits, paces, words."""
