"""The house of the model: the real storage and the real sender on a real SQLite file, in virtual time."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from contextlib import AsyncExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.delivery.calls import Rendered
from bot.delivery.pacing import Pacer
from bot.delivery.planning import Planner
from bot.delivery.sender import Sender
from storage import Channel, Storage
from tests.faults.standin import StandIn
from tests.faults.virtual import START_S, VirtualLoop, answer_in_rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from storage import Work
    from storage.model import Delivery

BOT_ID = 4200
FEED_ID = 1
MOST_MARKED = 64
EPOCH = datetime(2026, 5, 4, 12, tzinfo=UTC)
_SENDING = "SELECT count(*) AS number FROM outbox WHERE state = 'sending'"


async def make_template(path: Path) -> None:
    """Make the database that every story begins with: one feed."""
    opening = Storage.open(f"sqlite:///{path}", bot_id=BOT_ID, data=path.parent, clock=lambda: EPOCH)
    async with opening as storage, storage.write() as work:
        feed, _ = await work.feeds.add(
            "https://tidewatch.example/feed",
            title="Tidewatch",
            site_url="https://tidewatch.example",
            private=False,
            now=EPOCH,
        )
    assert feed.id == FEED_ID


class House:
    """One storage for many stories: opening it takes as long as a quarter of a story.

    Attributes:
        loop: in whose time everything happens.
        storage: the bot's.
        telegram: stands in for Telegram, anew in every story.
        planner: plans what is owed.
        jumped: by how much the wall clock has been set.
    """

    loop: VirtualLoop
    storage: Storage
    telegram: StandIn
    planner: Planner

    def __init__(self, template: Path) -> None:
        answer_in_rounds()
        self.loop = VirtualLoop()
        # In memory where there is a file system of it: what is killed here is the sender, not the machine.
        shared = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(prefix="newsgist-model-", dir=shared if shared.is_dir() else None))
        path = self._folder / "newsgist.db"
        shutil.copyfile(template, path)
        self._template = template
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.row_factory = sqlite3.Row
        self._stack = AsyncExitStack()
        self.jumped = timedelta(0)
        self._sending: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        opening = Storage.open(f"sqlite:///{path}", bot_id=BOT_ID, data=self._folder, clock=self.now)
        self.storage = self.wait(self._stack.enter_async_context(opening))

    def close(self) -> None:
        """Leave nothing behind."""
        self.wait(self._stack.aclose())
        self.loop.close()
        self._file.close()
        shutil.rmtree(self._folder)

    def now(self) -> datetime:
        """Tell the time by the wall clock, which may jump."""
        return EPOCH + timedelta(seconds=self.loop.elapsed_s) + self.jumped

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Read the database past the storage."""
        return [dict(row) for row in self._file.execute(query)]

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Let something be done."""
        return self.loop.run_until_complete(work)

    # ---- a story

    def begin_story(self, may_reach: Callable[[int, str], bool]) -> None:
        """Begin where every story begins, whatever was told before: a story told again takes the same turns."""
        self.loop.elapsed_s = START_S
        self.jumped = timedelta(0)
        self.wait(self._forget())
        with closing(sqlite3.connect(self._template)) as template:
            template.backup(self._file)
        self.telegram = StandIn(self.loop.time, may_reach)
        self.planner = Planner(self.storage, clock=self.now)
        self.wait(self._begin())

    async def _forget(self) -> None:
        """Close the connections, and let the bells fade that have rung."""
        for engine in (self.storage._readers, self.storage._writers):
            await engine.dispose()
        for channel in Channel:
            await self.storage.wait(channel, 0)

    def end_story(self) -> None:
        """Kill the sender."""
        if self._sending is not None:
            self.wait(self._end(gently=False))
            self._sending = None

    async def _begin(self) -> None:
        self._stopping = asyncio.Event()
        bot: Any = self.telegram
        sender = Sender(self.storage, bot, Pacer(), self._render, clock=self.now, monotonic=self.loop.time)
        self._sending = asyncio.create_task(sender.run(self._stopping))

    async def _end(self, *, gently: bool) -> None:
        assert self._sending is not None
        assert not self._sending.done() or self._sending.cancelled(), f"the sender has ended: {self._sending}"
        if gently:
            self._stopping.set()
            await self._sending
        else:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    async def _render(self, delivery: Delivery, work: Work) -> Rendered | None:
        assert delivery.subscriber_id is not None
        if await work.subscribers.find_subscription_to(delivery.subscriber_id, FEED_ID) is None:
            return None
        story = await work.stories.get(int(delivery.subject.removeprefix("s:")))
        return Rendered(parameters={"text": f"Story s:{story.id} as of {story.revision}"}, revision=story.revision)

    async def restart(self, seconds: float, rounds: int, *, arrives: bool, gently: bool) -> int:
        """Stop the sender in a moment, gently or not, and start another.

        Args:
            seconds: how long from now,
            rounds: and how many of the loop's rounds after that.
            arrives: whether what is on its way arrives.
            gently: whether it is asked to stop, instead of killed.

        Returns:
            How many deliveries it left marked as leaving.
        """
        await asyncio.sleep(seconds)
        for _ in range(rounds):
            await asyncio.sleep(0)
        self.telegram.die(arrives=arrives)
        await self._end(gently=gently)
        marked: int = self.rows(_SENDING)[0]["number"]
        if gently:
            assert marked == 0, "a gentle stop leaves nothing marked"
        assert marked <= MOST_MARKED, f"{marked} were marked as leaving"
        await asyncio.sleep(1.1)  # no process starts more quickly
        await self._begin()
        return marked

    async def plan(self) -> None:
        """Let everything be planned that is owed."""
        while await self.planner.plan_chunk():
            pass


@contextmanager
def open_house(template: Path) -> Iterator[House]:
    """Open a house on a copy of a template."""
    house = House(template)
    try:
        yield house
    finally:
        house.close()
