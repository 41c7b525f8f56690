"""A web of feeds on many addresses of loopback, served from a process of its own as cheaply as Python can.

Started as ``python -m tests.bench.polled_web HOSTS``: prints its port, then answers until its input ends. Every line
of its input is answered with how many feeds have been asked for since the last, and how often.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from email.utils import formatdate
from typing import Final

_REQUEST: Final = re.compile(rb"^GET /(feed|news)/(\d+)(?:/(\d+))?[^ ]* HTTP/1\.1\r\n")
_CONDITION: Final = re.compile(rb"\r\nif-none-match: (\S+)\r\n", re.IGNORECASE)
_SLOW_S: Final = 3.0
_ENTRIES: Final = 20
_BODY: Final = (
    "<p>Inspectors found a crack in the deck of the bridge on Monday morning, and the town closed it within the hour. "
    "Ferries cross every twenty minutes until Friday, the harbour master said, and carry bicycles free of charge.</p>"
)


class _Answers(asyncio.Protocol):
    """One connection; every answer closes it, so that each poll pays for a fresh one."""

    def __init__(self, web: PolledWeb) -> None:
        self._web = web
        self._asked = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked += data
        if b"\r\n\r\n" in self._asked and self._transport is not None:
            delay_s, answer = self._web.answer(self._asked)
            if delay_s:
                asyncio.get_running_loop().call_later(delay_s, self._send, answer)
            else:
                self._send(answer)

    def _send(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)
            self._transport.close()


class PolledWeb:
    """Feeds by number: one in ten has changed since it was read, one in twenty is slow."""

    def __init__(self) -> None:
        self.asked: Counter[int] = Counter()
        self.edition = 1

    def answer(self, request: bytes) -> tuple[float, bytes]:
        """Answer a request, and say how long to wait before."""
        found = _REQUEST.match(request)
        if found is None:
            return 0.0, _response(404, b"", "")
        number = int(found[2])
        if found[1] == b"news":
            page = (
                f"<html><head><title>Report {number}</title></head><body><article><h1>Report {number}</h1>{_BODY * 6}"
            )
            return 0.0, _response(200, page.encode(), "text/html")
        self.asked[number] += 1
        edition = self.edition if is_changing(number) else 1
        etag = f'"{number}-{edition}"'
        delay_s = _SLOW_S if is_slow(number) else 0.0
        condition = _CONDITION.search(request)
        if condition is not None and condition[1].decode() == etag:
            return delay_s, _response(304, b"", "", etag=etag)
        return delay_s, _response(200, _feed(number, edition), "application/rss+xml", etag=etag)


def is_changing(number: int) -> bool:
    """Tell a feed that has one new entry in each edition."""
    return number % 10 == 3


def is_slow(number: int) -> bool:
    """Tell a feed that answers late."""
    return number % 20 == 7


def is_dead(number: int) -> bool:
    """Tell a feed at whose address nobody answers."""
    return number % 50 == 11


def _feed(number: int, edition: int) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}-{each}</guid><title>Report {each} of paper {number}</title>"
        f"<link>/news/{number}/{each}</link><pubDate>{formatdate(1_700_000_000 + each * 3600)}</pubDate>"
        f"<description><![CDATA[{_BODY}]]></description></item>"
        for each in range(edition + _ENTRIES, edition, -1)
    )
    head = f"<title>Paper {number}</title><link>/</link><description>Made up.</description>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def _response(status: int, body: bytes, media_type: str, *, etag: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    head += f"Content-Type: {media_type}\r\n" if media_type else ""
    head += f"ETag: {etag}\r\n" if etag else ""
    return f"{head}\r\n".encode() + body


async def serve(hosts: int) -> None:
    """Serve on so many addresses of loopback until the input ends."""
    loop, web = asyncio.get_running_loop(), PolledWeb()
    port = 0
    for host in host_names(hosts):
        server = await loop.create_server(lambda: _Answers(web), host, port, backlog=512)
        port = port or server.sockets[0].getsockname()[1]
    print(port, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip() == "next":
            web.edition += 1
        print(json.dumps({"feeds": len(web.asked), "requests": web.asked.total()}), flush=True)
        web.asked.clear()


def host_names(hosts: int) -> list[str]:
    """Name so many addresses of loopback."""
    return [f"127.{1 + each // 62500}.{1 + each // 250 % 250}.{1 + each % 250}" for each in range(hosts)]


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
