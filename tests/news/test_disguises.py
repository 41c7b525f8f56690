"""A hundred ways to name an address of this machine, and canaries there that must never be asked (FAULTS 1 to 6).

The canaries listen on loopback, on both families; the guard takes their port for one of the web's, so that nothing but
the address itself keeps it from them.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from bot.news.errors import FeedError, NewsError
from bot.news.feeds.opml import read_list
from bot.news.feeds.parser import parse_feed
from bot.news.web.client import ACCEPT_PAGE, Web
from bot.news.web.guard import Guard, parse_allow
from tests.news.test_guard import PRIVATE_HOSTS, Liar
from tests.support.web import Site, serving_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.abc import AbstractResolver

    from tests.support.desk import Desk

WRITTEN = [
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
    " http://127.0.0.1:{port}/ ",
    "http:127.0.0.1:{port}/",
    "http:/127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "http:////127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http:\\\\127.0.0.1:{port}\\",
    "http://news.example@127.0.0.1:{port}/",
    "http://news.example:80@127.0.0.1:{port}/",
    "http://user:pass@127.0.0.1:{port}/",
    "http://@127.0.0.1:{port}/",
    "http://news.example\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@news.example/",
    "http://127.0.0.1:{port}#@news.example/",
    "http://127.0.0.1:{port}?@news.example/",
    "http://news.example#@127.0.0.1:{port}/",
    "http://127.0.0.1%2f:{port}/",
    "http://127.0.0.1%00.news.example:{port}/",
    "http://127.0.0.1\x00.news.example:{port}/",
    "http://127.0.0.1\t:{port}/",
    "http://127.0.\n0.1:{port}/",
    "http://127.0.0.1%0d%0aHost:%20news.example:{port}/",
    "http://127.0.0.1:0{port}/",
    "http://127.0.0.1:{port}@/",
    "http://[127.0.0.1]:{port}/",
    "http://[::1]:{port}/",
    "http://[::1%25lo]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::1]:{port}@127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://localhost.:{port}/",
    "http://LOCALHOST:{port}/",
    "http://loc\u00adalhost:{port}/",
    "http://a.localhost:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.1:{port}/",
    "http://127。0。0。1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127.0.0.1：{port}/",
    "http://127.0.0.1／:{port}/",
    "feed://127.0.0.1:{port}/",
    "feed:http://127.0.0.1:{port}/",
    "view-source:http://127.0.0.1:{port}/",
    "jar:http://127.0.0.1:{port}/!/",
    "gopher://127.0.0.1:{port}/_GET%20/",
    "dict://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "ldap://127.0.0.1:{port}/",
    "ws://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "data:text/html,http://127.0.0.1:{port}/",
    "javascript:fetch('http://127.0.0.1:{port}/')",
]
LIES = [
    ["127.0.0.1"],
    ["::1"],
    ["::ffff:127.0.0.1"],
    ["0.0.0.0"],
    ["::"],
    ["64:ff9b::7f00:1"],
    ["127.0.0.1", "::1"],
    ["10.0.0.1", "127.0.0.1"],
    ["169.254.169.254"],
    ["fe80::1"],
]
TARGETS = [
    "http://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://[::1]:{port}/",
    "http://localhost:{port}/",
    "http://user@127.0.0.1:{port}/",
    "\thttp://127.0.0.1:{port}/",
]


@asynccontextmanager
async def canaries() -> AsyncIterator[tuple[Site, Site, int]]:
    """Two servers on one port of both families' loopback; both answer everything."""
    async with serving_site() as four:
        six = Site()
        listener = socket.socket(socket.AF_INET6)
        try:
            listener.bind(("::1", four.port))
        except OSError:
            listener.close()
            yield four, six, four.port
            return
        from aiohttp import web  # noqa: PLC0415

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", six.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        try:
            yield four, six, four.port
        finally:
            await runner.cleanup()


async def attempts(urls: list[str], *, port: int, resolver: AbstractResolver | None = None, allow: str = "") -> int:
    """Fetch each address as a person, a feed or a page might give it; give how many were tried."""
    guard = Guard(parse_allow(allow), ports=frozenset({80, 443, port}))
    async with Web(guard, resolver=resolver) as web:
        for url in urls:
            with suppress(NewsError):
                await web.fetch(url.format(port=port), accept=ACCEPT_PAGE, timeout_s=3)
    return len(urls)


async def test_no_disguise_in_an_address_reaches_a_canary() -> None:
    """FAULTS 1, 3 and 4: an address of this machine in any spelling, of numbers, names, ports, users and schemes."""
    async with canaries() as (four, six, port):
        tried = await attempts([f"http://{host}:{{port}}/" for host in PRIVATE_HOSTS], port=port)
        tried += await attempts(WRITTEN, port=port)
        for lie in LIES:
            tried += await attempts(["http://news.example:{port}/"], port=port, resolver=Liar(lie))
        assert tried >= 100
        assert four.asked + six.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_reaches_a_canary(status: int) -> None:
    """FAULTS 2: each hop is judged like the first."""
    async with canaries() as (four, six, port), serving_site("127.0.0.2") as public:
        for number, target in enumerate(TARGETS):
            public.redirect(f"/{number}", target.format(port=port), status=status)
            public.redirect(f"/chain/{number}", f"/{number}", status=status)
            urls = [public.url(f"/{number}"), public.url(f"/chain/{number}")]
            await attempts(urls, port=port, allow=f"127.0.0.2:{public.port}")
        assert len(public.asked) >= 2 * len(TARGETS)
        assert four.asked + six.asked == []


