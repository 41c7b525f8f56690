"""What may go wrong between us and the Bot API, told apart by whether Telegram may have acted.

The classes stand under python-telegram-bot's own, so that its methods pass them through unchanged. None of them
carries the vendor's error: aiohttp's name the address, and the address holds the token.
"""

from __future__ import annotations

import datetime as dt

from telegram.error import NetworkError, RetryAfter, TelegramError

from bot.errors import BotError


class NeverLeftError(NetworkError, BotError):
    """The request never left this machine: refused, unresolved, or no connection in time. Telegram did not act."""


class NoAnswerError(NetworkError, BotError):
    """The request left and no sound answer came: Telegram may have acted.

    Attributes:
        status: The HTTP status where one came (5xx, or a body that is no JSON).
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class RateLimitedError(RetryAfter, BotError):
    """Telegram asks us to wait (429).

    Attributes:
        retry_after_s: How long, in seconds from the answer's arrival.
    """

    def __init__(self, retry_after_s: float) -> None:
        # RetryAfter's own constructor warns about a type that is to change.
        TelegramError.__init__(self, f"Too Many Requests: retry after {retry_after_s:g}")
        self._retry_after = dt.timedelta(seconds=retry_after_s)
        self.retry_after_s = retry_after_s


class TokenRejectedError(TelegramError, BotError):
    """Telegram does not know the token (401): revoked, or never issued.

    Not an ``InvalidToken``, for python-telegram-bot writes the token into the text of those.
    """

    def __init__(self, message: str = "Telegram rejected the bot's token; ask @BotFather for a new one") -> None:
        super().__init__(message)


class WrongServerError(TelegramError, BotError):
    """The server does not know the method (404): it is no Bot API server, or an old one. It did not act."""
