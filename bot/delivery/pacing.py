"""When the next request may leave: Telegram's limits, kept by a clock that only goes forward.

Telegram publishes (core.telegram.org/bots/faq): about 30 messages a second overall, one a second in one chat, 20 a
minute in one group. It does not publish how it counts, so the limits are kept in the strictest reading: no window of
that length, wherever it begins, holds more; edits count like messages, and channels like groups. Every instant is in
monotonic seconds. What counts is when requests really left, not when they were meant to, so a stalled process cannot
make up for lost time in a burst.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from storage.model import ChatKind

_MINUTE_S = 60.0
_SMOOTHING = 0.9
"""Least gap between two departures as a share of the even one. Below 1, so that a late departure can be made up for
within its second; far above 0, so that a reply never finds the whole second spent in one burst."""
_FORGET_ABOVE = 256
"""Chats remembered before the idle ones are looked for."""


@dataclass(slots=True)
class _Chat:
    free_at: float = 0.0
    departures: deque[float] = field(default_factory=deque)
    """For groups and channels, those of the last minute."""


class Pacer:
    """Says when a request to a chat may leave, and remembers what has left.

    Args:
        per_second: Departures that any one-second window may hold, over all chats.
        guard_s: Added to each window, for requests overtake each other on their way.
        chat_interval_s: Least time between two departures to one chat.
        group_per_minute: Departures to one group or channel that any window of a minute may hold.

    Attributes:
        per_second: As given.
        held_until: Nothing at all leaves before this instant.
    """

    def __init__(
        self,
        *,
        per_second: int = 30,
        guard_s: float = 0.020,
        chat_interval_s: float = 1.0,
        group_per_minute: int = 20,
    ) -> None:
        self.per_second = per_second
        self._window_s = 1.0 + guard_s
        self._gap_s = _SMOOTHING * self._window_s / per_second
        self._chat_interval_s = chat_interval_s + guard_s
        self._group_per_minute = group_per_minute
        self._group_window_s = _MINUTE_S + guard_s
        self._departures: deque[float] = deque(maxlen=per_second)
        self.held_until = 0.0
        self._chats: dict[int, _Chat] = {}
        self._forget_above = _FORGET_ABOVE

    @property
    def remembered(self) -> int:
        """How many chats are remembered."""
        return len(self._chats)

    def __contains__(self, chat_id: int) -> bool:
        """Tell whether a chat is remembered; one that is not is free."""
        return chat_id in self._chats

    def next_at(self, chat_id: int, now: float) -> float:
        """Return the first instant from ``now`` on at which a request to this chat may leave."""
        return max(self.free_at(now), self.chat_free_at(chat_id, now))

    def free_at(self, now: float) -> float:
        """Return the first instant from ``now`` on at which the token may send at all."""
        at = max(now, self.held_until)
        if self._departures:
            at = max(at, self._departures[-1] + self._gap_s)
            if len(self._departures) == self.per_second:
                at = max(at, self._departures[0] + self._window_s)
        return at

    def chat_free_at(self, chat_id: int, now: float) -> float:
        """Return the first instant from ``now`` on that this chat's own limits permit."""
        chat = self._chats.get(chat_id)
        return now if chat is None else max(now, self._free_at(chat))

    def take(self, chat_id: int, kind: ChatKind, at: float) -> None:
        """Remember that a request to this chat left at ``at``."""
        self._departures.append(at)
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.free_at = max(chat.free_at, at + self._chat_interval_s)
        if kind is not ChatKind.PRIVATE:
            while chat.departures and chat.departures[0] + self._group_window_s <= at:
                chat.departures.popleft()
            chat.departures.append(at)
        if len(self._chats) > self._forget_above:
            self._forget(at)

    def hold_chat(self, chat_id: int, until: float) -> None:
        """Let nothing leave for this chat before ``until``."""
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.free_at = max(chat.free_at, until)

    def hold_all(self, until: float) -> None:
        """Let nothing leave at all before ``until``."""
        self.held_until = max(self.held_until, until)

    def waiting(self, now: float, *, horizon_s: float = 0.0) -> dict[int, float]:
        """Return the chats whose own limits permit nothing up to ``now + horizon_s``, each with when they do."""
        edge = now + horizon_s
        frees = ((chat_id, self._free_at(chat)) for chat_id, chat in self._chats.items())
        return {chat_id: at for chat_id, at in frees if at > edge}

    def _free_at(self, chat: _Chat) -> float:
        if len(chat.departures) < self._group_per_minute:
            return chat.free_at
        return max(chat.free_at, chat.departures[-self._group_per_minute] + self._group_window_s)

    def _forget(self, now: float) -> None:
        """Drop the chats that nothing binds any more, in constant time a departure on average."""
        self._chats = {
            chat_id: chat
            for chat_id, chat in self._chats.items()
            if chat.free_at > now or (chat.departures and chat.departures[-1] + self._group_window_s > now)
        }
        self._forget_above = max(_FORGET_ABOVE, 2 * len(self._chats))
