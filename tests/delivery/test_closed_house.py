"""While the house is closed, its porter answers, and nothing but answers leaves."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.chat.porter import Porter
from bot.chat.turn.files import Files
from bot.chat.turn.names import Names
from bot.chat.turn.rights import ChatRights
from bot.chat.turn.turns import House
from bot.delivery.telegram import open_bot
from bot.news.reader import Reader
from bot.news.web.client import Web
from bot.news.web.guard import Guard
from bot.news.workers import Workers
from bot.sending import SendingPart
from storage.model import DeliveryKind, DeliveryState, FanoutKind, Priority, Role
from tests.delivery.post import TOKEN, eventually, now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from storage import Storage
    from tests.delivery.post import Post

OWNER, EDITOR, READER, OUTCAST, CLOSED_GROUP = 11, 12, 13, 14, -15


def message(update_id: int, sender: int, chat_id: int | None = None) -> tuple[int, int, dict[str, Any]]:
    chat = sender if chat_id is None else chat_id
    said = {
        "message_id": update_id,
        "date": 1,
        "chat": {"id": chat, "type": "private"} if chat > 0 else {"id": chat, "type": "group", "title": "G"},
        "from": {"id": sender, "is_bot": False, "first_name": "R"},
        "text": "/latest",
    }
    return update_id, chat, {"update_id": update_id, "message": said}


def tap(update_id: int, sender: int) -> tuple[int, int, dict[str, Any]]:
    _, chat, update = message(update_id, sender)
    query = {
        "id": str(update_id),
        "from": update["message"]["from"],
        "message": update["message"],
        "chat_instance": "1",
        "data": "x",
    }
    return update_id, chat, {"update_id": update_id, "callback_query": query}


@asynccontextmanager
async def porter(post: Post) -> AsyncIterator[None]:
    async with open_bot(TOKEN, post.sandbox.url) as bot, Web(Guard()) as web:
        house = House(
            storage=post.storage,
            reader=Reader(web, Workers()),
            owners=frozenset({OWNER}),
            username="newsgist_bot",
            sample_address="",
            version="1",
            poll_min_s=1.0,
            rights=ChatRights(bot),
            names=Names(bot),
            files=Files(bot),
        )
        stop = asyncio.Event()
        at_the_door = Porter(post.storage, bot, house, back_at=now() + timedelta(hours=1), clock=now)
        running = asyncio.create_task(at_the_door.run(stop))
        try:
            yield
        finally:
            stop.set()
            await running


@asynccontextmanager
async def sending(post: Post, *, closed: bool) -> AsyncIterator[None]:
    async with open_bot(TOKEN, post.sandbox.url) as bot:
        stop = asyncio.Event()
        part = SendingPart(post.storage, bot, clock=now, resend=False, polls=False, closed=closed)
        running = asyncio.create_task(part.run(stop))
        try:
            yield
        finally:
            stop.set()
            await running


async def told(storage: Storage) -> set[int]:
    async with storage.write() as work:
        return {each.chat_id for each in await work.outbox.claim(now(), limit=64, excluding=())}


async def test_whoever_is_shut_out_is_neither_answered_nor_kept_by_the_porter(post: Post) -> None:
    async with post.storage.write() as work:
        await work.newsroom.add_editor(EDITOR, Role.EDITOR, now=now())
        for peer_id in (OUTCAST, CLOSED_GROUP, OWNER, EDITOR):
            await work.admission.ban(peer_id, now=now())
        await work.inbox.receive(
            [
                message(1, OUTCAST),
                message(2, OUTCAST, -16),
                message(3, READER, CLOSED_GROUP),
                tap(4, OUTCAST),
                message(5, OWNER),
                message(6, EDITOR),
                tap(7, READER),
                message(8, READER),
            ],
            now(),
        )
    async with porter(post), asyncio.timeout(20):
        while True:
            async with post.storage.read() as work:
                if await work.subscribers.find_by_chat(READER) is not None:
                    break
            await asyncio.sleep(0.02)
    async with post.storage.read() as work:
        for chat_id in (OUTCAST, -16, CLOSED_GROUP):
            assert await work.subscribers.find_by_chat(chat_id) is None
    assert await kept(post.storage) == [1, 2, 3, 5, 6, 8], "what was written waits for the next run, the taps do not"
    assert await told(post.storage) == {OWNER, EDITOR, READER}


async def test_whoever_writes_while_storage_fails_is_told_once_it_works_again(post: Post) -> None:
    async def rename(old: str, new: str) -> None:
        async with post.storage.write() as work:
            await work.outbox._tx.run(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

    unreadable = (2, OUTCAST, {"update_id": 2, "message": {"message_id": "no number"}})
    await rename("outbox", "mislaid")
    with capture_logs() as logs:
        async with porter(post), asyncio.timeout(60):
            async with post.storage.write() as work:
                await work.inbox.receive([message(1, READER), unreadable, tap(3, EDITOR), message(4, READER)], now())
            await eventually(lambda: any(each["event"] == "storage_unavailable" for each in logs))
            await rename("mislaid", "outbox")
            await eventually(lambda: any(each["event"] == "update_unreadable" for each in logs))
            while len(await kept(post.storage)) > 3:  # noqa: ASYNC110 - the inbox rings for nobody when it is emptied
                await asyncio.sleep(0.02)
    assert await told(post.storage) == {READER}
    assert await kept(post.storage) == [1, 2, 4]


async def kept(storage: Storage) -> list[int]:
    async with storage.read() as work:
        return [update.update_id for update in await work.inbox.list_new(64)]


async def test_stories_and_pushes_rest_while_the_house_is_closed(post: Post) -> None:
    one, two = await post.readers(2)
    story = await post.plan(one, kind=DeliveryKind.STORY, priority=Priority.STORY, subject="s:1")
    push = await post.plan(one, kind=DeliveryKind.PUSH, priority=Priority.PUSH, subject="p:9")
    async with post.storage.write() as work:
        kept = await work.contents.put({"text": "News"})
        await work.fanouts.open(FanoutKind.PUSH, 1, priority=Priority.PUSH, content_id=kept.id, now=now())
    async with sending(post, closed=True):
        await post.settled(await post.plan(one, text="Back about 14:30"))
        await post.settled(await post.plan(two, text="Back about 14:30"))
    assert await post.states([story, push]) == [DeliveryState.QUEUED] * 2
    async with post.storage.read() as work:
        fanout = await work.fanouts.find(FanoutKind.PUSH, 1)
        assert fanout is not None
        assert (fanout.done, fanout.planned) == (False, 0)
        assert await work.outbox.next_due_at(answers_only=True) is None
        assert await work.outbox.next_due_at() is not None
    assert {line.text for line in [*post.delivered(one), *post.delivered(two)]} == {"Back about 14:30"}
    async with sending(post, closed=False):
        await post.settled(push)
        await eventually(lambda: "News" in [line.text for line in post.delivered(two)])
