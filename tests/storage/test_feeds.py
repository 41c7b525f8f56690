from datetime import timedelta
from functools import partial

import pytest

from storage import Channel, Storage
from storage.errors import NotFoundError
from storage.model import FeedState, SubscriberState, SubscriptionState
from tests.storage.scenes import add_article, add_chat, add_feed, add_readers
from tests.support.databases import NOW

LATER = NOW + timedelta(minutes=10)


async def test_an_address_is_added_once_and_then_found(storage: Storage) -> None:
    async with storage.write() as work:
        feed, new = await work.feeds.add("https://a.example/f", title="A", site_url="https://a.example", now=NOW)
        again, new_again = await work.feeds.add("https://a.example/f", title="B", site_url="", now=LATER)
    assert (new, new_again) == (True, False)
    assert again == feed
    assert feed.due_at == NOW
    async with storage.read() as work:
        assert await work.feeds.find_by_url("https://a.example/f") == feed
        assert await work.feeds.find_by_url("https://a.example/F") is None
        assert await work.feeds.get(feed.id) == feed


async def test_a_feed_that_is_not_there_is_named_in_the_error(storage: Storage) -> None:
    async with storage.read() as work:
        with pytest.raises(NotFoundError, match="no feed 77") as caught:
            await work.feeds.get(77)
    assert (caught.value.kind, caught.value.key) == ("feed", 77)


async def test_an_address_longer_than_an_index_entry_is_kept_whole(storage: Storage) -> None:
    url = "https://a.example/" + "x" * 9_000
    async with storage.write() as work:
        feed, _ = await work.feeds.add(url, title="A", site_url="", now=NOW)
        assert (await work.feeds.find_by_url(url)) == feed


async def test_only_feeds_that_somebody_reads_are_due(storage: Storage) -> None:
    async with storage.write() as work:
        read, unread, paused, muted = [await add_feed(work, name) for name in ("read", "unread", "paused", "muted")]
        await add_readers(work, read, 1, first=1)
        (away,) = await add_readers(work, paused, 1, first=2)
        await work.subscribers.update(away.id, state=SubscriberState.PAUSED)
        (quiet,) = await add_readers(work, muted, 1, first=3)
        subscription = await work.subscribers.find_subscription_to(quiet.id, muted.id)
        assert subscription is not None
        await work.subscribers.set_subscription_state(subscription.id, SubscriptionState.PAUSED)
        assert await work.feeds.next_due_at() == NOW
        claimed = await work.feeds.claim_due(NOW, limit=10, lease_s=60)
        assert [feed.id for feed in claimed] == [read.id]
        everything = await work.feeds.claim_due(NOW, limit=10, lease_s=60, include_unsubscribed=True)
        assert [feed.id for feed in everything] == [unread.id, paused.id, muted.id]


async def test_a_claimed_feed_is_due_again_when_its_lease_ends(storage: Storage) -> None:
    async with storage.write() as work:
        await add_readers(work, await add_feed(work), 2)
    async with storage.write() as work:
        assert len(await work.feeds.claim_due(NOW, limit=10, lease_s=30)) == 1
    async with storage.write() as work:
        assert await work.feeds.claim_due(NOW + timedelta(seconds=29), limit=10, lease_s=30) == []
        assert len(await work.feeds.claim_due(NOW + timedelta(seconds=30), limit=10, lease_s=30)) == 1


async def test_a_lease_is_renewed_only_while_it_is_held(storage: Storage) -> None:
    """FAULTS 55: what was given back, or taken by others, stays as it is."""
    end, later = NOW + timedelta(seconds=30), NOW + timedelta(seconds=50)
    async with storage.write() as work:
        held, done, taken = [await add_feed(work, name) for name in ("held", "done", "taken")]
        for number, feed in enumerate((held, done, taken)):
            await add_readers(work, feed, 1, first=number)
        assert len(await work.feeds.claim_due(NOW, limit=10, lease_s=30)) == 3
        await work.feeds.record_success(
            done.id, now=NOW, due_at=LATER, etag=None, last_modified=None, changed=False, interval_s=600
        )
        await work.feeds.postpone({taken.id: end + timedelta(seconds=1)})
        await work.feeds.renew_lease([held.id, done.id, taken.id], held_until=end, until=later)
        due = [(await work.feeds.get(feed.id)).due_at for feed in (held, done, taken)]
    assert due == [later, LATER, end + timedelta(seconds=1)]


