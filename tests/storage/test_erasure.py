import asyncio
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from storage import Storage, Work
from storage.errors import NotFoundError
from storage.model import (
    DeliveryKind,
    Dialogue,
    FanoutKind,
    Feed,
    NewDelivery,
    NoticeKind,
    Priority,
    PushState,
    Role,
    StorySummary,
    Subscriber,
    SummarySentence,
)
from storage.tables import metadata
from tests.storage.scenes import (
    add_article,
    add_chat,
    add_feed,
    add_readers,
    add_story,
    claim,
    entry,
    reply,
    sent,
    settle,
    spread_story,
)
from tests.support.databases import NOW, Database, blocking, wait_for_blocked

CANARY = "chiffchaff-4471"
CHAT = 734_611_990_127


async def live(storage: Storage) -> Subscriber:
    """Let a chat leave a trace in every table that can hold one."""
    async with storage.write() as work:
        chat = await add_chat(work, CHAT)
        feed = await add_feed(work)
        await work.subscribers.subscribe(chat.id, feed.id, now=NOW)
        await follow_private_feed(work, chat)
        await spread_story(work, await add_story(work, feed))
        await work.outbox.enqueue([reply(chat, number, text=CANARY * 300) for number in range(40)], NOW)
        await work.subscribers.expect(
            Dialogue(subscriber_id=chat.id, user_id=CHAT, expects="text", data={"so far": CANARY}, expires_at=NOW)
        )
        await work.inbox.receive([(1, CHAT, {"text": CANARY}), (2, CHAT, {"text": CANARY})], NOW)
        done, begun = await work.inbox.list_new(2)
        await work.inbox.finish(done.id, NOW)
        assert [update.id for update in await work.inbox.take(1)] == [begun.id]
        await work.newsroom.add_editor(CHAT, Role.EDITOR, now=NOW)
        await work.admission.invite("t" * 22, role=None, invited_by=CHAT, expires_at=NOW, now=NOW)
        article = await work.articles.add_push(
            url="", title=CANARY, text=CANARY, lang="en", site="", author="", editor_id=CHAT, now=NOW
        )
        await work.pushes.create(
            editor_id=CHAT, subscriber_id=chat.id, article_id=article.id, content={"text": CANARY}, now=NOW
        )
    (delivery,) = await claim(storage)
    await settle(storage, sent(delivery, 5))
    (story,) = [each for each in await claim(storage) if each.kind is DeliveryKind.REPLY]
    await settle(storage, sent(story, 6))
    return chat


async def follow_private_feed(work: Work, chat: Subscriber) -> Feed:
    """Let a chat follow a feed of its own, with a trace in every table that hangs on feeds and their stories."""
    feed = await add_feed(work, CANARY, private=True)
    await work.subscribers.subscribe(chat.id, feed.id, now=NOW)
    await work.hubs.want(
        feed.id, hub_url="https://hub.example", topic_url=feed.url, token="t" * 40, secret="s" * 40, now=NOW
    )
    await work.notices.open(feed.id, NoticeKind.MOVED, detail=CANARY, now=NOW)
    (article,) = await work.articles.add_entries(feed.id, [entry(title=CANARY)], now=NOW)
    await work.articles.make_ready(article.id, text=CANARY, lang="en")
    story = await work.stories.create(lang="en", title=CANARY, title_key=CANARY, now=NOW)
    story = await work.stories.attach(story.id, article.id, url_key=CANARY, now=NOW)
    sentence = SummarySentence(text=CANARY, start=0, end=len(CANARY), article_id=article.id)
    await work.stories.save_summary(
        StorySummary(story_id=story.id, revision=story.revision, max_chars=600, sentences=(sentence,))
    )
    await work.choices.save(chat.id, story.id, reader_id=chat.id, now=NOW)
    await work.articles.add_entries(feed.id, [entry(title=CANARY)], now=NOW)
    return feed


