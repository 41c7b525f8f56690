"""The root of every error that the bot raises on purpose."""


class BotError(Exception):
    """Something that the bot expects to go wrong; its text is fit for a log, its attributes for decisions."""
