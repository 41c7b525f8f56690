"""The world as the chat page and the tests see it, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.world.model import EDITOR_ID, Json

if TYPE_CHECKING:
    from bot.sandbox.telegram.faults import Fault
    from bot.sandbox.world.model import Chat, LedgerLine, Message
    from bot.sandbox.world.world import World

_QUOTED_CHARS = 120


def chat_view(world: World, chat: Chat) -> Json:
    """Describe a chat without its messages."""
    person = world.people.get(chat.id)
    return {
        "id": chat.id,
        "type": chat.kind.value,
        "title": chat.title,
        "role": _role(world, chat),
        "language_code": person.language_code if person is not None else "",
        "members": [
            {
                "id": member,
                "name": world.person(member).name,
                "status": status.value,
                "anonymous": member in chat.anonymous,
            }
            for member, status in chat.members.items()
        ],
        "bot_status": chat.bot_status.value,
        "bot_denied": sorted(chat.bot_denied),
        "started": chat.started,
        "blocked": chat.blocked,
        "deactivated": person is not None and person.is_deactivated,
        "deleted": chat.is_deleted,
        "migrated_to": chat.migrated_to,
        "members_may_write": chat.members_may_write,
        "is_forum": chat.is_forum,
        "topics": [{"id": topic.id, "name": topic.name, "closed": topic.closed} for topic in chat.topics.values()],
        "typing_s": max(0.0, round(chat.typing_until - world.clock.monotonic(), 2)),
    }


def _role(world: World, chat: Chat) -> str:
    """Tell what somebody is to the bot: to whom it has given a menu of their own, it shows more than to others."""
    if chat.id not in world.people:
        return ""
    return "editor" if chat.id == EDITOR_ID or world.has_own_menu(chat.id) else "reader"


def message_view(world: World, message: Message) -> Json:
    """Describe a message as it stands now."""
    chat = world.chats[message.chat_id]
    answer: Json = {
        "chat_id": message.chat_id,
        "id": message.id,
        "revision": message.revision,
        "from_id": message.sender_id,
        "author_id": message.author_id,
        "from_name": _sender_name(world, chat, message),
        "from_bot": message.author_id == world.bot.id,
        "date": int(message.sent_at),
        "edited": message.edited_at is not None,
        "silent": message.silent,
        "thread_id": message.thread_id,
        "text": message.content.text,
        "entities": [entity.as_json() for entity in message.content.entities],
        "keyboard": (message.markup or {}).get("inline_keyboard", []),
    }
    if message.reply_to in chat.messages:
        replied = chat.messages[message.reply_to]
        words = replied.content.text or (replied.document.file_name if replied.document is not None else "")
        answer["reply_to"] = {
            "id": replied.id,
            "name": _sender_name(world, chat, replied),
            "text": words[:_QUOTED_CHARS],
        }
    if message.document is not None:
        answer["document"] = message.document.as_json() | {"address": f"/sandbox/files/{message.document.file_id}"}
    if message.forwarded is not None:
        answer["forwarded_from"] = _origin_name(message.forwarded)
    if message.service is not None:
        answer["service"] = _told(message.service, _sender_name(world, chat, message))
    return answer


def _sender_name(world: World, chat: Chat, message: Message) -> str:
    hidden = message.sender_id is None or message.anonymous
    return chat.title if hidden else world.person(message.sender_id).name


def _origin_name(origin: Json) -> str:
    if "sender_user" in origin:
        user = origin["sender_user"]
        return f"{user['first_name']} {user.get('last_name', '')}".strip()
    chat = origin.get("chat") or origin["sender_chat"]
    return str(chat["title"])


def _told(service: Json, who: str) -> str:
    """Say in a few words what a service message tells."""
    ((kind, what), *_) = [item for item in service.items() if not item[0].endswith("_participant")]
    names = [user["first_name"] for user in service.get("new_chat_members", [service.get("left_chat_member")]) if user]
    return {
        "new_chat_member": f"{who} added {', '.join(names)}",
        "new_chat_members": f"{who} added {', '.join(names)}",
        "left_chat_member": f"{', '.join(names)} left",
        "migrate_to_chat_id": "This group became a supergroup",
        "migrate_from_chat_id": "The group became this supergroup",
        "forum_topic_created": f"{who} opened the topic {what.get('name') if isinstance(what, dict) else ''}",
        "forum_topic_edited": f"{who} renamed the topic to {what.get('name') if isinstance(what, dict) else ''}",
        "forum_topic_closed": f"{who} closed the topic",
        "forum_topic_reopened": f"{who} reopened the topic",
    }.get(kind, kind)


def fault_view(fault: Fault) -> Json:
    """Describe an armed fault."""
    return {name: getattr(fault, name) for name in fault.__slots__} | {"kind": fault.kind.value}


def line_view(line: LedgerLine) -> Json:
    """Describe a line of the ledger."""
    return {name: getattr(line, name) for name in line.__slots__} | {
        "outcome": line.outcome.value,
        "carried_out": line.carried_out,
    }
