"""What people do: write, edit, upload, tap, block, leave. Each act becomes an update for the bot."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.telegram.entities import EntityKind, Formatted, find_plain_entities, utf16_length
from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.rules import MAX_TEXT_UNITS, check_encoding
from bot.sandbox.world import membership
from bot.sandbox.world.model import GENERAL_TOPIC_ID, Chat, ChatKind, Json, MemberStatus, Message, Person
from bot.sandbox.world.wire import chat_json, message_json
from bot.sandbox.world.world import MessageParts

if TYPE_CHECKING:
    from bot.sandbox.world.world import World

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
        parts = MessageParts(reply_to=reply_to, thread_id=_thread(chat, person_id, thread_id))
        message = self._add(chat, person_id, content, parts)
        self._tell(chat, message, edited=False)
        return message

    def forward(self, person_id: int, source: Message, *, chat_id: int | None = None) -> Message:
        """Forward a message of any chat, to the bot or into a group.

        Raises:
            ApiError: nobody or nothing of that id, or not a member.
        """
        chat = self._enter(person_id, chat_id)
        parts = MessageParts(document=source.document, forwarded=self._origin(source))
        message = self._add(chat, person_id, source.content, parts)
        self._tell(chat, message, edited=False)
        return message

    def _origin(self, source: Message) -> Json:
        """Return the Bot API's MessageOrigin; a message that was forwarded before keeps its own."""
        if source.forwarded is not None:
            return source.forwarded
        chat, date = self._world.chats[source.chat_id], int(source.sent_at)
        if source.sender_id is None:
            return {"type": "channel", "date": date, "chat": chat_json(self._world, chat), "message_id": source.id}
        if source.anonymous:
            return {"type": "chat", "date": date, "sender_chat": chat_json(self._world, chat)}
        return {"type": "user", "date": date, "sender_user": self._world.person(source.sender_id).as_json()}

    def _add(self, chat: Chat, person_id: int, content: Formatted, more: MessageParts) -> Message:
        channel = chat.kind is ChatKind.CHANNEL
        author = MessageParts(author_id=person_id, anonymous=not channel and person_id in chat.anonymous)
        return self._world.add_message(
            chat, sender_id=None if channel else person_id, content=content, **(more | author)
        )

    def upload(
        self,
        person_id: int,
        data: bytes,
        *,
        file_name: str,
        mime_type: str = "application/octet-stream",
        caption: str = "",
        chat_id: int | None = None,
        reply_to: int | None = None,
        thread_id: int | None = None,
    ) -> Message:
        """Send a file as a person.

        Raises:
            ApiError: nobody or nothing of that id, or not a member.
        """
        chat = self._enter(person_id, chat_id)
        document = self._world.store_file(data, file_name=file_name, mime_type=mime_type)
        content = _typed(caption) if caption else Formatted(text="")
        thread_id = _thread(chat, person_id, thread_id)
        parts = MessageParts(document=document, reply_to=reply_to, thread_id=thread_id)
        message = self._add(chat, person_id, content, parts)
        self._tell(chat, message, edited=False)
        return message

    def edit(self, person_id: int, message_id: int, text: str, *, chat_id: int | None = None) -> Message:
        """Change a text that the person sent.

        Raises:
            ApiError: no such message, somebody else's, or a text that no client would send.
        """
        chat = self._enter(person_id, chat_id)
        message = self._message(chat, message_id)
        channel_admin = chat.kind is ChatKind.CHANNEL and chat.members[person_id].leads
        if message.author_id != person_id and not channel_admin:
            raise bad_request("message can't be edited")
        self._world.change_message(message, content=_typed(text), markup=None)
        self._tell(chat, message, edited=True)
        return message

    def _enter(self, person_id: int, chat_id: int | None, *, writing: bool = True) -> Chat:
        """Return the chat in which a person acts; a private one is started by it."""
        person = self._world.person(person_id)
        if person.is_deactivated:
            raise bad_request("sandbox: that account is deleted")
        chat = self._world.chat(person_id if chat_id is None else chat_id)
        if not chat.members.get(person.id, MemberStatus.LEFT).is_in:
            raise bad_request("sandbox: that person is not in this chat")
        if chat.kind is ChatKind.PRIVATE:
            if chat.blocked:
                raise bad_request("sandbox: unblock the bot first")
            chat.started = True
        elif writing and not chat.members[person.id].leads:
            if chat.kind is ChatKind.CHANNEL:
                raise bad_request("sandbox: only admins write in a channel")
            if not chat.members_may_write:
                raise bad_request("sandbox: only admins write here")
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
        if not chat.bot_status.is_in:
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
        chat = self._enter(person_id, chat_id, writing=False)
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
        membership.set_blocked(self._world, person_id, blocked=True)

    def unblock(self, person_id: int) -> None:
        """Unblock the bot.

        Raises:
            ApiError: nobody has that id.
        """
        membership.set_blocked(self._world, person_id, blocked=False)

    def set_bot_status(
        self, chat_id: int, status: MemberStatus, *, by: int, denied: frozenset[str] = frozenset()
    ) -> None:
        """Promote, demote, restrict, remove or invite the bot in a group or channel.

        Raises:
            ApiError: no such chat or person.
        """
        membership.set_bot_status(self._world, chat_id, status, by=by, denied=denied)

    def migrate(self, chat_id: int, *, announce: bool = True) -> Chat:
        """Upgrade a group to a supergroup; return the supergroup.

        Args:
            chat_id: the group's id.
            announce: whether the bot is told by service messages, as it is unless it was offline too long.

        Raises:
            ApiError: no such chat, or no plain group.
        """
        return membership.migrate(self._world, chat_id, announce=announce)


def _typed(text: str) -> Formatted:
    text = check_encoding(text).strip()
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > MAX_TEXT_UNITS:
        raise bad_request("message is too long")
    return Formatted(text=text, entities=find_plain_entities(text))


def _thread(chat: Chat, person_id: int, thread_id: int | None) -> int | None:
    """Return the thread that a person writes in, ``None`` for a forum's General."""
    if not chat.is_forum:
        return thread_id
    topic = chat.topics.get(thread_id or GENERAL_TOPIC_ID)
    if topic is None:
        raise bad_request("sandbox: there is no such topic")
    if topic.closed and not chat.members[person_id].leads:
        raise bad_request("sandbox: that topic is closed")
    return None if topic.id == GENERAL_TOPIC_ID else topic.id


def _surface(content: Formatted, offset: int, length: int) -> str:
    units = content.text.encode("utf-16-le")
    return units[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")
