"""Articles that their publishers change: what is corrected, what is only noted, and how often a page is asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.news.polling.correcting import Correcting
from bot.news.reader import Reader
from bot.news.web.client import Web
from bot.news.web.guard import Guard
from storage.model import DeliveryKind, FanoutKind
from tests.storage.scenes import sent
from tests.support.desk import BODY

if TYPE_CHECKING:
    from storage.model import Feed, StoryView
    from tests.support.desk import Desk, Paper

WAS = "Inspectors found a crack forty centimetres long in the deck of the Sable Bridge on Monday morning."


def print_with(
    desk: Desk, paper: Paper, teaser: str, body: str, *, title: str = "Sable Bridge shut after crack"
) -> None:
    """Serve one entry with another teaser, and its page with another text."""
    slug = "bridge"
    item = (
        f"<item><guid isPermaLink='false'>1</guid><link>{desk.site.url(f'{paper.path}/{slug}')}</link>"
        f"<title>{title}</title><description>{teaser}</description>"
        f"<pubDate>Mon, 04 May 2026 12:00:30 GMT</pubDate></item>"
    )
    feed = (
        f"<rss version='2.0'><channel><title>{paper.name}</title><link>{desk.site.origin}</link>{item}</channel></rss>"
    )
    desk.site.serve(f"{paper.path}/feed", feed, headers={"Content-Type": "application/rss+xml"})
    page = f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{body}</p>"
    desk.site.serve(f"{paper.path}/{slug}", page, headers={"Content-Type": "text/html"})


async def told(desk: Desk) -> tuple[Paper, Feed, StoryView]:
    paper = desk.paper()
    feed = await desk.follow(paper)
    print_with(desk, paper, BODY[:200], BODY)
    (view,) = await desk.poll(feed)
    assert view.summary is not None
    assert WAS in [sentence.text for sentence in view.summary.sentences]
    return paper, feed, view


async def now_of(desk: Desk, story_id: int) -> StoryView:
    async with desk.storage.read() as work:
        view = await work.stories.view(story_id, 400)
    assert view is not None
    return view


async def test_a_changed_fact_that_was_quoted_is_a_correction(desk: Desk) -> None:
    paper, feed, before = await told(desk)
    body = BODY.replace("forty centimetres", "fourteen centimetres")
    print_with(desk, paper, body[:200], body)
    (view,) = await desk.poll(feed)
    assert view.story.revision == before.story.revision + 1
    assert view.correction is not None
    assert (view.correction.was, view.correction.now) == (WAS, WAS.replace("forty", "fourteen"))
    async with desk.storage.read() as work:
        article = await work.articles.get(view.articles[0].id)
        assert article.text == body
        assert view.summary is not None
        assert all(article.text[each.start : each.end] == each.text for each in view.summary.sentences)
        assert (await work.outbox.tally(DeliveryKind.STORY, f"s:{view.story.id}")).planned == 1, "nobody gets it twice"


async def test_another_wording_or_an_addition_is_quoted_anew_and_no_correction(desk: Desk) -> None:
    paper, feed, before = await told(desk)
    body = f"{BODY} The ferries are free of charge for children under twelve years, the mayor added."
    print_with(desk, paper, f"More: {BODY[:200]}", body)
    assert await desk.poll(feed) == []
    view = await now_of(desk, before.story.id)
    assert view.correction is None
    assert view.story.revision == before.story.revision
    async with desk.storage.read() as work:
        assert (await work.articles.get(view.articles[0].id)).text == body


@pytest.mark.parametrize("waits_s", [60, 1801], ids=["at once", "half an hour later"])
async def test_a_feed_that_changes_at_every_poll_does_not_fetch_its_pages_each_time(desk: Desk, waits_s: int) -> None:
    paper, feed, before = await told(desk)
    for number, body in enumerate((BODY.replace("Thursday", "Friday"), BODY.replace("forty", "fifty")), 1):
        print_with(desk, paper, f"{number} readers. {BODY[:200]}", body)
        await desk.poll(feed)
        desk.clock.advance(waits_s)
    view = await now_of(desk, before.story.id)
    assert (view.correction is not None) is (waits_s > 1800)


async def send_out(desk: Desk) -> None:
    """Let what is owed arrive."""
    async with desk.storage.write() as work:
        claimed = await work.outbox.claim(desk.clock(), limit=500, excluding=())
    assert claimed
    async with desk.storage.write() as work:
        await work.outbox.settle([sent(each, 1000 + each.id) for each in claimed], desk.clock())


def reprint(desk: Desk, paper: Paper, body: str) -> None:
    """Put another text on the page of the one entry; its feed stays as it is."""
    page = f"<html lang='en'><head><title>Bridge</title></head><body><article><h1>Bridge</h1><p>{body}</p>"
    desk.site.serve(f"{paper.path}/bridge", page, headers={"Content-Type": "text/html"})


async def test_a_correction_on_the_page_alone_is_noticed_an_hour_after_it_was_told(desk: Desk) -> None:
    paper, _, before = await told(desk)
    correcting = Correcting(desk.storage, desk.reader, clock=desk.clock)
    reprint(desk, paper, BODY.replace("forty centimetres", "fourteen centimetres"))
    desk.clock.advance(3700)
    assert not await correcting.look_again(), "nobody was told of it yet"
    await send_out(desk)
    assert await correcting.look_again()
    assert not await correcting.look_again(), "once is enough"
    view = await now_of(desk, before.story.id)
    assert view.correction is not None
    assert (view.correction.was, view.correction.now) == (WAS, WAS.replace("forty", "fourteen"))
    async with desk.storage.read() as work:
        edit = await work.fanouts.next_open(desk.clock())
    assert edit is not None, "whoever has it is shown it anew"
    assert (edit.kind, edit.subject_id) == (FanoutKind.STORY, before.story.id)
    assert view.story.revision == before.story.revision + 1


def asked_for(desk: Desk, path: str) -> int:
    """Count how often a page was asked for."""
    return sum(asked.path == path for asked in desk.site.asked)


async def test_several_readers_ask_once_for_what_was_told_and_a_restart_does_not_ask_again(desk: Desk) -> None:
    paper, _, before = await told(desk)
    await send_out(desk)
    reprint(desk, paper, BODY.replace("forty centimetres", "fourteen centimetres"))
    desk.clock.advance(3700)
    page = f"{paper.path}/bridge"
    read = asked_for(desk, page)
    readers = [Correcting(desk.storage, desk.reader, clock=desk.clock) for _ in range(3)]
    looked = await asyncio.gather(*(each.look_again() for each in readers))
    assert sorted(looked) == [False, False, True]
    assert asked_for(desk, page) == read + 1
    assert (await now_of(desk, before.story.id)).story.revision == before.story.revision + 1
    desk.clock.advance(1900)
    assert not await Correcting(desk.storage, desk.reader, clock=desk.clock).look_again(), "a new process"
    assert asked_for(desk, page) == read + 1


async def test_looks_at_what_a_feed_changes_are_counted_over_restarts(desk: Desk) -> None:
    paper, _, before = await told(desk)
    page = f"{paper.path}/bridge"
    read, changed = asked_for(desk, page), [(before.articles[0].id, BODY[:200])]
    for _ in range(6):
        for _ in range(2):
            await Correcting(desk.storage, desk.reader, clock=desk.clock).look(changed)
        desk.clock.advance(1801)
    assert asked_for(desk, page) == read + 4


async def test_whatever_befalls_one_changed_article_the_next_is_looked_at(desk: Desk) -> None:
    _, _, one = await told(desk)
    other = desk.paper("Millpost")
    feed = await desk.follow(other)
    print_with(desk, other, BODY[:200], BODY, title="Lock at Harrow shut")
    (two,) = await desk.poll(feed)
    article_ids = [view.articles[0].id for view in (one, two)]
    unopened = Reader(Web(Guard(desk.allow)), desk.workers)  # a mistake of ours, as any other
    with pytest.raises(RuntimeError):
        await unopened.read_article(desk.site.url(f"{other.path}/bridge"), max_chars=400)
    with capture_logs() as logs:
        await Correcting(desk.storage, unopened, clock=desk.clock).look([(each, BODY[:200]) for each in article_ids])
    failed = [each["article_id"] for each in logs if each["event"] == "changed_article_unreadable" and each["exc_info"]]
    assert failed == article_ids


async def test_an_article_that_is_told_late_is_looked_at_after_younger_ones(desk: Desk) -> None:
    _, _, early = await told(desk)
    other = desk.paper("Millpost")
    feed = await desk.follow(other, chat_id=8)
    print_with(desk, other, BODY[:200], BODY, title="Lock at Harrow shut")
    (late,) = await desk.poll(feed)
    assert early.story.id < late.story.id
    async with desk.storage.write() as work:
        claimed = await work.outbox.claim(desk.clock(), limit=500, excluding=())
    ours = [each for each in claimed if each.subject == f"s:{late.story.id}"]
    theirs = [each for each in claimed if each.subject == f"s:{early.story.id}"]
    assert ours
    assert theirs
    correcting = Correcting(desk.storage, desk.reader, clock=desk.clock)
    desk.clock.advance(3700)
    for told_now in (ours, theirs):
        async with desk.storage.write() as work:
            await work.outbox.settle([sent(each, 1000 + each.id) for each in told_now], desk.clock())
        assert await correcting.look_again()
        assert not await correcting.look_again()


@pytest.mark.parametrize(
    ("body", "waits_s"),
    [
        pytest.param(f"{BODY} Ferries are free for children.", 3700, id="an addition"),
        pytest.param("The page is about something else entirely, such as herring.", 3700, id="another page"),
        pytest.param(BODY.replace("forty", "fourteen"), 3000, id="too early"),
        pytest.param(BODY.replace("forty", "fourteen"), 7 * 3600, id="too late"),
    ],
)
async def test_what_is_no_correction_on_a_page_changes_nothing(desk: Desk, body: str, waits_s: int) -> None:
    paper, _, before = await told(desk)
    await send_out(desk)
    reprint(desk, paper, body)
    desk.clock.advance(waits_s)
    await Correcting(desk.storage, desk.reader, clock=desk.clock).look_again()
    view = await now_of(desk, before.story.id)
    assert view.correction is None
    assert view.story.revision == before.story.revision
    async with desk.storage.read() as work:
        assert (await work.articles.get(view.articles[0].id)).text == BODY


REST = " The town closed it to all traffic within the hour. Buses now turn round at the mill."
ELSE = " Our shop sells prints of it, framed or plain. Write to us for the prices of larger ones."


@pytest.mark.parametrize(
    ("before", "after", "corrects"),
    [
        pytest.param(WAS + REST, REST, True, id="the rest stands"),
        pytest.param(WAS + REST, ELSE, False, id="nothing else stands"),
        pytest.param(WAS, ELSE, False, id="there is nothing else"),
    ],
)
async def test_where_one_sentence_is_quoted_the_rest_of_the_page_tells_whether_it_is_the_same(
    desk: Desk, before: str, after: str, corrects: bool
) -> None:
    paper = desk.paper()
    feed = await desk.follow(paper)
    print_with(desk, paper, "", before)
    (view,) = await desk.poll(feed)
    assert view.summary is not None
    assert [sentence.text for sentence in view.summary.sentences] == [WAS]
    await send_out(desk)
    reprint(desk, paper, WAS.replace("forty", "fourteen") + after)
    desk.clock.advance(3700)
    assert await Correcting(desk.storage, desk.reader, clock=desk.clock).look_again()
    correction = (await now_of(desk, view.story.id)).correction
    assert (correction is not None) is corrects
