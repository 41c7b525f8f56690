"""The sample news site below ``/site/``: papers, feeds, articles, and pages that fail on purpose."""

from __future__ import annotations

import asyncio
import hashlib
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.site.feeds import CONTENT_TYPES, instant, render_feed
from bot.sandbox.site.pages import article_page, front_page, home_page

if TYPE_CHECKING:
    from datetime import datetime

    from bot.sandbox.site.newsdesk import Article, Newsdesk, Outlet

_IN_FEED = 30
_HUGE_BYTES = 50 * 1024 * 1024
_SLOW_S = 30.0
_NO_FEED = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mill Square Bakery</title></head>
<body><h1>Mill Square Bakery</h1><p>Open from six. The rye loaf is back on Fridays.</p></body></html>"""
_NOT_XML = "<rss version=2.0><channel><title>Broken & unclosed <item><<<\x01 this is no feed at all"


class Site:
    """Serves the sample papers.

    Args:
        newsdesk: what is out.
    """

    def __init__(self, newsdesk: Newsdesk) -> None:
        self._newsdesk = newsdesk

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the site below ``/site/``."""
        router.add_get("/site/", self._index)
        router.add_get("/site/nofeed", self._no_feed)
        router.add_get("/site/nofeed/", self._no_feed)
        router.add_get("/site/broken-feed.xml", self._broken_feed)
        router.add_get("/site/huge", self._huge)
        router.add_get("/site/slow", self._slow)
        router.add_get("/site/{outlet}/", self._front)
        router.add_get("/site/{outlet}", self._with_slash)
        router.add_get(r"/site/{outlet}/feed.{suffix:xml|json}", self._feed)
        router.add_get(r"/site/{outlet}/news/{number:\d+}-{slug}", self._article)

    async def _index(self, request: web.Request) -> web.Response:
        page = home_page(self._newsdesk.outlets.values(), _root(request))
        return web.Response(text=page, content_type="text/html")

    async def _with_slash(self, request: web.Request) -> web.Response:
        self._outlet(request)
        raise web.HTTPMovedPermanently(f"{request.path}/")

    async def _front(self, request: web.Request) -> web.Response:
        outlet = self._outlet(request)
        articles = self._newsdesk.articles(outlet.key)
        return _conditional(request, front_page(outlet, articles, _root(request)), "text/html", _newest(articles))

    async def _feed(self, request: web.Request) -> web.Response:
        outlet = self._outlet(request)
        if not outlet.feed_path.endswith(request.match_info["suffix"]):
            raise web.HTTPNotFound
        articles = self._newsdesk.articles(outlet.key)
        body = render_feed(outlet, articles[:_IN_FEED], _root(request))
        return _conditional(request, body, CONTENT_TYPES[outlet.feed], _newest(articles))

    async def _article(self, request: web.Request) -> web.Response:
        outlet = self._outlet(request)
        article = self._newsdesk.find(outlet.key, int(request.match_info["number"]))
        if article is None or article.slug != request.match_info["slug"]:
            raise web.HTTPNotFound
        others = [other for other in self._newsdesk.articles(outlet.key) if other.number != article.number]
        page = article_page(article, others, _root(request))
        return _conditional(request, page, "text/html", instant(article.changed_at))

    def _outlet(self, request: web.Request) -> Outlet:
        outlet = self._newsdesk.outlets.get(request.match_info["outlet"])
        if outlet is None:
            raise web.HTTPNotFound
        return outlet

    # ---- failures

    async def _no_feed(self, _request: web.Request) -> web.Response:
        return web.Response(text=_NO_FEED, content_type="text/html")

    async def _broken_feed(self, _request: web.Request) -> web.Response:
        return web.Response(text=_NOT_XML, content_type="application/rss+xml")

    async def _huge(self, request: web.Request) -> web.StreamResponse:
        """Stream 50 MB of page."""
        response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
        await response.prepare(request)
        block = b"<p>Nothing to see here, but a great deal of it.</p>\n" * 1_000
        for _ in range(_HUGE_BYTES // len(block) + 1):
            await response.write(block)
        return response

    async def _slow(self, request: web.Request) -> web.Response:
        """Answer after the query's ``s`` seconds, by default after thirty."""
        try:
            wait_s = min(float(request.query.get("s", _SLOW_S)), 300.0)
        except ValueError:
            wait_s = _SLOW_S
        await asyncio.sleep(wait_s)
        return web.Response(text=_NO_FEED, content_type="text/html")


def _root(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def _newest(articles: list[Article]) -> datetime:
    return instant(max((article.changed_at for article in articles), default=0))


def _conditional(request: web.Request, body: str, content_type: str, modified: datetime) -> web.Response:
    """Answer with validators, or 304 where the caller's still hold."""
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:20]}"'
    headers = {"ETag": etag, "Last-Modified": format_datetime(modified, usegmt=True), "Cache-Control": "no-cache"}
    given = request.headers.get("If-None-Match")
    if given is not None:
        held = given.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in given.split(",")}
    else:
        held = _not_since(request.headers.get("If-Modified-Since"), modified)
    if held:
        return web.Response(status=304, headers=headers)
    return web.Response(text=body, content_type=content_type, charset="utf-8", headers=headers)


def _not_since(header: str | None, modified: datetime) -> bool:
    if header is None:
        return False
    try:
        return modified <= parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return False
