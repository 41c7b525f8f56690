"""Faults on demand: what goes wrong next, where, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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
    GARBLED = "garbled"
    """Carried out, and answered with something that is not JSON."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One armed fault.

    Args:
        kind: what happens.
        method: the Bot API method that it waits for; ``None`` for every one but getUpdates and getMe.
        chat_id: the chat that it waits for; ``None`` for any.
        after: requests of that kind to let through first.
        times: requests to hit; ``None`` for all until cleared.
        retry_after_s: for ``too_many``.
        whole_token: whether a 429 bans all chats or the one it hit.
        status: for the two server errors.
        delay_s: for ``slow``.
    """

    kind: FaultKind
    method: str | None = None
    chat_id: int | None = None
    after: int = 0
    times: int | None = 1
    retry_after_s: int = 5
    whole_token: bool = False
    status: int = 502
    delay_s: float = 1.0

    def meets(self, method: str, chat_id: int | None) -> bool:
        """Tell whether the fault waits for such a request."""
        if self.method is None:
            if method in {"getupdates", "getme"}:
                return False
        elif self.method.lower() != method:
            return False
        return self.chat_id is None or self.chat_id == chat_id


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

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """Return the fault that hits this request, counting it, or ``None``.

        Args:
            method: the Bot API method in lower case.
            chat_id: the chat that the request names, if any.
        """
        for fault in self.armed:
            if not fault.meets(method, chat_id):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.armed.remove(fault)
            return fault
        return None
