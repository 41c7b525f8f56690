"""The HTTP client against servers that are slow, endless, lying or plain."""

from __future__ import annotations

import asyncio
import gzip
import io
import resource
import zlib
from importlib.metadata import version
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
import zstandard
from aiohttp import web as server

from bot.news.errors import (
    AddressRefused,
    BadResponse,
    BadStatus,
    FetchError,
    FetchTimeout,
    HostUnreachable,
    TooLarge,
    TooManyRedirects,
)
from bot.news.web.client import ACCEPT_FEED, ACCEPT_PAGE, Fetched, NotModified, Web
from bot.news.web.guard import Guard, parse_allow
from tests.support.web import drip, serving_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.web import Site

MIB = 1024 * 1024


async def get(web: Web, url: str, **options: object) -> Fetched:
    answer = await web.fetch(url, accept=ACCEPT_PAGE, **options)  # type: ignore[arg-type]  # passed through
    assert isinstance(answer, Fetched)
    return answer


def gzip_zeros(size: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as out:
        for _ in range(size // MIB):
            out.write(bytes(MIB))
    return packed.getvalue()


def brotli_zeros(size: int) -> bytes:
    packer = brotli.Compressor(quality=5)
    return b"".join([*(packer.process(bytes(MIB)) for _ in range(size // MIB)), packer.finish()])


def zstd_zeros(size: int) -> bytes:
    packer = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join([*(packer.compress(bytes(MIB)) for _ in range(size // MIB)), packer.flush()])


async def test_an_answer_comes_with_what_later_polls_need(web: Web, site: Site) -> None:
    headers = {
        "Content-Type": "Application/RSS+xml; charset=ISO-8859-2",
        "ETag": 'W/"a b"',
        "Last-Modified": "Tue, 03 Mar 2026 10:00:00 GMT",
        "Cache-Control": "max-age=600",
        "Expires": "0",
        "Retry-After": "120",
        "Link": '<https://hub.example/>; rel="hub"',
    }
    answer = await get(web, site.serve("/feed", "<rss/>", headers=headers) + "#part")
    assert answer == Fetched(
        url=site.url("/feed"),
        status=200,
        body=b"<rss/>",
        content_type="application/rss+xml",
        charset="ISO-8859-2",
        etag='W/"a b"',
        last_modified="Tue, 03 Mar 2026 10:00:00 GMT",
        fresh_s=600.0,
        retry_after_s=120.0,
        links=('<https://hub.example/>; rel="hub"',),
    )


async def test_requests_name_us_and_carry_no_cookies(web: Web, site: Site) -> None:
    site.serve("/", "x", headers={"Set-Cookie": "id=1; Path=/"})
    await get(web, site.url("/"))
    await get(web, site.url("/"))
    for asked in site.asked:
        assert asked.headers["user-agent"].decode() == (
            f"Newsgist/{version('newsgist')} (+https://newsroom.example/about)"
        )
        assert "cookie" not in asked.headers
        assert "referer" not in asked.headers
        assert asked.headers["accept-encoding"] == b"gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    "etag", ['"abc"', 'W/"x"', "unquoted", '"with \\" quote"', '"кирилиця"', '""', '"' + "e" * 300 + '"']
)
async def test_validators_come_back_byte_for_byte(web: Web, site: Site, etag: str) -> None:
    stamp = "Tue, 3 Mar 2026 10:00:00 +0000"  # not a form that the standard knows, and none of our business

    async def answer(request: server.Request) -> server.StreamResponse:
        if "If-None-Match" in request.headers:
            return server.Response(status=304, headers={"ETag": etag})
        return server.Response(body=b"x", headers={"ETag": etag, "Last-Modified": stamp})

    first = await get(web, site.route("/feed", answer))
    again = await web.fetch(first.url, accept=ACCEPT_FEED, etag=first.etag, last_modified=first.last_modified)
    assert isinstance(again, NotModified)
    assert again.etag == etag
    assert site.asked[1].headers["if-none-match"] == etag.encode()
    assert site.asked[1].headers["if-modified-since"] == stamp.encode()
    assert "if-none-match" not in site.asked[0].headers


async def test_an_unasked_304_is_a_bad_status(web: Web, site: Site) -> None:
    with pytest.raises(BadStatus, match="304"):
        await get(web, site.serve("/", status=304))


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503])
async def test_a_status_without_a_body_for_us_says_when_to_come_back(web: Web, site: Site, status: int) -> None:
    """FAULTS 12: the wait that a server asks for."""
    with pytest.raises(BadStatus) as caught:
        await get(web, site.serve("/", "x", status=status, headers={"Retry-After": "90"}))
    assert (caught.value.status, caught.value.retry_after_s) == (status, 90.0)


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [([301], True), ([308, 301], True), ([302], False), ([301, 302], False), ([307, 301], False), ([303], False)],
)
async def test_redirects_are_followed_and_permanent_ones_told(
    web: Web, site: Site, statuses: list[int], permanent: bool
) -> None:
    for number, status in enumerate(statuses):
        site.redirect(f"/{number}", f"/{number + 1}", status=status)
    site.serve(f"/{len(statuses)}", "here")
    answer = await get(web, site.url("/0"))
    assert answer.url == site.url(f"/{len(statuses)}")
    assert answer.permanent_url == (answer.url if permanent else None)


async def test_a_circle_of_redirects_ends_after_five(web: Web, site: Site) -> None:
    """FAULTS 11: redirects in a circle."""
    site.redirect("/a", "/b")
    site.redirect("/b", "/a")
    with pytest.raises(TooManyRedirects):
        await get(web, site.url("/a"))
    assert len(site.asked) == 6


@pytest.mark.parametrize("target", ["", "http://[broken", "file:///etc/passwd", "gopher://x.example/"])
async def test_a_redirect_to_nowhere_is_an_error_of_ours(web: Web, site: Site, target: str) -> None:
    with pytest.raises((BadResponse, AddressRefused)):
        await get(web, site.redirect("/", target))


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
        ("identity", bytes),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
        ("gzip", lambda data: gzip.compress(data) + b"\0\0\0"),
    ],
    ids=["gzip", "x-gzip", "case", "zlib", "bare-deflate", "br", "zstd", "identity", "two-members", "padded"],
)
@pytest.mark.parametrize("size", [0, 40, 300_000], ids=["empty", "small", "large"])
async def test_packed_bodies_are_unpacked(
    web: Web, site: Site, coding: str, pack: Callable[[bytes], bytes], size: int
) -> None:
    body = bytes(number * 7 % 251 for number in range(size))
    packed = pack(body) if size else b""
    site.serve("/", packed, headers={"Content-Encoding": coding})
    assert (await get(web, site.url("/"))).body == body


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"not gzip at all"),
        ("gzip", gzip.compress(b"x" * 1000)[:-20]),
        ("br", b"\xff\xff\xff\xff"),
        ("br", brotli.compress(b"abc" * 1000)[:-3]),
        ("zstd", b"plain"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x"))),
        ("gzip, br", b"x"),
        ("exi", b"x"),
        ("gzip", gzip.compress(b"") * 1000),
    ],
    ids=["no-gzip", "cut-gzip", "no-br", "cut-br", "no-zstd", "nested", "mixed", "unknown", "members"],
)
async def test_broken_and_nested_codings_are_bad_responses(web: Web, site: Site, coding: str, body: bytes) -> None:
    """FAULTS 8: a bomb inside a bomb is not even unpacked."""
    with pytest.raises(BadResponse):
        await get(web, site.serve("/", body, headers={"Content-Encoding": coding}))


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip_zeros), ("br", brotli_zeros), ("zstd", zstd_zeros)], ids=["gzip", "br", "zstd"]
)
async def test_a_bomb_is_cut_at_the_limit_and_costs_little_memory(
    web: Web, site: Site, coding: str, pack: Callable[[int], bytes]
) -> None:
    """FAULTS 8: a megabyte that unpacks to a gigabyte."""
    site.serve("/bomb", pack(256 * MIB), headers={"Content-Encoding": coding})
    site.serve("/other", "fine")
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge) as caught:
        await get(web, site.url("/bomb"))
    assert caught.value.limit_bytes == 5 * MIB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 32 * 1024
    assert (await get(web, site.url("/other"))).body == b"fine"


