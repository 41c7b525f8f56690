"""The Bot API's objects: chats, members and messages as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.world.model import ANONYMOUS_ADMIN_ID, Chat, ChatKind, Json, MemberStatus, Message, Person

if TYPE_CHECKING:
    from bot.sandbox.world.world import World

# Which rights an administrator can have, by the kind of chat; optional ones are absent elsewhere.
_RIGHTS_ANYWHERE = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_RIGHTS_IN = {
    ChatKind.GROUP: ("can_pin_messages",),
    ChatKind.SUPERGROUP: ("can_pin_messages", "can_manage_topics"),
    ChatKind.CHANNEL: ("can_post_messages", "can_edit_messages"),
}
_PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
_WRITING = tuple(name for name in _PERMISSIONS if name.startswith("can_send") or name == "can_add_web_page_previews")


def chat_json(world: World, chat: Chat) -> Json:
    """Return the Bot API's Chat."""
    answer: Json = {"id": chat.id, "type": chat.kind.value}
    if chat.kind is ChatKind.PRIVATE:
        person = world.people[chat.id]
        answer["first_name"] = person.first_name
        if person.last_name:
            answer["last_name"] = person.last_name
    else:
        answer["title"] = chat.title
    if chat.username:
        answer["username"] = chat.username
    if chat.is_forum:
        answer["is_forum"] = True
    return answer


def full_chat_json(world: World, chat: Chat) -> Json:
    """Return the Bot API's ChatFullInfo."""
    answer = chat_json(world, chat) | {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.kind in {ChatKind.GROUP, ChatKind.SUPERGROUP}:
        answer["permissions"] = dict.fromkeys(_PERMISSIONS, True) | dict.fromkeys(_WRITING, chat.members_may_write)
    return answer


def member_json(
    person: Person,
    status: MemberStatus,
    chat: Chat,
    *,
    denied: frozenset[str] = frozenset(),
) -> Json:
    """Return the Bot API's ChatMember.

    Args:
        person: who.
        status: what they are there.
        chat: where.
        denied: rights that they lack, of an administrator or of somebody restricted.
    """
    answer: Json = {"user": person.as_json(), "status": status.value}
    match status:
        case MemberStatus.CREATOR:
            answer["is_anonymous"] = person.id in chat.anonymous
        case MemberStatus.ADMINISTRATOR:
            rights = (*_RIGHTS_ANYWHERE, *_RIGHTS_IN.get(chat.kind, ()))
            answer |= {"can_be_edited": False, "is_anonymous": person.id in chat.anonymous}
            answer |= {right: right not in denied for right in rights}
        case MemberStatus.RESTRICTED:
            answer |= {"is_member": True, "until_date": 0}
            answer |= {right: right not in _WRITING and right not in denied for right in _PERMISSIONS}
        case MemberStatus.KICKED:
            answer["until_date"] = 0
        case _:
            pass
    return answer


def bot_member_json(world: World, chat: Chat) -> Json:
    """Return the bot's own ChatMember."""
    return member_json(world.bot, chat.bot_status, chat, denied=chat.bot_denied)


def message_json(world: World, message: Message, *, with_reply: bool = True) -> Json:
    """Return the Bot API's Message as it stands now."""
    chat = world.chats[message.chat_id]
    answer: Json = {
        "message_id": message.id,
        "date": int(message.sent_at),
        "chat": chat_json(world, chat),
    }
    answer |= _sender_json(world, chat, message)
    if message.edited_at is not None:
        answer["edit_date"] = int(message.edited_at)
    answer |= _thread_json(chat, message)
    if message.forwarded is not None:
        answer["forward_origin"] = message.forwarded
    if message.service is not None:
        answer |= message.service
    if with_reply and (replied := _replied(chat, message)) is not None:
        answer["reply_to_message"] = message_json(world, replied, with_reply=False)
    text, entities = ("text", "entities") if message.document is None else ("caption", "caption_entities")
    if message.document is not None:
        answer["document"] = message.document.as_json()
    if message.content.text:
        answer[text] = message.content.text
    if message.content.entities:
        answer[entities] = [entity.as_json() for entity in message.content.entities]
    if message.link_preview:
        answer["link_preview_options"] = message.link_preview
    if message.markup:
        answer["reply_markup"] = message.markup
    return answer


def _sender_json(world: World, chat: Chat, message: Message) -> Json:
    if message.sender_id is None:
        return {"sender_chat": chat_json(world, chat)}
    if message.anonymous:
        return {"from": world.person(ANONYMOUS_ADMIN_ID).as_json(), "sender_chat": chat_json(world, chat)}
    return {"from": world.person(message.sender_id).as_json()}


def _thread_json(chat: Chat, message: Message) -> Json:
    if message.thread_id is not None:
        return {"message_thread_id": message.thread_id} | ({"is_topic_message": True} if chat.is_forum else {})
    # In a supergroup answers form a thread of their own, which is no topic.
    if chat.kind is ChatKind.SUPERGROUP and not chat.is_forum and message.reply_to in chat.messages:
        first = chat.messages[message.reply_to]
        while first.reply_to in chat.messages:
            first = chat.messages[first.reply_to]
        return {"message_thread_id": first.id}
    return {}


def _replied(chat: Chat, message: Message) -> Message | None:
    """Find what a message answers; within a topic that is at least the topic's beginning."""
    for candidate in (message.reply_to, message.thread_id):
        if candidate is not None and candidate in chat.messages and candidate != message.id:
            return chat.messages[candidate]
    return None
