"""How much one person may ask of the bot: it is nobody's proxy, and no one finger may keep it busy."""

from __future__ import annotations

import math
from bisect import insort
from collections import OrderedDict, deque
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.turn.requests import Deed
from bot.chat.turn.turns import Say, Toast
from bot.messages.html import escape
from bot.messages.outgoing import OutgoingMessage

if TYPE_CHECKING:
    from datetime import datetime

    from bot.chat.turn.turns import Reply, Turn

FETCHES_A_MINUTE: Final = 10
LONGEST_TEXT_CHARS: Final = 200_000
_TAPS: Final = 30
_TAPS_WITHIN: Final = timedelta(seconds=10)
"""Nobody taps so fast by hand; a client that does waits until its taps are as slow again."""
_REMEMBERED_PEOPLE: Final = 10_000
_DISORDER: Final = timedelta(seconds=5)
"""Deeds in several chats are not counted quite in order; what seems later by more, a clock that was set back shows."""


class Allowance:
    """Counts each person's deeds of one kind in the time just past, in memory: a restart forgives.

    Args:
        most: So many within that time.
        within: How far back the count goes.
    """

    def __init__(self, most: int, within: timedelta) -> None:
        self.most: Final = most
        self._within = within
        self._recent: OrderedDict[int, deque[datetime]] = OrderedDict()

    def free_at(self, user_id: int, now: datetime) -> datetime | None:
        """Count one deed; where there is no room, count nothing and tell when there will be."""
        recent = self._recent.setdefault(user_id, deque())
        self._recent.move_to_end(user_id)
        while len(self._recent) > _REMEMBERED_PEOPLE:
            self._recent.popitem(last=False)
        while recent and recent[0] <= now - self._within:
            recent.popleft()
        while recent and recent[-1] > now + _DISORDER:
            recent.pop()
        if len(recent) >= self.most:
            return recent[0] + self._within
        insort(recent, now)
        return None


class Limits:
    """What each person may do in a while: fetches a minute, and taps."""

    def __init__(self) -> None:
        self._fetches = Allowance(FETCHES_A_MINUTE, timedelta(minutes=1))
        self._taps = Allowance(_TAPS, _TAPS_WITHIN)

    def refuse_fetch(self, turn: Turn) -> list[Reply] | None:
        """Say when to go on, where the person has fetched enough; ``None`` otherwise."""
        free_at = self._fetches.free_at(turn.request.user_id or turn.request.chat_id, turn.now)
        if free_at is None:
            return None
        # Shown as a minute, so round up: at the minute shown it works.
        shown = turn.speech.clock(free_at + timedelta(seconds=59))
        words = turn.speech.toast("{n} links a minute; continue at {time}.", n=str(self._fetches.most), time=shown)
        if turn.request.deed is Deed.TAP:
            return [Toast(text=words)]
        return [Say(message=OutgoingMessage(text=escape(words)))]

    def refuse_tap(self, turn: Turn) -> list[Reply] | None:
        """Say how long to wait, where the person taps faster than a hand does; ``None`` otherwise."""
        free_at = self._taps.free_at(turn.request.user_id, turn.now)
        if free_at is None:
            return None
        wait_s = max(1, math.ceil((free_at - turn.now).total_seconds()))
        return [Toast(text=turn.speech.toast("That was too fast. Tap again in {seconds} s.", seconds=wait_s))]