async def test_a_long_body_is_refused_by_its_announced_length(web: Web, site: Site) -> None:
    with pytest.raises(TooLarge):
        await get(web, site.serve("/", b"x" * 2000), max_bytes=1000)


async def test_a_body_of_exactly_the_limit_is_taken(web: Web, site: Site) -> None:
    assert len((await get(web, site.serve("/", b"x" * 1000), max_bytes=1000)).body) == 1000


async def test_an_endless_body_is_cut(web: Web, site: Site) -> None:
    """FAULTS 9: a body without an end."""

    async def pour(request: server.Request) -> server.StreamResponse:
        response = server.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    with pytest.raises(TooLarge):
        await get(web, site.route("/", pour), max_bytes=MIB)


async def test_a_drip_ends_with_the_total_time(web: Web, site: Site) -> None:
    """FAULTS 10: a byte now and then."""
    with pytest.raises(FetchTimeout) as caught:
        async with asyncio.timeout(60):
            await get(web, site.route("/", lambda request: drip(request, every_s=0.02)), timeout_s=0.3)
    assert caught.value.timeout_s == 0.3


async def test_the_time_is_for_all_redirects_together(web: Web, site: Site) -> None:
    async def slowly(request: server.Request) -> server.StreamResponse:
        await asyncio.sleep(0.15)
        return server.Response(status=302, headers={"Location": f"/{int(request.path[1:]) + 1}"})

    for number in range(6):
        site.route(f"/{number}", slowly)
    with pytest.raises(FetchTimeout):
        await get(web, site.url("/0"), timeout_s=0.4)
    assert len(site.asked) <= 3