async def erase(storage: Storage, chat: Subscriber) -> None:
    async with storage.write() as work:
        await work.subscribers.erase(chat.id)
        await work.outbox.enqueue(
            [
                NewDelivery(
                    subscriber_id=None,
                    chat_id=CHAT,
                    kind=DeliveryKind.FAREWELL,
                    subject="u:2",
                    priority=Priority.REPLY,
                    due_at=NOW,
                    payload={"text": f"Gone, {CANARY}"},
                )
            ],
            NOW,
        )
    (farewell,) = await claim(storage)
    await settle(storage, sent(farewell, 7))


def traces(folder: Path) -> list[str]:
    """Name the files that hold the canary, or the chat's id as SQLite writes it."""
    wanted = (CANARY.encode(), CHAT.to_bytes(6, "big"))
    return [
        path.name for path in folder.rglob("*") if path.is_file() and any(each in path.read_bytes() for each in wanted)
    ]


async def test_an_erased_chat_leaves_no_trace_in_any_file(sqlite_database: Database) -> None:
    async with sqlite_database.open() as storage:
        chat = await live(storage)
        assert traces(sqlite_database.data) != []
        await erase(storage, chat)
        assert traces(sqlite_database.data) == []


async def test_a_trace_that_a_reader_keeps_alive_goes_with_the_next_commit(sqlite_database: Database) -> None:
    async with sqlite_database.open() as storage:
        chat = await live(storage)
        async with storage.read() as reader:
            assert await reader.subscribers.find_by_chat(CHAT) == chat
            await erase(storage, chat)
            assert await reader.subscribers.find_by_chat(CHAT) == chat
            assert traces(sqlite_database.data) != []
        async with storage.write() as work:
            await add_chat(work, 3)
        assert traces(sqlite_database.data) == []


async def test_an_erased_chat_leaves_no_trace_in_any_row(postgres_database: Database) -> None:
    async with postgres_database.open() as storage:
        await erase(storage, await live(storage))
    connection = await asyncpg.connect(postgres_database.url)
    try:
        for table in metadata.sorted_tables:
            found = await connection.fetch(
                f"SELECT * FROM {table.name} AS row WHERE row::text LIKE $1 OR row::text LIKE $2",
                f"%{CANARY}%",
                f"%{CHAT}%",
            )
            assert found == [], table.name
    finally:
        await connection.close()


