"""A hub of ours on loopback, our own server for its questions and messages, and a real database between."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web as server
from prometheus_client import CollectorRegistry

from bot.news.feeds.parser import Feed as ParsedFeed
from bot.news.feeds.websub import WebSub, find_hub
from bot.news.polling.ingest import Ingest
from bot.web.server import Endpoints, build, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from storage.model import Feed
    from tests.support.desk import Desk

ONE = [("1", "a", "First thing")]
FEED = "https://tidewatch.example/feed"


@dataclass
class Hub:
    """A desk with a hub beside it, and the bot's own address."""

    desk: Desk
    websub: WebSub
    public_url: str
    session: aiohttp.ClientSession
    wishes: list[Mapping[str, str]] = field(default_factory=list)
    status: int = 202

    @property
    def url(self) -> str:
        return self.desk.site.url("/hub")

    async def take(self, request: server.Request) -> server.StreamResponse:
        """Note a wish."""
        self.wishes.append({name: str(value) for name, value in (await request.post()).items()})
        return server.Response(status=self.status)

    async def verify(self, wish: Mapping[str, str], **changes: str) -> tuple[int, str]:
        """Ask the bot whether it wished for that."""
        query = {
            "hub.mode": "subscribe",
            "hub.topic": wish["hub.topic"],
            "hub.challenge": "c-123",
            "hub.lease_seconds": "864000",
        } | {f"hub.{name}": value for name, value in changes.items()}
        async with self.session.get(wish["hub.callback"], params=query) as answer:
            return answer.status, await answer.text()

    async def tell(self, wish: Mapping[str, str], *, secret: str | None = None, method: str = "sha256") -> int:
        """Send a message, signed."""
        body = b"<rss/>"
        key = (wish["hub.secret"] if secret is None else secret).encode()
        headers = {"X-Hub-Signature": f"{method}={hmac.new(key, body, method).hexdigest()}"} if method else {}
        async with self.session.post(wish["hub.callback"], data=body, headers=headers) as answer:
            return answer.status


