"""The sandbox's world: who is there, what was said, and what each request to the Bot API did."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import TYPE_CHECKING, TypedDict

from bot.sandbox.telegram.errors import ApiError, bad_request
from bot.sandbox.telegram.faults import FaultPlan
from bot.sandbox.telegram.pacing import Clock, Limits, Pacer
from bot.sandbox.world.model import (
    ANONYMOUS_ADMIN_ID,
    BOT_USERNAME,
    CHANNEL_ID,
    GENERAL_TOPIC_ID,
    GROUP_ID,
    READER_ID,
    Chat,
    ChatKind,
    Deletion,
    Document,
    Json,
    LedgerLine,
    MemberStatus,
    Message,
    Outcome,
    Person,
    SystemClock,
    Topic,
)
from bot.sandbox.world.updates import UpdateQueue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from bot.sandbox.telegram.entities import Formatted

_LEDGER_LINES = 200_000
_DELETIONS = 5_000
_TYPING_S = 5.0
_ANONYMOUS_ADMIN = Person(id=ANONYMOUS_ADMIN_ID, first_name="Group", username="GroupAnonymousBot", is_bot=True)


class MessageParts(TypedDict, total=False):
    """What a message may have beside its words and its keyboard."""

    reply_to: int | None
    thread_id: int | None
    document: Document | None
    link_preview: Json | None
    silent: bool
    author_id: int | None
    anonymous: bool
    forwarded: Json | None
    service: Json | None


class World:
    """Everything that Telegram would know.

    All methods run in one event loop and never wait, but for :meth:`changed`.

    Args:
        token: the bot's token; the digits before its colon are the bot's id.
        clock: where time comes from.
        limits: the rate limits that are kept.
    """

    def __init__(self, *, token: str, clock: Clock | None = None, limits: Limits | None = None) -> None:
        self.token = token
        self.clock: Clock = clock or SystemClock()
        self.bot = Person(id=int(token.partition(":")[0]), first_name="Newsgist", username=BOT_USERNAME, is_bot=True)
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, bytes] = {}
        self.commands: dict[str, list[Json]] = {}
        self.updates = UpdateQueue(next_id=500_000_001)
        self.pacer = Pacer(limits or Limits())
        self.faults = FaultPlan()
        self.ledger: deque[LedgerLine] = deque(maxlen=_LEDGER_LINES)
        self.deletions: deque[Deletion] = deque(maxlen=_DELETIONS)
        self.revision = 0
        self.last_message_id = 0
        self.last_file_number = 0
        self._ledger_number = 0
        self._changed = asyncio.Event()

    # ---- who is there

    def add_person(
        self,
        first_name: str,
        *,
        last_name: str = "",
        person_id: int | None = None,
        username: str = "",
        language_code: str = "en",
        started: bool = False,
    ) -> Person:
        """Add somebody and their private chat with the bot.

        Args:
            first_name: as shown.
            last_name: as shown; may be empty.
            person_id: Telegram's id; ``None`` takes the next free one.
            username: without ``@``; may be empty.
            language_code: of their client.
            started: whether they have written to the bot before, so that it may write first.
        """
        if person_id is None:
            person_id = max([READER_ID + 100, *self.people]) + 1
        person = Person(
            id=person_id,
            first_name=first_name,
            last_name=last_name,
            username=username,
            language_code=language_code,
        )
        self.people[person_id] = person
        chat = Chat(
            id=person_id,
            kind=ChatKind.PRIVATE,
            title=person.name,
            username=username,
            members={person_id: MemberStatus.MEMBER},
            started=started,
        )
        self.chats[person_id] = chat
        self.touch(chat)
        return person

    def add_group(
        self,
        title: str,
        *,
        chat_id: int | None = None,
        kind: ChatKind = ChatKind.GROUP,
        members: dict[int, MemberStatus] | None = None,
        bot_status: MemberStatus = MemberStatus.MEMBER,
        username: str = "",
        is_forum: bool = False,
    ) -> Chat:
        """Add a group, supergroup or channel with its members, the bot among them."""
        if chat_id is None:
            plain = kind is ChatKind.GROUP
            alike = [known.id for known in self.chats.values() if known.id < 0 and known.own_numbers != plain]
            chat_id = min([GROUP_ID if plain else CHANNEL_ID, *alike]) - 1
        chat = Chat(
            id=chat_id,
            kind=kind,
            title=title,
            username=username,
            members=dict(members or {}),
            bot_status=bot_status,
            started=True,
            is_forum=is_forum,
        )
        if is_forum:
            chat.topics[GENERAL_TOPIC_ID] = Topic(id=GENERAL_TOPIC_ID, name="General")
            chat.last_message_id = GENERAL_TOPIC_ID
        self.chats[chat_id] = chat
        self.touch(chat)
        return chat

    def person(self, person_id: int | None) -> Person:
        """Return somebody by id, the bot included.

        Raises:
            ApiError: nobody has that id.
        """
        if person_id == self.bot.id:
            return self.bot
        if person_id == ANONYMOUS_ADMIN_ID and person_id not in self.people:
            return _ANONYMOUS_ADMIN
        if person_id is None or person_id not in self.people:
            raise bad_request("user not found")
        return self.people[person_id]

    def chat(self, chat_id: int | str) -> Chat:
        """Return a chat by id or ``@username``.

        Raises:
            ApiError: there is none; or it became a supergroup.
        """
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else self._named(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        return chat

    def _named(self, name: str) -> Chat | None:
        return next(
            (
                chat
                for chat in self.chats.values()
                if chat.username and chat.kind is not ChatKind.PRIVATE and f"@{chat.username}".lower() == name.lower()
            ),
            None,
        )

    # ---- messages

    def add_message(
        self,
        chat: Chat,
        *,
        sender_id: int | None,
        content: Formatted,
        markup: Json | None = None,
        **more: Unpack[MessageParts],
    ) -> Message:
        """Append a message to a chat and give it the next id."""
        if chat.own_numbers:
            chat.last_message_id += 1
            message_id = chat.last_message_id
        else:
            self.last_message_id += 1
            message_id = self.last_message_id
        more.setdefault("author_id", sender_id)
        message = Message(
            chat_id=chat.id,
            id=message_id,
            sender_id=sender_id,
            sent_at=self.clock.time(),
            content=content,
            markup=markup,
            **more,
        )
        chat.messages[message_id] = message
        if sender_id == self.bot.id:
            chat.typing_until = 0.0
        self.touch(chat, message)
        return message

    def change_message(self, message: Message, *, content: Formatted | None = None, markup: Json | None) -> None:
        """Replace a message's words (unless ``None``) and its keyboard."""
        if content is not None:
            message.content = content
            message.edited_at = self.clock.time()
        message.markup = markup
        self.touch(None, message)

    def delete_message(self, chat: Chat, message_id: int) -> None:
        """Take a message away."""
        del chat.messages[message_id]
        self.touch(chat)
        self.deletions.append(Deletion(revision=self.revision, chat_id=chat.id, message_id=message_id))

    def store_file(self, data: bytes, *, file_name: str, mime_type: str) -> Document:
        """Keep an uploaded file and return its document."""
        self.last_file_number += 1
        file_id = f"sandbox-file-{self.last_file_number}"
        self.files[file_id] = data
        return Document(file_id=file_id, file_name=file_name, mime_type=mime_type, size=len(data))

    def find_document(self, file_id: str) -> Document | None:
        """Find a file that was sent before, by its id."""
        return next(
            (
                message.document
                for chat in self.chats.values()
                for message in chat.messages.values()
                if message.document is not None and message.document.file_id == file_id
            ),
            None,
        )

    def has_own_menu(self, chat_id: int) -> bool:
        """Tell whether the bot has registered commands for one chat alone, in whatever language."""
        return any(commands and json.loads(key)[::2] == ["chat", chat_id] for key, commands in self.commands.items())

    def show_typing(self, chat: Chat) -> None:
        """Show for five seconds that the bot is typing."""
        chat.typing_until = self.clock.monotonic() + _TYPING_S
        self.touch(chat)

    def touch(self, chat: Chat | None = None, message: Message | None = None) -> None:
        """Note a change, so that those who watch see it."""
        self.revision += 1
        if message is not None:
            message.revision = self.revision
            chat = chat or self.chats[message.chat_id]
        if chat is not None:
            chat.revision = self.revision
        self._changed.set()

    async def changed(self, since: int, *, timeout_s: float) -> None:
        """Wait until the revision is above the one given, at most the seconds given."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while self.revision <= since:
            self._changed.clear()
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return

    # ---- the ledger

    def record(
        self,
        method: str,
        *,
        arrived_at: float,
        outcome: Outcome,
        chat_id: int | None = None,
        message_id: int | None = None,
        text: str = "",
        error_code: int | None = None,
        description: str = "",
        in_ban: bool = False,
    ) -> None:
        """Write a line into the ledger."""
        self._ledger_number += 1
        self.ledger.append(
            LedgerLine(
                number=self._ledger_number,
                method=method,
                arrived_at=arrived_at,
                at=self.clock.time(),
                chat_id=chat_id,
                message_id=message_id,
                text=text,
                outcome=outcome,
                error_code=error_code,
                description=description,
                in_ban=in_ban,
            )
        )

    def lines(self, *, method: str | None = None, chat_id: int | None = None) -> list[LedgerLine]:
        """Return the ledger's lines, of one method and one chat where given."""
        return [
            line
            for line in self.ledger
            if (method is None or line.method == method) and (chat_id is None or line.chat_id == chat_id)
        ]

    def delivered(self, chat_ids: Iterable[int] | None = None) -> list[LedgerLine]:
        """Return the messages that reached a chat, answered or not, in order."""
        wanted = None if chat_ids is None else set(chat_ids)
        return [
            line
            for line in self.ledger
            if line.carried_out
            and line.method in {"sendMessage", "sendDocument"}
            and (wanted is None or line.chat_id in wanted)
        ]
