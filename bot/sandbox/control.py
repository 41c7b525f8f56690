"""The people's side over HTTP: what the chat page and the tests use, below ``/sandbox/``."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.api_error import ApiError, bad_request
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.model import EDITOR_ID, READER_ID, Chat, ChatKind, Json, LedgerLine, MemberStatus, Message
from bot.sandbox.parameters import read_parameters

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.sandbox.newsdesk import Newsdesk
    from bot.sandbox.people import People
    from bot.sandbox.world import World

_SHOWN_MESSAGES = 300
_MAX_WAIT_S = 30.0
_TAP_WAIT_S = 12.0
_ROLES = {READER_ID: "reader", EDITOR_ID: "editor"}


class ControlApi:
    """Lets people act and tests arrange and look.

    Args:
        world: what is shown.
        people: who act.
        newsdesk: the sample site's, to publish on request.
    """

    def __init__(self, world: World, people: People, newsdesk: Newsdesk) -> None:
        self._world = world
        self._people = people
        self._newsdesk = newsdesk
        # A page that sees another one knows that the sandbox was restarted and loads afresh.
        self._boot = secrets.token_hex(4)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the control API below ``/sandbox``."""
        message = r"/sandbox/chats/{chat:-?\d+}/messages/{message:\d+}"
        for method, path, handler in (
            ("GET", "/sandbox/changes", self._changes),
            ("GET", "/sandbox/chats", self._chats),
            ("POST", r"/sandbox/chats/{chat:-?\d+}/messages", self._say),
            ("GET", r"/sandbox/chats/{chat:-?\d+}/messages", self._history),
            ("PATCH", message, self._edit),
            ("POST", f"{message}/taps", self._tap),
            ("POST", r"/sandbox/chats/{chat:-?\d+}/documents", self._upload),
            ("POST", r"/sandbox/chats/{chat:-?\d+}/migrate", self._migrate),
            ("POST", r"/sandbox/chats/{chat:-?\d+}/bot", self._set_bot_status),
            ("POST", "/sandbox/people", self._add_person),
            ("POST", "/sandbox/groups", self._add_group),
            ("POST", r"/sandbox/people/{person:\d+}/block", self._block),
            ("POST", r"/sandbox/people/{person:\d+}/unblock", self._unblock),
            ("POST", "/sandbox/faults", self._arm),
            ("GET", "/sandbox/faults", self._armed),
            ("DELETE", "/sandbox/faults", self._clear_faults),
            ("GET", "/sandbox/ledger", self._ledger),
            ("POST", "/sandbox/publish", self._publish),
            ("GET", "/sandbox/papers", self._papers),
        ):
            router.add_route(method, path, _as_json(handler))
        router.add_get("/sandbox/files/{file}", self._file)

    # ---- looking

    async def _changes(self, request: web.Request) -> Json:
        since = _number(request.query.get("since", "0"))
        wait_s = min(float(_number(request.query.get("timeout", "0"))), _MAX_WAIT_S)
        if wait_s > 0 and since > 0:
            await self._world.changed(since, timeout_s=wait_s)
        changed = [chat for chat in self._world.chats.values() if chat.revision > since]
        return {
            "boot": self._boot,
            "revision": self._world.revision,
            "bot": self._world.bot.as_json(),
            "chats": [self._chat_json(chat) for chat in changed],
            "messages": [shown for chat in changed for shown in self._shown(chat, since)],
            "deleted": [
                {"chat_id": gone.chat_id, "message_id": gone.message_id}
                for gone in self._world.deletions
                if gone.revision > since
            ],
        }

    async def _chats(self, _request: web.Request) -> list[Json]:
        return [self._chat_json(chat) for chat in self._world.chats.values()]

    async def _history(self, request: web.Request) -> Json:
        since = _number(request.query.get("since", "0"))
        chat = self._chat(request)
        return {"revision": self._world.revision, "messages": self._shown(chat, since)}

    def _shown(self, chat: Chat, since: int) -> list[Json]:
        last = list(chat.messages.values())[-_SHOWN_MESSAGES:]
        return [self._message_json(message) for message in last if message.revision > since]

    def _chat_json(self, chat: Chat) -> Json:
        members = [
            {"id": member, "name": self._name(member), "status": status.value}
            for member, status in chat.members.items()
        ]
        return {
            "id": chat.id,
            "type": chat.kind.value,
            "title": chat.title,
            "role": _ROLES.get(chat.id, ""),
            "members": members,
            "bot_status": chat.bot_status.value,
            "started": chat.started,
            "blocked": chat.blocked,
            "migrated_to": chat.migrated_to,
            "typing_s": max(0.0, round(chat.typing_until - self._world.clock.monotonic(), 2)),
        }

    def _message_json(self, message: Message) -> Json:
        chat = self._world.chats[message.chat_id]
        answer: Json = {
            "chat_id": message.chat_id,
            "id": message.id,
            "revision": message.revision,
            "from_id": message.sender_id,
            "from_name": chat.title if message.sender_id is None else self._name(message.sender_id),
            "from_bot": message.sender_id in {None, self._world.bot.id},
            "date": int(message.sent_at),
            "edited": message.edited_at is not None,
            "silent": message.silent,
            "text": message.content.text,
            "entities": [entity.as_json() for entity in message.content.entities],
            "keyboard": (message.markup or {}).get("inline_keyboard", []),
        }
        if message.reply_to in chat.messages:
            replied = chat.messages[message.reply_to]
            name = chat.title if replied.sender_id is None else self._name(replied.sender_id)
            answer["reply_to"] = {"id": replied.id, "name": name, "text": replied.content.text[:120]}
        if message.document is not None:
            answer["document"] = message.document.as_json() | {"address": f"/sandbox/files/{message.document.file_id}"}
        return answer

    def _name(self, person_id: int) -> str:
        person = self._world.person(person_id)
        return f"{person.first_name} {person.last_name}".strip()

    async def _file(self, request: web.Request) -> web.Response:
        data = self._world.files.get(request.match_info["file"])
        if data is None:
            raise web.HTTPNotFound
        # An attachment, so that no uploaded page ever runs on this origin.
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=data, content_type="application/octet-stream", headers=headers)

    # ---- people's acts

    async def _say(self, request: web.Request) -> Json:
        body = await _body(request)
        chat = self._chat(request)
        message = self._people.say(
            self._acting(chat, body),
            str(body.get("text", "")),
            chat_id=chat.id,
            reply_to=body.get("reply_to"),
            thread_id=body.get("thread_id"),
        )
        return self._message_json(message)

    async def _edit(self, request: web.Request) -> Json:
        body = await _body(request)
        chat = self._chat(request)
        number = int(request.match_info["message"])
        message = self._people.edit(self._acting(chat, body), number, str(body.get("text", "")), chat_id=chat.id)
        return self._message_json(message)

    async def _tap(self, request: web.Request) -> Json:
        body = await _body(request)
        chat = self._chat(request)
        act = self._people.forge_tap if body.get("forged") else self._people.tap
        number = int(request.match_info["message"])
        query_id = act(self._acting(chat, body), number, str(body.get("data", "")), chat_id=chat.id)
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
            self._acting(chat, parameters.values),
            upload.data,
            file_name=upload.file_name,
            mime_type=upload.mime_type,
            caption=parameters.text("caption"),
            chat_id=chat.id,
        )
        return self._message_json(message)

    def _chat(self, request: web.Request) -> Chat:
        return self._world.chat(int(request.match_info["chat"]))

    @staticmethod
    def _acting(chat: Chat, body: Json) -> int:
        """Return who acts: as named, else the one person of a private chat."""
        if body.get("person"):
            return int(body["person"])
        if chat.kind is ChatKind.PRIVATE:
            return chat.id
        raise bad_request("sandbox: say who acts, as person")

    # ---- arranging

    async def _add_person(self, request: web.Request) -> Json:
        body = await _body(request)
        person = self._world.add_person(
            str(body.get("name") or "Somebody"),
            person_id=body.get("id"),
            username=str(body.get("username", "")),
            language_code=str(body.get("language_code", "en")),
            started=bool(body.get("started")),
        )
        return person.as_json()

    async def _add_group(self, request: web.Request) -> Json:
        body = await _body(request)
        members = {int(person): MemberStatus(status) for person, status in body.get("members", {}).items()}
        chat = self._world.add_group(
            str(body.get("title") or "A group"),
            kind=ChatKind(body.get("type", "group")),
            members=members,
            bot_status=MemberStatus(body.get("bot_status", "member")),
            username=str(body.get("username", "")),
            is_forum=bool(body.get("is_forum")),
        )
        return self._chat_json(chat)

    async def _block(self, request: web.Request) -> Json:
        self._people.block(int(request.match_info["person"]))
        return {}

    async def _unblock(self, request: web.Request) -> Json:
        self._people.unblock(int(request.match_info["person"]))
        return {}

    async def _migrate(self, request: web.Request) -> Json:
        body = await _body(request)
        chat = self._people.migrate(int(request.match_info["chat"]), announce=bool(body.get("announce", True)))
        return self._chat_json(chat)

    async def _set_bot_status(self, request: web.Request) -> Json:
        body = await _body(request)
        chat = self._chat(request)
        self._people.set_bot_status(chat.id, MemberStatus(body.get("status", "member")), by=self._acting(chat, body))
        return self._chat_json(chat)

    async def _arm(self, request: web.Request) -> Json:
        body = await _body(request)
        fault = Fault(kind=FaultKind(body.pop("kind", "")), **body)
        self._world.faults.arm(fault)
        return _fault_json(fault)

    async def _armed(self, _request: web.Request) -> list[Json]:
        return [_fault_json(fault) for fault in self._world.faults.armed]

    async def _clear_faults(self, _request: web.Request) -> Json:
        self._world.faults.clear()
        return {}

    async def _ledger(self, request: web.Request) -> list[Json]:
        chat = request.query.get("chat")
        since = _number(request.query.get("since", "0"))
        lines = self._world.lines(method=request.query.get("method"), chat_id=int(chat) if chat else None)
        return [_line_json(line) for line in lines if line.number > since]

    async def _papers(self, request: web.Request) -> list[Json]:
        root = f"{request.scheme}://{request.host}"
        return [
            {"key": outlet.key, "name": outlet.name, "address": f"{root}/site/{outlet.key}/"}
            for outlet in self._newsdesk.outlets.values()
        ]

    async def _publish(self, _request: web.Request) -> Json:
        article = self._newsdesk.publish()
        return {"outlet": article.outlet.key, "title": article.title, "path": article.path}


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise bad_request("sandbox: a whole number is expected") from error


async def _body(request: web.Request) -> Json:
    """Read a JSON body; an absent one counts as empty."""
    return dict((await read_parameters(request)).values)


def _fault_json(fault: Fault) -> Json:
    return {name: getattr(fault, name) for name in fault.__slots__} | {"kind": fault.kind.value}


def _line_json(line: LedgerLine) -> Json:
    return {name: getattr(line, name) for name in line.__slots__} | {
        "outcome": line.outcome.value,
        "carried_out": line.carried_out,
    }


def _as_json(handler: Callable[[web.Request], Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Wrap a handler so that its result or refusal goes out as JSON."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(request))
        except ApiError as error:
            return web.json_response(error.body(), status=error.code)
        except (TypeError, ValueError) as error:  # a body of the wrong shape
            return web.json_response(bad_request(f"sandbox: {error}").body(), status=400)

    return answer