@pytest.fixture
async def hub(desk: Desk) -> AsyncIterator[Hub]:
    async def readiness() -> list[str]:
        return []

    async def receive(_: dict[str, object]) -> None:
        return None

    listener: list[WebSub] = []

    class Late:
        """The address is known only once the server runs."""

        async def verify(self, token: str, query: Mapping[str, str]) -> object:
            return await listener[0].verify(token, query)

        async def hear(self, token: str, signature: str, body: object) -> object:
            return await listener[0].hear(token, signature, body)  # type: ignore[arg-type]  # passed through

    endpoints = Endpoints(
        readiness=readiness,
        registry=CollectorRegistry(),
        secret=None,
        receive=receive,
        hubs=Late(),  # type: ignore[arg-type]  # answers as WebSub does
    )
    async with (
        serve(build(endpoints), host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
    ):
        public_url = f"http://127.0.0.1:{port}"
        websub = WebSub(desk.storage, desk.web, public_url=public_url, clock=desk.clock)
        listener.append(websub)
        desk.ingest = Ingest(desk.storage, desk.reader, clock=desk.clock, poll_min_s=300, hubs=websub)
        made = Hub(desk, websub, public_url, session)
        desk.site.route("/hub", made.take)
        yield made


async def followed(hub: Hub, *, answer: Mapping[str, str] | None = None) -> Feed:
    """Follow a feed that names the hub, read it, and ask the hub."""
    paper = hub.desk.paper()
    topic = hub.desk.site.url("/tidewatch/feed")
    atom = "xmlns:a='http://www.w3.org/2005/Atom'"
    extra = f"<a:link {atom} rel='hub' href='{hub.url}'/><a:link {atom} rel='self' href='{topic}'/>"
    paper.publish(ONE, extra=extra, answer=answer)
    feed = await hub.desk.follow(paper)
    await hub.desk.poll(feed)
    return feed


async def stored(hub: Hub, feed: Feed) -> Feed:
    async with hub.desk.storage.read() as work:
        return await work.feeds.get(feed.id)


async def test_a_hub_that_a_feed_names_is_asked_to_tell_us(hub: Hub) -> None:
    await followed(hub)
    assert await hub.websub.ask() == 1
    (wish,) = hub.wishes
    assert wish["hub.mode"] == "subscribe"
    assert wish["hub.topic"] == hub.desk.site.url("/tidewatch/feed")
    assert wish["hub.callback"].startswith(f"{hub.public_url}/websub/")
    assert len(wish["hub.secret"]) >= 32
    assert await hub.websub.ask() == 0


async def test_a_hub_is_answered_with_its_challenge_only_for_what_we_wished(hub: Hub) -> None:
    await followed(hub)
    await hub.websub.ask()
    (wish,) = hub.wishes
    assert await hub.verify(wish, topic="https://other.example/feed") == (404, "")
    assert await hub.verify(wish, mode="unsubscribe") == (404, "")
    assert await hub.verify({**wish, "hub.callback": f"{hub.public_url}/websub/{'x' * 32}"}) == (404, "")
    assert await hub.verify(wish) == (200, "c-123")


async def test_while_a_hub_tells_us_polls_are_hourly_and_without_it_as_before(hub: Hub) -> None:
    feed = await followed(hub)
    await hub.websub.ask()
    await hub.verify(hub.wishes[0])
    await hub.desk.poll(feed)
    assert (await stored(hub, feed)).due_at - hub.desk.clock() >= timedelta(hours=1)
    hub.desk.clock.advance(11 * 86400)  # the promise has ended
    hub.desk.paper().publish([("2", "b", "Second thing"), *ONE])
    await hub.desk.poll(feed)
    async with hub.desk.storage.read() as work:
        assert not await work.hubs.is_verified(feed.id, hub.desk.clock())


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_a_signed_message_polls_the_feed_at_once(hub: Hub, method: str) -> None:
    feed = await followed(hub)
    await hub.websub.ask()
    assert (await stored(hub, feed)).due_at > hub.desk.clock()
    assert await hub.tell(hub.wishes[0], method=method) == 202
    assert (await stored(hub, feed)).due_at == hub.desk.clock()


@pytest.mark.parametrize(("secret", "method"), [("wrong", "sha256"), ("", "sha1"), (None, "md5"), (None, "")], ids=repr)
async def test_an_unsigned_or_forged_message_does_nothing(hub: Hub, secret: str | None, method: str) -> None:
    feed = await followed(hub)
    await hub.websub.ask()
    due_at = (await stored(hub, feed)).due_at
    assert await hub.tell(hub.wishes[0], secret=secret, method=method) == 202
    assert (await stored(hub, feed)).due_at == due_at


async def test_a_message_does_not_hurry_a_feed_that_asked_for_patience(hub: Hub) -> None:
    feed = await followed(hub)
    await hub.websub.ask()
    hub.desk.site.serve("/tidewatch/feed", status=503, headers={"Retry-After": "7200"})
    await hub.desk.poll(feed)
    assert await hub.tell(hub.wishes[0]) == 202
    assert (await stored(hub, feed)).due_at - hub.desk.clock() >= timedelta(hours=2)


async def test_a_message_to_an_address_that_nobody_gave_is_refused(hub: Hub) -> None:
    await followed(hub)
    await hub.websub.ask()
    wish = {**hub.wishes[0], "hub.callback": f"{hub.public_url}/websub/{'x' * 32}"}
    assert await hub.tell(wish) == 410


async def test_a_promise_is_renewed_before_it_ends_under_the_same_address(hub: Hub) -> None:
    await followed(hub)
    await hub.websub.ask()
    await hub.verify(hub.wishes[0])
    hub.desk.clock.advance(7 * 86400)
    assert await hub.websub.ask() == 0
    hub.desk.clock.advance(86400)
    assert await hub.websub.ask() == 1
    assert hub.wishes[1] == hub.wishes[0]


@pytest.mark.parametrize("status", [404, 500])
async def test_a_hub_that_refuses_is_asked_ever_less_often(hub: Hub, status: int) -> None:
    hub.status = status
    await followed(hub)
    for _ in range(3 * 24 * 4):
        await hub.websub.ask()
        hub.desk.clock.advance(900)
    assert 6 <= len(hub.wishes) <= 10


async def test_a_hub_that_denies_is_not_waited_for(hub: Hub) -> None:
    feed = await followed(hub)
    await hub.websub.ask()
    await hub.verify(hub.wishes[0])
    assert await hub.verify(hub.wishes[0], mode="denied") == (200, "")
    async with hub.desk.storage.read() as work:
        assert not await work.hubs.is_verified(feed.id, hub.desk.clock())


async def test_a_private_hub_is_not_asked(hub: Hub) -> None:
    paper = hub.desk.paper()
    paper.publish(ONE, answer={"Link": '<http://10.0.0.1/hub>; rel="hub"'})
    await hub.desk.poll(await hub.desk.follow(paper))
    assert await hub.websub.ask() == 1
    assert hub.wishes == []


async def test_a_feed_that_names_its_hub_no_more_is_polled_only(hub: Hub) -> None:
    feed = await followed(hub)
    await hub.websub.ask()
    hub.desk.paper().publish(ONE)
    await hub.desk.poll(feed)
    assert await hub.tell(hub.wishes[0]) == 410


@pytest.mark.parametrize(
    ("links", "hub", "topic"),
    [
        pytest.param([], "https://feed.example/hub", "https://feed.example/self", id="in the feed"),
        pytest.param(
            ['<https://h.example/>; rel="hub"'], "https://h.example/", "https://feed.example/self", id="header"
        ),
        pytest.param(
            ['<https://h.example/>; rel="hub", <https://t.example/>; rel=self'],
            "https://h.example/",
            "https://t.example/",
            id="two in one header",
        ),
        pytest.param(
            ['</hub>; title="a, b"; rel="alternate hub"'],
            "https://tidewatch.example/hub",
            "https://feed.example/self",
            id="relative, among other parameters",
        ),
        pytest.param(["<<<;;;rel=hub"], "https://feed.example/hub", "https://feed.example/self", id="broken"),
        pytest.param(["<javascript:x>; rel=hub"], "https://feed.example/hub", "https://feed.example/self", id="scheme"),
    ],
)
def test_the_hub_is_found_in_headers_then_in_the_feed(links: list[str], hub: str, topic: str) -> None:
    feed = ParsedFeed(hub_url="https://feed.example/hub", self_url="https://feed.example/self")
    assert find_hub(links, feed, FEED) == (hub, topic)


async def test_a_hub_is_not_asked_for_a_feed_that_nobody_reads(hub: Hub) -> None:
    feed = await followed(hub)
    async with hub.desk.storage.write() as work:
        reader = await work.subscribers.find_by_chat(7)
        assert reader is not None
        await work.subscribers.erase(reader.id)
    hub.desk.clock.advance(timedelta(days=40).total_seconds())
    assert await hub.websub.ask() == 0, f"feed {feed.id} may be the secret of somebody who has gone"
