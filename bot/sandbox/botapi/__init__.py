"""The Bot API, as the bot meets it."""
