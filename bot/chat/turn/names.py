"""What people call themselves at Telegram: asked for when it is shown, and gone when that is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import telegram

from bot.messages.shortening import cut

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_ASKED: Final = 30
_AT_ONCE: Final = 8
_PATIENCE_S: Final = 3.0
_MOST_CHARS: Final = 40


class Names:
    """Asks Telegram for the names of people who have spoken with the bot.

    Args:
        bot: Telegram.
    """

    def __init__(self, bot: telegram.Bot) -> None:
        self._bot = bot

    async def ask(self, user_ids: Iterable[int]) -> dict[int, str]:
        """Give the name of each person whom Telegram names in time; the others go by their number.

        Args:
            user_ids: Whose; of very many only the first are asked for.
        """
        gate = asyncio.Semaphore(_AT_ONCE)
        found: dict[int, str] = {}

        async def ask_for(user_id: int) -> None:
            async with gate:
                try:
                    chat = await self._bot.get_chat(user_id)
                except telegram.error.TelegramError:
                    return
            if name := " ".join((chat.full_name or "").split()):
                found[user_id] = cut(name, _MOST_CHARS)

        asking = [asyncio.create_task(ask_for(each)) for each in list(dict.fromkeys(user_ids))[:_MOST_ASKED]]
        if asking:
            try:
                await asyncio.wait(asking, timeout=_PATIENCE_S)
            finally:
                for task in asking:
                    task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        return found