async def test_a_body_shorter_than_announced_is_a_bad_response(web: Web) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(cut, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, Web(Guard(parse_allow(f"127.0.0.1:{port}"))) as own:
        with pytest.raises(FetchError):
            await get(own, f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
async def test_what_is_not_http_is_an_error_of_ours(answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, Web(Guard(parse_allow(f"127.0.0.1:{port}"))) as own:
        with pytest.raises((BadResponse, HostUnreachable)):
            await get(own, f"http://127.0.0.1:{port}/")


async def test_two_requests_at_most_go_to_one_host_at_once(web: Web, site: Site) -> None:
    """FAULTS 7: however many feeds a host has, it is asked twice at once at most."""
    inside, most = 0, 0
    may_end = asyncio.Event()

    async def count(_: server.Request) -> server.StreamResponse:
        nonlocal inside, most
        inside, most = inside + 1, max(most, inside + 1)
        await may_end.wait()
        inside -= 1
        return server.Response(body=b"x")

    url = site.route("/", count)
    first = [asyncio.create_task(get(web, url, timeout_s=60)) for _ in range(2)]
    await wait_for_requests(site, 2)
    # These wait for longer than one may take: waiting for a turn must not count.
    others = [asyncio.create_task(get(web, url, timeout_s=1.2)) for _ in range(10)]
    await asyncio.sleep(1.3)
    may_end.set()
    await asyncio.gather(*first, *others)
    assert most == 2


async def wait_for_requests(site: Site, number: int) -> None:
    async with asyncio.timeout(60):
        while len(site.asked) < number:  # noqa: ASYNC110 -- the site rings no bell
            await asyncio.sleep(0.01)


async def test_a_slow_host_does_not_hold_up_another() -> None:
    """FAULTS 14: slow hosts keep their own places only."""
    async with serving_site("127.0.0.2") as slow, serving_site("127.0.0.3") as quick:
        slow.route("/", lambda request: drip(request, every_s=0.05))
        quick.serve("/", "quick")
        async with Web(Guard(parse_allow("127.0.0.0/8")), most_at_once=4) as web:
            hanging = [asyncio.create_task(get(web, slow.url("/"), timeout_s=60)) for _ in range(50)]
            await wait_for_requests(slow, 2)
            async with asyncio.timeout(25):  # the slow ones would hold their places for longer
                assert (await get(web, quick.url("/"))).body == b"quick"
            for task in hanging:
                task.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_replay_asks_its_own_server_and_dials_nothing_else(site: Site) -> None:
    site.serve("/replay", "saved", headers={"Content-Type": "text/html"})
    async with Web(Guard(), replay_root=site.url("/replay")) as web:
        answer = await get(web, "https://news.example/story?a=1&b=2")
        with pytest.raises(AddressRefused):
            await get(web, "http://127.0.0.1/")
    assert (answer.url, answer.body) == ("https://news.example/story?a=1&b=2", b"saved")
    assert [asked.path for asked in site.asked] == ["/replay?url=https%3A%2F%2Fnews.example%2Fstory%3Fa%3D1%26b%3D2"]


async def test_no_error_shows_the_address_it_is_about(web: Web, site: Site) -> None:
    """A feed's address may be a secret, and errors end in logs."""
    secret = site.serve("/private-token-7f3a", status=500)
    with pytest.raises(BadStatus) as caught:
        await get(web, secret)
    assert "7f3a" not in str(caught.value)
    assert caught.value.url == secret
