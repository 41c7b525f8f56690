"""The model: whatever readers, editors, Telegram and the machine do in whatever order, the outbox keeps its promises.

The storage and the sender are the real ones on a real SQLite file; Telegram stands in within the process, and time is
virtual. What is owed is remembered beside it in plain sets.
"""

from __future__ import annotations

import asyncio
import gc
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from storage.model import Article, ArticleState, ChatKind, EntryKey, FanoutKind, NewArticle, Priority, Push
from tests.faults.house import FEED_ID
from tests.faults.standin import HARMS
from tests.faults.verdict import Account, Chat, come_to_rest, judge

if TYPE_CHECKING:
    from storage import Work
    from tests.faults.house import House

MOST_CHATS = 8
_UNHEARD_S = 1.0
"""What is marked as leaving when its reader leaves goes within a second, or not at all."""
_MOST_ROUNDS = 60
"""Of the loop: a claim takes about fifty."""


class Outbox(RuleBasedStateMachine):
    """Everything that can happen to deliveries, in any order."""

    house: ClassVar[House]
    """Where the stories take place."""
    steps: ClassVar[int] = 0
    """How many have been taken in all stories."""

    def __init__(self) -> None:
        super().__init__()
        self.account = Account()
        self.drafts: list[Push] = []
        self.stories: list[int] = []
        self.articles = 0
        self.begun = False

    @initialize()
    def open(self) -> None:
        """Begin the story."""
        self.house.begin_story(self._may_reach)
        self.begun = True

    def teardown(self) -> None:
        """Let everything be delivered that can be, and judge."""
        try:
            if self.begun:
                come_to_rest(self.house)
                judge(self.house, self.account)
        finally:
            self.house.end_story()
            gc.collect()  # what a story leaves is its own garbage, not the next one's

    def _may_reach(self, chat_id: int, text: str) -> bool:
        """Say whether a chat may still get a story: it follows the feed, or has left a moment ago."""
        chat = next(each for each in self.account.chats if each.chat_id == chat_id)
        return not text.startswith("Story") or chat.follows or self.house.loop.time() - chat.left_at <= _UNHEARD_S

    @invariant()
    def count(self) -> None:
        """Count the steps."""
        type(self).steps += 1

    # ---- readers

    @precondition(lambda self: len(self.account.chats) < MOST_CHATS)
    @rule(group=st.booleans(), follows=st.booleans())
    def join(self, group: bool, follows: bool) -> None:
        """Let a chat come, in four of five cases to follow the feed."""
        number = len(self.account.chats) + 1
        chat_id = -1000 - number if group else number
        self.house.wait(self._join(chat_id, ChatKind.GROUP if group else ChatKind.PRIVATE))
        if follows:
            self.follow(number - 1)

    async def _join(self, chat_id: int, kind: ChatKind) -> None:
        async with self.house.storage.write() as work:
            subscriber = await work.subscribers.ensure(chat_id, kind=kind, lang="en", now=self.house.now())
        self.account.chats.append(Chat(key=subscriber.id, chat_id=chat_id))

    @precondition(lambda self: self.account.chats)
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def follow(self, number: int) -> None:
        """Let a chat follow the feed."""
        self.house.wait(self._follow(self.account.chats[number % len(self.account.chats)]))

    async def _follow(self, chat: Chat) -> None:
        async with self.house.storage.write() as work:
            await work.subscribers.subscribe(chat.key, FEED_ID, now=self.house.now())
        chat.follows = True

    @precondition(lambda self: any(chat.follows for chat in self.account.chats))
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def leave(self, number: int) -> None:
        """Let a chat stop following."""
        followers = [chat for chat in self.account.chats if chat.follows]
        self.house.wait(self._leave(followers[number % len(followers)]))

    async def _leave(self, chat: Chat) -> None:
        async with self.house.storage.write() as work:
            found = await work.subscribers.find_subscription_to(chat.key, FEED_ID)
            assert found is not None
            await work.subscribers.unsubscribe(found.id)
        chat.follows = False
        chat.left_at = self.house.loop.time()
        self.account.owed = {
            (key, subject) for key, subject in self.account.owed if key != chat.key or not subject.startswith("s:")
        }

    @precondition(lambda self: any(chat.chat_id > 0 for chat in self.account.chats))
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def block(self, number: int) -> None:
        """Let a person block the bot."""
        people = [chat for chat in self.account.chats if chat.chat_id > 0]
        chat = people[number % len(people)]
        self.house.telegram.blocked.add(chat.chat_id)
        chat.was_shut = True

    @precondition(lambda self: self.house.telegram.blocked)
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def come_back(self, number: int) -> None:
        """Let a person who has blocked the bot press Start again."""
        shut = [chat for chat in self.account.chats if chat.chat_id in self.house.telegram.blocked]
        chat = shut[number % len(shut)]
        self.house.telegram.blocked.discard(chat.chat_id)
        self.house.wait(self._return(chat))

    async def _return(self, chat: Chat) -> None:
        async with self.house.storage.write() as work:
            await work.subscribers.ensure(chat.chat_id, kind=ChatKind.PRIVATE, lang="en", now=self.house.now())

    @precondition(lambda self: any(-2000 < chat.chat_id < 0 for chat in self.account.chats))
    @rule(number=st.integers(0, MOST_CHATS - 1))
    def migrate(self, number: int) -> None:
        """Let a group become a supergroup, whose id is another."""
        groups = [chat for chat in self.account.chats if -2000 < chat.chat_id < 0]
        chat = groups[number % len(groups)]
        fresh = chat.chat_id - 1_000_000
        self.house.telegram.moved[chat.chat_id] = fresh
        chat.chat_id = fresh

    # ---- news

    @rule(again=st.none() | st.integers(0, 9))
    def publish(self, again: int | None) -> None:
        """Let the feed tell something new, or more of a story that is out."""
        story_id = None if again is None or not self.stories else self.stories[again % len(self.stories)]
        self.house.wait(self._publish(story_id))

    async def _publish(self, story_id: int | None) -> None:
        self.articles += 1
        await asyncio.sleep(0.001)  # whoever has followed until now has done so before this
        async with self.house.storage.write() as work:
            article = await self._article(work)
            if story_id is None:
                title = f"Lock {self.articles}"
                story = await work.stories.create(lang="en", title=title, title_key=title, now=self.house.now())
                story_id = story.id
                self.stories.append(story_id)
            await work.stories.attach(story_id, article.id, url_key=article.url, now=self.house.now())
            await work.fanouts.open(FanoutKind.STORY, story_id, priority=Priority.STORY, now=self.house.now())
        await self.house.plan()
        rows = self.house.rows(f"SELECT * FROM outbox WHERE kind = 'story' AND subject = 's:{story_id}'")
        planned = {row["subscriber_id"] for row in rows}
        for chat in self.account.chats:
            if chat.follows and not chat.was_shut:
                assert chat.key in planned, f"story {story_id} was not planned for {chat}"
                self.account.owed.add((chat.key, f"s:{story_id}"))

    async def _article(self, work: Work) -> Article:
        number = self.articles
        entry = NewArticle(
            keys=(EntryKey(kind="id", digest=f"{number:064x}"),),
            url=f"https://tidewatch.example/{number}",
            title=f"Lock {number} reopens",
            state=ArticleState.PENDING,
        )
        (article,) = await work.articles.add_entries(FEED_ID, [entry], now=self.house.now())
        return await work.articles.make_ready(article.id, text="The lock reopened at noon.", lang="en")

    @precondition(lambda self: self.account.chats)
    @rule()
    def draft(self) -> None:
        """Let an editor write a push."""
        self.house.wait(self._draft())

    async def _draft(self) -> None:
        async with self.house.storage.write() as work:
            article = await work.articles.add_push(
                url="", title="Sirens", text="Sirens", lang="en", site="", author="", editor_id=1, now=self.house.now()
            )
            push = await work.pushes.create(
                editor_id=1,
                subscriber_id=self.account.chats[0].key,
                article_id=article.id,
                content={"text": f"Push {len(self.drafts)}"},
                now=self.house.now(),
            )
        self.drafts.append(push)
        self.account.drafts.append(push.id)

    @precondition(lambda self: self.drafts)
    @rule(number=st.integers(0, 99), taps=st.integers(1, 3))
    def confirm(self, number: int, taps: int) -> None:
        """Let an editor confirm a push, perhaps once too often, perhaps a second time."""
        push = self.drafts[number % len(self.drafts)]
        for _ in range(taps):
            done = self.house.wait(self._confirm(push))
            assert done is (push.id not in self.account.confirmed), "a push is confirmed once"
            self.account.confirmed.add(push.id)
        if taps:
            self.house.wait(self.house.plan())
            self.account.owed |= {
                (row["subscriber_id"], row["subject"])
                for row in self.house.rows(f"SELECT * FROM outbox WHERE subject = 'p:{push.id}'")
            }

    async def _confirm(self, push: Push) -> bool:
        async with self.house.storage.write() as work:
            if await work.pushes.confirm(push.id, push.content.digest, now=self.house.now()) is None:
                return False
            await work.fanouts.open(
                FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=push.content.id, now=self.house.now()
            )
        return True

    # ---- harm

    @rule(harm=st.sampled_from(HARMS), times=st.integers(1, 3))
    def harm(self, harm: str, times: int) -> None:
        """Let the next messages go wrong."""
        self.house.telegram.harms.extend([harm] * times)
        self.account.harms += times

    @rule(
        seconds=st.sampled_from([0.0, 0.01, 0.03, 0.1, 0.5]), rounds=st.integers(0, _MOST_ROUNDS), arrives=st.booleans()
    )
    def kill(self, seconds: float, rounds: int, arrives: bool) -> None:
        """Kill the sender in a moment, between any two of its statements; what was on its way may arrive."""
        self.account.harms += self.house.wait(self.house.restart(seconds, rounds, arrives=arrives, gently=False))

    @rule(seconds=st.sampled_from([0.0, 0.03, 0.5]))
    def stop(self, seconds: float) -> None:
        """Stop the sender gently in a moment, and start it again."""
        self.house.wait(self.house.restart(seconds, 0, arrives=True, gently=True))

    @rule(hours=st.sampled_from([1, 2]))
    def jump(self, hours: int) -> None:
        """Set the wall clock forward."""
        if self.house.jumped < timedelta(hours=4):
            self.house.jumped += timedelta(hours=hours)

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0, 8.0]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.house.wait(asyncio.sleep(seconds))
