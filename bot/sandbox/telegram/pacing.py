"""Telegram's three rate limits, and the bans that follow a breach."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    """Where the sandbox takes its time from."""

    def monotonic(self) -> float:
        """Return seconds that never run back."""

    def time(self) -> float:
        """Return seconds since 1970, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a bot may send.

    Args:
        overall: messages in any ``overall_window_s``, over all chats.
        chat_per_s: sustained messages a second in one private chat.
        chat_burst: messages that a rested private chat takes at once; Telegram tolerates a few.
        group_per_minute: messages in any minute in one group or channel.
        enforced: ``False`` lets everything through, for tests that are about something else.
    """

    overall: int = 30
    overall_window_s: float = 1.0
    chat_per_s: float = 1.0
    chat_burst: int = 3
    group_per_minute: int = 20
    enforced: bool = True


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class Pacer:
    """Counts what was accepted and says how long the next message must wait.

    Args:
        limits: what is allowed.
    """

    limits: Limits = field(default_factory=Limits)
    _overall: deque[float] = field(default_factory=deque)
    _groups: dict[int, deque[float]] = field(default_factory=dict)
    _chats: dict[int, _Bucket] = field(default_factory=dict)
    _bans: dict[int | None, float] = field(default_factory=dict)

    def ban(self, chat_id: int | None, until: float) -> None:
        """Refuse everything to a chat, or with ``None`` to all chats, until a monotonic instant."""
        self._bans[chat_id] = max(until, self._bans.get(chat_id, until))

    def banned_for(self, chat_id: int | None, now: float) -> float:
        """Return the seconds that a ban on the chat or on the token still lasts, 0 without one."""
        longest = 0.0
        for key in {None, chat_id}:
            until = self._bans.get(key)
            if until is None:
                continue
            if until <= now:
                del self._bans[key]
            else:
                longest = max(longest, until - now)
        return longest

    def admit(self, chat_id: int, *, private: bool, now: float, per_chat: bool = True) -> float:
        """Count a message that arrives now, or return how many seconds it came too early.

        Args:
            chat_id: where it goes.
            private: whether that is one person's chat; groups and channels have the limit a minute.
            now: monotonic seconds.
            per_chat: ``False`` for deletions, which count overall only.

        Returns:
            0 when it was counted, else the wait in seconds; the chat (or the token) is then banned for as long.
        """
        if not self.limits.enforced:
            return 0.0
        wait = _window_wait(self._overall, self.limits.overall, self.limits.overall_window_s, now)
        if wait > 0:
            self.ban(None, now + max(1.0, wait))
            return wait
        if per_chat:
            wait = self._bucket_wait(chat_id, now) if private else self._group_wait(chat_id, now)
            if wait > 0:
                self.ban(chat_id, now + wait)
                return wait
            if private:
                self._chats[chat_id].tokens -= 1
            else:
                self._groups[chat_id].append(now)
        self._overall.append(now)
        return 0.0

    def _bucket_wait(self, chat_id: int, now: float) -> float:
        bucket = self._chats.setdefault(chat_id, _Bucket(float(self.limits.chat_burst), now))
        bucket.tokens = min(float(self.limits.chat_burst), bucket.tokens + (now - bucket.at) * self.limits.chat_per_s)
        bucket.at = now
        return 0.0 if bucket.tokens >= 1 else (1 - bucket.tokens) / self.limits.chat_per_s

    def _group_wait(self, chat_id: int, now: float) -> float:
        return _window_wait(self._groups.setdefault(chat_id, deque()), self.limits.group_per_minute, 60.0, now)


def _window_wait(accepted: deque[float], allowed: int, window_s: float, now: float) -> float:
    """Return how long until a sliding window has room again, 0 when it has."""
    while accepted and accepted[0] <= now - window_s:
        accepted.popleft()
    return 0.0 if len(accepted) < allowed else accepted[0] + window_s - now