async def test_a_feed_planned_under_a_clock_that_was_ahead_is_due(storage: Storage) -> None:
    horizon_s = 27 * 3600.0
    async with storage.write() as work:
        wrong, right = await add_feed(work, "wrong"), await add_feed(work, "right")
        for feed, ahead in ((wrong, timedelta(days=365)), (right, timedelta(seconds=horizon_s))):
            await add_readers(work, feed, 1)
            await work.feeds.record_failure(feed.id, due_at=NOW + ahead, error="timed out")
        assert await work.feeds.claim_due(NOW, limit=10, lease_s=60) == []
        (claimed,) = await work.feeds.claim_due(NOW, limit=10, lease_s=60, horizon_s=horizon_s)
        assert claimed.id == wrong.id
        assert claimed.due_at == NOW + timedelta(seconds=60)
        assert await work.feeds.claim_due(NOW, limit=10, lease_s=60, horizon_s=horizon_s) == []


async def test_no_more_feeds_are_claimed_than_asked_for_and_the_longest_due_come_first(storage: Storage) -> None:
    async with storage.write() as work:
        feeds = [await add_feed(work, f"feed{number}") for number in range(3)]
        for feed, minutes in zip(feeds, (2, 0, 1), strict=True):
            await add_readers(work, feed, 1)
            await work.feeds.record_success(
                feed.id,
                now=NOW,
                due_at=NOW + timedelta(minutes=minutes),
                etag=None,
                last_modified=None,
                changed=False,
            )
        claimed = await work.feeds.claim_due(LATER, limit=2, lease_s=30)
    assert {feed.id for feed in claimed} == {feeds[1].id, feeds[2].id}


