"""An entry's way, on a real database, a real client and real workers; only the web is ours."""

import asyncio
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from bot.news.feeds.identity import entry_keys
from bot.news.polling.ingest import Ingest
from bot.news.reader import FeedReading, Reader
from bot.news.web.client import NotModified, Web
from bot.news.web.guard import Guard
from bot.news.workers import Workers
from storage.model import (
    ArticleState,
    ChatKind,
    DeliveryKind,
    FanoutKind,
    FeedState,
    SubscriptionState,
)
from tests.support.desk import BODY, Desk, Paper


async def test_a_new_feed_gives_its_newest_article_alone(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("3", "c", "Third thing happens"), ("2", "b", "Second thing"), ("1", "a", "First thing")])
    told = await desk.poll(await desk.follow(paper))
    assert [view.story.title for view in told] == ["Third thing happens"]


async def test_what_is_new_afterwards_is_told_once_and_in_order(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "First thing")])
    feed = await desk.follow(paper)
    await desk.poll(feed)
    paper.publish([("3", "c", "Third thing happens"), ("2", "b", "Second thing"), ("1", "a", "First thing")])
    told = await desk.poll(feed)
    assert [view.story.title for view in told] == ["Second thing", "Third thing happens"]
    assert await desk.poll(feed) == []


async def test_sentences_stand_in_the_article_at_their_offsets(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "Sable Bridge shut after crack")])
    (view,) = await desk.poll(await desk.follow(paper))
    assert view.summary is not None
    assert view.summary.sentences
    async with desk.storage.read() as work:
        article = await work.articles.get(view.articles[0].id)
    for sentence in view.summary.sentences:
        assert article.text[sentence.start : sentence.end] == sentence.text
        assert sentence.text in BODY


async def test_a_feed_that_changes_all_its_ids_tells_nothing_new(desk: Desk) -> None:
    paper = desk.paper()
    entries = [(str(number), f"slug-{number}", f"Thing number {number} happens") for number in range(100)]
    paper.publish(entries)
    feed = await desk.follow(paper)
    await desk.poll(feed)
    paper.publish([(f"changed-{guid}", slug, title) for guid, slug, title in entries])
    assert await desk.poll(feed) == []


async def test_a_feed_that_flips_and_empties_repeats_nothing(desk: Desk) -> None:
    paper = desk.paper()
    one, other = [("1", "a", "First thing")], [("2", "b", "Second thing")]
    paper.publish(one)
    feed = await desk.follow(paper)
    told = [view.story.title for view in await desk.poll(feed)]
    for entries in [other, [], one, other, [], one] * 3:
        paper.publish(entries)
        told += [view.story.title for view in await desk.poll(feed)]
    assert told == ["First thing", "Second thing"]


async def test_an_unchanged_feed_is_asked_for_with_its_own_validator(desk: Desk) -> None:
    paper = desk.paper()
    paper.etag = 'W/"odd, but: theirs"'
    paper.publish([("1", "a", "First thing")])
    feed = await desk.follow(paper)
    await desk.poll(feed)
    desk.site.serve(f"{paper.path}/feed", status=304)
    assert await desk.poll(feed) == []
    assert desk.site.asked[-1].headers["if-none-match"] == paper.etag.encode()


async def test_a_page_that_is_gone_leaves_the_feeds_own_words(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "Sable Bridge shut after crack")])
    desk.site.serve(f"{paper.path}/a", status=404)
    (view,) = await desk.poll(await desk.follow(paper))
    assert view.summary is not None
    assert "crack" in " ".join(sentence.text for sentence in view.summary.sentences)


async def test_an_article_without_any_text_is_told_by_its_title(desk: Desk) -> None:
    paper = desk.paper()
    desk.site.serve(
        f"{paper.path}/feed",
        f"<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>Only a title</title>"
        f"<link>{desk.site.url('/nowhere')}</link></item></channel></rss>",
    )
    (view,) = await desk.poll(await desk.follow(paper))
    assert view.story.title == "Only a title"
    assert view.summary is not None
    assert view.summary.sentences == ()


