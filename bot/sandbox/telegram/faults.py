"""Faults on demand: what goes wrong next, where, and how often."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum

WEBHOOK = "webhook"
"""Stands for a method where a fault is to hit what the sandbox posts to the bot's webhook."""
_BY_NAME_ONLY = frozenset({"getupdates", "getme", WEBHOOK})


class FaultKind(StrEnum):
    """What an armed fault does to a request."""

    TOO_MANY = "too_many"
    """429 with ``retry_after_s``; a ban is in force until then."""
    SERVER_ERROR = "server_error"
    """``status`` (500, 502, 504) and nothing done."""
    SERVER_ERROR_AFTER = "server_error_after"
    """``status`` although the request was carried out."""
    DROP = "drop"
    """Carried out and recorded, then the connection is cut without an answer."""
    DROP_BEFORE = "drop_before"
    """The connection is cut and nothing done."""
    SLOW = "slow"
    """Carried out on arrival, answered ``delay_s`` later."""
    LATE = "late"
    """Carried out and answered ``delay_s`` after arrival, even if nobody waits for the answer by then."""
    GARBLED = "garbled"
    """Carried out, and answered with ``body``, by default something that is not JSON."""
    CONFLICT = "conflict"
    """409 to ``getUpdates``, as if another program polled with this token."""
    DOWN = "down"
    """The network is gone: every request is cut, ``getUpdates`` and ``getMe`` among them, and no webhook is posted."""
    BLOCKED = "blocked"
    """The person blocks the bot just before the request arrives."""
    DEACTIVATED = "deactivated"
    """The person deletes their account just before the request arrives."""
    KICKED = "kicked"
    """The bot is removed from the group or channel just before the request arrives."""
    MIGRATED = "migrated"
    """The group becomes a supergroup just before the request arrives."""

    @property
    def befalls_private(self) -> bool | None:
        """Whether it befalls private chats (true) or the others (false); ``None`` where any request will do."""
        if self in {FaultKind.BLOCKED, FaultKind.DEACTIVATED}:
            return True
        return False if self in {FaultKind.KICKED, FaultKind.MIGRATED} else None


@dataclass(slots=True, kw_only=True)
class Fault:
    """One armed fault.

    Args:
        kind: what happens.
        method: the Bot API method that it waits for, ``webhook`` for what is posted to the bot; ``None`` for every
            method but getUpdates and getMe.
        chat_id: the chat that it waits for; ``None`` for any.
        after: requests of that kind to let through first.
        every: hit only each such request of those that are left: 5 hits the fifth, the tenth …
        chance: hit so many of them only, between 0 and 1; which ones follows from ``seed`` and their order.
        seed: what chance is drawn by.
        times: requests to hit; ``None`` for all until cleared.
        retry_after_s: for ``too_many``.
        retry_after_max_s: for ``too_many``: draw the wait between ``retry_after_s`` and this.
        whole_token: whether a 429 bans all chats or the one it hit.
        status: for the two server errors.
        delay_s: for ``slow`` and ``late``.
        body: for ``garbled``: what is answered instead.
        met: requests that it has met so far.
    """

    kind: FaultKind
    method: str | None = None
    chat_id: int | None = None
    after: int = 0
    every: int = 1
    chance: float = 1.0
    seed: int = 1
    times: int | None = 1
    retry_after_s: int = 5
    retry_after_max_s: int | None = None
    whole_token: bool = False
    status: int = 502
    delay_s: float = 1.0
    body: str = "<html>It works</html>"
    met: int = 0

    def __post_init__(self) -> None:
        """Refuse what could never hit."""
        if self.every < 1 or not 0 < self.chance <= 1:
            raise ValueError("every is at least 1, chance above 0 and at most 1")

    def meets(self, method: str, chat_id: int | None, *, private: bool | None) -> bool:
        """Tell whether the fault waits for such a request."""
        if self.kind is FaultKind.DOWN and self.method is None:
            return self.chat_id is None or self.chat_id == chat_id
        wanted = self.method or ("getUpdates" if self.kind is FaultKind.CONFLICT else None)
        if wanted is None:
            if method in _BY_NAME_ONLY:
                return False
        elif wanted.lower() != method:
            return False
        if self.kind.befalls_private is not None and self.kind.befalls_private is not private:
            return False
        return self.chat_id is None or self.chat_id == chat_id

    def strikes(self) -> bool:
        """Count a request that it meets and tell whether that one is hit."""
        self.met += 1
        turn = self.met - self.after
        if turn <= 0 or turn % self.every:
            return False
        return self.chance >= 1 or self._draw("strike").random() < self.chance

    def wait_s(self) -> int:
        """Return the seconds that a 429 names."""
        if self.retry_after_max_s is None:
            return self.retry_after_s
        return self._draw("wait").randint(self.retry_after_s, self.retry_after_max_s)

    def _draw(self, purpose: str) -> random.Random:
        return random.Random(f"{self.seed}/{purpose}/{self.met}")  # noqa: S311  faults, no secret


@dataclass(slots=True)
class FaultPlan:
    """The armed faults, in the order in which they were armed."""

    armed: list[Fault] = field(default_factory=list)

    def arm(self, fault: Fault) -> None:
        """Add a fault behind the others."""
        self.armed.append(fault)

    def clear(self) -> None:
        """Forget every fault."""
        self.armed.clear()

    def take(self, method: str, chat_id: int | None, *, private: bool | None = None) -> Fault | None:
        """Return the fault that hits this request, counting it, or ``None``.

        Args:
            method: the Bot API method in lower case, or ``webhook``.
            chat_id: the chat that the request names, if any.
            private: whether that is a person's; ``None`` where there is no such chat.
        """
        for fault in self.armed:
            if not fault.meets(method, chat_id, private=private) or not fault.strikes():
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.armed.remove(fault)
            return fault
        return None
