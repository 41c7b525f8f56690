"""Keeps other websites' pages away from the sandbox, which listens on this machine only."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# The news site may be asked for under any name, as tests of the bot's own guard need.
_OPEN = ("/site/", "/replay")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@web.middleware
async def refuse_strangers(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse requests under a foreign host name and writes that another origin's page has sent."""
    if not request.path.startswith(_OPEN):
        # A name that an attacker points at 127.0.0.1 would make this server part of the attacker's origin.
        if urlsplit(f"//{request.host}").hostname not in _LOOPBACK:
            return web.Response(status=403, text="Ask for this by 127.0.0.1 or localhost.\n")
        if request.method not in _SAFE and not _same_origin(request):
            return web.Response(status=403, text="Other sites may not write here.\n")
    return await handler(request)


def _same_origin(request: web.Request) -> bool:
    """Tell whether a write comes from our own page or from no browser at all."""
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.host}"
