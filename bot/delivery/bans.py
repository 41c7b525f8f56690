"""What a 429 holds up: one chat, or everybody."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.delivery.pacing import Pacer

_TOGETHER_S = 1.0


class Bans:
    """Tells a ban of a chat from a ban of the token, which Telegram does not: both are a 429.

    When a second chat is refused within a second, it is not the chats that are at fault. Between the first and the
    second refusal the token is suspected, and requests should leave one at a time: each that leaves into a ban makes
    it longer.
    """

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._recent: deque[tuple[float, int]] = deque(maxlen=64)
        self._suspicion: tuple[float, float] | None = None

    def suspects(self, now: float) -> bool:
        """Tell whether the last refusal may have been meant for everybody and is still in force."""
        return self._suspicion is not None and now < self._suspicion[1]

    def note(self, chat_id: int, wait_s: float, now: float) -> bool:
        """Hold the chat for ``wait_s`` seconds from ``now``, and everybody if others were refused too.

        Returns:
            Whether everybody is held.
        """
        self._pacer.hold_chat(chat_id, now + wait_s)
        since = now - _TOGETHER_S
        if self._suspicion is not None and self.suspects(now):
            since = min(since, self._suspicion[0])
        together = any(at >= since for at, chat in self._recent if chat != chat_id)
        self._recent.append((now, chat_id))
        if together:
            self._suspicion = None
            is_known = self._pacer.held_until > now
            self._pacer.hold_all(now + wait_s)
            if not is_known:  # what was on its way already says nothing new
                self._pacer.slow_down(now)
        else:
            self._suspicion = (now, now + wait_s)
        return together

    def clear(self, left_at: float) -> None:
        """Note that a request that left at ``left_at`` was accepted: after the refusal, it lifts the suspicion."""
        if self._suspicion is not None and left_at > self._suspicion[0]:
            self._suspicion = None
