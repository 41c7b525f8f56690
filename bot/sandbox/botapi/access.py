"""What the bot may reach: whether a chat lets it look or write, in Telegram's words where not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.telegram.errors import bad_request, forbidden
from bot.sandbox.world.model import GENERAL_TOPIC_ID, Chat, ChatKind, MemberStatus

if TYPE_CHECKING:
    from bot.sandbox.world.world import World


def readable(world: World, chat_id: int | str) -> Chat:
    """Return a chat that the bot may look into: public, or one that it is in.

    Raises:
        ApiError: there is none, or the bot was removed, left, or never was in.
    """
    chat = world.chat(chat_id)
    if chat.kind is ChatKind.PRIVATE:
        return chat
    if chat.bot_status is MemberStatus.KICKED:
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if chat.bot_status is MemberStatus.LEFT and not chat.username:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    return chat


def with_members(world: World, chat_id: int | str) -> Chat:
    """Return a chat whose members the bot may ask about.

    Raises:
        ApiError: it may not.
    """
    chat = readable(world, chat_id)
    if chat.kind is ChatKind.CHANNEL and chat.bot_status is not MemberStatus.ADMINISTRATOR:
        raise bad_request("member list is inaccessible")
    return chat


def writable(world: World, chat_id: int | str, *, what: str = "text messages") -> Chat:
    """Return a chat that the bot may write to.

    Args:
        world: where it is.
        chat_id: its id or ``@username``.
        what: what the bot wants to send there, in the plural.

    Raises:
        ApiError: there is none, or the bot is blocked, was removed, was never started or has no right there.
    """
    chat = world.chat(chat_id)
    if chat.is_deleted:
        raise forbidden("the group chat was deleted")
    if chat.kind is ChatKind.PRIVATE:
        if world.people[chat.id].is_deactivated:
            raise forbidden("user is deactivated")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat
    if chat.bot_status is MemberStatus.KICKED:
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if chat.bot_status is MemberStatus.LEFT:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    if chat.kind is ChatKind.CHANNEL:
        if chat.bot_status is not MemberStatus.ADMINISTRATOR:
            raise bad_request("need administrator rights in the channel chat")
        silenced = "can_post_messages" in chat.bot_denied
    else:
        silenced = chat.bot_status is MemberStatus.RESTRICTED or (
            chat.bot_status is MemberStatus.MEMBER and not chat.members_may_write
        )
    if silenced:
        raise bad_request(f"not enough rights to send {what} to the chat")
    return chat


def thread_for_writing(chat: Chat, thread_id: int | None) -> int | None:
    """Return the thread that a message goes to, ``None`` for a forum's General and for chats without threads.

    Raises:
        ApiError: there is no such thread, or it is closed for the bot.
    """
    if not chat.is_forum:
        # A supergroup's answers form threads too; anything else has none.
        if thread_id is not None and (chat.kind is not ChatKind.SUPERGROUP or thread_id not in chat.messages):
            raise bad_request("message thread not found")
        return thread_id
    topic = chat.topics.get(thread_id or GENERAL_TOPIC_ID)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.closed and not chat.bot_may("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return None if topic.id == GENERAL_TOPIC_ID else topic.id
