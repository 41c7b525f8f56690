"""What polling remembers of feeds: notices, entries held back, hubs and plans, on both databases."""

from datetime import timedelta

from storage import Storage
from storage.model import ArticleState, FeedNotice, NoticeKind
from tests.storage.scenes import add_chat, add_feed, add_readers, entry
from tests.support.databases import NOW

LATER = NOW + timedelta(hours=1)


async def test_a_notice_goes_through_a_feeds_readers_once(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        readers = await add_readers(work, feed, 5)
        await add_chat(work, 7)
        await work.notices.open(feed.id, NoticeKind.DIED, now=NOW)
    told: list[int] = []
    chunks = []
    while True:
        async with storage.write() as work:
            notice = await work.notices.next_open()
            if notice is None:
                break
            chunk = await work.notices.advance(notice, limit=2)
            chunks.append(len(chunk))
            told += [reader.id for _, reader in chunk]
    assert sorted(told) == sorted(reader.id for reader in readers)
    assert chunks == [2, 2, 1]
    async with storage.read() as work:
        assert not await work.notices.is_any()


async def test_a_newer_notice_takes_the_place_of_an_older_one_and_life_withdraws_it(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await work.notices.open(feed.id, NoticeKind.DIED, now=NOW)
        await work.notices.open(feed.id, NoticeKind.MOVED, detail="kestrel.example", now=LATER)
        notice = await work.notices.next_open()
        assert isinstance(notice, FeedNotice)
        assert (notice.kind, notice.detail) == (NoticeKind.MOVED, "kestrel.example")
        await work.notices.withdraw(feed.id)
        assert await work.notices.is_any()
        await work.notices.open(feed.id, NoticeKind.GONE, now=LATER)
        await work.notices.withdraw(feed.id)
        assert not await work.notices.is_any()


async def test_a_death_is_new_once_until_the_feed_lives(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        assert await work.feeds.note_death(feed.id, NOW)
        assert not await work.feeds.note_death(feed.id, LATER)
        await work.feeds.record_success(feed.id, now=LATER, due_at=LATER, etag=None, last_modified=None, changed=False)
        assert await work.feeds.note_death(feed.id, LATER)


async def test_held_entries_become_news_or_nothing(storage: Storage) -> None:
    async with storage.write() as work:
        for name, take in (("weirpost", True), ("kestrel", False)):
            feed = await add_feed(work, name)
            stored = await work.articles.add_entries(
                feed.id, [entry(state=ArticleState.KNOWN) for _ in range(3)], now=NOW
            )
            await work.holding.hold(feed.id, [article.id for article in stored[:2]], now=NOW)
            assert await work.holding.count(feed.id) == 2
            assert (await work.feeds.get(feed.id)).held_at == NOW
            settle = work.holding.release(feed.id, now=LATER) if take else work.holding.drop(feed.id)
            assert await settle == 2
            states = [(await work.articles.get(article.id)).state for article in stored]
            wanted = ArticleState.PENDING if take else ArticleState.KNOWN
            assert states == [wanted, wanted, ArticleState.KNOWN]
            after = await work.feeds.get(feed.id)
            assert (after.held_at, after.bursts) == (None, take)
            assert await work.holding.count(feed.id) == 0


async def want(storage: Storage, feed_id: int, *, hub: str = "https://hub.example/", token: str = "t" * 32) -> None:
    async with storage.write() as work:
        await work.hubs.want(
            feed_id, hub_url=hub, topic_url="https://tidewatch.example/feed", token=token, secret="s" * 43, now=NOW
        )


async def test_the_same_hub_keeps_its_token_and_another_gets_another(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
    await want(storage, feed.id)
    await want(storage, feed.id, token="u" * 32)
    async with storage.read() as work:
        kept = await work.hubs.find("t" * 32)
        assert kept is not None
        assert await work.hubs.find("u" * 32) is None
    await want(storage, feed.id, hub="https://other.example/", token="v" * 32)
    async with storage.read() as work:
        assert await work.hubs.find("t" * 32) is None
        assert await work.hubs.find("v" * 32) is not None


async def test_a_hub_is_asked_ever_less_often_until_it_promises(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 1)
    await want(storage, feed.id)
    async with storage.write() as work:
        assert len(await work.hubs.claim_due(NOW, limit=9, retry_s=60)) == 1
        assert await work.hubs.claim_due(NOW, limit=9, retry_s=60) == []
        assert len(await work.hubs.claim_due(NOW + timedelta(seconds=60), limit=9, retry_s=60)) == 1
        assert await work.hubs.claim_due(NOW + timedelta(seconds=179), limit=9, retry_s=60) == []
        await work.hubs.confirm(feed.id, lease_s=1000, now=NOW)
        assert await work.hubs.is_verified(feed.id, NOW + timedelta(seconds=999))
        assert not await work.hubs.is_verified(feed.id, NOW + timedelta(seconds=1000))
        assert await work.hubs.claim_due(NOW + timedelta(seconds=749), limit=9, retry_s=60) == []
        assert len(await work.hubs.claim_due(NOW + timedelta(seconds=750), limit=9, retry_s=60)) == 1
        await work.hubs.deny(feed.id)
        assert not await work.hubs.is_verified(feed.id, NOW)


async def test_overdue_feeds_with_readers_are_postponed(storage: Storage) -> None:
    async with storage.write() as work:
        read, unread = await add_feed(work), await add_feed(work, "unread")
        await add_readers(work, read, 1)
        assert await work.feeds.list_overdue(LATER, limit=9) == [read.id]
        assert await work.feeds.list_overdue(NOW - timedelta(days=9), limit=9) == []
        await work.feeds.postpone({read.id: LATER})
        assert (await work.feeds.get(read.id)).due_at == LATER
        assert (await work.feeds.get(unread.id)).due_at < LATER


async def test_a_hubs_word_does_not_delay_a_poll_nor_hurry_one_that_failed(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await work.feeds.postpone({feed.id: NOW})
        await work.feeds.poll_soon(feed.id, LATER)
        assert (await work.feeds.get(feed.id)).due_at == NOW
        await work.feeds.postpone({feed.id: LATER})
        await work.feeds.poll_soon(feed.id, NOW)
        assert (await work.feeds.get(feed.id)).due_at == NOW
        await work.feeds.record_failure(feed.id, due_at=LATER, error="BadStatus 503")
        await work.feeds.poll_soon(feed.id, NOW)
        assert (await work.feeds.get(feed.id)).due_at == LATER
        await work.feeds.check_now(feed.id, NOW)
        checked = await work.feeds.get(feed.id)
        assert (checked.due_at, checked.failures) == (NOW, 1)