async def test_success_keeps_the_validators_and_ends_the_failures(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await work.feeds.record_failure(feed.id, due_at=LATER, error="timed out")
        await work.feeds.record_failure(feed.id, due_at=LATER, error="timed out again")
        failing = await work.feeds.get(feed.id)
        assert (failing.failures, failing.error, failing.due_at) == (2, "timed out again", LATER)
        await work.feeds.record_success(
            feed.id,
            now=LATER,
            due_at=LATER,
            etag='W/"ü-1"',
            last_modified="Mon, 04 May 2026 12:00:00 GMT",
            title="Weirpost News",
            lang="en",
            changed=True,
        )
        well = await work.feeds.get(feed.id)
    assert failing.checked_at is None
    assert (well.failures, well.error, well.checked_at, well.changed_at) == (0, None, LATER, LATER)
    assert (well.etag, well.last_modified) == ('W/"ü-1"', "Mon, 04 May 2026 12:00:00 GMT")
    assert (well.title, well.lang, well.site_url) == ("Weirpost News", "en", feed.site_url)


async def test_a_title_of_any_length_is_kept_to_one_short_line(storage: Storage) -> None:
    async with storage.write() as work:
        feed, _ = await work.feeds.add("https://a.example/f", title="Grower " * 900, site_url="", now=NOW)
        read = partial(
            work.feeds.record_success, feed.id, now=NOW, due_at=NOW, etag=None, last_modified=None, changed=False
        )
        await read(title="Weirpost\n\x00 " * 900)
        grown = await work.feeds.get(feed.id)
        await read(title="\u200b\u2062")
        blank = await work.feeds.get(feed.id)
        nameless, _ = await work.feeds.add("https://b.example/f", title="\u200b", site_url="", now=NOW)
    assert feed.title == "Grower " * 27 + "Grower…"
    assert grown.title.startswith("Weirpost Weirpost ")
    assert len(grown.title) <= 200
    assert blank.title == grown.title
    assert nameless.title == "b.example"


async def test_a_feed_moves_to_a_new_address_unless_another_feed_has_it(storage: Storage) -> None:
    async with storage.write() as work:
        feed, other = await add_feed(work, "old"), await add_feed(work, "taken")
        for url, expected in (("https://new.example/f", "https://new.example/f"), (other.url, "https://new.example/f")):
            await work.feeds.record_success(
                feed.id, now=NOW, due_at=LATER, etag=None, last_modified=None, url=url, changed=False
            )
            assert (await work.feeds.get(feed.id)).url == expected
        assert not (await work.feeds.get(feed.id)).private
        for url, private in (("https://new.example/f?key=1", True), ("https://new.example/f", False)):
            await work.feeds.record_success(
                feed.id, now=NOW, due_at=LATER, etag=None, last_modified=None, url=url, private=private, changed=False
            )
            assert (await work.feeds.get(feed.id)).private
        found = await work.feeds.find_by_url("https://new.example/f")
        assert found is not None
        assert found.id == feed.id


async def test_a_gone_feed_is_polled_again_only_when_it_is_revived(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 1)
        await work.feeds.record_failure(feed.id, due_at=NOW, error="410", gone=True)
        assert await work.feeds.claim_due(LATER, limit=1, lease_s=1, include_unsubscribed=True) == []
        assert await work.feeds.next_due_at() is None
        await work.feeds.revive(feed.id, LATER)
        (revived,) = await work.feeds.claim_due(LATER, limit=1, lease_s=1)
        assert (revived.state, revived.failures) == (FeedState.ACTIVE, 0)


async def test_health_counts_active_readers_and_articles(storage: Storage) -> None:
    async with storage.write() as work:
        one, two = await add_feed(work, "beta"), await add_feed(work, "Alpha")
        readers = await add_readers(work, one, 3)
        await work.subscribers.subscribe(readers[0].id, one.id, thread_id=5, now=NOW)
        await work.subscribers.mark_unreachable(readers[2].id, reason="blocked", now=NOW)
        await add_article(work, one)
        await add_article(work, one)
    async with storage.read() as work:
        health = await work.feeds.list_health()
    assert [(each.feed.id, each.subscribers, each.articles) for each in health] == [(two.id, 0, 0), (one.id, 2, 2)]


async def test_a_feed_has_been_read_since_the_first_of_those_who_read_it_now(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        assert await work.feeds.find_reader_since(feed.id) is None
        for minutes in range(4):
            chat = await add_chat(work, minutes + 1)
            await work.subscribers.subscribe(chat.id, feed.id, now=NOW + timedelta(minutes=minutes))
            mark = await work.subscribers.find_subscription_to(chat.id, feed.id)
            assert mark is not None
            if minutes == 0:
                await work.subscribers.set_subscription_state(mark.id, SubscriptionState.PAUSED)
            if minutes == 1:
                await work.subscribers.mark_unreachable(chat.id, reason="blocked", now=NOW)
        assert await work.feeds.find_reader_since(feed.id) == NOW + timedelta(minutes=2)


async def test_new_feeds_and_subscriptions_ring(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        assert not await storage.wait(Channel.FEEDS, 0.01)
    assert await storage.wait(Channel.FEEDS, 0.01)
    async with storage.write() as work:
        await work.subscribers.subscribe((await add_chat(work, 1)).id, feed.id, now=NOW)
    assert await storage.wait(Channel.FEEDS, 0.01)
    async with storage.write() as work:
        await add_feed(work)
    assert not await storage.wait(Channel.FEEDS, 0.01)


@pytest.mark.parametrize(
    ("site_url", "kept"),
    [
        ("https://www.tidewatch.example/news", "https://www.tidewatch.example/news"),
        ("https://blog.tidewatch.example/", "https://blog.tidewatch.example/"),
        ("https://phishing.example/", ""),
        ("https://eviltidewatch.example/", ""),
        ("https://example/", ""),
        ("https://[bad", ""),
        ("", ""),
    ],
)
async def test_a_feeds_site_is_not_whatever_its_first_reader_says(storage: Storage, site_url: str, kept: str) -> None:
    async with storage.write() as work:
        feed, _ = await work.feeds.add("https://tidewatch.example/feed", title="Tidewatch", site_url=site_url, now=NOW)
    assert feed.site_url == kept
