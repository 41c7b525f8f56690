"""The people's side over HTTP, living: what the chat page and the tests see and do, below ``/sandbox/``."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.botapi.menus import menu_for
from bot.sandbox.botapi.parameters import read_parameters
from bot.sandbox.control.http import CHAT, as_json, read_body, who_acts, whole_number
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.world.views import chat_view, message_view

if TYPE_CHECKING:
    from bot.sandbox.world.model import Chat, Json
    from bot.sandbox.world.people import People
    from bot.sandbox.world.world import World

_SHOWN_MESSAGES = 300
_MAX_WAIT_S = 30.0
_TAP_WAIT_S = 12.0


class ControlApi:
    """Lets people look and act.

    Args:
        world: what is shown.
        people: who act.
    """

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people
        # A page that sees another one knows that the sandbox was restarted and loads afresh.
        self._boot = secrets.token_hex(4)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the control API below ``/sandbox``."""
        message = CHAT + r"/messages/{message:\d+}"
        for method, path, handler in (
            ("GET", "/sandbox/changes", self._changes),
            ("GET", "/sandbox/chats", self._chats),
            ("POST", f"{CHAT}/messages", self._say),
            ("GET", f"{CHAT}/messages", self._history),
            ("GET", f"{CHAT}/commands", self._commands),
            ("PATCH", message, self._edit),
            ("POST", f"{message}/taps", self._tap),
            ("POST", f"{CHAT}/documents", self._upload),
        ):
            router.add_route(method, path, as_json(handler))
        router.add_get("/sandbox/files/{file}", self._file)

    # ---- looking

    async def _changes(self, request: web.Request) -> Json:
        since = whole_number(request.query.get("since", "0"))
        wait_s = min(float(whole_number(request.query.get("timeout", "0"))), _MAX_WAIT_S)
        if wait_s > 0 and since > 0:
            await self._world.changed(since, timeout_s=wait_s)
        changed = [chat for chat in self._world.chats.values() if chat.revision > since]
        return {
            "boot": self._boot,
            "revision": self._world.revision,
            "bot": self._world.bot.as_json(),
            "chats": [chat_view(self._world, chat) for chat in changed],
            "messages": [shown for chat in changed for shown in self._shown(chat, since)],
            "deleted": [
                {"chat_id": gone.chat_id, "message_id": gone.message_id}
                for gone in self._world.deletions
                if gone.revision > since
            ],
        }

    async def _chats(self, _request: web.Request) -> list[Json]:
        return [chat_view(self._world, chat) for chat in self._world.chats.values()]

    async def _history(self, request: web.Request) -> Json:
        since = whole_number(request.query.get("since", "0"))
        chat = self._chat(request)
        return {"revision": self._world.revision, "messages": self._shown(chat, since)}

    def _shown(self, chat: Chat, since: int) -> list[Json]:
        last = list(chat.messages.values())[-_SHOWN_MESSAGES:]
        return [message_view(self._world, message) for message in last if message.revision > since]

    async def _commands(self, request: web.Request) -> list[Json]:
        """List the commands that somebody's client offers in a chat."""
        chat = self._chat(request)
        return menu_for(self._world, chat, self._world.person(who_acts(chat, dict(request.query))))

    async def _file(self, request: web.Request) -> web.Response:
        data = self._world.files.get(request.match_info["file"])
        if data is None:
            raise web.HTTPNotFound
        # An attachment, so that no uploaded page ever runs on this origin.
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=data, content_type="application/octet-stream", headers=headers)

    # ---- people's acts

    async def _say(self, request: web.Request) -> Json:
        """Send a text, or forward a message: ``forward`` with ``chat_id`` and ``message_id``."""
        body = await read_body(request)
        chat = self._chat(request)
        person = who_acts(chat, body)
        if body.get("forward"):
            source = self._world.chat(int(body["forward"]["chat_id"])).messages.get(int(body["forward"]["message_id"]))
            if source is None:
                raise bad_request("message to forward not found")
            return message_view(self._world, self._people.forward(person, source, chat_id=chat.id))
        message = self._people.say(
            person,
            str(body.get("text", "")),
            chat_id=chat.id,
            reply_to=body.get("reply_to"),
            thread_id=body.get("thread_id"),
        )
        return message_view(self._world, message)

    async def _edit(self, request: web.Request) -> Json:
        body = await read_body(request)
        chat = self._chat(request)
        number = int(request.match_info["message"])
        message = self._people.edit(who_acts(chat, body), number, str(body.get("text", "")), chat_id=chat.id)
        return message_view(self._world, message)

    async def _tap(self, request: web.Request) -> Json:
        body = await read_body(request)
        chat = self._chat(request)
        act = self._people.forge_tap if body.get("forged") else self._people.tap
        number = int(request.match_info["message"])
        query_id = act(who_acts(chat, body), number, str(body.get("data", "")), chat_id=chat.id)
        wait_s = min(float(body.get("timeout_s", _TAP_WAIT_S)), _MAX_WAIT_S)
        answer = await self._people.tap_answer(query_id, timeout_s=wait_s)
        if answer is None:
            return {"answered": False, "text": "", "alert": False, "url": ""}
        return {"answered": True, "text": answer.text, "alert": answer.alert, "url": answer.url}

    async def _upload(self, request: web.Request) -> Json:
        parameters = await read_parameters(request)
        chat = self._chat(request)
        upload = parameters.upload("file")
        if upload is None:
            raise bad_request("there is no file in the request")
        message = self._people.upload(
            who_acts(chat, parameters.values),
            upload.data,
            file_name=upload.file_name,
            mime_type=upload.mime_type,
            caption=parameters.text("caption"),
            chat_id=chat.id,
            reply_to=parameters.optional_integer("reply_to"),
            thread_id=parameters.optional_integer("thread_id"),
        )
        return message_view(self._world, message)

    def _chat(self, request: web.Request) -> Chat:
        return self._world.chat(int(request.match_info["chat"]))
