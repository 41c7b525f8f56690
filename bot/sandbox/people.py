"""What people do: write, edit, upload, tap, block, leave. Each act becomes an update for the bot."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.api_error import bad_request
from bot.sandbox.entities import EntityKind, Formatted, find_plain_entities, utf16_length
from bot.sandbox.model import Chat, ChatKind, MemberStatus, Message, Person
from bot.sandbox.rules import MAX_TEXT_UNITS, check_encoding
from bot.sandbox.wire import chat_json, member_json, message_json

if TYPE_CHECKING:
    from bot.sandbox.world import World

# How long Telegram takes an answer to a tap.
_TAP_LIFE_S = 30.0
_TAPS_KEPT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TapAnswer:
    """What the bot answered to a tap: a toast, an alert, an address to open, or just the end of the wait."""

    text: str = ""
    alert: bool = False
    url: str = ""


@dataclass(slots=True, kw_only=True)
class Tap:
    """A tap that waits for the bot's answer."""

    at: float
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    answer: TapAnswer | None = None


class People:
    """The people's side of the world.

    Args:
        world: where they are.
        privacy: whether the bot sees only commands, mentions and replies in groups, Telegram's default.
    """

    def __init__(self, world: World, *, privacy: bool = True) -> None:
        self._world = world
        self._privacy = privacy
        self._taps: dict[str, Tap] = {}
        self._tap_numbers = itertools.count(1)

    # ---- writing

    def say(
        self,
        person_id: int,
        text: str,
        *,
        chat_id: int | None = None,
        reply_to: int | None = None,
        thread_id: int | None = None,
    ) -> Message:
        """Send a text as a person, to the bot or into a group.

        Args:
            person_id: who writes.
            text: what; its commands and links are marked as a client does.
            chat_id: where; ``None`` is the private chat with the bot.
            reply_to: the message it answers.
            thread_id: the forum's thread.

        Raises:
            ApiError: nobody or nothing of that id, not a member, or a text that no client would send.
        """
        chat = self._enter(person_id, chat_id)
        content = _typed(text)
        if reply_to is not None and reply_to not in chat.messages:
            raise bad_request("message to be replied not found")
        sender = None if chat.kind is ChatKind.CHANNEL else person_id
        message = self._world.add_message(
            chat, sender_id=sender, content=content, reply_to=reply_to, thread_id=thread_id
        )
        self._tell(chat, message, edited=False)
        return message

    def upload(
        self,
        person_id: int,
        data: bytes,
        *,
        file_name: str,
        mime_type: str = "application/octet-stream",
        caption: str = "",
        chat_id: int | None = None,
    ) -> Message:
        """Send a file as a person.

        Raises:
            ApiError: nobody or nothing of that id, or not a member.
        """
        chat = self._enter(person_id, chat_id)
        document = self._world.store_file(data, file_name=file_name, mime_type=mime_type)
        content = _typed(caption) if caption else Formatted(text="")
        message = self._world.add_message(chat, sender_id=person_id, content=content, document=document)
        self._tell(chat, message, edited=False)
        return message

    def edit(self, person_id: int, message_id: int, text: str, *, chat_id: int | None = None) -> Message:
        """Change a text that the person sent.

        Raises:
            ApiError: no such message, somebody else's, or a text that no client would send.
        """
        chat = self._enter(person_id, chat_id)
        message = self._message(chat, message_id)
        if message.sender_id != person_id:
            raise bad_request("message can't be edited")
        self._world.change_message(message, content=_typed(text), markup=None)
        self._tell(chat, message, edited=True)
        return message

    def _enter(self, person_id: int, chat_id: int | None) -> Chat:
        """Return the chat in which a person acts; a private one is started and unblocked by it."""
        person = self._world.person(person_id)
        chat = self._world.chat(person_id if chat_id is None else chat_id)
        if chat.members.get(person.id, MemberStatus.LEFT) in {MemberStatus.LEFT, MemberStatus.KICKED}:
            raise bad_request("sandbox: that person is not in this chat")
        if chat.kind is ChatKind.PRIVATE:
            if chat.blocked:
                raise bad_request("sandbox: unblock the bot first")
            chat.started = True
        return chat

    def _message(self, chat: Chat, message_id: int) -> Message:
        if message_id not in chat.messages:
            raise bad_request("message not found")
        return chat.messages[message_id]

    def _tell(self, chat: Chat, message: Message, *, edited: bool) -> None:
        if chat.kind is ChatKind.CHANNEL:
            kind = "edited_channel_post" if edited else "channel_post"
        else:
            kind = "edited_message" if edited else "message"
        if self._visible(chat, message):
            self._world.updates.put(kind, message_json(self._world, message))

    def _visible(self, chat: Chat, message: Message) -> bool:
        """Tell whether the bot gets to see a message (in groups: its privacy mode)."""
        if chat.bot_status in {MemberStatus.LEFT, MemberStatus.KICKED}:
            return False
        open_chat = chat.kind in {ChatKind.PRIVATE, ChatKind.CHANNEL}
        if open_chat or not self._privacy or chat.bot_status is MemberStatus.ADMINISTRATOR:
            return True
        return self._addressed(chat, message)

    def _addressed(self, chat: Chat, message: Message) -> bool:
        """Tell whether a message is a reply to the bot, a command it may take, or a mention."""
        me = f"@{self._world.bot.username}".lower()
        if message.reply_to in chat.messages and chat.messages[message.reply_to].sender_id == self._world.bot.id:
            return True
        for entity in message.content.entities:
            surface = _surface(message.content, entity.offset, entity.length).lower()
            if entity.kind is EntityKind.BOT_COMMAND and ("@" not in surface or surface.endswith(me)):
                return True
            if entity.kind is EntityKind.MENTION and surface == me:
                return True
        return False

    # ---- tapping

    def tap(self, person_id: int, message_id: int, data: str, *, chat_id: int | None = None) -> str:
        """Tap the button with that data under a message; return the callback query's id.

        Raises:
            ApiError: no such message or button, or not a member.
        """
        chat = self._enter(person_id, chat_id)
        message = self._message(chat, message_id)
        buttons = [button for row in (message.markup or {}).get("inline_keyboard", []) for button in row]
        if not any(button.get("callback_data") == data for button in buttons):
            raise bad_request("sandbox: that message has no such button now")
        return self._query(self._world.person(person_id), chat, message, data)

    def forge_tap(self, person_id: int, message_id: int, data: str, *, chat_id: int | None = None) -> str:
        """Send a callback query whose button no longer stands, as a stale or hostile client can.

        Raises:
            ApiError: no such message or person.
        """
        chat = self._world.chat(person_id if chat_id is None else chat_id)
        return self._query(self._world.person(person_id), chat, self._message(chat, message_id), data)

    def _query(self, person: Person, chat: Chat, message: Message, data: str) -> str:
        # Random, so that a restarted sandbox does not give an old query's id to a new tap.
        query_id = f"{secrets.randbits(48)}{next(self._tap_numbers):06d}"
        self._taps[query_id] = Tap(at=self._world.clock.monotonic())
        while len(self._taps) > _TAPS_KEPT:
            del self._taps[next(iter(self._taps))]
        self._world.updates.put(
            "callback_query",
            {
                "id": query_id,
                "from": person.as_json(),
                "message": message_json(self._world, message),
                "chat_instance": str(abs(chat.id) * 31 + 7),
                "data": data,
            },
        )
        return query_id

    async def tap_answer(self, query_id: str, *, timeout_s: float) -> TapAnswer | None:
        """Wait for the bot's answer to a tap; ``None`` when it does not come in time."""
        tap = self._taps[query_id]
        try:
            await asyncio.wait_for(tap.answered.wait(), timeout_s)
        except TimeoutError:
            return None
        return tap.answer

    def answer_tap(self, query_id: str, answer: TapAnswer) -> None:
        """Take the bot's answer to a tap.

        Raises:
            ApiError: the tap is unknown, too old, or was answered before.
        """
        tap = self._taps.get(query_id)
        old = tap is None or self._world.clock.monotonic() - tap.at > _TAP_LIFE_S
        if tap is None or old or tap.answer is not None:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        tap.answer = answer
        tap.answered.set()

    # ---- coming and going

    def block(self, person_id: int) -> None:
        """Block the bot.

        Raises:
            ApiError: nobody has that id.
        """
        self._set_blocked(person_id, blocked=True)

    def unblock(self, person_id: int) -> None:
        """Unblock the bot.

        Raises:
            ApiError: nobody has that id.
        """
        self._set_blocked(person_id, blocked=False)

    def _set_blocked(self, person_id: int, *, blocked: bool) -> None:
        chat = self._world.chat(self._world.person(person_id).id)
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        self._world.touch(chat)
        before, after = MemberStatus.MEMBER, MemberStatus.KICKED
        if not blocked:
            before, after = after, before
        self._tell_membership(chat, self._world.person(person_id), before, after)

    def set_bot_status(self, chat_id: int, status: MemberStatus, *, by: int) -> None:
        """Promote, demote, remove or invite the bot in a group or channel.

        Raises:
            ApiError: no such chat or person.
        """
        chat = self._world.chat(chat_id)
        before, chat.bot_status = chat.bot_status, status
        self._world.touch(chat)
        self._tell_membership(chat, self._world.person(by), before, status)

    def _tell_membership(self, chat: Chat, by: Person, before: MemberStatus, after: MemberStatus) -> None:
        self._world.updates.put(
            "my_chat_member",
            {
                "chat": chat_json(self._world, chat),
                "from": by.as_json(),
                "date": int(self._world.clock.time()),
                "old_chat_member": member_json(self._world.bot, before),
                "new_chat_member": member_json(self._world.bot, after),
            },
        )

    def migrate(self, chat_id: int, *, announce: bool = True) -> Chat:
        """Upgrade a group to a supergroup; return the supergroup.

        Args:
            chat_id: the group's id.
            announce: whether the bot is told by service messages, as it is unless it was offline too long.

        Raises:
            ApiError: no such chat, or no plain group.
        """
        old = self._world.chat(chat_id)
        if old.kind is not ChatKind.GROUP:
            raise bad_request("sandbox: only a plain group can be upgraded")
        new = self._world.add_group(old.title, kind=ChatKind.SUPERGROUP, members=old.members, bot_status=old.bot_status)
        old.migrated_to = new.id
        self._world.touch(old)
        if announce:
            for chat, field_name, other in ((old, "migrate_to_chat_id", new.id), (new, "migrate_from_chat_id", old.id)):
                marker = self._world.add_message(
                    chat, sender_id=next(iter(old.members), None), content=Formatted(text="")
                )
                self._world.updates.put("message", message_json(self._world, marker) | {field_name: other})
                del chat.messages[marker.id]
        return new


def _typed(text: str) -> Formatted:
    text = check_encoding(text).strip()
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > MAX_TEXT_UNITS:
        raise bad_request("message is too long")
    return Formatted(text=text, entities=find_plain_entities(text))


def _surface(content: Formatted, offset: int, length: int) -> str:
    units = content.text.encode("utf-16-le")
    return units[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")
