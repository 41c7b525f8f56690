"""The model: whatever readers, editors, Telegram and the machine do in whatever order, the outbox keeps its promises.

The storage and the sender are the real ones on a real SQLite file; Telegram stands in within the process, and time is
virtual. What is owed is remembered beside it in plain dictionaries.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
import sqlite3
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.delivery.calls import Rendered
from bot.delivery.pacing import Pacer
from bot.delivery.planning import Planner
from bot.delivery.sender import Sender
from storage import Storage
from storage.model import (
    Article,
    ArticleState,
    ChatKind,
    Delivery,
    EntryKey,
    FanoutKind,
    NewArticle,
    Priority,
    Push,
)
from tests.faults.standin import HARMS, StandIn
from tests.faults.virtual import VirtualLoop, answer_in_rounds

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from storage import Work

BOT_ID = 4200
FEED_ID = 1
MOST_CHATS = 8
MOST_MARKED = 64
_EPOCH = datetime(2026, 5, 4, 12, tzinfo=UTC)
_QUIET_S = 600.0
_UNHEARD_S = 1.0
"""What is marked as leaving when its reader leaves goes within a second, or not at all."""
_MOST_ROUNDS = 60
"""Of the loop: a claim takes about fifty."""
_ROWS = "SELECT id, subscriber_id, kind, subject, verb, state, priority, message_id, reason FROM outbox ORDER BY id"
_LEFT = "SELECT count(*) AS number FROM outbox WHERE state IN ('queued', 'sending')"
_SENDING = "SELECT count(*) AS number FROM outbox WHERE state = 'sending'"


@dataclass(slots=True)
class _Chat:
    """A chat as the model knows it.

    Attributes:
        key: the subscriber's key.
        chat_id: Telegram's id at present.
        follows: whether it follows the feed.
        left_at: when it last stopped.
        was_shut: whether it has ever blocked the bot, so that deliveries to it may have been given up.
    """

    key: int
    chat_id: int
    follows: bool = False
    left_at: float = 0.0
    was_shut: bool = False


async def make_template(path: Path) -> None:
    """Make the database that every story begins with: one feed."""
    opening = Storage.open(f"sqlite:///{path}", bot_id=BOT_ID, data=path.parent, clock=lambda: _EPOCH)
    async with opening as storage, storage.write() as work:
        feed, _ = await work.feeds.add(
            "https://tidewatch.example/feed",
            title="Tidewatch",
            site_url="https://tidewatch.example",
            private=False,
            now=_EPOCH,
        )
    assert feed.id == FEED_ID


class Outbox(RuleBasedStateMachine):
    """Everything that can happen to deliveries, in any order."""

    template: ClassVar[Path]
    """From ``make_template``."""
    steps: ClassVar[int] = 0
    """How many have been taken in all stories."""

    def __init__(self) -> None:
        super().__init__()
        answer_in_rounds()
        self.loop = VirtualLoop()
        # In memory where there is a file system of it: what is killed here is the sender, not the machine.
        shared = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="newsgist-model-", dir=shared if shared.is_dir() else None))
        shutil.copyfile(self.template, self.folder / "newsgist.db")
        self.file = sqlite3.connect(self.folder / "newsgist.db", isolation_level=None)
        self.file.row_factory = sqlite3.Row
        self.stack = AsyncExitStack()
        self.jumped = timedelta(0)
        self.telegram = StandIn(self.loop.time, self._may_reach)
        self.chats: list[_Chat] = []
        self.owed: set[tuple[int, str]] = set()
        self.drafts: list[Push] = []
        self.confirmed: set[int] = set()
        self.stories: list[int] = []
        self.harms = 0
        self.articles = 0
        self.sending: asyncio.Task[None] | None = None
        self.stopping = asyncio.Event()

    def teardown(self) -> None:
        try:
            if self.sending is not None:
                self._come_to_rest()
                self._judge()
        finally:
            if self.sending is not None:
                self._await(self._end(gently=False))
                self._await(self.stack.aclose())
            self.loop.close()
            self.file.close()
            shutil.rmtree(self.folder)
            gc.collect()  # what a story leaves is its own garbage, not the next one's

    # ---- the machine

    def now(self) -> datetime:
        """Tell the time by the wall clock, which may jump."""
        return _EPOCH + timedelta(seconds=self.loop.elapsed_s) + self.jumped

    def _rows(self, query: str) -> list[dict[str, Any]]:
        """Read the database past the storage."""
        return [dict(row) for row in self.file.execute(query)]

    def _await(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def open(self) -> None:
        """Open the storage, add a feed and start the sender."""
        self._await(self._open())

    async def _open(self) -> None:
        opening = Storage.open(
            f"sqlite:///{self.folder / 'newsgist.db'}", bot_id=BOT_ID, data=self.folder, clock=self.now
        )
        self.storage = await self.stack.enter_async_context(opening)
        self.planner = Planner(self.storage, clock=self.now)
        await self._begin()

    async def _begin(self) -> None:
        self.stopping = asyncio.Event()
        bot: Any = self.telegram
        sender = Sender(self.storage, bot, Pacer(), self._render, clock=self.now, monotonic=self.loop.time)
        self.sending = asyncio.create_task(sender.run(self.stopping))

    async def _end(self, *, gently: bool) -> None:
        assert self.sending is not None
        assert not self.sending.done() or self.sending.cancelled(), f"the sender has ended: {self.sending}"
        if gently:
            self.stopping.set()
            await self.sending
        else:
            self.sending.cancel()
            await asyncio.gather(self.sending, return_exceptions=True)

    async def _render(self, delivery: Delivery, work: Work) -> Rendered | None:
        assert delivery.subscriber_id is not None
        if await work.subscribers.find_subscription_to(delivery.subscriber_id, FEED_ID) is None:
            return None
        story = await work.stories.get(int(delivery.subject.removeprefix("s:")))
        return Rendered(parameters={"text": f"Story s:{story.id} as of {story.revision}"}, revision=story.revision)

    def _may_reach(self, chat_id: int, text: str) -> bool:
        """Say whether a chat may still get a story: it follows the feed, or has left a moment ago."""
        chat = next(each for each in self.chats if each.chat_id == chat_id)
        return not text.startswith("Story") or chat.follows or self.loop.time() - chat.left_at <= _UNHEARD_S

    @invariant()
    def count(self) -> None:
        """Count the steps."""
        type(self).steps += 1

    # ---- readers

    @precondition(lambda self: len(self.chats) < MOST_CHATS)
    @rule(group=st.booleans(), follows=st.booleans())
    def join(self, group: bool, follows: bool) -> None:
        """Let a chat come, in four of five cases to follow the feed."""
        number = len(self.chats) + 1
        chat_id = -1000 - number if group else number
        self._await(self._join(chat_id, ChatKind.GROUP if group else ChatKind.PRIVATE))
        if follows:
            self.follow(number - 1)

    async def _join(self, chat_id: int, kind: ChatKind) -> None:
        async with self.storage.write() as work:
            subscriber = await work.subscribers.ensure(chat_id, kind=kind, lang="en", now=self.now())
        self.chats.append(_Chat(key=subscriber.id, chat_id=chat_id))

    @precondition(lambda self: self.chats)
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def follow(self, number: int) -> None:
        """Let a chat follow the feed."""
        self._await(self._follow(self.chats[number % len(self.chats)]))

    async def _follow(self, chat: _Chat) -> None:
        async with self.storage.write() as work:
            await work.subscribers.subscribe(chat.key, FEED_ID, now=self.now())
        chat.follows = True

    @precondition(lambda self: any(chat.follows for chat in self.chats))
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def leave(self, number: int) -> None:
        """Let a chat stop following."""
        followers = [chat for chat in self.chats if chat.follows]
        self._await(self._leave(followers[number % len(followers)]))

    async def _leave(self, chat: _Chat) -> None:
        async with self.storage.write() as work:
            found = await work.subscribers.find_subscription_to(chat.key, FEED_ID)
            assert found is not None
            await work.subscribers.unsubscribe(found.id)
        chat.follows = False
        chat.left_at = self.loop.time()
        self.owed = {(key, subject) for key, subject in self.owed if key != chat.key or not subject.startswith("s:")}

    @precondition(lambda self: any(chat.chat_id > 0 for chat in self.chats))
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def block(self, number: int) -> None:
        """Let a person block the bot."""
        people = [chat for chat in self.chats if chat.chat_id > 0]
        chat = people[number % len(people)]
        self.telegram.blocked.add(chat.chat_id)
        chat.was_shut = True

    @precondition(lambda self: self.telegram.blocked)
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def come_back(self, number: int) -> None:
        """Let a person who has blocked the bot press Start again."""
        shut = [chat for chat in self.chats if chat.chat_id in self.telegram.blocked]
        chat = shut[number % len(shut)]
        self.telegram.blocked.discard(chat.chat_id)
        self._await(self._return(chat))

    async def _return(self, chat: _Chat) -> None:
        async with self.storage.write() as work:
            await work.subscribers.ensure(chat.chat_id, kind=ChatKind.PRIVATE, lang="en", now=self.now())

    @precondition(lambda self: any(-2000 < chat.chat_id < 0 for chat in self.chats))
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def migrate(self, number: int) -> None:
        """Let a group become a supergroup, whose id is another."""
        groups = [chat for chat in self.chats if -2000 < chat.chat_id < 0]
        chat = groups[number % len(groups)]
        fresh = chat.chat_id - 1_000_000
        self.telegram.moved[chat.chat_id] = fresh
        chat.chat_id = fresh

    # ---- news

    @rule(again=st.none() | st.integers(0, 9))
    def publish(self, again: int | None) -> None:
        """Let the feed tell something new, or more of a story that is out."""
        story_id = None if again is None or not self.stories else self.stories[again % len(self.stories)]
        self._await(self._publish(story_id))

    async def _publish(self, story_id: int | None) -> None:
        self.articles += 1
        await asyncio.sleep(0.001)  # whoever has followed until now has done so before this
        async with self.storage.write() as work:
            article = await self._article(work)
            if story_id is None:
                title = f"Lock {self.articles}"
                story = await work.stories.create(lang="en", title=title, title_key=title, now=self.now())
                story_id = story.id
                self.stories.append(story_id)
            await work.stories.attach(story_id, article.id, url_key=article.url, now=self.now())
            await work.fanouts.open(FanoutKind.STORY, story_id, priority=Priority.STORY, now=self.now())
        await self._plan()
        rows = self._rows(f"SELECT * FROM outbox WHERE kind = 'story' AND subject = 's:{story_id}'")
        planned = {row["subscriber_id"] for row in rows}
        for chat in self.chats:
            if chat.follows and not chat.was_shut:
                assert chat.key in planned, f"story {story_id} was not planned for {chat}"
                self.owed.add((chat.key, f"s:{story_id}"))

    async def _article(self, work: Work) -> Article:
        number = self.articles
        entry = NewArticle(
            keys=(EntryKey(kind="id", digest=f"{number:064x}"),),
            url=f"https://tidewatch.example/{number}",
            title=f"Lock {number} reopens",
            state=ArticleState.PENDING,
        )
        (article,) = await work.articles.add_entries(FEED_ID, [entry], now=self.now())
        return await work.articles.make_ready(article.id, text="The lock reopened at noon.", lang="en")

    async def _plan(self) -> None:
        while await self.planner.plan_chunk():
            pass

    @precondition(lambda self: self.chats)
    @rule()
    def draft(self) -> None:
        """Let an editor write a push."""
        self._await(self._draft())

    async def _draft(self) -> None:
        async with self.storage.write() as work:
            article = await work.articles.add_push(
                url="", title="Sirens", text="Sirens", lang="en", site="", author="", editor_id=1, now=self.now()
            )
            push = await work.pushes.create(
                editor_id=1,
                subscriber_id=self.chats[0].key,
                article_id=article.id,
                content={"text": f"Push {len(self.drafts)}"},
                now=self.now(),
            )
        self.drafts.append(push)

    @precondition(lambda self: self.drafts)
    @rule(number=st.integers(0, 99), taps=st.integers(1, 3))
    def confirm(self, number: int, taps: int) -> None:
        """Let an editor confirm a push, perhaps once too often, perhaps a second time."""
        push = self.drafts[number % len(self.drafts)]
        for _ in range(taps):
            done = self._await(self._confirm(push))
            assert done is (push.id not in self.confirmed), "a push is confirmed once"
            self.confirmed.add(push.id)
        if taps:
            self._await(self._plan())
            self.owed |= {
                (row["subscriber_id"], row["subject"])
                for row in self._rows(f"SELECT * FROM outbox WHERE subject = 'p:{push.id}'")
            }

    async def _confirm(self, push: Push) -> bool:
        async with self.storage.write() as work:
            if await work.pushes.confirm(push.id, push.content.digest, now=self.now()) is None:
                return False
            await work.fanouts.open(
                FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=push.content.id, now=self.now()
            )
        return True

    # ---- harm

    @rule(harm=st.sampled_from(HARMS), times=st.integers(1, 3))
    def harm(self, harm: str, times: int) -> None:
        """Let the next messages go wrong."""
        self.telegram.harms.extend([harm] * times)
        self.harms += times

    @rule(
        seconds=st.sampled_from([0.0, 0.01, 0.03, 0.1, 0.5]), rounds=st.integers(0, _MOST_ROUNDS), arrives=st.booleans()
    )
    def kill(self, seconds: float, rounds: int, arrives: bool) -> None:
        """Kill the sender in a moment, between any two of its statements; what was on its way may arrive."""
        self._await(self._restart(seconds, rounds, arrives=arrives, gently=False))

    @rule(seconds=st.sampled_from([0.0, 0.03, 0.5]))
    def stop(self, seconds: float) -> None:
        """Stop the sender gently in a moment, and start it again."""
        self._await(self._restart(seconds, 0, arrives=True, gently=True))

    async def _restart(self, seconds: float, rounds: int, *, arrives: bool, gently: bool) -> None:
        await asyncio.sleep(seconds)
        for _ in range(rounds):
            await asyncio.sleep(0)
        self.telegram.die(arrives=arrives)
        await self._end(gently=gently)
        marked = self._rows(_SENDING)[0]["number"]
        if gently:
            assert marked == 0, "a gentle stop leaves nothing marked"
        assert marked <= MOST_MARKED, f"{marked} were marked as leaving"
        self.harms += marked
        await asyncio.sleep(1.1)  # no process starts more quickly
        await self._begin()

    @rule(hours=st.sampled_from([1, 2]))
    def jump(self, hours: int) -> None:
        """Set the wall clock forward."""
        if self.jumped < timedelta(hours=4):
            self.jumped += timedelta(hours=hours)

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0, 8.0]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._await(asyncio.sleep(seconds))

    # ---- the verdict

    def _come_to_rest(self) -> None:
        """Let everything be delivered that can be."""
        self.telegram.harms.clear()
        ends_at = self.loop.time() + _QUIET_S
        while self._rows(_LEFT)[0]["number"]:
            assert self.loop.time() < ends_at, f"work is left: {self._rows(_ROWS)}"
            self._await(asyncio.sleep(5.0))

    def _judge(self) -> None:
        rows = self._rows(_ROWS)
        sent = {(row["subscriber_id"], row["subject"]): row for row in rows if row["verb"] == "send"}
        chat_of = {chat.key: chat for chat in self.chats}
        for key, subject in self.owed:
            row = sent.get((key, subject))
            assert row is not None, f"{subject} was never planned for {chat_of[key]}"
            assert row["state"] in {"sent", "unknown"} or chat_of[key].was_shut, f"lost: {row} for {chat_of[key]}"
            assert row["state"] == "sent" or row["reason"], f"no reason: {row}"
        arrived = {arrival.message_id for arrival in self.telegram.arrivals}
        for row in sent.values():
            if row["state"] == "sent" and row["message_id"] is None:  # a chat that moves leaves its messages behind
                assert chat_of[row["subscriber_id"]].chat_id in self.telegram.moved.values(), (
                    f"without a message: {row}"
                )
            else:
                assert row["state"] != "sent" or row["message_id"] in arrived, f"never arrived: {row}"
        unknown = sum(row["state"] == "unknown" for row in rows)
        assert unknown <= self.harms, f"{unknown} are unknown, {self.harms} went wrong"
        self._judge_copies()
        self._judge_order(rows)
        unconfirmed = {f"p:{push.id}" for push in self.drafts if push.id not in self.confirmed}
        assert not [row for row in rows if row["subject"] in unconfirmed], "a push left without being confirmed"
        assert self.telegram.in_ban == 0, f"{self.telegram.in_ban} requests left into a ban"
        assert self.telegram.too_fast == 0, f"{self.telegram.too_fast} requests left too early"
        assert self.telegram.unwanted == 0, f"{self.telegram.unwanted} stories came to chats that had left"

    def _judge_copies(self) -> None:
        first = {fresh: old for old, fresh in self.telegram.moved.items()}
        copies: set[tuple[int, str]] = set()
        for arrival in self.telegram.arrivals:
            subject = arrival.text.partition(" as of ")[0]
            copy = (first.get(arrival.chat_id, arrival.chat_id), subject)
            assert copy not in copies, f"{subject} came twice to {arrival.chat_id}"
            copies.add(copy)

    def _judge_order(self, rows: list[dict[str, Any]]) -> None:
        last: dict[tuple[int, int], int] = {}
        for row in rows:
            if row["verb"] == "send" and row["state"] == "sent" and row["message_id"] is not None:
                lane = (row["subscriber_id"], row["priority"])
                assert last.get(lane, 0) < row["message_id"], f"out of order: {row}"
                last[lane] = row["message_id"]
