"""Where hubs reach us: their questions by GET, their messages by POST (https://www.w3.org/TR/websub/)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a hub gets back."""

    status: int
    text: str = ""


class HubListener(Protocol):
    """Whoever knows which hubs we have asked."""

    async def verify(self, token: str, query: Mapping[str, str]) -> Answer:
        """Answer a hub's question about what we wished for at the address that ``token`` ends."""

    async def hear(self, token: str, signature: str, body: AsyncIterable[bytes]) -> Answer:
        """Take a hub's message; ``signature`` is its ``X-Hub-Signature``."""


def add_hub_routes(app: web.Application, listener: HubListener) -> None:
    """Let hubs reach a listener under ``/websub/TOKEN``."""

    async def question(request: web.Request) -> web.Response:
        answer = await listener.verify(request.match_info["token"], request.query)
        # Plain text, never sniffed: the challenge is a stranger's.
        headers = {"X-Content-Type-Options": "nosniff"}
        return web.Response(text=answer.text, status=answer.status, headers=headers)

    async def message(request: web.Request) -> web.Response:
        signature = request.headers.get("X-Hub-Signature", "")
        body = request.content.iter_chunked(_CHUNK_BYTES)
        answer = await listener.hear(request.match_info["token"], signature, body)
        return web.Response(text=answer.text, status=answer.status)

    path = r"/websub/{token:[\w-]{16,64}}"
    app.router.add_get(path, question)
    app.router.add_post(path, message)
