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
        self._suspected_at: float | None = None

    @property
    def suspected(self) -> bool:
        """Whether the last refusal may have been meant for everybody."""
        return self._suspected_at is not None

    def note(self, chat_id: int, wait_s: float, now: float) -> bool:
        """Hold the chat for ``wait_s`` seconds from ``now``, and everybody if others were refused too.

        Returns:
            Whether everybody is held.
        """
        self._pacer.hold_chat(chat_id, now + wait_s)
        together = self.suspected or any(now - at <= _TOGETHER_S for at, chat in self._recent if chat != chat_id)
        self._recent.append((now, chat_id))
        if together:
            self._suspected_at = None
            self._pacer.hold_all(now + wait_s)
        else:
            self._suspected_at = now
        return together

    def clear(self, left_at: float) -> None:
        """Note that a request that left at ``left_at`` was accepted: after the refusal, it lifts the suspicion."""
        if self._suspected_at is not None and left_at > self._suspected_at:
            self._suspected_at = None
