"""Being told by a feed's hub what is new (https://www.w3.org/TR/websub/); polls stay as the safety net.

A hub's message is taken for a hint to poll at once: what it brings is read from the feed itself, through the guard.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from bot.news.errors import FetchError
from bot.news.parsing.links import resolve
from bot.web.hub import Answer
from storage import Urgency

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Mapping, Sequence
    from datetime import datetime

    from bot.news.feeds.parser import Feed as ParsedFeed
    from bot.news.feeds.reading import FeedReading
    from bot.news.web.client import Web
    from storage import Storage, Work
    from storage.model import Feed, HubSubscription

_log = structlog.get_logger(__name__)

_LEASE_S: Final = 10 * 86400
_LEAST_LEASE_S: Final = 3600
_MOST_LEASE_S: Final = 30 * 86400
_RETRY_S: Final = 900.0
_EVERY_S: Final = 30.0
_AT_ONCE: Final = 20
_MOST_BYTES: Final = 20 * 1024 * 1024
_DIGESTS: Final = frozenset({"sha1", "sha256", "sha384", "sha512"})
_LINK: Final = re.compile(r"<([^<>]{1,2000})>((?:\s*;\s*[\w*-]{1,30}\s*=\s*(?:\"[^\"]{0,500}\"|[^\s\",;]{1,500}))*)")
_REL: Final = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]+))", re.IGNORECASE)


class WebSub:
    """Subscribes at hubs, answers their questions and hears their messages.

    Args:
        storage: Where the subscriptions are kept.
        web: Asks the hubs.
        public_url: The root under which the world reaches our server.
        clock: Tells the time, aware, in UTC.
    """

    def __init__(self, storage: Storage, web: Web, *, public_url: str, clock: Callable[[], datetime]) -> None:
        self._storage = storage
        self._web = web
        self._callback = f"{public_url.rstrip('/')}/websub"
        self._clock = clock

    async def consider(self, work: Work, feed: Feed, reading: FeedReading, *, now: datetime) -> None:
        """Wish to be told by the hub that a feed names, or nothing more where it names none."""
        if not reading.hub_url:
            await work.hubs.forget(feed.id)
            return
        await work.hubs.want(
            feed.id,
            hub_url=reading.hub_url,
            topic_url=reading.topic_url or reading.url,
            token=secrets.token_urlsafe(24),
            secret=secrets.token_urlsafe(32),
            now=now,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Ask hubs for what is wished, and again before their promises end, until ``stop`` is set."""
        while not stop.is_set():
            try:
                await self.ask()
            except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
                _log.exception("hubs_failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=_EVERY_S)

    async def ask(self) -> int:
        """Ask the hubs that are due, once; say how many."""
        async with self._storage.write(Urgency.STEADY) as work:
            due = await work.hubs.claim_due(self._clock(), limit=_AT_ONCE, retry_s=_RETRY_S)
        await asyncio.gather(*map(self._ask_one, due))
        return len(due)

    async def _ask_one(self, wish: HubSubscription) -> None:
        fields = {
            "hub.callback": f"{self._callback}/{wish.token}",
            "hub.mode": "subscribe",
            "hub.topic": wish.topic_url,
            "hub.lease_seconds": str(_LEASE_S),
            "hub.secret": wish.secret,
        }
        try:
            status = await self._web.post_form(wish.hub_url, fields)
        except FetchError as error:
            _log.info("hub_unreachable", feed_id=wish.feed_id, cause=type(error).__name__)
            return
        _log.info("hub_asked", feed_id=wish.feed_id, status=status)

    async def verify(self, token: str, query: Mapping[str, str]) -> Answer:
        """Answer a hub that asks whether we wished to be told: only where we did, and of this topic."""
        mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
        now = self._clock()
        async with self._storage.write(Urgency.STEADY) as work:
            wish = await work.hubs.find(token)
            if mode == "unsubscribe":  # we never ask for that of what we wish
                return Answer(status=404) if wish is not None or not challenge else Answer(status=200, text=challenge)
            if wish is None or query.get("hub.topic") != wish.topic_url:
                return Answer(status=404)
            if mode == "denied":
                await work.hubs.deny(wish.feed_id)
                return Answer(status=200)
            if mode != "subscribe" or not challenge:
                return Answer(status=404)
            await work.hubs.confirm(wish.feed_id, lease_s=_lease_s(query.get("hub.lease_seconds", "")), now=now)
        _log.info("hub_verified", feed_id=wish.feed_id)
        return Answer(status=200, text=challenge)

    async def hear(self, token: str, signature: str, body: AsyncIterable[bytes]) -> Answer:
        """Hear a hub's message: where its signature is right, the feed is polled at once.

        A message that is not signed as agreed is dropped, but acknowledged all the same, as the standard wants it.
        """
        async with self._storage.read() as work:
            wish = await work.hubs.find(token)
        if wish is None:
            return Answer(status=410)
        method, _, given = signature.partition("=")
        if method.lower() not in _DIGESTS:
            return await _drain(body)
        digest, size = hmac.new(wish.secret.encode(), digestmod=method.lower()), 0
        async for chunk in body:
            size += len(chunk)
            if size > _MOST_BYTES:
                return Answer(status=413)
            digest.update(chunk)
        if not hmac.compare_digest(digest.hexdigest().encode(), given.strip().lower().encode(errors="surrogateescape")):
            _log.warning("hub_forged", feed_id=wish.feed_id)
            return Answer(status=202)
        async with self._storage.write(Urgency.STEADY) as work:
            await work.feeds.poll_soon(wish.feed_id, self._clock())
        _log.info("hub_told", feed_id=wish.feed_id)
        return Answer(status=202)


def find_hub(links: Sequence[str], feed: ParsedFeed, url: str) -> tuple[str, str]:
    """Find a feed's hub and the address under which the hub knows it; each empty where none is named.

    Args:
        links: The ``Link`` headers as sent (RFC 8288), which go before what the feed itself says.
        feed: The feed as parsed.
        url: Where it came from.
    """
    said: dict[str, str] = {}
    for header in links[:20]:
        for target, parameters in _LINK.findall(header[:8000]):
            found = _REL.search(parameters)
            for relation in ((found.group(1) or found.group(2) or "") if found else "").lower().split():
                said.setdefault(relation, resolve(url, target))
    return said.get("hub") or feed.hub_url, said.get("self") or feed.self_url


async def _drain(body: AsyncIterable[bytes]) -> Answer:
    size = 0
    async for chunk in body:
        size += len(chunk)
        if size > _MOST_BYTES:
            return Answer(status=413)
    return Answer(status=202)


def _lease_s(text: str) -> float:
    stated = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else _LEASE_S
    return float(min(max(stated, _LEAST_LEASE_S), _MOST_LEASE_S))
