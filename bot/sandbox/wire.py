"""The Bot API's objects: chats, members and messages as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.model import Chat, ChatKind, Json, MemberStatus, Message, Person

if TYPE_CHECKING:
    from bot.sandbox.world import World

_ADMIN_RIGHTS = (
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
    "can_pin_messages",
)


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
    return chat_json(world, chat) | {
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


def member_json(person: Person, status: MemberStatus) -> Json:
    """Return the Bot API's ChatMember."""
    answer: Json = {"user": person.as_json(), "status": status.value}
    match status:
        case MemberStatus.CREATOR:
            answer["is_anonymous"] = False
        case MemberStatus.ADMINISTRATOR:
            answer |= {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(_ADMIN_RIGHTS, True)}
        case MemberStatus.KICKED:
            answer["until_date"] = 0
        case _:
            pass
    return answer


def message_json(world: World, message: Message, *, with_reply: bool = True) -> Json:
    """Return the Bot API's Message as it stands now."""
    chat = world.chats[message.chat_id]
    answer: Json = {
        "message_id": message.id,
        "date": int(message.sent_at),
        "chat": chat_json(world, chat),
    }
    if message.sender_id is not None:
        answer["from"] = world.person(message.sender_id).as_json()
    else:
        answer["sender_chat"] = chat_json(world, chat)
    if message.edited_at is not None:
        answer["edit_date"] = int(message.edited_at)
    if message.thread_id is not None:
        answer |= {"message_thread_id": message.thread_id, "is_topic_message": True}
    if with_reply and message.reply_to is not None and message.reply_to in chat.messages:
        answer["reply_to_message"] = message_json(world, chat.messages[message.reply_to], with_reply=False)
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