async def test_a_page_that_fails_for_now_is_tried_again_later(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "Sable Bridge shut after crack")])
    desk.site.serve(
        f"{paper.path}/feed",
        f"<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>A title</title>"
        f"<link>{desk.site.url(f'{paper.path}/a')}</link></item></channel></rss>",
    )
    desk.site.serve(f"{paper.path}/a", status=503)
    assert await desk.poll(await desk.follow(paper)) == []
    paper.publish([("1", "a", "Sable Bridge shut after crack")])
    desk.clock.advance(180)
    (view,) = await desk.finish()
    assert view.summary is not None
    assert view.summary.sentences


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://a..example/x", id="empty label"),
        pytest.param(f"http://{'a' * 64}.example/", id="long label"),
        pytest.param("http://[bad", id="open bracket"),
        pytest.param("http://℀.example/", id="look-alike of a slash"),
    ],
)
async def test_an_article_whose_address_cannot_be_read_is_told_by_its_title(desk: Desk, url: str) -> None:
    paper = desk.paper()
    feed = await desk.follow(paper)
    desk.site.serve(
        f"{paper.path}/feed",
        f"<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>A dotted thing</title>"
        f"<link>{url}</link></item></channel></rss>",
    )
    (view,) = await desk.poll(feed)
    assert view.story.title == "A dotted thing"
    assert await desk.owed(view.story.id) == 1


async def test_a_page_with_an_unreadable_canonical_address_is_read_all_the_same(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "Sable Bridge shut after crack")])
    head = "<title>Sable Bridge</title><link rel=canonical href='http://[bad'>"
    desk.site.serve(f"{paper.path}/a", f"<html lang='en'><head>{head}</head><body><article><p>{BODY}</p></article>")
    (view,) = await desk.poll(await desk.follow(paper))
    assert view.summary is not None
    assert view.summary.sentences


async def test_an_article_that_breaks_its_readers_is_told_by_its_title(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "Sable Bridge shut after crack")])
    feed = await desk.follow(paper)
    async with desk.storage.read() as work:
        feed = await work.feeds.get(feed.id)
    await desk.ingest.poll(feed)
    # Workers that are closed end every job in an error.
    desk.ingest = Ingest(desk.storage, Reader(desk.web, Workers()), clock=desk.clock, poll_min_s=60)
    (view,) = await desk.finish()
    assert view.story.title == "Sable Bridge shut after crack"
    assert [article.url for article in view.articles] == [desk.site.url(f"{paper.path}/a")]


async def test_an_article_that_was_tried_too_often_is_told_without_being_read(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "Sable Bridge shut after crack")])
    feed = await desk.follow(paper)
    async with desk.storage.read() as work:
        feed = await work.feeds.get(feed.id)
    await desk.ingest.poll(feed)
    for _ in range(5):  # each time the reader was stopped before it could say anything
        async with desk.storage.write() as work:
            await work.articles.claim_pending(desk.clock(), limit=1, lease_s=0)
    asked = len(desk.site.asked)
    (view,) = await desk.finish()
    assert view.story.title == "Sable Bridge shut after crack"
    assert len(desk.site.asked) == asked


async def test_a_feed_that_breaks_its_reader_waits_like_any_that_fails(desk: Desk) -> None:
    paper = desk.paper()
    feed = await desk.follow(paper)
    with pytest.raises(RuntimeError, match="outside its context"):
        await Web(Guard()).fetch("https://tidewatch.example/", accept="*/*")
    broken = Ingest(desk.storage, Reader(Web(Guard(desk.allow)), desk.workers), clock=desk.clock, poll_min_s=60)
    await broken.poll(feed)
    async with desk.storage.read() as work:
        now = await work.feeds.get(feed.id)
    assert (now.failures, now.error) == (1, "RuntimeError")
    assert now.due_at >= desk.clock() + timedelta(seconds=60)


async def test_two_outlets_under_one_title_tell_one_story(desk: Desk) -> None:
    tidewatch, weirpost = desk.paper("Tidewatch"), desk.paper("Weirpost")
    title = "Sable Bridge shut after crack in deck"
    tidewatch.publish([("1", "a", title)])
    weirpost.publish([("9", "z", title)])
    (first,) = await desk.poll(await desk.follow(tidewatch))
    (second,) = await desk.poll(await desk.follow(weirpost))
    assert second.story.id == first.story.id
    assert second.story.revision == first.story.revision + 1
    assert [article.site for article in second.articles] == ["Tidewatch", "Weirpost"]
    assert second.summary is not None
    async with desk.storage.read() as work:
        tally = await work.outbox.tally(DeliveryKind.STORY, f"s:{first.story.id}")
    assert tally.planned == 1


async def test_each_outlets_own_sentences_are_kept_with_its_report(desk: Desk) -> None:
    stranger, herald = desk.paper("Stranger"), desk.paper("Herald")
    title = "Weather for Tuesday"
    for paper, guid in ((stranger, "1"), (herald, "9")):
        paper.publish([(guid, "a", title)])
    spam = "Send your coins to the wallet of the council and get double back today. " * 12
    desk.site.serve(f"{stranger.path}/a", f"<html lang='en'><body><article><p>{spam}</p></article></body></html>")
    await desk.poll(await desk.follow(stranger, chat_id=6))
    (view,) = await desk.poll(await desk.follow(herald, chat_id=7))
    async with desk.storage.read() as work:
        reader = await work.subscribers.find_by_chat(7)
        assert reader is not None
        shown = await work.stories.view(view.story.id, 400, reader_id=reader.id, thread_id=0)
    assert shown is not None
    assert shown.summary is not None
    assert [article.site for article in shown.articles] == ["Herald"]
    assert all(sentence.text in BODY for sentence in shown.summary.sentences)


