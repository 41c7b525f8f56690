"""The people's side over HTTP, arranging: who is in the world, what they may, topics, comings and goings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.control.http import CHAT, PERSON, as_json, read_body, who_acts
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.world import membership
from bot.sandbox.world.model import Chat, ChatKind, Json, MemberStatus
from bot.sandbox.world.topics import add_topic, close_topic, delete_topic, find_topic, rename_topic
from bot.sandbox.world.views import chat_view
from bot.sandbox.world.wire import message_json

if TYPE_CHECKING:
    from aiohttp import web

    from bot.sandbox.world.model import Message
    from bot.sandbox.world.people import People
    from bot.sandbox.world.world import World


class Arranging:
    """Brings people, groups, forums and channels into being and changes what they are.

    Args:
        world: what is arranged.
        people: who act.
    """

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve below ``/sandbox``."""
        for method, path, handler in (
            ("POST", "/sandbox/people", self._add_person),
            ("PATCH", PERSON, self._change_person),
            ("POST", f"{PERSON}/block", self._block),
            ("POST", f"{PERSON}/unblock", self._unblock),
            ("POST", f"{PERSON}/deactivate", self._deactivate),
            ("POST", "/sandbox/groups", self._add_group),
            ("DELETE", CHAT, self._delete_group),
            ("POST", f"{CHAT}/migrate", self._migrate),
            ("POST", f"{CHAT}/bot", self._set_bot_status),
            ("POST", f"{CHAT}/members", self._set_member),
            ("POST", f"{CHAT}/permissions", self._set_permissions),
            ("POST", f"{CHAT}/topics", self._add_topic),
            ("PATCH", CHAT + r"/topics/{topic:\d+}", self._change_topic),
            ("DELETE", CHAT + r"/topics/{topic:\d+}", self._delete_topic),
        ):
            router.add_route(method, path, as_json(handler))

    def _chat(self, request: web.Request) -> Chat:
        return self._world.chat(int(request.match_info["chat"]))

    # ---- people

    async def _add_person(self, request: web.Request) -> Json:
        body = await read_body(request)
        person = self._world.add_person(
            str(body.get("name") or "Somebody"),
            last_name=str(body.get("last_name", "")),
            person_id=body.get("id"),
            username=str(body.get("username", "")),
            language_code=str(body.get("language_code", "en")),
            started=bool(body.get("started")),
        )
        return person.as_json()

    async def _change_person(self, request: web.Request) -> Json:
        """Change the language of somebody's client."""
        body = await read_body(request)
        person = self._world.person(int(request.match_info["person"]))
        person.language_code = str(body.get("language_code", person.language_code))
        self._world.touch(self._world.chat(person.id))
        return person.as_json()

    async def _block(self, request: web.Request) -> Json:
        self._people.block(int(request.match_info["person"]))
        return {}

    async def _unblock(self, request: web.Request) -> Json:
        self._people.unblock(int(request.match_info["person"]))
        return {}

    async def _deactivate(self, request: web.Request) -> Json:
        membership.deactivate(self._world, int(request.match_info["person"]))
        return {}

    # ---- groups and channels

    async def _add_group(self, request: web.Request) -> Json:
        """Found a group; with ``added_by`` the bot comes in afterwards and is told, else it is there from the start."""
        body = await read_body(request)
        status = MemberStatus(body.get("bot_status", "member"))
        added_by = body.get("added_by")
        chat = self._world.add_group(
            str(body.get("title") or "A group"),
            kind=ChatKind(body.get("type", "group")),
            members={int(person): MemberStatus(what) for person, what in body.get("members", {}).items()},
            bot_status=MemberStatus.LEFT if added_by else status,
            username=str(body.get("username", "")),
            is_forum=bool(body.get("is_forum")),
        )
        chat.anonymous = frozenset(map(int, body.get("anonymous", ())))
        denied = frozenset(map(str, body.get("bot_denied", ())))
        if added_by:
            self._people.set_bot_status(chat.id, status, by=int(added_by), denied=denied)
        chat.bot_denied = denied
        return chat_view(self._world, chat)

    async def _delete_group(self, request: web.Request) -> Json:
        chat = self._chat(request)
        membership.delete_group(self._world, chat.id, by=who_acts(chat, await read_body(request)))
        return chat_view(self._world, chat)

    async def _migrate(self, request: web.Request) -> Json:
        body = await read_body(request)
        chat = self._people.migrate(int(request.match_info["chat"]), announce=bool(body.get("announce", True)))
        return chat_view(self._world, chat)

    async def _set_bot_status(self, request: web.Request) -> Json:
        body = await read_body(request)
        chat = self._chat(request)
        denied = frozenset(map(str, body.get("denied", ())))
        status = MemberStatus(body.get("status", "member"))
        self._people.set_bot_status(chat.id, status, by=who_acts(chat, body), denied=denied)
        return chat_view(self._world, chat)

    async def _set_member(self, request: web.Request) -> Json:
        """Let somebody join, leave, be promoted: ``member`` is whom it befalls, ``person`` who does it."""
        body = await read_body(request)
        chat = self._chat(request)
        member = int(body["member"] if "member" in body else who_acts(chat, body))
        membership.set_member(
            self._world,
            chat.id,
            member,
            MemberStatus(body.get("status", "member")),
            by=int(body.get("person") or member),
            anonymous=bool(body.get("anonymous")),
        )
        return chat_view(self._world, chat)

    async def _set_permissions(self, request: web.Request) -> Json:
        body = await read_body(request)
        chat = self._chat(request)
        chat.members_may_write = bool(body.get("can_send_messages", True))
        self._world.touch(chat)
        return chat_view(self._world, chat)

    # ---- topics

    async def _add_topic(self, request: web.Request) -> Json:
        body = await read_body(request)
        chat = self._chat(request)
        topic, told = add_topic(self._world, chat, str(body.get("name", "")), creator_id=who_acts(chat, body))
        self._tell(told)
        return topic.as_json()

    async def _change_topic(self, request: web.Request) -> Json:
        body = await read_body(request)
        chat = self._chat(request)
        topic = find_topic(chat, int(request.match_info["topic"]))
        by = who_acts(chat, body)
        if not {"name", "closed"} & body.keys():
            raise bad_request("sandbox: give a name, or whether it is closed")
        if "name" in body:
            self._tell(rename_topic(self._world, chat, topic, str(body["name"]), by=by))
        if "closed" in body:
            self._tell(close_topic(self._world, chat, topic, closed=bool(body["closed"]), by=by))
        return topic.as_json() | {"closed": topic.closed}

    async def _delete_topic(self, request: web.Request) -> Json:
        chat = self._chat(request)
        delete_topic(self._world, chat, find_topic(chat, int(request.match_info["topic"])))
        return {}

    def _tell(self, message: Message) -> None:
        """Let the bot hear of what happened, if it is there."""
        if self._world.chats[message.chat_id].bot_status.is_in:
            self._world.updates.put("message", message_json(self._world, message))
