"""How fast storage plans, claims and settles on SQLite, with every commit on disk."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage import Storage
from storage.model import (
    ArticleState,
    ChatKind,
    DeliveryState,
    EntryKey,
    FanoutKind,
    NewArticle,
    Priority,
    Settlement,
    SubscriberState,
    SubscriptionMode,
    SubscriptionState,
)
from storage.tables import subscribers, subscriptions

if TYPE_CHECKING:
    from storage import Work

BOT = 4200
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CHUNK = 10_000
CLAIM = 64


async def people(work: Work, first: int, number: int, feed_id: int) -> None:
    """Insert subscribers of a feed, many at once."""
    await work.feeds._tx.run(
        subscribers.insert(),
        [
            {
                "id": key,
                "bot_id": BOT,
                "chat_id": 10_000_000 + key,
                "kind": ChatKind.PRIVATE,
                "state": SubscriberState.ACTIVE,
                "lang": "en",
                "tz": "UTC",
                "summary_chars": 400,
                "created_at": NOW,
            }
            for key in range(first, first + number)
        ],
    )
    await work.feeds._tx.run(
        sa.insert(subscriptions).from_select(
            ["subscriber_id", "thread_id", "feed_id", "state", "mode", "created_at", "since"],
            sa.select(
                subscribers.c.id,
                sa.literal(0),
                sa.literal(feed_id),
                sa.literal(SubscriptionState.ACTIVE, subscriptions.c.state.type),
                sa.literal(SubscriptionMode.INSTANT, subscriptions.c.mode.type),
                sa.literal(NOW, subscriptions.c.created_at.type),
                sa.literal(NOW - timedelta(seconds=1), subscriptions.c.since.type),
            ).where(subscribers.c.id >= first, subscribers.c.id < first + number),
        )
    )


async def story(work: Work, feed_id: int, number: int) -> int:
    """Insert a story of one ready article, and open its fan-out."""
    key = EntryKey(kind="id", digest=f"{number:064x}")
    entry = NewArticle(
        keys=(key,), url=f"https://paper.example/{number}", title=f"News {number}", state=ArticleState.PENDING
    )
    (article,) = await work.articles.add_entries(feed_id, [entry], now=NOW)
    await work.articles.make_ready(article.id, text="It happened.", lang="en")
    made = await work.stories.create(lang="en", title=entry.title, title_key=entry.title, now=NOW)
    await work.stories.attach(made.id, article.id, url_key=entry.url, now=NOW)
    fanout = await work.fanouts.open(FanoutKind.STORY, made.id, priority=Priority.STORY, now=NOW)
    return fanout.id


async def plan(storage: Storage, fanout_id: int) -> tuple[int, float, float]:
    """Expand a fan-out; say how many it planned, in how many seconds, and how long the longest chunk took."""
    begun, longest = perf_counter(), 0.0
    while True:
        chunk = perf_counter()
        async with storage.write() as work:
            fanout = await work.fanouts.expand(fanout_id, limit=CHUNK, now=NOW)
        longest = max(longest, perf_counter() - chunk)
        if fanout.done:
            return fanout.planned, perf_counter() - begun, longest


async def deliver(storage: Storage, rounds: int) -> tuple[list[float], list[float]]:
    """Claim and settle; say how many seconds each claim and each settlement took, commit included."""
    claims, settlements, message_ids = [], [], count(1)
    for step in range(rounds):
        now = NOW + timedelta(seconds=step)
        begun = perf_counter()
        async with storage.write() as work:
            claimed = await work.outbox.claim(now, limit=CLAIM, excluding=[])
        claims.append(perf_counter() - begun)
        begun = perf_counter()
        async with storage.write() as work:
            await work.outbox.settle(
                [
                    Settlement(delivery_id=each.id, state=DeliveryState.SENT, message_id=next(message_ids), revision=1)
                    for each in claimed
                ],
                now,
            )
        settlements.append(perf_counter() - begun)
    return claims, settlements


def spread(seconds: list[float]) -> str:
    """Write a median and the worst of a hundred, in milliseconds."""
    ordered = sorted(seconds)
    return f"{median(ordered) * 1000:.1f} ms, p99 {ordered[int(len(ordered) * 0.99) - 1] * 1000:.1f} ms"


async def measure(url: str, folder: Path, number: int, rounds: int) -> list[str]:
    """Plan a story for so many chats, then send a part of it."""
    async with Storage.open(url, bot_id=BOT, data=folder) as storage:
        async with storage.write() as work:
            feed, _ = await work.feeds.add(
                "https://paper.example/feed", title="Paper", site_url="https://paper.example", now=NOW
            )
        for first in range(1, number, 50_000):
            async with storage.write() as work:
                await people(work, first, min(50_000, number - first + 1), feed.id)
        async with storage.write() as work:
            fanout_id = await story(work, feed.id, 1)
        planned, seconds, longest = await plan(storage, fanout_id)
        claims, settlements = await deliver(storage, rounds)
        rate = CLAIM * rounds / (sum(claims) + sum(settlements))
    planning = f"{seconds:.2f} s, longest chunk {longest * 1000:.0f} ms"
    return [f"| {planned:,} | {planning} | {spread(claims)} | {spread(settlements)} | {rate:,.0f}/s |"]


def run(corpus: Path | None) -> list[str]:
    """Measure and give markdown lines; the corpus is not needed."""
    del corpus
    with tempfile.TemporaryDirectory(prefix="newsgist-bench-") as name:
        folder = Path(name)
        lines = asyncio.run(measure(f"sqlite:///{folder / 'bench.db'}", folder, 100_000, 200))
    return [
        f"| planned | in chunks of {CHUNK:,} | claim of {CLAIM} | settlement of {CLAIM} | claimed and settled |",
        "|---|---|---|---|---|",
        *lines,
    ]


if __name__ == "__main__":
    print("\n".join(run(None)))
