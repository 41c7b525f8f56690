"""A forum's topics as they come, change and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.telegram.entities import Formatted
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.world.model import GENERAL_TOPIC_ID, Topic

if TYPE_CHECKING:
    from bot.sandbox.world.model import Chat, Json, Message
    from bot.sandbox.world.world import World

ICON_COLORS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)
_MAX_NAME_CHARS = 128


def add_topic(
    world: World, chat: Chat, name: str, *, creator_id: int | None, icon_color: int = ICON_COLORS[0]
) -> tuple[Topic, Message]:
    """Open a topic; return it with the message that tells of it.

    Raises:
        ApiError: the chat is no forum, or the name is empty.
    """
    name = name.strip()[:_MAX_NAME_CHARS]
    check_forum(chat)
    if not name:
        raise bad_request("title must be non-empty")
    if icon_color not in ICON_COLORS:
        raise bad_request("invalid icon color specified")
    told = _tell(world, chat, creator_id, {"forum_topic_created": {"name": name, "icon_color": icon_color}})
    told.thread_id = told.id
    topic = Topic(id=told.id, name=name, icon_color=icon_color, creator_id=creator_id)
    chat.topics[topic.id] = topic
    return topic, told


def check_forum(chat: Chat) -> None:
    """Refuse a chat that has no topics.

    Raises:
        ApiError: it is no forum.
    """
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")


def find_topic(chat: Chat, topic_id: int) -> Topic:
    """Return a forum's topic.

    Raises:
        ApiError: it is no forum, or there is no such topic.
    """
    check_forum(chat)
    if topic_id not in chat.topics:
        raise bad_request("TOPIC_ID_INVALID")
    return chat.topics[topic_id]


def rename_topic(world: World, chat: Chat, topic: Topic, name: str, *, by: int | None) -> Message:
    """Give a topic another name; return the message that tells of it.

    Raises:
        ApiError: it has that name.
    """
    name = name.strip()[:_MAX_NAME_CHARS]
    if not name or name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    return _tell(world, chat, by, {"forum_topic_edited": {"name": name}}, topic)


def close_topic(world: World, chat: Chat, topic: Topic, *, closed: bool, by: int | None) -> Message:
    """Close or reopen a topic; return the message that tells of it.

    Raises:
        ApiError: it is so already.
    """
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    return _tell(world, chat, by, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, topic)


def delete_topic(world: World, chat: Chat, topic: Topic) -> None:
    """Take a topic away with all that was written in it.

    Raises:
        ApiError: it is the one that stays.
    """
    if topic.id == GENERAL_TOPIC_ID:
        raise bad_request("TOPIC_ID_INVALID")
    for message in [message for message in chat.messages.values() if message.thread_id == topic.id]:
        world.delete_message(chat, message.id)
    del chat.topics[topic.id]
    world.touch(chat)


def _tell(world: World, chat: Chat, by: int | None, service: Json, topic: Topic | None = None) -> Message:
    return world.add_message(
        chat,
        sender_id=by,
        content=Formatted(text=""),
        author_id=by,
        anonymous=by in chat.anonymous,
        thread_id=None if topic is None or topic.id == GENERAL_TOPIC_ID else topic.id,
        service=service,
    )
