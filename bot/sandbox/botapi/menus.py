"""The menus of commands that a bot has registered, and which of them a client shows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.world.model import Chat, ChatKind, Json, MemberStatus, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.sandbox.botapi.parameters import Parameters
    from bot.sandbox.world.world import World

_NAME = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_MAX_COMMANDS = 100
_MAX_DESCRIPTION_CHARS = 256
_SCOPES = frozenset(
    {
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    }
)


class MenuMethods:
    """Registers, reads and removes menus.

    Args:
        world: where they are kept.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.table: dict[str, Callable[[Parameters], Any]] = {
            "setMyCommands": self._set,
            "getMyCommands": self._get,
            "deleteMyCommands": self._delete,
        }

    def _set(self, parameters: Parameters) -> bool:
        commands = [_command(given) for given in parameters.sequence("commands") or []]
        if len(commands) > _MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        key = self._key(parameters)
        self._world.commands[key] = commands
        self._show(key)
        return True

    def _get(self, parameters: Parameters) -> list[Json]:
        return self._world.commands.get(self._key(parameters), [])

    def _delete(self, parameters: Parameters) -> bool:
        key = self._key(parameters)
        self._world.commands.pop(key, None)
        self._show(key)
        return True

    def _show(self, key: str) -> None:
        """Let whoever watches see that a menu has changed, and in which chat where it is one's own."""
        _, _, *where = json.loads(key)
        self._world.touch(self._world.chats.get(where[0]) if where else None)

    def _key(self, parameters: Parameters) -> str:
        scope = parameters.mapping("scope") or {"type": "default"}
        kind = str(scope.get("type", ""))
        if kind not in _SCOPES:
            raise bad_request("can't parse BotCommandScope: unsupported type specified")
        where: list[int] = []
        if kind.startswith("chat"):
            chat = self._world.chat(_number_or_name(scope.get("chat_id")))
            if kind != "chat" and chat.kind is ChatKind.PRIVATE:
                raise bad_request(f"scope {kind} can't be used in a private chat")
            where.append(chat.id)
        if kind == "chat_member":
            where.append(self._world.person(int(scope.get("user_id") or 0)).id)
        language = parameters.text("language_code")
        if language and not _LANGUAGE.fullmatch(language):
            raise bad_request("invalid language code specified")
        return _key(kind, language, *where)


def menu_for(world: World, chat: Chat, person: Person) -> list[Json]:
    """Return the commands that a person's client lists in a chat: the narrowest menu there is, in their language first.

    The order is that of the Bot API's page *Determining list of commands*.
    """
    language = person.language_code.partition("-")[0]
    for scope in _scopes(chat, person):
        for lang in (language, ""):
            if commands := world.commands.get(_key(scope[0], lang, *scope[1:])):
                return commands
    return []


def _scopes(chat: Chat, person: Person) -> Iterator[tuple[str, *tuple[int, ...]]]:
    if chat.kind is ChatKind.PRIVATE:
        yield ("chat", chat.id)
        yield ("all_private_chats",)
    else:
        leads = chat.members.get(person.id, MemberStatus.LEFT).leads
        yield ("chat_member", chat.id, person.id)
        if leads:
            yield ("chat_administrators", chat.id)
        yield ("chat", chat.id)
        if leads:
            yield ("all_chat_administrators",)
        yield ("all_group_chats",)
    yield ("default",)


def _key(kind: str, language: str, *where: int) -> str:
    return json.dumps([kind, language, *where])


def _command(given: object) -> Json:
    if not isinstance(given, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(given.get("command", "")).removeprefix("/")
    if not _NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    description = str(given.get("description", ""))
    if not 1 <= len(description) <= _MAX_DESCRIPTION_CHARS:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _number_or_name(given: object) -> int | str:
    try:
        return int(str(given))
    except ValueError:
        return str(given)