async def test_others_keep_all_that_is_theirs(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        chat, other = await add_chat(work, CHAT), await add_chat(work, 2)
        for each in (chat, other):
            await work.subscribers.subscribe(each.id, feed.id, now=NOW)
            await work.outbox.enqueue([reply(each, 1)], NOW)
        await work.inbox.receive([(1, CHAT, {}), (2, 2, {})], NOW)
        await work.subscribers.erase(chat.id)
        await work.subscribers.erase(chat.id)
        assert await work.subscribers.count() == 1
        assert len(await work.subscribers.list_subscriptions(other.id)) == 1
        with pytest.raises(NotFoundError):
            await work.subscribers.get(chat.id)
        again = await add_chat(work, CHAT)
        assert again.id > other.id
        assert await work.subscribers.list_subscriptions(again.id) == []
    assert [delivery.chat_id for delivery in await claim(storage)] == [2]


async def test_what_was_said_after_asking_to_be_forgotten_is_still_heard(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, CHAT)
        await work.inbox.receive([(1, CHAT, {"text": "/delete_me"}), (2, CHAT, {"text": "/start"})], NOW)
        goodbye, _ = await work.inbox.list_new(2)
        assert [update.id for update in await work.inbox.take(1)] == [goodbye.id]
        await work.subscribers.erase(chat.id)
        assert await work.inbox.finish(goodbye.id, NOW)
        assert [update.payload for update in await work.inbox.list_new(5)] == [{"text": "/start"}]
        assert await work.inbox.receive([(1, CHAT, {"text": "/delete_me"})], NOW) == 0


async def test_a_push_that_was_sent_outlives_its_editors_chat(storage: Storage) -> None:
    async with storage.write() as work:
        editor, reader = await add_chat(work, 1), await add_chat(work, 2)
        article = await add_article(work, await add_feed(work))
        push = await work.pushes.create(
            editor_id=1, subscriber_id=editor.id, article_id=article.id, content={"text": "x"}, now=NOW
        )
        await work.pushes.confirm(push.id, push.content.digest, NOW)
        (progress,) = await work.outbox.enqueue([reply(editor, 1)], NOW)
        await work.pushes.set_progress(push.id, progress)
        fanout = await work.fanouts.open(
            FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=push.content.id, now=NOW
        )
        await work.fanouts.expand(fanout.id, now=NOW)
        await work.subscribers.erase(editor.id)
        kept = await work.pushes.get(push.id)
        assert (kept.state, kept.progress_id, kept.content) == (PushState.SENDING, None, push.content)
    assert [delivery.chat_id for delivery in await claim(storage)] == [reader.chat_id]


async def test_private_feed_goes_with_its_last_reader_alone(storage: Storage) -> None:
    async with storage.write() as work:
        chat, other = await add_chat(work, CHAT), await add_chat(work, 2)
        feed = await follow_private_feed(work, chat)
        await work.subscribers.subscribe(other.id, feed.id, now=NOW)
        await work.subscribers.erase(chat.id)
        assert await work.feeds.get(feed.id) == feed
        await work.subscribers.erase(other.id)
        assert await work.feeds.find_by_url(feed.url) is None


async def test_article_that_was_pushed_outlives_its_private_feed(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, CHAT)
        feed = await add_feed(work, private=True)
        await work.subscribers.subscribe(chat.id, feed.id, now=NOW)
        article = await add_article(work, feed)
        push = await work.pushes.create(
            editor_id=1, subscriber_id=9, article_id=article.id, content={"text": "x"}, now=NOW
        )
        await work.subscribers.erase(chat.id)
        assert await work.feeds.find_by_url(feed.url) is None
        assert (await work.articles.get(article.id)).feed_id is None
        assert (await work.pushes.get(push.id)).article_id == article.id


async def test_private_feed_that_was_left_goes_when_that_can_no_longer_be_undone(storage: Storage) -> None:
    hour = timedelta(hours=1)
    async with storage.write() as work:
        chat = await add_chat(work, CHAT)
        feed, public = await follow_private_feed(work, chat), await add_feed(work)
        mark, _ = await work.subscribers.subscribe(chat.id, feed.id, now=NOW)
        assert await work.subscribers.purge_forsaken(NOW + 9 * hour) == 0
        await work.subscribers.unsubscribe(mark.id)
        left_at = (await work.feeds.get(feed.id)).due_at
        assert await work.subscribers.purge_forsaken(left_at) == 0
        assert await work.subscribers.purge_forsaken(left_at + hour) == 1
        assert await work.subscribers.purge_forsaken(left_at + hour) == 0
        assert await work.feeds.find_by_url(feed.url) is None
        assert await work.feeds.get(public.id) == public


async def test_a_chat_may_be_erased_while_its_delivery_settles(postgres_database: Database) -> None:
    async with postgres_database.open() as storage, postgres_database.open() as other:
        async with storage.write() as work:
            (reader,) = await add_readers(work, feed := await add_feed(work), 1)
            await spread_story(work, await add_story(work, feed))
        (delivery,) = await claim(storage)
        async with blocking(postgres_database) as earlier:
            await earlier.execute("SELECT id FROM outbox WHERE id = $1 FOR UPDATE", delivery.id)
            settling = asyncio.create_task(settle(storage, sent(delivery, 5)))
            await wait_for_blocked(postgres_database, 1)
            erasing = asyncio.create_task(erase(other, reader))
            await wait_for_blocked(postgres_database, 2)
        await asyncio.gather(settling, erasing)
        async with storage.read() as work:
            with pytest.raises(NotFoundError):
                await work.outbox.get(delivery.id)
