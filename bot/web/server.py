"""The bot's own HTTP server: the webhook, health and metrics."""

from __future__ import annotations

import hmac
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from bot.web.hub import add_hub_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from bot.web.hub import HubListener

_MAX_UPDATE_BYTES: Final = 1024 * 1024
_PROOF_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What stands behind the server's addresses.

    Attributes:
        readiness: Gives what is wrong, one plain line each; nothing when all is well.
        registry: The metrics.
        secret: What Telegram repeats in its header; ``None`` where there is no webhook.
        receive: Keeps an update before Telegram is told that we have it.
        hubs: Hears what hubs have to say of feeds; ``None`` where no hub can reach us.
    """

    readiness: Callable[[], Awaitable[Sequence[str]]]
    registry: CollectorRegistry
    secret: str | None
    receive: Callable[[dict[str, Any]], Awaitable[None]]
    hubs: HubListener | None = None


def build(endpoints: Endpoints) -> web.Application:
    """Make the application; the webhook exists only where there is a secret to check."""

    async def live(_request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_request: web.Request) -> web.Response:
        faults = await endpoints.readiness()
        return web.Response(text="".join(f"{fault}\n" for fault in faults) or "ready\n", status=503 if faults else 200)

    async def metrics(_request: web.Request) -> web.Response:
        body = generate_latest(endpoints.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def webhook(request: web.Request) -> web.Response:
        given = request.headers.get(_PROOF_HEADER, "")
        if endpoints.secret is None or not hmac.compare_digest(
            given.encode(errors="surrogateescape"), endpoints.secret.encode()
        ):
            return web.Response(status=403)
        try:
            update = await request.json()
        except (json.JSONDecodeError, UnicodeDecodeError):
            return web.Response(status=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400)
        await endpoints.receive(update)
        return web.Response()

    app = web.Application(client_max_size=_MAX_UPDATE_BYTES)
    app.router.add_get("/livez", live)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", metrics)
    if endpoints.secret is not None:
        app.router.add_post("/telegram", webhook)
    if endpoints.hubs is not None:
        add_hub_routes(app, endpoints.hubs)
    return app


@asynccontextmanager
async def serve(app: web.Application, *, host: str, port: int) -> AsyncIterator[int]:
    """Serve as long as the context lasts; gives the port that was taken."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