async def test_nothing_is_sent_of_what_was_published_while_nobody_read_but_one_sample(desk: Desk) -> None:
    paper = desk.paper()
    entries = [(str(number), f"slug-{number}", f"Thing number {number} happens") for number in range(40, 0, -1)]
    paper.publish(entries[-1:])
    feed = await desk.follow(paper)
    await desk.poll(feed)
    async with desk.storage.write() as work:
        ((mark, _),) = await work.subscribers.list_subscriptions(1)
        await work.subscribers.set_subscription_state(mark.id, SubscriptionState.PAUSED)
    desk.clock.advance(3600)
    paper.publish(entries)
    async with desk.storage.write() as work:
        await work.subscribers.set_subscription_state(mark.id, SubscriptionState.ACTIVE)
    desk.clock.advance(1)
    told = await desk.poll(feed)
    assert [view.story.title for view in told] == ["Thing number 40 happens"]
    paper.publish([("41", "slug-41", "Thing number 41 happens"), *entries])
    told = await desk.poll(feed)
    assert [view.story.title for view in told] == ["Thing number 41 happens"]


async def test_what_is_dated_after_the_return_is_news_all_the_same(desk: Desk) -> None:
    paper = desk.paper()
    feed = await desk.follow(paper)
    returned = desk.clock() - timedelta(seconds=1)

    def item(number: int, published_at: datetime) -> str:
        return (
            f"<item><guid>{number}</guid><title>Thing {number}</title><link>{desk.site.url(f'/none/{number}')}</link>"
            f"<pubDate>{format_datetime(published_at)}</pubDate></item>"
        )

    dates = [returned + timedelta(seconds=seconds) for seconds in (3 * 86400, 30, 20, -30, -86400)]
    items = "".join(item(number, date) for number, date in enumerate(dates))
    desk.site.serve(f"{paper.path}/feed", f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>")
    desk.clock.advance(60)
    told = await desk.poll(feed)
    assert {view.story.title for view in told} == {"Thing 0", "Thing 1", "Thing 2"}


async def test_all_that_a_feed_brings_which_began_empty_is_news(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([])
    feed = await desk.follow(paper)
    assert await desk.poll(feed) == []
    paper.publish([("2", "b", "Second thing"), ("1", "a", "First thing")])
    told = await desk.poll(feed)
    assert [view.story.title for view in told] == ["First thing", "Second thing"]
    assert [await desk.owed(view.story.id) for view in told] == [1, 1]


async def test_a_feed_that_failed_before_it_was_first_read_gives_one_sample_too(desk: Desk) -> None:
    paper = desk.paper()
    feed = await desk.follow(paper)
    desk.site.serve(f"{paper.path}/feed", status=500)
    await desk.poll(feed)
    paper.publish([("2", "b", "Second thing"), ("1", "a", "First thing")])
    assert [view.story.title for view in await desk.poll(feed)] == ["Second thing"]


@pytest.mark.parametrize("first", ["private", "public"])
async def test_a_private_feeds_article_has_a_story_of_its_own(desk: Desk, first: str) -> None:
    letter, stranger = desk.paper("Letter"), desk.paper("Stranger")
    title = "Merger collapses on Friday"
    letter.publish([("1", "paid", title)])
    stranger.publish([("9", "guess", title)])
    told = []
    for paper in (letter, stranger) if first == "private" else (stranger, letter):
        told += await desk.poll(await desk.follow(paper, private=paper is letter))
    assert told[0].story.id != told[1].story.id
    assert [len(view.articles) for view in told] == [1, 1]


async def test_one_feed_tells_a_title_twice_as_two_stories(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "Today's figures")])
    feed = await desk.follow(paper)
    (first,) = await desk.poll(feed)
    paper.publish([("2", "b", "Today's figures"), ("1", "a", "Today's figures")])
    desk.site.serve(
        f"{paper.path}/feed",
        "<rss version='2.0'><channel><title>T</title><item><guid>2</guid><title>Today's figures</title>"
        f"<link>{desk.site.url(f'{paper.path}/b')}</link></item></channel></rss>",
    )
    (second,) = await desk.poll(feed)
    assert second.story.id != first.story.id
    assert (second.story.revision, len(second.articles)) == (1, 1)


