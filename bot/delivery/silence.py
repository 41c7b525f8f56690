"""Silence: the server takes requests and says nothing of them, such as behind a cable that was pulled.

What is sent into a silence may arrive or not, and stays unknown. So after a few requests without an answer nothing
leaves but a question that does no harm, until that is answered.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from telegram.error import TelegramError

from bot.delivery.errors import NeverLeftError, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.delivery.telegram import BotApi

_ENOUGH = 3
"""So many in a row without an answer are no chance."""
_ANSWER_S = 5.0
_FIRST_S, _LONGEST_S = 0.5, 10.0
_LOOK_S = 0.25


class Silence:
    """Counts the requests that were not answered since the last one that was.

    Args:
        bot: The Bot API, to be asked whether it is there again.
        monotonic: Tells seconds.
    """

    def __init__(self, bot: BotApi, *, monotonic: Callable[[], float]) -> None:
        self._bot = bot
        self._monotonic = monotonic
        self._heard_at = 0.0
        self.unanswered = 0

    @property
    def is_felt(self) -> bool:
        """Whether nothing should leave any more."""
        return self.unanswered >= _ENOUGH

    def note(self, error: Exception, *, left_at: float) -> None:
        """Note how a request that left at ``left_at`` failed; a refusal is an answer too."""
        if isinstance(error, NoAnswerError):
            self.unanswered += left_at >= self._heard_at
        elif isinstance(error, TelegramError) and not isinstance(error, NeverLeftError):
            self.clear()

    def clear(self) -> None:
        """Note that an answer came."""
        self.unanswered = 0
        self._heard_at = self._monotonic()

    async def end(self, gives_up: Callable[[], bool]) -> None:
        """Ask until there is an answer, or ``gives_up`` says so."""
        pause_s = _FIRST_S
        while not gives_up():
            if await self._is_answered(gives_up):
                self.clear()
                return
            await _pass(pause_s, gives_up)
            pause_s = min(2 * pause_s, _LONGEST_S)

    async def _is_answered(self, gives_up: Callable[[], bool]) -> bool:
        asking = asyncio.ensure_future(self._ask())
        try:
            while not asking.done() and not gives_up():
                await asyncio.wait([asking], timeout=_LOOK_S)
            return asking.done() and asking.result()
        finally:
            asking.cancel()

    async def _ask(self) -> bool:
        try:
            await self._bot.call("getMe", {}, read_timeout_s=_ANSWER_S)
        except (NeverLeftError, NoAnswerError):
            return False
        except TelegramError:
            return True
        return True


async def _pass(seconds: float, gives_up: Callable[[], bool]) -> None:
    """Let time pass, and look now and then whether to give up."""
    while seconds > 0 and not gives_up():
        await asyncio.sleep(min(seconds, _LOOK_S))
        seconds -= _LOOK_S
