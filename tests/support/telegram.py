"""The sandbox over HTTP: what happens in it, what it shows, and the waiting for that."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Self

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from tests.support.shown import Message

ANSWER_S = 40.0
"""So long an answer is waited for: far longer than any takes, for nothing is lost by it but where a test fails."""
_LOOK_EVERY_S = 0.05


class NotSeenError(AssertionError):
    """What a journey waited for did not come."""


class Telegram:
    """A sandbox that runs; an async context manager.

    Args:
        url: its root.
        tail: gives the end of the bot's log, for whoever wonders why something did not come.
    """

    def __init__(self, url: str, *, tail: Callable[[], str]) -> None:
        self.url = url
        self._tail = tail
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def site(self) -> str:
        """The sample site's address."""
        return f"{self.url}/site/"

    # ---- what happens there

    async def publish(self, outlet: str = "") -> dict[str, Any]:
        """Let the sample site publish until an article of ``outlet`` (any, where empty) is out; give that one."""
        for _ in range(40):
            article: dict[str, Any] = await self.post("/sandbox/publish", {})
            if outlet in {"", article["outlet"]}:
                return article
        raise NotSeenError(f"the sample site publishes nothing of {outlet}")

    async def arm(self, kind: str, **how: Any) -> None:
        """Make Telegram fail on purpose."""
        await self.post("/sandbox/faults", {"kind": kind, **how})

    async def mend(self) -> None:
        """Let Telegram fail no longer."""
        await self._request("DELETE", "/sandbox/faults")

    async def ledger(self, *, method: str | None = None, chat: int | None = None) -> list[dict[str, Any]]:
        """Read what Telegram was asked for, and how it answered."""
        query = {key: str(value) for key, value in {"method": method, "chat": chat}.items() if value is not None}
        answer: list[dict[str, Any]] = await self.get("/sandbox/ledger", query)
        return answer

    # ---- what it shows

    async def from_bot(self, chat: int) -> list[Message]:
        """Read the bot's messages in a chat, oldest first."""
        return (await self._look(chat))[1]

    async def wait_for_message(
        self, chat: int, is_it: Callable[[Message], bool], *, timeout_s: float = ANSWER_S
    ) -> Message:
        """Wait for the newest message of the bot that is what the journey waits for."""
        ends_at = time.monotonic() + timeout_s
        while True:
            revision, seen = await self._look(chat)
            for message in reversed(seen):
                if is_it(message):
                    return message
            if time.monotonic() > ends_at:
                texts = "\n---\n".join(message["text"] for message in seen)
                raise NotSeenError(f"not seen in {timeout_s} s; the chat shows:\n{texts}\n\nlog:\n{self._tail()}")
            await self.get("/sandbox/changes", {"since": str(revision), "timeout": "1"})

    async def hear(self, chat: int, *words: str) -> Message:
        """Wait for the bot's newest message in a chat, such as a group, that holds all the words."""
        return await self.wait_for_message(chat, lambda message: all(word in message["text"] for word in words))

    async def became(self, chat: int, shown: Message, *words: str, without: str = "\0") -> Message:
        """Wait until a message that stands holds the words, and not those of ``without``."""

        def is_it(message: Message) -> bool:
            text = message["text"]
            return message["id"] == shown["id"] and all(word in text for word in words) and without not in text

        return await self.wait_for_message(chat, is_it)

    async def wait_until(self, holds: Callable[[], Awaitable[bool]], *, timeout_s: float = ANSWER_S) -> None:
        """Wait until something holds."""
        ends_at = time.monotonic() + timeout_s
        while not await holds():
            if time.monotonic() > ends_at:
                raise NotSeenError(f"did not come to hold in {timeout_s} s\n\nlog:\n{self._tail()}")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self, chat: int) -> tuple[int, list[Message]]:
        """Read the bot's messages in a chat, and at which revision of the world."""
        history = await self.get(f"/sandbox/chats/{chat}/messages", {})
        return history["revision"], [message for message in history["messages"] if message["from_bot"]]

    # ---- how it is asked

    async def get(self, path: str, query: Mapping[str, str]) -> Any:
        """Ask the sandbox."""
        return await self._request("GET", path, params=query)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Tell the sandbox."""
        return await self._request("POST", path, json=body)

    async def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something in the sandbox."""
        return await self._request("PATCH", path, json=body)

    async def upload(self, path: str, form: aiohttp.FormData) -> Any:
        """Send a form to the sandbox."""
        return await self._request("POST", path, data=form)

    async def download(self, address: str) -> bytes:
        """Fetch a file that the bot has sent."""
        assert self._session is not None
        async with self._session.get(self.url + address) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def _request(self, method: str, path: str, **how: Any) -> Any:
        assert self._session is not None
        async with self._session.request(method, self.url + path, **how) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()
