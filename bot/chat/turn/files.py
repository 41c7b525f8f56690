"""Files that people send: fetched from Telegram, within the size that it gives to bots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from telegram.error import BadRequest, TelegramError

from bot.errors import BotError

if TYPE_CHECKING:
    import telegram

    from bot.chat.turn.requests import SentFile

MOST_FILE_BYTES: Final = 20 * 1024 * 1024
"""Telegram gives bots no larger file."""


class FileTooLarge(BotError):
    """A file is larger than we take.

    Attributes:
        size: Its size in bytes.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes")
        self.size = size


class FileUnreadable(BotError):
    """A file cannot be had, or is not of a kind that we read."""


class Files:
    """Fetches what people send.

    Args:
        bot: Telegram.
    """

    def __init__(self, bot: telegram.Bot) -> None:
        self._bot = bot

    async def fetch(self, sent: SentFile) -> bytes:
        """Fetch a file.

        Raises:
            FileTooLarge: It is larger than we take.
            FileUnreadable: Telegram does not give it.
        """
        if sent.size > MOST_FILE_BYTES:
            raise FileTooLarge(sent.size)
        try:
            file = await self._bot.get_file(sent.file_id)
            content = bytes(await file.download_as_bytearray())
        except BadRequest as error:
            if "too big" in str(error).lower():
                raise FileTooLarge(max(sent.size, MOST_FILE_BYTES + 1)) from error
            raise FileUnreadable("Telegram does not give the file") from error
        except TelegramError as error:
            raise FileUnreadable(f"the file could not be fetched ({type(error).__name__})") from error
        if len(content) > MOST_FILE_BYTES:
            raise FileTooLarge(len(content))
        return content
