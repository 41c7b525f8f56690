"""The outbox on its way to Telegram."""
