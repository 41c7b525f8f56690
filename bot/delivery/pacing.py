"""When the next request may leave: Telegram's limits, kept by a clock that only goes forward.

Telegram publishes (core.telegram.org/bots/faq): about 30 messages a second overall, one a second in one chat with
short bursts tolerated, 20 a minute in one group; for money (core.telegram.org/bots/api#sendmessage,
``allow_paid_broadcast``) a thousand a second. It does not publish how it counts, so the limits are kept in the
strictest reading: no window of that length, wherever it begins, holds more; edits count like messages, and channels
like groups. Every instant is in monotonic seconds. What counts is when requests really left, not when they were meant
to, so a stalled process cannot make up for lost time in a burst; and one that was handed over and has not left yet,
for want of a connection or of the processor, counts as leaving at every instant until it does. Between leaving and
arriving nobody sees; an answer that took unusually long may mean that the request arrived late, close to those behind
it, and so it counts as having left by so much later.

After a ban the pace is halved, and creeps back as long as nothing is refused.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import deque
from dataclasses import dataclass, field

from storage.model import ChatKind

_MINUTE_S = 60.0
_SMOOTHING = 0.9
"""Least gap between two departures as a share of the even one. Below 1, so that a late departure can be made up for
within its second; far above 0, so that a reply never finds the whole second spent in one burst."""
_AT_ONCE_PAID = 16
"""Paid departures that may follow each other without a gap: a timer for each would cost more than the request."""
_FORGET_ABOVE = 256
"""Chats remembered before the idle ones are looked for."""
_RECOVERY_S = 60.0
"""From a standstill to the full pace."""
_LEAST_SHARE = 0.1
_UNKNOWN_ANSWERS = 8
"""So many answers are waited for before any time to answer is taken for usual."""
_SLOWEST_CHAT = 8.0
_CHAT_EASES = 0.75
"""By so much the interval of a chat that had a 429 comes down with each message that is accepted."""


@dataclass(slots=True)
class _Chat:
    rested_at: float = 0.0
    """When its burst is whole again: each departure moves it on by an interval."""
    leaving: int = 0
    """So many were handed over and have not left yet."""
    bursts: bool = True
    """Whether it may take several at once: a private chat."""
    held_until: float = 0.0
    slowness: float = 1.0
    departures: deque[float] = field(default_factory=deque)
    """For groups and channels, those of the last minute."""


class _Lane:
    """Those departures that one limit counts.

    Args:
        per_second: How many a window may hold.
        window_s: How long a window is.
        at_once: How many may be handed over without a gap.
    """

    __slots__ = ("_at_once", "_gap_s", "_handed", "_leaving", "_left", "_per_second", "_window_s")

    def __init__(self, per_second: int, window_s: float, *, at_once: int = 1) -> None:
        self._per_second = per_second
        self._window_s = window_s
        self._gap_s = _SMOOTHING * window_s / per_second
        self._at_once = at_once
        self._handed: deque[float] = deque(maxlen=at_once)
        self._leaving = 0
        self._left: deque[float] = deque(maxlen=per_second)

    def hand_over(self, at: float) -> None:
        """Note that one is about to leave."""
        self._handed.append(at)
        self._leaving += 1

    def leave(self, at: float) -> None:
        """Note that one has left."""
        self._leaving -= 1
        self._left.append(at)

    def postpone(self, left_at: float, late_s: float) -> None:
        """Count one that left at an instant as having left later."""
        if left_at in self._left:  # else it is so long ago that it counts no more
            self._left.remove(left_at)
            insort(self._left, left_at + late_s)

    def free_at(self, at: float, share: float) -> float:
        """Return when the next may be handed over, at a share of the full pace; infinity until one has left."""
        room = self._per_second - self._leaving
        if room <= 0:
            return math.inf
        free = at
        if self._handed:
            if share < 1.0:
                free = max(free, self._handed[-1] + self._window_s / self._per_second / share)
            elif len(self._handed) == self._at_once:
                free = max(free, self._handed[0] + self._at_once * self._gap_s)
        if len(self._left) >= room:
            free = max(free, self._left[-room] + self._window_s)
        return free


class _Usual:
    """How long answers usually take: mean and deviation, smoothed as TCP does with its round trips (RFC 6298)."""

    __slots__ = ("_count", "_deviation_s", "_mean_s")

    def __init__(self) -> None:
        self._count = 0
        self._mean_s = self._deviation_s = 0.0

    def excess(self, took_s: float) -> float:
        """Return by how much an answer took longer than is usual, and learn from it."""
        self._count += 1
        if self._count == 1:
            self._mean_s, self._deviation_s = took_s, took_s / 2
            return took_s
        excess_s = max(0.0, took_s - self._mean_s - 4 * self._deviation_s)
        self._deviation_s += (abs(took_s - self._mean_s) - self._deviation_s) / 4
        self._mean_s += (took_s - self._mean_s) / 8
        return took_s if self._count <= _UNKNOWN_ANSWERS else excess_s


class Departure:
    """A request that has been handed over, for want of a connection or of the processor perhaps not left yet."""

    __slots__ = ("_chat_id", "_kind", "_lanes", "_left_at", "_pacer")

    def __init__(self, pacer: Pacer, lanes: tuple[_Lane, ...], chat_id: int, kind: ChatKind) -> None:
        self._pacer = pacer
        self._lanes = lanes
        self._chat_id = chat_id
        self._kind = kind
        self._left_at: float | None = None

    def leave(self, at: float) -> None:
        """Note that it left at ``at``; only the first time counts."""
        if self._left_at is not None:
            return
        self._left_at = at
        for lane in self._lanes:
            lane.leave(at)
        self._pacer.note_left(self._chat_id, self._kind, at)

    def answer(self, at: float) -> None:
        """Note that its answer came at ``at``, or that none will come."""
        self.leave(at)
        left_at = at if self._left_at is None else self._left_at
        late_s = self._pacer.usual.excess(at - left_at) - self._pacer.guard_s
        if late_s > 0:
            for lane in self._lanes:
                lane.postpone(left_at, late_s)
            self._pacer.postpone_chat(self._chat_id, late_s)


class Pacer:
    """Says when a request to a chat may leave, and remembers what has left.

    Args:
        per_second: Departures that any one-second window may hold, over all chats.
        guard_s: Added to each window, for requests overtake each other on their way.
        chat_interval_s: Time between two departures to one chat, in the long run.
        chat_burst: Departures that a rested private chat takes at once.
        group_per_minute: Departures to one group or channel that any window of a minute may hold.
        paid_per_second: Departures that any one-second window may hold where they are paid for, all others included.

    Attributes:
        per_second: As given.
        held_until: Nothing at all leaves before this instant.
        guard_s: As given: by so much a request may arrive late without harm.
        usual: How long answers usually take.
    """

    def __init__(
        self,
        *,
        per_second: int = 30,
        guard_s: float = 0.025,
        chat_interval_s: float = 1.0,
        chat_burst: int = 1,
        group_per_minute: int = 20,
        paid_per_second: int = 1000,
    ) -> None:
        self.per_second = per_second
        self.guard_s = guard_s
        self.paid_per_second = max(paid_per_second, per_second)
        self._window_s = 1.0 + guard_s
        self._chat_interval_s = chat_interval_s + guard_s
        self._credit_s = (chat_burst - 1) * self._chat_interval_s
        self._group_per_minute = group_per_minute
        self._group_window_s = _MINUTE_S + guard_s
        self.usual = _Usual()
        self._free = _Lane(per_second, self._window_s)
        self._all = _Lane(self.paid_per_second, self._window_s, at_once=_AT_ONCE_PAID)
        self.held_until = 0.0
        self._share, self._share_at = 1.0, 0.0
        self._chats: dict[int, _Chat] = {}
        self._forget_above = _FORGET_ABOVE

    @property
    def remembered(self) -> int:
        """How many chats are remembered."""
        return len(self._chats)

    def __contains__(self, chat_id: int) -> bool:
        """Tell whether a chat is remembered; one that is not is free."""
        return chat_id in self._chats

    def next_at(self, chat_id: int, now: float, *, paid: bool = False) -> float:
        """Return the first instant from ``now`` on at which a request to this chat may leave."""
        return max(self.free_at(now, paid=paid), self.chat_free_at(chat_id, now))

    def free_at(self, now: float, *, paid: bool = False) -> float:
        """Return the first instant from ``now`` on at which the token may send at all.

        It is infinite while as many requests as a window may hold have been handed over and have not left.
        """
        at = max(now, self.held_until)
        share = self.pace_at(at)
        free = self._all.free_at(at, share)
        return free if paid else max(free, self._free.free_at(at, share))

    def chat_free_at(self, chat_id: int, now: float) -> float:
        """Return the first instant from ``now`` on that this chat's own limits permit.

        It is infinite while as many requests as its burst may hold have been handed over and have not left.
        """
        chat = self._chats.get(chat_id)
        return now if chat is None else max(now, self._free_at(chat))

    def pace_at(self, now: float) -> float:
        """Return the share of the full pace at which things leave: 1 but for some time after a ban."""
        return min(1.0, self._share + max(0.0, now - self._share_at) / _RECOVERY_S)

    def hand_over(self, chat_id: int, kind: ChatKind, at: float, *, paid: bool = False) -> Departure:
        """Count a request to this chat as leaving at every instant, until it says when it did."""
        lanes = (self._all,) if paid else (self._all, self._free)
        for lane in lanes:
            lane.hand_over(at)
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.leaving += 1
        chat.bursts = kind is ChatKind.PRIVATE
        return Departure(self, lanes, chat_id, kind)

    def take(self, chat_id: int, kind: ChatKind, at: float, *, paid: bool = False) -> None:
        """Remember a request to this chat that was handed over and left at ``at``."""
        self.hand_over(chat_id, kind, at, paid=paid).leave(at)

    def note_left(self, chat_id: int, kind: ChatKind, at: float) -> None:
        """Remember that what was handed over for this chat left at ``at``."""
        chat = self._chats[chat_id]
        chat.leaving -= 1
        chat.rested_at = max(chat.rested_at, at) + self._chat_interval_s * chat.slowness
        if kind is not ChatKind.PRIVATE:
            # A burst is for people who wait for an answer; what a group gets counts by the minute anyway.
            chat.rested_at = max(chat.rested_at, at + self._chat_interval_s * chat.slowness + self._credit_s)
            while chat.departures and chat.departures[0] + self._group_window_s <= at:
                chat.departures.popleft()
            chat.departures.append(at)
        chat.slowness = max(1.0, chat.slowness * _CHAT_EASES)
        if len(self._chats) > self._forget_above:
            self._forget(at)

    def postpone_chat(self, chat_id: int, late_s: float) -> None:
        """Count what last left for a chat as having left later."""
        chat = self._chats.get(chat_id)
        if chat is not None:
            chat.rested_at += late_s
            if chat.departures:
                chat.departures[-1] += late_s

    def hold_chat(self, chat_id: int, until: float) -> None:
        """Let nothing leave for this chat before ``until``, for it was refused; then more slowly for a while."""
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.held_until = max(chat.held_until, until)
        chat.rested_at = max(chat.rested_at, until + self._credit_s)  # the burst was one too many
        chat.slowness = min(_SLOWEST_CHAT, chat.slowness * 2)

    def hold_all(self, until: float) -> None:
        """Let nothing leave at all before ``until``."""
        self.held_until = max(self.held_until, until)

    def slow_down(self, now: float) -> None:
        """Go on at half the pace once nothing is held any more, and creep back."""
        self._share = max(_LEAST_SHARE, self.pace_at(now) / 2)
        self._share_at = max(now, self.held_until)

    def waiting(self, now: float, *, horizon_s: float = 0.0) -> dict[int, float]:
        """Return the chats whose own limits permit nothing up to ``now + horizon_s``, each with when they do."""
        edge = now + horizon_s
        rested = edge + self._credit_s
        waiting = {}
        for chat_id, chat in self._chats.items():
            if chat.rested_at > rested or chat.held_until > edge or chat.departures or chat.leaving:
                at = self._free_at(chat)
                if at > edge:
                    waiting[chat_id] = at
        return waiting

    def _free_at(self, chat: _Chat) -> float:
        free = max(chat.held_until, chat.rested_at - self._credit_s)
        if chat.leaving:
            # Whenever those leave, and be it all at once, the next must still be within the burst.
            spent_s = chat.leaving * self._chat_interval_s * chat.slowness
            if not chat.bursts or spent_s > self._credit_s:
                return math.inf
            free = max(chat.held_until, chat.rested_at + spent_s - self._credit_s)
        if len(chat.departures) < self._group_per_minute:
            return free
        return max(free, chat.departures[-self._group_per_minute] + self._group_window_s)

    def _forget(self, now: float) -> None:
        """Drop the chats that nothing binds any more, in constant time a departure on average."""
        self._chats = {
            chat_id: chat
            for chat_id, chat in self._chats.items()
            if chat.leaving
            or max(chat.held_until, chat.rested_at) > now
            or (chat.departures and chat.departures[-1] + self._group_window_s > now)
        }
        self._forget_above = max(_FORGET_ABOVE, 2 * len(self._chats))
