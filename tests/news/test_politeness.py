"""What a site's log shows of us: the criteria by which feed readers are scored (Rachel Kroll's), each a test.

Time is ours: the clock goes from one due instant to the next, as weeks do not pass in a test.
"""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from aiohttp import web as server

from storage.model import ChatKind, FeedState
from tests.support.desk import Desk, open_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.news.workers import Workers
    from storage.model import Feed
    from tests.support.databases import Database
    from tests.support.desk import Paper
    from tests.support.web import Asked

ONE = [("1", "a", "First thing")]
MODIFIED = "mon, 4 may 2026 09:00:00 gmt"
"""Not as HTTP would write it: whoever sends it back must not have parsed it."""


@pytest.fixture
async def desk(sqlite_database: Database, workers: Workers) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_database, workers, poll_min_s=300) as desk:
        yield desk


class Log:
    """Polls a feed whenever it is due, and tells what the site saw."""

    def __init__(self, desk: Desk, paper: Paper) -> None:
        self.desk = desk
        self.paper = paper
        self.feed: Feed | None = None
        self.times: list[datetime] = []

    async def polls(self, count: int) -> list[Asked]:
        """Let so many polls fall due one after the other; give the requests for the feed."""
        if self.feed is None:
            self.feed = await self.desk.follow(self.paper)
        for _ in range(count):
            async with self.desk.storage.read() as work:
                due_at = (await work.feeds.get(self.feed.id)).due_at
            self.desk.clock.now = max(self.desk.clock.now, due_at)
            async with self.desk.storage.write() as work:
                claimed = await work.feeds.claim_due(self.desk.clock(), limit=10, lease_s=60)
            for feed in claimed:
                self.times.append(self.desk.clock())
                await self.desk.ingest.poll(feed)
        return self.asked()

    def asked(self) -> list[Asked]:
        return [each for each in self.desk.site.asked if each.path.startswith(f"{self.paper.path}/feed")]

    @property
    def waits_s(self) -> list[float]:
        return [(later - earlier).total_seconds() for earlier, later in pairwise(self.times)]


@pytest.fixture
def log(desk: Desk) -> Log:
    return Log(desk, desk.paper())


@pytest.mark.parametrize("etag", ['"abc"', 'W/"odd, but: theirs"', "unquoted", '"a""b"', '"' + "x" * 300 + '"'])
async def test_if_none_match_is_the_etag_byte_for_byte(log: Log, etag: str) -> None:
    log.paper.publish(ONE, answer={"ETag": etag})
    first, *later = await log.polls(4)
    assert "if-none-match" not in first.headers
    assert [asked.headers["if-none-match"] for asked in later] == [etag.encode()] * 3


async def test_if_modified_since_is_the_last_modified_byte_for_byte(log: Log) -> None:
    log.paper.publish(ONE, answer={"Last-Modified": MODIFIED})
    first, *later = await log.polls(4)
    assert "if-modified-since" not in first.headers
    assert [asked.headers["if-modified-since"] for asked in later] == [MODIFIED.encode()] * 3


async def test_both_validators_are_sent_where_both_are_given(log: Log) -> None:
    log.paper.publish(ONE, answer={"ETag": '"abc"', "Last-Modified": MODIFIED})
    _, second = await log.polls(2)
    assert (second.headers["if-none-match"], second.headers["if-modified-since"]) == (b'"abc"', MODIFIED.encode())


async def test_no_validator_is_made_up(log: Log) -> None:
    log.paper.publish(ONE, answer={"Date": "Mon, 04 May 2026 09:00:00 GMT"})
    for asked in await log.polls(3):
        assert not {"if-none-match", "if-modified-since", "if-match", "if-range"} & asked.headers.keys()


async def test_validators_that_change_are_taken_over_and_those_that_vanish_are_dropped(log: Log) -> None:
    log.paper.publish(ONE, answer={"ETag": '"one"', "Last-Modified": MODIFIED})
    await log.polls(1)
    log.paper.publish([("2", "b", "Second thing"), *ONE], answer={"ETag": '"two"'})
    await log.polls(1)
    log.paper.publish(ONE)
    await log.polls(1)
    *_, third, fourth = await log.polls(1)
    assert third.headers["if-none-match"] == b'"two"'
    assert "if-modified-since" not in third.headers
    assert not {"if-none-match", "if-modified-since"} & fourth.headers.keys()


