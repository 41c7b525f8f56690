"""Keeps the world over a restart: conversations, ids that must not come twice, updates not yet fetched."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from bot.sandbox.telegram.entities import Entity, EntityKind, Formatted
from bot.sandbox.world.model import Chat, ChatKind, Document, Json, MemberStatus, Message, Person, Topic

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.site.newsdesk import Newsdesk
    from bot.sandbox.world.world import World

# After a crash the file may be a second old; ids given since then are stepped over.
_SKIPPED_IDS = 1_000
_KEPT_MESSAGES = 500


def dump(world: World, newsdesk: Newsdesk, *, clean: bool) -> Json:
    """Return the world as JSON.

    Args:
        world: what is kept.
        newsdesk: the sample site's, so that nothing old comes out as new.
        clean: whether nothing can happen after this.
    """
    return {
        "version": 1,
        "clean": clean,
        "bot_id": world.bot.id,
        "revision": world.revision,
        "last_message_id": world.last_message_id,
        "last_file_number": world.last_file_number,
        "next_update_id": world.updates.next_id,
        "updates": list(world.updates.waiting),
        "allowed": None if world.updates.allowed is None else sorted(world.updates.allowed),
        "commands": world.commands,
        "people": [{name: getattr(person, name) for name in person.__slots__} for person in world.people.values()],
        "chats": [_chat(chat) for chat in world.chats.values()],
        "files": {file_id: base64.b64encode(data).decode() for file_id, data in world.files.items()},
        "newsdesk": newsdesk.state(),
    }


def _chat(chat: Chat) -> Json:
    return {
        "id": chat.id,
        "kind": chat.kind.value,
        "title": chat.title,
        "username": chat.username,
        "members": {str(member): status.value for member, status in chat.members.items()},
        "bot_status": chat.bot_status.value,
        "started": chat.started,
        "blocked": chat.blocked,
        "migrated_to": chat.migrated_to,
        "is_forum": chat.is_forum,
        "is_deleted": chat.is_deleted,
        "bot_denied": sorted(chat.bot_denied),
        "anonymous": sorted(chat.anonymous),
        "members_may_write": chat.members_may_write,
        "topics": [{name: getattr(topic, name) for name in topic.__slots__} for topic in chat.topics.values()],
        "last_message_id": chat.last_message_id,
        "messages": [_message(message) for message in list(chat.messages.values())[-_KEPT_MESSAGES:]],
    }


def _message(message: Message) -> Json:
    entry = {
        name: getattr(message, name)
        for name in message.__slots__
        if name not in {"content", "document", "chat_id", "revision"}
    }
    entry["text"] = message.content.text
    entry["entities"] = [
        {name: getattr(entity, name) for name in entity.__slots__} for entity in message.content.entities
    ]
    if message.document is not None:
        entry["document"] = {name: getattr(message.document, name) for name in message.document.__slots__}
    return entry


def restore(world: World, newsdesk: Newsdesk, state: Json) -> None:
    """Bring an earlier world back.

    Raises:
        ValueError: it is another bot's, or of a version that this one does not know.
    """
    if state.get("version") != 1 or state.get("bot_id") != world.bot.id:
        raise ValueError("the saved sandbox is another version's or another bot's")
    skipped = 0 if state["clean"] else _SKIPPED_IDS
    world.revision = state["revision"] + skipped
    world.last_message_id = state["last_message_id"] + skipped
    world.last_file_number = state["last_file_number"] + skipped
    world.updates.next_id = state["next_update_id"] + skipped
    world.updates.waiting.extend(state["updates"])
    world.updates.allowed = None if state["allowed"] is None else frozenset(state["allowed"])
    world.commands = state["commands"]
    world.people = {entry["id"]: Person(**entry) for entry in state["people"]}
    world.chats = {entry["id"]: _chat_of(entry, world.revision, skipped) for entry in state["chats"]}
    world.files = {file_id: base64.b64decode(data) for file_id, data in state["files"].items()}
    newsdesk.restore(state["newsdesk"])


def _chat_of(entry: Json, revision: int, skipped: int) -> Chat:
    messages = (_message_of(message, entry["id"], revision) for message in entry.pop("messages"))
    chat = Chat(
        **(
            entry
            | {
                "kind": ChatKind(entry["kind"]),
                "members": {int(member): MemberStatus(status) for member, status in entry["members"].items()},
                "bot_status": MemberStatus(entry["bot_status"]),
                "bot_denied": frozenset(entry.get("bot_denied", ())),
                "anonymous": frozenset(entry.get("anonymous", ())),
                "topics": {topic["id"]: Topic(**topic) for topic in entry.get("topics", ())},
                "messages": {message.id: message for message in messages},
                "revision": revision,
            }
        )
    )
    chat.last_message_id += skipped if chat.own_numbers else 0
    return chat


def _message_of(entry: Json, chat_id: int, revision: int) -> Message:
    entities = tuple(Entity(**(given | {"kind": EntityKind(given["kind"])})) for given in entry.pop("entities"))
    content = Formatted(text=entry.pop("text"), entities=entities)
    document = entry.pop("document", None)
    entry.setdefault("author_id", entry["sender_id"])
    return Message(
        **entry,
        chat_id=chat_id,
        content=content,
        document=None if document is None else Document(**document),
        revision=revision,
    )


def read_state(path: Path) -> Json | None:
    """Read a saved state, ``None`` where there is none.

    Raises:
        ValueError: the file is not a saved state.
    """
    if not path.exists():
        return None
    state = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(state, dict):
        raise ValueError(f"{path} is not a saved sandbox")  # noqa: TRY004  the file is wrong, not a caller
    return state


def write_state(path: Path, state: Json) -> None:
    """Write a state in place of the one before, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)
