"""Telegram within the process, for the model: its limits, its answers, the answers that never come, and a ledger."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.delivery.errors import NeverLeftError, NoAnswerError, RateLimitedError
from bot.sandbox.telegram.pacing import Pacer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HARMS = ("lost", "dropped", "refused", "chat_ban", "ban")
"""An answer that is lost; a request that is lost; no connection; a 429 for the chat; one for everybody."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that reached a chat.

    Attributes:
        at: monotonic seconds.
        chat_id: which.
        message_id: its number, counted over all chats.
        text: what it says.
        answered: whether whoever sent it has heard of it.
    """

    at: float
    chat_id: int
    message_id: int
    text: str
    answered: bool


@dataclass(slots=True)
class StandIn:
    """Answers calls of the Bot API.

    Attributes:
        arrivals: the messages that reached a chat.
        harms: what befalls the next messages, one each; nothing where empty.
        blocked: chats that refuse.
        moved: groups that have become others.
        texts: what stands in each message now.
        in_ban: how many requests came more than a second into a ban, from a sender that knew of it.
        too_fast: how many came faster than Telegram allows, from a sender that knew what it had sent.
        forgiven_until: until when a new process may err, which has not seen what the one before it sent.
        may_reach: asked for every new message, whether it may still come to the chat; violations are counted.
        unwanted: messages that came to chats which did not want them any more.
    """

    time: Callable[[], float]
    may_reach: Callable[[int, str], bool]
    arrivals: list[Arrival] = field(default_factory=list)
    harms: deque[str] = field(default_factory=deque)
    blocked: set[int] = field(default_factory=set)
    moved: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    in_ban: int = 0
    too_fast: int = 0
    forgiven_until: float = 0.0
    unwanted: int = 0
    _pacer: Pacer = field(default_factory=Pacer)
    _banned_at: dict[int | None, float] = field(default_factory=dict)
    _arrives_anyway: bool = False

    def die(self, *, arrives: bool) -> None:
        """Tell what becomes of requests whose sender is killed: they may have been on their way."""
        self._arrives_anyway = arrives
        self.forgiven_until = self.time() + 61.0  # a group's minute

    async def call(
        self,
        method: str,
        parameters: Mapping[str, Any],
        *,
        read_timeout_s: float | None = None,
        on_left: Callable[[], None] | None = None,
    ) -> dict[str, Any]:
        """Do what a method of the Bot API does, with what befalls it on the way there and back."""
        del read_timeout_s
        if method == "getMe":
            await asyncio.sleep(0.02)
            return {"id": 1}
        harm = self.harms.popleft() if self.harms else ""
        if harm == "refused":
            raise NeverLeftError("no connection")
        if on_left is not None:
            on_left()
        try:
            await asyncio.sleep(0.02)
        except asyncio.CancelledError:
            if self._arrives_anyway:
                self._act(method, parameters, answered=False)
            raise
        if harm == "dropped":
            raise NoAnswerError("the connection broke")
        if harm in {"chat_ban", "ban"}:
            chat_id = None if harm == "ban" else int(parameters["chat_id"])
            self._pacer.ban(chat_id, self.time() + 3.0)
            self._banned_at[chat_id] = self.time()
            raise RateLimitedError(3.0)
        answer = self._act(method, parameters, answered=harm != "lost")
        await asyncio.sleep(0.02)
        if harm == "lost":
            raise NoAnswerError("the answer is lost")
        return answer

    def _act(self, method: str, parameters: Mapping[str, Any], *, answered: bool) -> dict[str, Any]:
        chat_id, now = int(parameters["chat_id"]), self.time()
        if self._pacer.banned_for(chat_id, now) > 0:
            since = max(self._banned_at.get(each, 0.0) for each in (chat_id, None))
            if now - since > 1.0 and now > self.forgiven_until:
                self.in_ban += 1
            raise RateLimitedError(self._pacer.banned_for(chat_id, now))
        if chat_id in self.moved:
            raise ChatMigrated(self.moved[chat_id])
        if chat_id in self.blocked:
            raise Forbidden("bot was blocked by the user")
        wait_s = self._pacer.admit(chat_id, private=chat_id > 0, now=now)
        if wait_s > 0:
            self.too_fast += int(now > self.forgiven_until)
            raise RateLimitedError(wait_s)
        if method == "editMessageText":
            message_id = int(parameters["message_id"])
            if self.texts.get(message_id) == parameters["text"]:
                raise BadRequest("Message is not modified")
            self.texts[message_id] = parameters["text"]
            return {"message_id": message_id}
        assert method == "sendMessage", method
        self.unwanted += int(not self.may_reach(chat_id, parameters["text"]))
        message_id = len(self.arrivals) + 1
        self.texts[message_id] = parameters["text"]
        self.arrivals.append(Arrival(now, chat_id, message_id, parameters["text"], answered))
        return {"message_id": message_id}