async def test_a_304_keeps_the_validators_and_nothing_is_asked_for_without_them(log: Log) -> None:
    log.paper.publish(ONE, answer={"ETag": '"one"', "Last-Modified": MODIFIED})
    await log.polls(1)
    log.desk.site.serve("/tidewatch/feed", status=304)
    _, *later = await log.polls(8)
    assert len(later) == 8
    assert {asked.headers.get("if-none-match") for asked in later} == {b'"one"'}
    assert {asked.headers.get("if-modified-since") for asked in later} == {MODIFIED.encode()}


async def test_a_304_may_bring_a_new_validator(log: Log) -> None:
    log.paper.publish(ONE, answer={"ETag": '"one"'})
    await log.polls(1)
    log.desk.site.serve("/tidewatch/feed", status=304, headers={"ETag": '"two"'})
    *_, last = await log.polls(2)
    assert last.headers["if-none-match"] == b'"two"'


async def test_an_error_between_does_not_lose_the_validators(log: Log) -> None:
    log.paper.publish(ONE, answer={"ETag": '"one"'})
    await log.polls(1)
    log.desk.site.serve("/tidewatch/feed", "no", status=503)
    *_, last = await log.polls(3)
    assert last.headers["if-none-match"] == b'"one"'


async def test_a_feed_is_fetched_once_at_the_start(log: Log) -> None:
    log.paper.publish(ONE)
    assert len(await log.polls(1)) == 1
    async with log.desk.storage.write() as work:
        assert await work.feeds.claim_due(log.desk.clock(), limit=10, lease_s=60) == []


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        pytest.param({"Cache-Control": "max-age=7200"}, 7200, id="max-age"),
        pytest.param({"Cache-Control": "public, max-age=5400"}, 5400, id="among others"),
        pytest.param(
            {"Date": "Mon, 04 May 2026 12:00:00 GMT", "Expires": "Mon, 04 May 2026 15:00:00 GMT"}, 10800, id="Expires"
        ),
        pytest.param({"Retry-After": "4000"}, 4000, id="Retry-After on a good answer"),
    ],
)
@pytest.mark.parametrize("unchanged", [False, True], ids=["200", "304"])
async def test_nothing_is_asked_while_the_answer_is_fresh(
    log: Log, answer: dict[str, str], seconds: float, unchanged: bool
) -> None:
    log.paper.publish(ONE, answer={"ETag": '"one"', **answer})
    await log.polls(1)
    if unchanged:
        log.desk.site.serve("/tidewatch/feed", status=304, headers=answer)
    await log.polls(3)
    assert min(log.waits_s) >= seconds


@pytest.mark.parametrize(
    ("extra", "seconds"),
    [
        pytest.param("<ttl>90</ttl>", 5400, id="ttl"),
        pytest.param(
            "<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>daily</sy:updatePeriod>"
            "<sy:updateFrequency xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>4</sy:updateFrequency>",
            21600,
            id="sy:updatePeriod",
        ),
    ],
)
async def test_the_feeds_own_wish_is_granted(log: Log, extra: str, seconds: float) -> None:
    log.paper.publish(ONE, extra=extra)
    await log.polls(3)
    assert min(log.waits_s) >= seconds


async def test_skipped_hours_and_days_are_skipped(log: Log) -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in (13, 14, 15, 24))
    log.paper.publish(ONE, extra=f"<skipHours>{hours}</skipHours><skipDays><day>Tuesday</day></skipDays>")
    await log.polls(60)
    times = log.times[1:]
    assert times[-1] - times[0] > timedelta(days=2)
    assert not {at.hour for at in times} & {0, 13, 14, 15}
    assert all(at.strftime("%A") != "Tuesday" for at in times)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_nothing_is_asked_before_retry_after(log: Log, status: int, form: str) -> None:
    """FAULTS 12."""
    wait_s = 6 * 3600
    value = str(wait_s)
    if form == "date":  # a date is read by the machine's clock
        value = format_datetime(datetime.now(UTC) + timedelta(seconds=wait_s + 2), usegmt=True)
    log.desk.site.serve("/tidewatch/feed", "slow down", status=status, headers={"Retry-After": value})
    await log.polls(3)
    assert min(log.waits_s) >= wait_s


async def test_a_failing_feed_is_asked_ever_less_often_and_recovers(log: Log) -> None:
    """FAULTS 13: thirty failures, then it answers and is well."""
    log.desk.site.serve("/tidewatch/feed", "broken", status=500)
    await log.polls(30)
    waits = log.waits_s
    assert waits[0] >= 300
    assert all(later >= earlier * 0.9 for earlier, later in pairwise(waits))
    assert max(waits) <= 86400 * 1.1
    log.paper.publish(ONE)
    await log.polls(1)
    async with log.desk.storage.read() as work:
        feed = await work.feeds.get(log.feed.id if log.feed else 0)
    assert (feed.failures, feed.checked_at) == (0, log.desk.clock())


