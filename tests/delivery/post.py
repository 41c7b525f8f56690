"""A sender between a real database and the sandbox: what tests plan, run and look at."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.delivery.calls import Rendered
from bot.delivery.pacing import Pacer
from bot.delivery.sender import Sender
from bot.delivery.telegram import BotApi, open_bot
from bot.sandbox.world.model import ChatKind as SandboxKind
from storage.model import (
    ChatKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    NewDelivery,
    Priority,
    Subscriber,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.delivery.contents import Render
    from bot.sandbox.server import Sandbox
    from bot.sandbox.world.model import LedgerLine
    from bot.sandbox.world.world import World
    from storage import Storage, Work

TOKEN = "700000042:AAcanary-token-that-must-not-be-seen"
SETTLED = {DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.DEAD, DeliveryState.CANCELLED}


def hurried() -> Pacer:
    """Make a pacer that hardly waits, for tests that are about something else."""
    return Pacer(per_second=2000, guard_s=0.0, chat_interval_s=0.0, group_per_minute=2000)


@dataclass
class Post:
    """What a test needs to plan deliveries, to run a sender and to see what came of it."""

    storage: Storage
    sandbox: Sandbox
    database: Path
    subjects: int = 0
    renders: list[int] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.sandbox.world

    async def reader(self) -> Subscriber:
        """Add a person who has started the bot, known to both sides."""
        person = self.world.add_person("Reader", started=True)
        return await self.subscribe(person.id, ChatKind.PRIVATE)

    async def readers(self, number: int) -> list[Subscriber]:
        people = [self.world.add_person("Reader", started=True) for _ in range(number)]
        async with self.storage.write() as work:
            return [
                await work.subscribers.ensure(person.id, kind=ChatKind.PRIVATE, lang="en", now=now())
                for person in people
            ]

    async def group(self, kind: SandboxKind = SandboxKind.GROUP) -> Subscriber:
        chat = self.world.add_group("A group", kind=kind)
        return await self.subscribe(chat.id, ChatKind(kind.value))

    async def subscribe(self, chat_id: int, kind: ChatKind) -> Subscriber:
        async with self.storage.write() as work:
            return await work.subscribers.ensure(chat_id, kind=kind, lang="en", now=now())

    async def plan(self, subscriber: Subscriber, text: str | None = "Aye", **wishes: Any) -> int:
        """Plan one delivery; give its id."""
        self.subjects += 1
        fields: dict[str, Any] = {
            "subscriber_id": subscriber.id,
            "kind": DeliveryKind.REPLY,
            "subject": f"u:{self.subjects}",
            "priority": Priority.REPLY,
            "due_at": now(),
            "payload": None if text is None else {"text": text, "parse_mode": "HTML"},
        }
        async with self.storage.write() as work:
            (delivery_id,) = await work.outbox.enqueue([NewDelivery(**fields | wishes)], now())
        return delivery_id

    async def plan_many(self, subscribers: list[Subscriber], text: str = "Aye", **wishes: Any) -> list[int]:
        self.subjects += 1
        subject = f"u:{self.subjects}"
        fields: dict[str, Any] = {
            "kind": DeliveryKind.REPLY,
            "subject": subject,
            "priority": Priority.STORY,
            "due_at": now(),
            "payload": {"text": text},
        }
        news = [NewDelivery(**{"subscriber_id": each.id} | fields | wishes) for each in subscribers]
        async with self.storage.write() as work:
            return await work.outbox.enqueue(news, now())

    async def sent(self, reader: Subscriber, text: str = "First words") -> Delivery:
        planned = await self.plan(reader, text)
        async with self.sending():
            (delivery,) = await self.settled(planned)
        assert delivery.message_id is not None
        return delivery

    def shown(self, reader: Subscriber) -> dict[int, str]:
        return {key: message.content.text for key, message in self.world.chats[reader.chat_id].messages.items()}

    async def get(self, delivery_id: int) -> Delivery:
        async with self.storage.read() as work:
            return await work.outbox.get(delivery_id)

    async def states(self, ids: list[int]) -> list[DeliveryState]:
        async with self.storage.read() as work:
            return [(await work.outbox.get(each)).state for each in ids]

    async def settled(self, *ids: int, timeout_s: float = 30.0) -> list[Delivery]:
        """Wait until all of them are settled; give them."""
        async with asyncio.timeout(timeout_s):
            while True:
                async with self.storage.read() as work:
                    found = [await work.outbox.get(each) for each in ids]
                if all(delivery.state in SETTLED for delivery in found):
                    return found
                await asyncio.sleep(0.02)

    async def subscriber(self, subscriber: Subscriber) -> Subscriber:
        async with self.storage.read() as work:
            return await work.subscribers.get(subscriber.id)

    def delivered(self, subscriber: Subscriber) -> list[LedgerLine]:
        return self.world.delivered([subscriber.chat_id])

    async def render(self, delivery: Delivery, _work: Work) -> Rendered | None:
        """Stand in for the renderer of stories, which the application passes."""
        self.renders.append(delivery.id)
        return Rendered(parameters={"text": f"Story {delivery.subject}"}, revision=1)

    @asynccontextmanager
    async def sending(
        self, *, pacer: Pacer | None = None, render: Render | None = None, read_timeout_s: float = 5.0, **options: Any
    ) -> AsyncIterator[Sender]:
        """Run a sender; stop it as SIGTERM would."""
        async with open_bot(TOKEN, self.sandbox.url, read_timeout_s=read_timeout_s) as bot:
            stop = asyncio.Event()
            sender = self.sender(bot, pacer=pacer, render=render, **options)
            running = asyncio.create_task(sender.run(stop))
            try:
                yield sender
            finally:
                stop.set()
                await running

    @asynccontextmanager
    async def killed(self, *, pacer: Pacer | None = None, **options: Any) -> AsyncIterator[Sender]:
        """Run a sender; kill it."""
        async with open_bot(TOKEN, self.sandbox.url) as bot:
            sender = self.sender(bot, pacer=pacer, **options)
            running = asyncio.create_task(sender.run(asyncio.Event()))
            try:
                yield sender
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    def sender(
        self, bot: BotApi, *, pacer: Pacer | None = None, render: Render | None = None, **options: Any
    ) -> Sender:
        return Sender(self.storage, bot, pacer or hurried(), render or self.render, **options)


def now() -> datetime:
    return datetime.now(UTC)


async def eventually(condition: Callable[[], bool], *, timeout_s: float = 30.0) -> float:
    """Wait until something holds; give how long it took, in seconds."""
    start = time.monotonic()
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - what is watched is the sandbox's plain state
            await asyncio.sleep(0.005)
    return time.monotonic() - start


@asynccontextmanager
async def refusing(post: Post, condition: str) -> AsyncIterator[None]:
    """Let the database refuse every change of a delivery that meets a condition."""

    def change(statement: str) -> None:
        with closing(sqlite3.connect(post.database, timeout=30)) as database:
            database.execute(statement)

    # In a thread: the sender may hold the write lock, and needs the loop to let it go.
    await asyncio.to_thread(
        change,
        f"CREATE TRIGGER refuse BEFORE UPDATE ON outbox WHEN {condition} BEGIN SELECT RAISE(ABORT, 'refused'); END",
    )
    try:
        yield
    finally:
        await asyncio.to_thread(change, "DROP TRIGGER refuse")
