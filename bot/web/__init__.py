"""What the bot answers over HTTP: webhook, health, metrics."""