async def test_an_unchanging_feed_is_asked_about_hourly(log: Log) -> None:
    log.paper.publish(ONE, answer={"ETag": '"one"'})
    await log.polls(1)
    log.desk.site.serve("/tidewatch/feed", status=304)
    await log.polls(30)
    waits = log.waits_s
    assert min(waits) >= 300
    assert min(waits[-15:]) >= 3600
    assert len([at for at in log.times if at - log.times[0] <= timedelta(days=1)]) <= 32


async def test_a_feed_that_is_gone_is_never_asked_again(log: Log) -> None:
    """FAULTS 13: a 410 stops."""
    log.desk.site.serve("/tidewatch/feed", status=410)
    await log.polls(1)
    log.desk.clock.advance(90 * 86400)
    assert len(await log.polls(5)) == 1
    async with log.desk.storage.read() as work:
        assert (await work.feeds.get(log.feed.id if log.feed else 0)).state is FeedState.GONE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed_and_validators_go_to_the_place_they_came_from(log: Log, status: int) -> None:
    log.paper.publish(ONE, answer={"ETag": '"one"'})
    log.desk.site.redirect("/old/feed", log.desk.site.url("/tidewatch/feed"), status=status)
    old = log.desk.paper("Old")
    via = Log(log.desk, old)
    first, second = await via.polls(2)
    assert first.path == second.path == "/old/feed"
    asked = log.asked()
    assert "if-none-match" not in asked[0].headers
    assert asked[1].headers["if-none-match"] == b'"one"'


async def test_requests_say_who_we_are_and_the_same_each_time_and_nothing_else(log: Log) -> None:
    log.paper.publish(ONE, answer={"ETag": '"one"', "Set-Cookie": "id=7; Path=/"})
    asked = await log.polls(5)
    agents = {each.headers["user-agent"] for each in asked}
    assert len(agents) == 1
    assert agents.pop().startswith(b"Newsgist/")
    for each in asked:
        assert not {"cookie", "referer", "origin", "authorization", "cache-control", "pragma"} & each.headers.keys()
        assert each.headers["accept-encoding"] == b"gzip, deflate, br, zstd"


async def test_addresses_are_asked_as_they_are(log: Log) -> None:
    log.paper.publish(ONE)
    async with log.desk.storage.write() as work:
        feed, _ = await work.feeds.add(
            log.desk.site.url("/tidewatch/feed?b=2&a=1&utm_source=x"), title="T", site_url="", now=log.desk.clock()
        )
    await log.desk.ingest.poll(feed)
    assert [each.path for each in log.asked()] == ["/tidewatch/feed?b=2&a=1&utm_source=x"]


async def test_nothing_but_feed_robots_and_new_articles_is_asked_for(log: Log) -> None:
    """No favicon, no picture, no page of the site itself; and each article once."""
    log.paper.publish([("2", "b", "Second thing"), *ONE])
    await log.polls(3)
    for _ in range(3):
        await log.desk.finish()
    paths = [each.path for each in log.desk.site.asked]
    assert set(paths) <= {"/tidewatch/feed", "/robots.txt", "/tidewatch/a", "/tidewatch/b"}
    assert max(paths.count(path) for path in set(paths) - {"/tidewatch/feed"}) == 1


async def test_one_fetch_serves_all_subscribers(log: Log) -> None:
    """FAULTS 7."""
    log.paper.publish(ONE)
    now = log.desk.clock()
    async with log.desk.storage.write() as work:
        feed, _ = await work.feeds.add(log.desk.site.url("/tidewatch/feed"), title="T", site_url="", now=now)
        for chat_id in range(100, 600):
            chat = await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=now)
            await work.subscribers.subscribe(chat.id, feed.id, now=now)
    assert len(await log.polls(1)) == 1


async def test_packed_answers_are_asked_for_and_read(log: Log) -> None:
    feed = "<rss version='2.0'><channel><title>T</title><item><title>One</title><guid>1</guid></item></channel></rss>"

    async def packed(request: server.Request) -> server.StreamResponse:
        assert "gzip" in request.headers["Accept-Encoding"]
        return server.Response(body=gzip.compress(feed.encode()), headers={"Content-Encoding": "gzip"})

    log.desk.site.route("/tidewatch/feed", packed)
    await log.polls(1)
    async with log.desk.storage.read() as work:
        assert (await work.feeds.get(log.feed.id if log.feed else 0)).title == "T"
