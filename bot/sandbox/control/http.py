"""What the people's side over HTTP has in common: bodies, who acts, refusals as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.botapi.parameters import read_parameters
from bot.sandbox.telegram.errors import ApiError, bad_request
from bot.sandbox.world.model import Chat, ChatKind, Json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CHAT = r"/sandbox/chats/{chat:-?\d+}"
PERSON = r"/sandbox/people/{person:\d+}"


def whole_number(text: str) -> int:
    """Read a whole number out of a query.

    Raises:
        ApiError: it is none.
    """
    try:
        return int(text)
    except ValueError as error:
        raise bad_request("sandbox: a whole number is expected") from error


async def read_body(request: web.Request) -> Json:
    """Read a JSON body; an absent one counts as empty."""
    return dict((await read_parameters(request)).values)


def who_acts(chat: Chat, body: Json) -> int:
    """Return who acts: as named, else the one person of a private chat.

    Raises:
        ApiError: nobody is named.
    """
    if body.get("person"):
        return int(body["person"])
    if chat.kind is ChatKind.PRIVATE:
        return chat.id
    raise bad_request("sandbox: say who acts, as person")


def as_json(handler: Callable[[web.Request], Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Wrap a handler so that its result or refusal goes out as JSON."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(request))
        except ApiError as error:
            return web.json_response(error.body(), status=error.code)
        except (TypeError, ValueError) as error:  # a body of the wrong shape
            return web.json_response(bad_request(f"sandbox: {error}").body(), status=400)

    return answer