async def test_a_failing_feed_waits_longer_each_time_and_recovers(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "First thing")])
    feed = await desk.follow(paper)
    desk.site.serve(f"{paper.path}/feed", status=500)
    waits = []
    for failures in range(1, 5):
        await desk.poll(feed)
        async with desk.storage.read() as work:
            now = await work.feeds.get(feed.id)
        assert now.failures == failures
        waits.append((now.due_at - desk.clock()).total_seconds())
    assert all(later > earlier * 1.5 for earlier, later in pairwise(waits))
    paper.publish([("1", "a", "First thing")])
    assert len(await desk.poll(feed)) == 1
    async with desk.storage.read() as work:
        assert (await work.feeds.get(feed.id)).failures == 0


async def test_a_feed_that_is_gone_is_polled_no_more(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "First thing")])
    feed = await desk.follow(paper)
    await desk.poll(feed)
    desk.site.serve(f"{paper.path}/feed", status=410)
    await desk.poll(feed)
    async with desk.storage.write() as work:
        assert (await work.feeds.get(feed.id)).state is FeedState.GONE
        assert await work.feeds.claim_due(desk.clock() + timedelta(days=30), limit=10, lease_s=60) == []


async def test_a_server_that_asks_for_patience_gets_it(desk: Desk) -> None:
    paper = desk.paper()
    feed = await desk.follow(paper)
    desk.site.serve(f"{paper.path}/feed", status=429, headers={"Retry-After": "7200"})
    await desk.poll(feed)
    async with desk.storage.read() as work:
        assert (await work.feeds.get(feed.id)).due_at >= desk.clock() + timedelta(seconds=7200)


async def test_a_feed_that_moved_for_good_is_asked_at_its_new_place(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("1", "a", "First thing")])
    feed = await desk.follow(paper)
    await desk.poll(feed)
    moved = Paper(desk.site, "Tidewatch", "/new")
    moved.publish([("1", "a", "First thing")])
    desk.site.redirect(f"{paper.path}/feed", desk.site.url("/new/feed"), status=301)
    places = []
    for _ in range(4):
        await desk.poll(feed)
        async with desk.storage.read() as work:
            places.append((await work.feeds.get(feed.id)).url)
    assert places == [desk.site.url(f"{paper.path}/feed")] * 2 + [desk.site.url("/new/feed")] * 2


class _TellingReader(Reader):
    """Tells when it has read a feed."""

    def __init__(self, web: Web, workers: Workers) -> None:
        super().__init__(web, workers)
        self.has_read = asyncio.Event()

    async def read_feed(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, timeout_s: float = 30.0
    ) -> FeedReading | NotModified:
        answer = await super().read_feed(url, etag=etag, last_modified=last_modified, timeout_s=timeout_s)
        self.has_read.set()
        return answer


async def test_whoever_follows_while_the_first_reading_waits_for_its_turn_gets_its_newest_entry(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("2", "b", "Second thing"), ("1", "a", "First thing")])
    async with desk.storage.write() as work:
        feed, _ = await work.feeds.add(
            desk.site.url(f"{paper.path}/feed"),
            title="Tidewatch",
            site_url=desk.site.origin,
            private=False,
            now=desk.clock(),
        )
    reader = _TellingReader(desk.web, desk.workers)
    ingest = Ingest(desk.storage, reader, clock=desk.clock, poll_min_s=60)
    async with desk.storage.write() as work:
        polling = asyncio.create_task(ingest.poll(feed))
        await reader.has_read.wait()
        desk.clock.advance(1)
        chat = await work.subscribers.ensure(7, kind=ChatKind.PRIVATE, lang="en", now=desk.clock())
        await work.subscribers.subscribe(chat.id, feed.id, now=desk.clock())
        desk.clock.advance(1)
    await polling
    (told,) = await desk.finish()
    assert told.story.title == "Second thing"
    assert await desk.owed(told.story.id) == 1


async def test_a_known_entry_is_never_pending_again(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("2", "b", "Second thing"), ("1", "a", "First thing")])
    feed = await desk.follow(paper)
    await desk.poll(feed)
    async with desk.storage.read() as work:
        newest = await work.articles.find_latest(feed.id)
        assert await work.fanouts.find(FanoutKind.STORY, 1) is not None
    assert newest is not None
    assert (newest.state, newest.title) == (ArticleState.READY, "Second thing")


async def test_the_keys_of_entries_are_made_where_they_are_parsed(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish([("2", "b", "Second thing"), ("1", "a", "First thing")])
    reading = await desk.reader.read_feed(desk.site.url(f"{paper.path}/feed"))
    assert isinstance(reading, FeedReading)
    assert reading.keys == tuple(map(entry_keys, reading.feed.entries))
