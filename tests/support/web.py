"""A web of our own on loopback: programmable routes and a log of what was asked."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it arrived; header names in lower case, values as raw bytes."""

    path: str
    headers: Mapping[str, bytes]


@dataclass(slots=True, kw_only=True)
class Site:
    """A server on loopback.

    Attributes:
        origin: ``http://127.0.0.1:port``.
        asked: every request, in order.
    """

    origin: str = ""
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    _routes: dict[str, Handler] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"{self.origin}{path}"

    def serve(
        self, path: str, body: bytes | str = b"", *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> str:
        """Answer a path with a fixed body; return its address."""
        data = body.encode() if isinstance(body, str) else body

        async def answer(_: web.Request) -> web.StreamResponse:
            return web.Response(body=data, status=status, headers=headers)

        return self.route(path, answer)

    def redirect(self, path: str, target: str, *, status: int = 302) -> str:
        """Answer a path with a redirect; return its address."""
        return self.serve(path, status=status, headers={"Location": target})

    def route(self, path: str, handler: Handler) -> str:
        """Answer a path by a handler; return its address."""
        self._routes[path] = handler
        return self.url(path)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Note a request and answer it; 404 where no path is programmed."""
        headers = {name.decode("ascii").lower(): value for name, value in request.raw_headers}
        self.asked.append(Asked(path=request.path_qs, headers=headers))
        handler = self._routes.get(request.path)
        return await handler(request) if handler is not None else web.Response(status=404)


@asynccontextmanager
async def serving_site(host: str = "127.0.0.1") -> AsyncIterator[Site]:
    """Run a site on a free port of a loopback address.

    Args:
        host: the address to listen on.
    """
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    listener = web.TCPSite(runner, host, 0)
    await listener.start()
    site.port = runner.addresses[0][1]
    site.origin = f"http://[{host}]:{site.port}" if ":" in host else f"http://{host}:{site.port}"
    try:
        yield site
    finally:
        await runner.cleanup()


async def drip(request: web.Request, *, every_s: float) -> web.StreamResponse:
    """Answer with a byte now and then, without an end."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x")
        await asyncio.sleep(every_s)
