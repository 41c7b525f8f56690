"""Feeds that die, close, move or bring too much at once: what readers and editors are told, and what their taps do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import telegram

from bot.chat.routes import route
from bot.chat.turn.files import Files
from bot.chat.turn.names import Names
from bot.chat.turn.requests import Deed, Request
from bot.chat.turn.rights import ChatRights
from bot.chat.turn.turns import House, Reply, Rewrite, Toast, Turn
from bot.messages.speech import Brief, speech
from bot.news.polling.loops import Polling
from bot.news.polling.notices import Notices
from storage.model import ChatKind, FeedState, Role
from tests.storage.scenes import sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.model import Delivery, Feed
    from tests.support.desk import Desk, Paper

BOT = telegram.Bot("1:nobody-is-asked")
OWNER = 99
EDITOR = 98
DAY_S = 86_400


def numbered(first: int, count: int, *, marks: str = "") -> list[tuple[str, str, str]]:
    """List entries, newest first; other ``marks`` give other ids, addresses and titles."""
    return [
        (f"{marks}{number}", f"slug-{marks}{number}", f"Thing {marks}{number} happens")
        for number in range(first + count - 1, first - 1, -1)
    ]


async def staffed(desk: Desk) -> None:
    """Let an owner and an editor have begun a chat with the bot; another owner has not."""
    async with desk.storage.write() as work:
        for user_id in (OWNER, EDITOR):
            await work.subscribers.ensure(user_id, kind=ChatKind.PRIVATE, lang="en", now=desk.clock())
        for user_id in (EDITOR, 97):
            await work.newsroom.add_editor(user_id, Role.EDITOR, now=desk.clock())


async def send_out(desk: Desk) -> list[Delivery]:
    """Send all that is owed; give it in the order of leaving."""
    left: list[Delivery] = []
    while True:
        async with desk.storage.write() as work:
            claimed = await work.outbox.claim(desk.clock(), limit=500, excluding=())
        if not claimed:
            return left
        async with desk.storage.write() as work:
            await work.outbox.settle([sent(each, 1000 + each.id) for each in claimed], desk.clock())
        left += claimed


async def messages(desk: Desk) -> list[Delivery]:
    """Let the notices be told, and give all messages that are neither stories nor told before."""
    notices = Notices(desk.storage, clock=desk.clock)
    while await notices.tell():
        pass
    return [each for each in await send_out(desk) if each.payload is not None]


def text_of(delivery: Delivery) -> str:
    assert delivery.payload is not None
    return str(delivery.payload["text"])


def buttons_of(delivery: Delivery) -> dict[str, str]:
    assert delivery.payload is not None
    rows = delivery.payload["reply_markup"]["inline_keyboard"]
    return {button["text"]: button["callback_data"] for row in rows for button in row}


async def tap(desk: Desk, chat_id: int, data: str) -> Sequence[Reply]:
    """Tap a button in a private chat, as the dispatcher does once rights are checked."""
    house = House(
        storage=desk.storage,
        reader=desk.reader,
        owners=frozenset({OWNER}),
        username="newsgist_bot",
        sample_address="",
        version="",
        poll_min_s=60,
        rights=ChatRights(BOT),
        names=Names(BOT),
        files=Files(BOT),
    )
    async with desk.storage.write() as work:
        subscriber = await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=desk.clock())
        request = Request(
            update_id=1, deed=Deed.TAP, chat_id=chat_id, chat_kind=ChatKind.PRIVATE, user_id=chat_id, tap_data=data
        )
        turn = Turn(request=request, subscriber=subscriber, speech=speech("en"), house=house, now=desk.clock())
        found = await route(turn, work)
        assert found is not None
        return await found.action.handler(found.turn, work)


async def refresh(desk: Desk, feed: Feed) -> Feed:
    async with desk.storage.read() as work:
        return await work.feeds.get(feed.id)


async def churned(desk: Desk) -> tuple[Paper, Feed]:
    """Follow a feed of a hundred entries that then changes every mark of every one."""
    await staffed(desk)
    paper = desk.paper()
    paper.publish(numbered(0, 100))
    feed = await desk.follow(paper)
    assert len(await desk.poll(feed)) == 1
    await send_out(desk)
    desk.clock.advance(3600)
    paper.publish(numbered(0, 100, marks="x"))
    assert await desk.poll(feed) == []
    return paper, feed


async def test_a_feed_that_changes_all_marks_sends_nothing_and_asks_the_editors(desk: Desk) -> None:
    """FAULTS 24."""
    _, feed = await churned(desk)
    asked = await messages(desk)
    assert {each.chat_id for each in asked} == {OWNER, EDITOR}
    assert text_of(asked[0]).startswith("Tidewatch: 100 of 100 entries are new at once.")
    assert list(buttons_of(asked[0])) == ["Take them in", "Skip them"]
    assert (await refresh(desk, feed)).held_at == desk.clock()


async def test_what_is_skipped_is_never_sent_and_what_comes_later_is(desk: Desk) -> None:
    paper, feed = await churned(desk)
    (first, *_) = await messages(desk)
    (answer,) = await tap(desk, OWNER, buttons_of(first)["Skip them"])
    assert isinstance(answer, Rewrite)
    assert answer.message.text == "100 entries are skipped."
    assert await desk.poll(feed) == []
    paper.publish([*numbered(100, 1, marks="x"), *numbered(1, 99, marks="x")])
    assert [view.story.title for view in await desk.poll(feed)] == ["Thing x100 happens"]
    (again,) = await tap(desk, EDITOR, buttons_of(first)["Take them in"])
    assert isinstance(again, Toast)
    assert await desk.finish() == []


async def test_what_is_taken_in_is_sent_once_oldest_first(desk: Desk) -> None:
    _, feed = await churned(desk)
    (first, *_) = await messages(desk)
    (answer,) = await tap(desk, EDITOR, buttons_of(first)["Take them in"])
    assert isinstance(answer, Rewrite)
    async with desk.storage.write() as work:
        pending = await work.articles.claim_pending(desk.clock(), limit=200, lease_s=60)
    assert [article.title for article in pending] == [f"Thing x{number} happens" for number in range(100)]
    assert all(article.content_html for article in pending)
    assert await desk.poll(feed) == []
    assert (await refresh(desk, feed)).bursts


async def test_editors_are_asked_once_a_day_of_one_feed(desk: Desk) -> None:
    paper, feed = await churned(desk)
    await messages(desk)
    desk.clock.advance(3600)
    paper.publish(numbered(0, 100, marks="y"))
    await desk.poll(feed)
    assert await messages(desk) == []
    desk.clock.advance(DAY_S)
    paper.publish(numbered(0, 100, marks="z"))
    await desk.poll(feed)
    assert len(await messages(desk)) == 2
    assert await desk.finish() == []


async def test_a_day_off_is_made_up_for_oldest_first(desk: Desk) -> None:
    """FAULTS 30."""
    paper = desk.paper()
    paper.publish(numbered(0, 40))
    feed = await desk.follow(paper)
    await desk.poll(feed)
    desk.clock.advance(DAY_S)
    items = "".join(
        f"<item><guid isPermaLink='false'>n{number}</guid><title>News {number}</title>"
        f"<pubDate>{desk.clock() - timedelta(minutes=10 * number + 1):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for number in range(60)
    )
    desk.site.serve(f"{paper.path}/feed", f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>")
    await desk.ingest.poll(await refresh(desk, feed))
    async with desk.storage.write() as work:
        pending = await work.articles.claim_pending(desk.clock(), limit=200, lease_s=60)
    assert [article.title for article in pending] == [f"News {number}" for number in range(59, -1, -1)]


async def test_the_first_reading_of_a_thousand_entries_sends_one(desk: Desk) -> None:
    """FAULTS 18 and 28: of a flood the newest five hundred are remembered and one is sent, as a sample."""
    paper = desk.paper()
    paper.publish([])
    items = "".join(f"<item><guid>{number}</guid><title>News {number}</title></item>" for number in range(1000))
    desk.site.serve(f"{paper.path}/feed", f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>")
    feed = await desk.follow(paper)
    told = await desk.poll(feed)
    assert [view.story.title for view in told] == ["News 0"]
    assert await desk.poll(feed) == []


async def fail_for(desk: Desk, feed: Feed, days: float) -> None:
    """Let a feed fail whenever it is due."""
    ends_at = desk.clock() + timedelta(days=days)
    while (current := await refresh(desk, feed)).due_at < ends_at and current.state is FeedState.ACTIVE:
        desk.clock.now = max(desk.clock.now, current.due_at)
        await desk.ingest.poll(current)
    desk.clock.now = ends_at


async def dead(desk: Desk) -> Feed:
    await staffed(desk)
    paper = desk.paper()
    paper.publish(numbered(0, 1))
    feed = await desk.follow(paper)
    await desk.poll(feed)
    await send_out(desk)
    desk.site.serve(f"{paper.path}/feed", "no", status=500)
    await fail_for(desk, feed, 6)
    assert await messages(desk) == []
    await fail_for(desk, feed, 3)
    return feed


async def test_a_feed_that_is_silent_for_a_week_is_told_of_once_with_a_button_to_check_it(desk: Desk) -> None:
    """FAULTS 13."""
    feed = await dead(desk)
    told = {each.chat_id: each for each in await messages(desk)}
    assert set(told) == {7, OWNER, EDITOR}
    assert text_of(told[7]) in {f"Tidewatch: silent {days} days. I check daily." for days in (7, 8, 9)}
    assert list(buttons_of(told[7])) == ["Check now", "Remove"]
    assert list(buttons_of(told[OWNER])) == ["Check now"]
    await fail_for(desk, feed, 9)
    assert await messages(desk) == []


async def test_a_tap_checks_a_dead_feed_at_once_and_its_answer_revives_it(desk: Desk) -> None:
    """FAULTS 13: a dead feed recovers."""
    feed = await dead(desk)
    told = {each.chat_id: each for each in await messages(desk)}
    (answer,) = await tap(desk, 7, buttons_of(told[7])["Check now"])
    assert answer == Toast(text=Brief("I check it now. If it answers, its news follows."))
    assert (await refresh(desk, feed)).due_at == desk.clock()
    desk.paper().publish(numbered(0, 2))
    assert len(await desk.poll(feed)) == 1
    alive = await refresh(desk, feed)
    assert (alive.failures, alive.died_at, alive.error) == (0, None, None)


async def test_a_stranger_cannot_have_a_feed_checked(desk: Desk) -> None:
    feed = await dead(desk)
    told = {each.chat_id: each for each in await messages(desk)}
    due_at = (await refresh(desk, feed)).due_at
    (answer,) = await tap(desk, 55, buttons_of(told[7])["Check now"])
    assert answer == Toast(text=Brief("This button has expired. Send /help."))
    assert (await refresh(desk, feed)).due_at == due_at


async def test_a_notice_that_nobody_has_got_yet_is_withdrawn_when_the_feed_answers(desk: Desk) -> None:
    feed = await dead(desk)
    desk.paper().publish(numbered(0, 1))
    await desk.poll(feed)
    assert {each.chat_id for each in await messages(desk)} <= {OWNER, EDITOR}


async def test_a_feed_that_its_site_has_closed_is_told_of_and_polled_again_when_somebody_asks(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish(numbered(0, 1))
    feed = await desk.follow(paper)
    await desk.poll(feed)
    await send_out(desk)
    desk.site.serve(f"{paper.path}/feed", status=410)
    await desk.poll(feed)
    (told,) = await messages(desk)
    assert text_of(told) == "Tidewatch is closed: its site has taken the feed away. I no longer check it."
    await tap(desk, 7, buttons_of(told)["Check now"])
    again = await refresh(desk, feed)
    assert (again.state, again.due_at) == (FeedState.ACTIVE, desk.clock())
    await desk.poll(feed)
    assert (await refresh(desk, feed)).state is FeedState.GONE
    assert await messages(desk) == []


async def test_readers_are_told_where_a_feed_moved_to(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish(numbered(0, 1))
    feed = await desk.follow(paper)
    await desk.poll(feed)
    await send_out(desk)
    target = desk.site.url(f"{paper.path}/feed").replace("127.0.0.1", "localhost")
    desk.site.redirect("/old/feed", target, status=308)
    async with desk.storage.write() as work:
        await work.feeds.record_success(
            feed.id, now=desk.clock(), due_at=desk.clock(), etag=None, last_modified=None,
            url=desk.site.url("/old/feed"), changed=False,
        )  # fmt: skip
    for _ in range(2):
        await desk.poll(feed)
        assert await messages(desk) == []
    await desk.poll(feed)
    (told,) = await messages(desk)
    assert text_of(told) == "Tidewatch moved to localhost. I followed."
    assert list(buttons_of(told)) == ["Remove"]
    assert (await refresh(desk, feed)).url == target


async def test_a_redirect_that_does_not_last_is_not_followed_for_good(desk: Desk) -> None:
    """FAULTS 11: a permanent redirect is saved after some good polls only."""
    paper = desk.paper()
    paper.publish(numbered(0, 1))
    desk.site.redirect("/parked/feed", desk.site.url(f"{paper.path}/feed"), status=301)
    parked = desk.paper("Parked")
    feed = await desk.follow(parked)
    for _ in range(4):
        desk.site.redirect("/parked/feed", desk.site.url(f"{paper.path}/feed"), status=301)
        await desk.poll(feed)
        await desk.poll(feed)
        parked.publish(numbered(0, 1))
        await desk.poll(feed)
    current = await refresh(desk, feed)
    assert (current.url, current.moved_polls) == (desk.site.url("/parked/feed"), 0)


async def test_a_thousand_readers_are_told_in_chunks_each_once(desk: Desk) -> None:
    paper = desk.paper()
    paper.publish(numbered(0, 1))
    feed = await desk.follow(paper)
    async with desk.storage.write() as work:
        for chat_id in range(1000, 1049):
            chat = await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="uk", now=desk.clock())
            await work.subscribers.subscribe(chat.id, feed.id, now=desk.clock())
    desk.site.serve(f"{paper.path}/feed", status=410)
    await desk.ingest.poll(await refresh(desk, feed))
    notices = Notices(desk.storage, clock=desk.clock, chunk=20)
    assert [await notices.tell() for _ in range(4)] == [True, True, True, False]
    told = await send_out(desk)
    assert len(told) == len({each.chat_id for each in told}) == 50


@pytest.mark.parametrize("count", [3, 60])
async def test_feeds_that_fell_due_while_we_were_away_come_one_after_the_other(desk: Desk, count: int) -> None:
    async with desk.storage.write() as work:
        reader = await work.subscribers.ensure(7, kind=ChatKind.PRIVATE, lang="en", now=desk.clock())
        for number in range(count):
            feed, _ = await work.feeds.add(
                f"https://tidewatch.example/{number}", title="T", site_url="", now=desk.clock()
            )
            await work.subscribers.subscribe(reader.id, feed.id, now=desk.clock())
    desk.clock.advance(DAY_S)
    await Polling(desk.storage, desk.ingest, clock=desk.clock).spread_overdue()
    waves = []
    for _ in range(count // 20 + 2):
        async with desk.storage.write() as work:
            waves.append(len(await work.feeds.claim_due(desk.clock(), limit=1000, lease_s=9999)))
        desk.clock.advance(1)
    assert sum(waves) == count
    assert max(waves) <= 21
