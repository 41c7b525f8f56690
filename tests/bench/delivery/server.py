"""A Bot API that accepts everything, in a process of its own, so that its CPU is not counted."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

BOT_ID = 4200
TOKEN = f"{BOT_ID}:AA-a-token-for-the-bench-of-delivery-12"
_ME = {"id": BOT_ID, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_CONTENT = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that came in: when, in monotonic seconds, to whom, and whether it was accepted."""

    at: float
    chat_id: int
    accepted: bool
    text: str


@dataclass
class BenchServer:
    """The way to the process that serves.

    Attributes:
        root: What ``NEWSGIST_BOT_API_URL`` is set to.
    """

    root: str
    _pipe: Connection

    def arrivals(self) -> list[Arrival]:
        """Give what has come in since last asked."""
        return [Arrival(*each) for each in self._ask("arrivals")]

    def ban(self, seconds: float) -> None:
        """Refuse everything for a while."""
        self._ask("ban", seconds)

    def say(self, chat_id: int, text: str) -> float:
        """Let a person write to the bot; give when, in monotonic seconds."""
        return float(self._ask("say", chat_id, text))

    def _ask(self, *what: Any) -> Any:
        self._pipe.send(what)
        return self._pipe.recv()


@contextmanager
def serving(*, delay_s: float = 0.0) -> Iterator[BenchServer]:
    """Serve as long as the context lasts; ``delay_s`` is how long each answer takes."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve, args=(its, delay_s), daemon=True)
    process.start()
    try:
        yield BenchServer(f"http://127.0.0.1:{ours.recv()}", ours)
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, delay_s: float) -> None:
    asyncio.run(_Telegram(pipe, delay_s).run())


@dataclass
class _Telegram:
    pipe: Connection
    delay_s: float
    arrived: list[tuple[float, int, bool, str]] = field(default_factory=list)
    banned_until: float = 0.0
    messages: int = 0
    updates: list[dict[str, Any]] = field(default_factory=list)
    said: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.pipe.send(runner.addresses[0][1])
        asyncio.get_running_loop().add_reader(self.pipe.fileno(), self.hear)
        await asyncio.Event().wait()

    async def answer(self, request: web.Request) -> web.Response:
        at = time.monotonic()
        method = request.match_info["method"]
        if method in {"sendMessage", "editMessageText"}:
            form = await (request.json() if request.content_type == "application/json" else request.post())
            return await self.take(at, int(str(form["chat_id"])), str(form.get("text", "")))
        if method == "getUpdates":
            form = await request.post()
            return await self.give_updates(int(str(form.get("offset", 0))), float(str(form.get("timeout", 0))))
        return _ok(_ME if method == "getMe" else True)

    async def take(self, at: float, chat_id: int, text: str) -> web.Response:
        left = self.banned_until - at
        self.arrived.append((at, chat_id, left <= 0, text))
        if left > 0:
            after = int(left) + 1
            body = {"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": after}}
            return web.Response(text=json.dumps(body), status=429, headers=_CONTENT)
        self.messages += 1
        message_id = self.messages
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        chat = {"id": chat_id, "type": "private", "first_name": "Ada"}
        return _ok({"message_id": message_id, "date": int(time.time()), "from": _ME, "chat": chat, "text": text})

    async def give_updates(self, offset: int, timeout_s: float) -> web.Response:
        ends = time.monotonic() + timeout_s
        while True:
            waiting = [each for each in self.updates if each["update_id"] >= offset]
            left = ends - time.monotonic()
            if waiting or left <= 0:
                return _ok(waiting)
            self.said.clear()
            try:
                async with asyncio.timeout(left):
                    await self.said.wait()
            except TimeoutError:
                continue

    def hear(self) -> None:
        match self.pipe.recv():
            case ("arrivals",):
                self.pipe.send(self.arrived)
                self.arrived = []
            case ("ban", seconds):
                self.banned_until = time.monotonic() + seconds
                self.pipe.send(None)
            case ("say", chat_id, text):
                number = len(self.updates) + 1
                who = {"id": chat_id, "is_bot": False, "first_name": "Ada", "language_code": "en"}
                chat = {"id": chat_id, "type": "private", "first_name": "Ada"}
                message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
                if text.startswith("/"):
                    message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
                self.updates.append({"update_id": number, "message": message})
                self.said.set()
                self.pipe.send(time.monotonic())


def _ok(result: Any) -> web.Response:
    return web.Response(text=json.dumps({"ok": True, "result": result}), headers=_CONTENT)