async def test_a_name_that_changes_its_mind_reaches_no_canary() -> None:
    """FAULTS 3: DNS rebinding; the address that is dialled is the one that was judged."""
    async with canaries() as (four, six, port):
        guard = Guard(parse_allow("127.0.0.3/32"), ports=frozenset({port}))
        for _ in range(3):
            async with Web(guard, resolver=Liar(["127.0.0.3"], ["127.0.0.1"], ["::1"])) as web:
                for _ in range(3):
                    with suppress(NewsError):
                        await web.fetch(f"http://rebind.example:{port}/", accept=ACCEPT_PAGE, timeout_s=3)
        assert four.asked + six.asked == []


async def test_no_address_inside_a_feed_or_a_page_reaches_a_canary(desk: Desk) -> None:
    """FAULTS 5: links, enclosures, pictures, canonical addresses, hubs, alternates, sitemaps and lists."""
    async with canaries() as (four, six, port):
        canary = f"http://127.0.0.1:{port}"
        page = (
            f"<html><head><link rel='canonical' href='{canary}/canonical'><link rel='amphtml' href='{canary}/amp'>"
            f"<meta property='og:image' content='{canary}/image'><meta http-equiv='refresh' content='0;url={canary}/r'>"
            f"<link rel='alternate' type='application/rss+xml' href='{canary}/alternate'><base href='{canary}/base/'>"
            f"<link rel='icon' href='{canary}/icon'><script src='{canary}/script'></script></head>"
            f"<body><article><p>Read</p><img src='{canary}/picture'><iframe src='{canary}/frame'></iframe></article>"
        )
        desk.site.serve("/page", page, headers={"Content-Type": "text/html"})
        desk.site.serve("/robots.txt", f"Sitemap: {canary}/sitemap.xml\n")
        desk.site.serve(
            "/feed",
            f"<?xml-stylesheet href='{canary}/style'?><rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel>"
            f"<title>Tide</title><link>{canary}/site</link><a:link rel='hub' href='{canary}/hub'/>"
            f"<a:link rel='self' href='{canary}/self'/><image><url>{canary}/logo</url></image>"
            f"<item><guid>1</guid><title>One</title><link>{canary}/article</link>"
            f"<enclosure url='{canary}/enclosure' type='image/png' length='1'/></item>"
            f"<item><guid>2</guid><title>Two</title><link>{desk.site.url('/page')}</link></item></channel></rss>",
            headers={"Content-Type": "application/rss+xml", "Link": f"<{canary}/hub2>; rel=hub"},
        )
        async with desk.storage.write() as work:
            feed, _ = await work.feeds.add(desk.site.url("/feed"), title="Tide", site_url="", now=desk.clock())
        await desk.poll(feed)
        await desk.reader.look_at(desk.site.url("/page"))
        for path in ("/article", "/page"):
            with suppress(NewsError):
                await desk.reader.read_article(f"{canary}{path}", max_chars=400)
        listed = f"<opml><body><outline text='x' xmlUrl='{canary}/listed'/></body></opml>"
        assert read_list(listed.encode(), desk.web.guard).entries == ()
        await asyncio.sleep(0.2)
        assert four.asked + six.asked == []


DOCUMENTS = {
    "external entity": '<!DOCTYPE rss [<!ENTITY x SYSTEM "{place}">]><rss version="2.0"><channel><title>&x;</title>',
    "external DTD": '<!DOCTYPE rss SYSTEM "{place}"><rss version="2.0"><channel><title>Tide</title>',
    "parameter entity": '<!DOCTYPE rss [<!ENTITY % x SYSTEM "{place}"> %x;]><rss><channel><title>T</title>',
    "include": '<rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude"><channel><xi:include href="{place}"/>',
    "schema": '<rss version="2.0" xmlns:x="http://www.w3.org/2001/XMLSchema-instance" '
    'x:noNamespaceSchemaLocation="{place}"><channel><title>Tide</title>',
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
async def test_a_document_opens_no_file_and_dials_nobody(document: str) -> None:
    """FAULTS 6 and 17: neither a file nor a server that a document names is touched, whatever the parser."""
    touched: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in {"open", "socket.connect", "socket.getaddrinfo", "urllib.Request"}:
            touched.append(f"{event} {arguments[:2]}")

    sys.addaudithook(watch)
    try:
        async with canaries() as (four, six, port):
            for place in ("file:///etc/hostname", "/etc/hostname", f"http://127.0.0.1:{port}/dtd"):
                body = document.format(place=place) + "<item><title>One</title></item></channel></rss>"
                touched.clear()
                try:
                    found = parse_feed(body.encode(), url="https://tidewatch.example/feed")
                except FeedError:
                    continue
                finally:
                    assert not [each for each in touched if "hostname" in each or "connect" in each]
                assert "hostname" not in found.title
            assert four.asked + six.asked == []
    finally:
        watching = False
