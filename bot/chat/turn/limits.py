"""How much one person may make the bot fetch: the bot is nobody's proxy."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.chat.turn.requests import Deed
from bot.chat.turn.turns import Say, Toast
from bot.messages.html import escape
from bot.messages.outgoing import OutgoingMessage

if TYPE_CHECKING:
    from datetime import datetime

    from bot.chat.turn.turns import Reply, Turn

FETCHES_A_MINUTE = 10
LONGEST_TEXT_CHARS = 200_000
_MINUTE = timedelta(minutes=1)
_REMEMBERED_PEOPLE = 10_000


class FetchAllowance:
    """Counts each person's fetches in the last minute, in memory: a restart forgives."""

    def __init__(self, a_minute: int = FETCHES_A_MINUTE) -> None:
        self._a_minute = a_minute
        self._recent: OrderedDict[int, deque[datetime]] = OrderedDict()

    def free_at(self, user_id: int, now: datetime) -> datetime | None:
        """Count one fetch; where there is no room, count nothing and tell when there will be."""
        recent = self._recent.setdefault(user_id, deque())
        self._recent.move_to_end(user_id)
        while len(self._recent) > _REMEMBERED_PEOPLE:
            self._recent.popitem(last=False)
        while recent and recent[0] <= now - _MINUTE:
            recent.popleft()
        if len(recent) >= self._a_minute:
            return recent[0] + _MINUTE
        recent.append(now)
        return None

    def refuse(self, turn: Turn) -> list[Reply] | None:
        """Say when to go on, where the person has fetched enough; ``None`` otherwise."""
        free_at = self.free_at(turn.request.user_id or turn.request.chat_id, turn.now)
        if free_at is None:
            return None
        # Shown as a minute, so round up: at the minute shown it works.
        shown = turn.speech.clock(free_at + timedelta(seconds=59))
        words = turn.speech.plain("{n} links a minute; continue at {time}.", n=str(self._a_minute), time=shown)
        if turn.request.deed is Deed.TAP:
            return [Toast(text=words)]
        return [Say(message=OutgoingMessage(text=escape(words)))]
