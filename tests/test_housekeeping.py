from dataclasses import replace
from datetime import timedelta

import pytest

from bot.housekeeping import tidy
from storage.errors import NotFoundError
from storage.model import ChatKind, DeliveryKind, DeliveryState, Dialogue, NewDelivery, Priority, Settlement
from tests.support.databases import NOW, Database, sqlite_database, sqlite_template

__all__ = ["sqlite_database", "sqlite_template"]


async def test_everything_old_goes_however_many_chunks_it_fills(sqlite_database: Database) -> None:
    async with sqlite_database.open() as storage:
        async with storage.write() as work:
            readers = [
                await work.subscribers.ensure(number, kind=ChatKind.PRIVATE, lang="en", now=NOW)
                for number in range(1, 6)
            ]
            rows = [
                NewDelivery(
                    subscriber_id=reader.id,
                    kind=DeliveryKind.REPLY,
                    subject="u:1",
                    priority=Priority.REPLY,
                    due_at=NOW,
                    payload={"text": "hello"},
                )
                for reader in readers
            ]
            planned = await work.outbox.enqueue(rows, now=NOW)
            await work.outbox.claim(NOW, limit=5, excluding=())
            await work.outbox.settle(
                [Settlement(delivery_id=each, state=DeliveryState.SENT, message_id=each) for each in planned], now=NOW
            )
            await work.inbox.receive([(1, 1, {"update_id": 1, "text": "a person's words"})], now=NOW)
            (update,) = await work.inbox.list_new(limit=1)
            await work.inbox.finish(update.id, now=NOW)
        await tidy(storage, now=NOW + timedelta(days=29), chunk=2)
        async with storage.read() as work:
            assert (await work.outbox.get(planned[0])).state is DeliveryState.SENT
        await tidy(storage, now=NOW + timedelta(days=31), chunk=2)
        async with storage.read() as work:
            for delivery_id in planned:
                with pytest.raises(NotFoundError):
                    await work.outbox.get(delivery_id)
    files = [path for path in sqlite_database.data.rglob("*") if path.is_file()]
    assert all(b"a person's words" not in path.read_bytes() for path in files)


async def test_private_feeds_that_nobody_follows_go_however_many(sqlite_database: Database) -> None:
    async with sqlite_database.open() as storage:
        async with storage.write() as work:
            for number in range(5):
                await work.feeds.add(
                    f"https://desk.example/canary-{number}", title="Mine", site_url="", private=number < 4, now=NOW
                )
        await tidy(storage, now=NOW + timedelta(minutes=59), chunk=2)
        async with storage.read() as work:
            assert len(await work.feeds.list_health()) == 5
        await tidy(storage, now=NOW + timedelta(minutes=61), chunk=2)
        async with storage.read() as work:
            assert [each.feed.url for each in await work.feeds.list_health()] == ["https://desk.example/canary-4"]
        files = [path for path in sqlite_database.data.rglob("*") if path.is_file()]
        assert all(b"canary-0" not in path.read_bytes() for path in files)


async def test_what_was_collected_for_a_question_goes_when_nobody_waits_any_more(sqlite_database: Database) -> None:
    async with sqlite_database.open() as storage:
        async with storage.write() as work:
            chat = await work.subscribers.ensure(1, kind=ChatKind.PRIVATE, lang="en", now=NOW)
            expired = Dialogue(
                subscriber_id=chat.id, user_id=1, expects="push", data={"text": "half a text"}, expires_at=NOW
            )
            await work.subscribers.expect(expired)
            await work.subscribers.expect(replace(expired, user_id=2, expires_at=NOW + timedelta(minutes=2)))
        await tidy(storage, now=NOW + timedelta(minutes=1))
        async with storage.read() as work:
            portrait = await work.subscribers.portray(chat.id)
    assert [each["user_id"] for each in portrait["dialogues"]] == [2]
