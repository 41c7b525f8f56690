"""Who comes and goes: people and the bot in chats, their rights, groups that are upgraded or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.telegram.entities import Formatted
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.world.model import Chat, ChatKind, Json, MemberStatus
from bot.sandbox.world.wire import bot_member_json, chat_json, member_json, message_json

if TYPE_CHECKING:
    from bot.sandbox.world.model import Person
    from bot.sandbox.world.world import World


def set_blocked(world: World, person_id: int, *, blocked: bool) -> None:
    """Block or unblock the bot as a person.

    Raises:
        ApiError: nobody has that id.
    """
    person = world.person(person_id)
    chat = world.chat(person.id)
    if chat.blocked == blocked:
        return
    chat.blocked = blocked
    world.touch(chat)
    before, after = MemberStatus.MEMBER, MemberStatus.KICKED
    if not blocked:
        before, after = after, before
    _tell_bot(world, chat, person, (member_json(world.bot, before, chat), member_json(world.bot, after, chat)))


def deactivate(world: World, person_id: int) -> None:
    """Let a person delete their account: no update tells the bot.

    Raises:
        ApiError: nobody has that id.
    """
    person = world.person(person_id)
    person.is_deactivated = True
    person.first_name, person.last_name, person.username = "Deleted Account", "", ""
    chat = world.chat(person.id)
    chat.title = person.name
    world.touch(chat)


def set_bot_status(
    world: World, chat_id: int, status: MemberStatus, *, by: int, denied: frozenset[str] = frozenset()
) -> None:
    """Add, promote, restrict, remove the bot in a group or channel, and tell it.

    Args:
        world: where.
        chat_id: the group or channel.
        status: what the bot is from now on.
        by: who did it.
        denied: rights that it lacks, by the Bot API's names.

    Raises:
        ApiError: no such chat or person.
    """
    chat = world.chat(chat_id)
    before, was_in = bot_member_json(world, chat), chat.bot_status.is_in
    chat.bot_status, chat.bot_denied = status, denied
    world.touch(chat)
    person = world.person(by)
    after = bot_member_json(world, chat)
    if after != before:
        _tell_bot(world, chat, person, (before, after))
    if was_in == status.is_in or chat.kind is ChatKind.CHANNEL:
        return
    user = world.bot.as_json()
    joined = {"new_chat_participant": user, "new_chat_member": user, "new_chat_members": [user]}
    left = {"left_chat_participant": user, "left_chat_member": user}
    add_service_message(world, chat, by, joined if status.is_in else left, told=status.is_in)


def set_member(world: World, chat_id: int, person_id: int, status: MemberStatus, *, by: int, anonymous: bool) -> None:
    """Change what a person is in a group or channel.

    Args:
        world: where.
        chat_id: the group or channel.
        person_id: who.
        status: what they are from now on.
        by: who did it.
        anonymous: whether they administer without showing who they are.

    Raises:
        ApiError: no such chat or person.
    """
    chat, person = world.chat(chat_id), world.person(person_id)
    before = member_json(person, chat.members.get(person_id, MemberStatus.LEFT), chat)
    was_in = chat.members.get(person_id, MemberStatus.LEFT).is_in
    chat.members[person_id] = status
    chat.anonymous = chat.anonymous | {person_id} if anonymous and status.leads else chat.anonymous - {person_id}
    world.touch(chat)
    after = member_json(person, status, chat)
    # Only an administrator hears of other members.
    if after != before and chat.bot_status is MemberStatus.ADMINISTRATOR:
        _tell_bot(world, chat, world.person(by), (before, after), "chat_member")
    if was_in == status.is_in or chat.kind is ChatKind.CHANNEL:
        return
    user = person.as_json()
    joined = {"new_chat_participant": user, "new_chat_member": user, "new_chat_members": [user]}
    add_service_message(world, chat, by, joined if status.is_in else {"left_chat_member": user})


def add_service_message(world: World, chat: Chat, by: int, service: Json, *, told: bool = True) -> None:
    """Note in a chat what happened, and tell the bot if it is there to hear it."""
    hidden = by in chat.anonymous
    message = world.add_message(
        chat, sender_id=by, content=Formatted(text=""), author_id=by, anonymous=hidden, service=service
    )
    if told and chat.bot_status.is_in:
        world.updates.put("message", message_json(world, message))


def _tell_bot(world: World, chat: Chat, by: Person, change: tuple[Json, Json], kind: str = "my_chat_member") -> None:
    before, after = change
    world.updates.put(
        kind,
        {
            "chat": chat_json(world, chat),
            "from": by.as_json(),
            "date": int(world.clock.time()),
            "old_chat_member": before,
            "new_chat_member": after,
        },
    )


def delete_group(world: World, chat_id: int, *, by: int) -> None:
    """Delete a group or channel; the bot learns of it as of its own removal.

    Raises:
        ApiError: no such chat, or a private one.
    """
    chat = world.chat(chat_id)
    if chat.kind is ChatKind.PRIVATE:
        raise bad_request("sandbox: a private chat stays")
    before = bot_member_json(world, chat)
    chat.is_deleted, chat.bot_status = True, MemberStatus.LEFT
    world.touch(chat)
    _tell_bot(world, chat, world.person(by), (before, bot_member_json(world, chat)))


def migrate(world: World, chat_id: int, *, announce: bool) -> Chat:
    """Upgrade a group to a supergroup; return the supergroup.

    Args:
        world: where.
        chat_id: the group's id.
        announce: whether the bot is told by service messages, as it is unless it was offline too long.

    Raises:
        ApiError: no such chat, or no plain group.
    """
    old = world.chat(chat_id)
    if old.kind is not ChatKind.GROUP:
        raise bad_request("sandbox: only a plain group can be upgraded")
    new = world.add_group(old.title, kind=ChatKind.SUPERGROUP, members=old.members, bot_status=old.bot_status)
    new.bot_denied, new.anonymous, new.members_may_write = old.bot_denied, old.anonymous, old.members_may_write
    old.migrated_to = new.id
    world.touch(old)
    if announce:
        by = next(iter(old.members), world.bot.id)
        add_service_message(world, old, by, {"migrate_to_chat_id": new.id})
        add_service_message(world, new, by, {"migrate_from_chat_id": old.id})
    return new
