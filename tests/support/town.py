"""A town to journey through: a sandbox and a bot, each a process of its own, driven over HTTP as a person would."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

READER_ID = 700100001
EDITOR_ID = 700100002
TOKEN = "700000042:canary-token-that-no-log-may-show"
START_S = 30.0
ANSWER_S = 20.0


class NotSeenError(AssertionError):
    """What a journey waited for did not come."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a private chat with the bot."""

    id: int
    town: Town

    async def say(self, text: str, *, chat: int | None = None, reply_to: int | None = None) -> int:
        """Send a text; give its message id."""
        body = {"text": text, "person": self.id, "reply_to": reply_to}
        sent = await self.town.post(f"/sandbox/chats/{chat or self.id}/messages", body)
        return int(sent["id"])

    async def tap(self, label: str, *, chat: int | None = None, timeout_s: float = ANSWER_S) -> str:
        """Tap the newest button whose label begins with ``label``; give the toast."""
        found = await self.town.wait_for_message(
            chat or self.id, lambda message: find_button(message, label) is not None, timeout_s=timeout_s
        )
        return await self.tap_data(found["id"], find_button(found, label) or "", chat=chat)

    async def tap_data(self, message_id: int, data: str, *, chat: int | None = None, forged: bool = False) -> str:
        """Tap a button by its data; give the toast."""
        body = {"data": data, "person": self.id, "timeout_s": 10, "forged": forged}
        answer = await self.town.post(f"/sandbox/chats/{chat or self.id}/messages/{message_id}/taps", body)
        return str(answer["text"])

    async def read(self) -> list[dict[str, Any]]:
        """Read what the bot has written, oldest first."""
        return await self.town.from_bot(self.id)

    async def wait_for(self, *words: str, timeout_s: float = ANSWER_S) -> dict[str, Any]:
        """Wait for the bot's message that holds all the words."""
        return await self.town.wait_for_message(
            self.id, lambda message: all(word in message["text"] for word in words), timeout_s=timeout_s
        )


def find_button(message: Mapping[str, Any], label: str) -> str | None:
    """Find the data of a message's button by the beginning of its label."""
    for row in message["keyboard"]:
        for button in row:
            if button["text"].startswith(label):
                return str(button.get("callback_data", ""))
    return None


class Town:
    """The two processes and the way to talk to them."""

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None, every_s: float = 0) -> None:
        self.folder = folder
        self.log = folder / "bot.log"
        self._settings = dict(settings or {})
        self._every_s = every_s
        self._sandbox: asyncio.subprocess.Process | None = None
        self._bot: asyncio.subprocess.Process | None = None
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    @property
    def site(self) -> str:
        """The sample site's address."""
        return f"{self.url}/site/"

    async def __aenter__(self) -> Self:
        self._sandbox = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot.sandbox", "--port", "0", "--token", TOKEN, "--every", str(self._every_s)),
            stdout=asyncio.subprocess.PIPE,
            env=_plain_environment(),
        )
        assert self._sandbox.stdout is not None
        ready = json.loads(await asyncio.wait_for(self._sandbox.stdout.readline(), START_S))
        self.url = ready["url"]
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        await self.start_bot()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop_bot(signal.SIGKILL)
        if self._session is not None:
            await self._session.close()
        if self._sandbox is not None:
            self._sandbox.terminate()
            await asyncio.wait_for(self._sandbox.communicate(), 10)

    async def start_bot(self) -> None:
        """Start the bot and wait until it serves."""
        env = _plain_environment() | {
            "NEWSGIST_BOT_TOKEN": TOKEN,
            "NEWSGIST_BOT_API_URL": self.url,
            "NEWSGIST_ADMINS": str(EDITOR_ID),
            "NEWSGIST_DATA": str(self.folder / "data"),
            "NEWSGIST_LISTEN": "127.0.0.1:0",
            "NEWSGIST_ALLOW_PRIVATE": self.url.removeprefix("http://"),
            "NEWSGIST_POLL_MIN_S": "1",
            "NEWSGIST_LOG_LEVEL": "DEBUG",
        }
        with self.log.open("ab") as log:
            self._bot = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "run"),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=env | self._settings,
                cwd=self.folder,
            )
        assert self._bot.stdout is not None
        line = await asyncio.wait_for(self._bot.stdout.readline(), START_S)
        assert b"running" in line, self.log.read_text(encoding="utf-8")[-3000:]

    async def stop_bot(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Stop the bot; give the seconds that it took."""
        if self._bot is None:
            return 0.0
        started = time.monotonic()
        if self._bot.returncode is None:
            self._bot.send_signal(how)
        await asyncio.wait_for(self._bot.communicate(), 20)
        self._bot = None
        return time.monotonic() - started

    async def add_person(self, name: str = "Nadia", *, lang: str = "en", started: bool = False) -> Person:
        """Let somebody new come to town; ``started``: who has pressed Start in the bot's chat before."""
        person = await self.post("/sandbox/people", {"name": name, "language_code": lang, "started": started})
        return Person(int(person["id"]), self)

    def editor(self) -> Person:
        """Give the person whose id stands in the settings."""
        return Person(EDITOR_ID, self)

    async def publish(self) -> dict[str, Any]:
        """Let the sample site publish its next article."""
        answer: dict[str, Any] = await self.post("/sandbox/publish", {})
        return answer

    async def arm(self, kind: str, **how: Any) -> None:
        """Make Telegram fail on purpose."""
        await self.post("/sandbox/faults", {"kind": kind, **how})

    async def ledger(self, *, method: str | None = None, chat: int | None = None) -> list[dict[str, Any]]:
        """Read what Telegram was asked for, and how it answered."""
        query = {key: str(value) for key, value in {"method": method, "chat": chat}.items() if value is not None}
        answer: list[dict[str, Any]] = await self.get("/sandbox/ledger", query)
        return answer

    async def from_bot(self, chat: int) -> list[dict[str, Any]]:
        """Read the bot's messages in a chat, oldest first."""
        history = await self.get(f"/sandbox/chats/{chat}/messages", {})
        return [message for message in history["messages"] if message["from_bot"]]

    async def wait_for_message(
        self, chat: int, is_it: Callable[[dict[str, Any]], bool], *, timeout_s: float = ANSWER_S
    ) -> dict[str, Any]:
        """Wait for the newest message of the bot that is what the journey waits for."""
        ends_at = time.monotonic() + timeout_s
        seen: Sequence[dict[str, Any]] = ()
        while time.monotonic() < ends_at:
            seen = await self.from_bot(chat)
            for message in reversed(seen):
                if is_it(message):
                    return message
            await asyncio.sleep(0.1)
        texts = "\n---\n".join(message["text"] for message in seen)
        raise NotSeenError(f"not seen in {timeout_s} s; the chat shows:\n{texts}\n\nlog:\n{self.tail()}")

    def tail(self) -> str:
        """Give the end of the bot's log."""
        return self.log.read_text(encoding="utf-8")[-4000:]

    async def get(self, path: str, query: Mapping[str, str]) -> Any:
        """Ask the sandbox."""
        assert self._session is not None
        async with self._session.get(self.url + path, params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Tell the sandbox."""
        assert self._session is not None
        async with self._session.post(self.url + path, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


@asynccontextmanager
async def open_town(folder: Path, **how: Any) -> AsyncIterator[Town]:
    """Open a town of one's own."""
    async with Town(folder, **how) as town:
        yield town


def _plain_environment() -> dict[str, str]:
    """Give the environment without this machine's own Newsgist settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("NEWSGIST_")}
