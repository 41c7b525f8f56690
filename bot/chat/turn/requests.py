"""What a person did, out of Telegram's update: the one place that reads vendor types of the conversation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.news.finding.known_sites import handle_address
from storage.model import ChatKind

if TYPE_CHECKING:
    import telegram

ANONYMOUS_ADMIN_ID = 1087968824
"""Telegram's stand-in for administrators who hide behind their group (@GroupAnonymousBot)."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{3,64}))?(?:\s+|$)")
_ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]{0,20}://|\b(?=[\w-]{1,63}\.))[^\s<>\"“”«»]+", re.IGNORECASE)
_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,24}(?::\d{1,5})?(?:/\S*)?", re.IGNORECASE)


class Deed(StrEnum):
    """Kinds of updates that the bot acts on."""

    MESSAGE = "message"
    TAP = "tap"
    JOINED = "joined"
    """The bot was added to a group or channel, or unblocked."""
    LEFT = "left"
    """The bot was removed or blocked."""
    MOVED = "moved"
    """The group has become a supergroup, with another id."""
    RIGHTS = "rights"
    """The bot's rights in a group or channel have changed; it is still there."""
    THREAD = "thread"
    """A forum's thread was opened, renamed, closed or opened again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that somebody sent; ``size`` is in bytes, as Telegram says."""

    file_id: str
    name: str
    mime_type: str
    size: int

    @property
    def looks_like_list(self) -> bool:
        """Whether it says of itself that it is a list of feeds."""
        return self.name.lower().endswith((".opml", ".xml")) or "opml" in self.mime_type.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One deed of one person in one chat."""

    update_id: int
    deed: Deed
    chat_id: int
    chat_kind: ChatKind
    user_id: int
    """Numeric id of the person; 0 where a channel or group spoke for itself."""
    language_code: str | None = None
    chat_title: str = ""
    """Name of the group or channel."""
    thread_id: int = 0
    text: str = ""
    message_id: int = 0
    """The message that was sent, or the one whose button was tapped."""
    replied_text: str = ""
    """Text of the message that this one replies to."""
    replied_url: str = ""
    """First address in the message that this one replies to, also one behind a word."""
    url: str = ""
    """First address in the text."""
    tap_id: str = ""
    tap_data: str = ""
    tap_keyboard: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Label and data of the buttons under the tapped message, row by row, where all of them carry data."""
    tap_stands: bool = True
    """Whether the button stands under the message, as far as Telegram shows it: a client can send any data."""
    is_anonymous: bool = False
    new_chat_id: int = 0
    """Where the group has moved."""
    file: SentFile | None = None
    """The document that came with the message."""
    can_post: bool = True
    """Of a changed membership: whether the bot may write there."""
    thread_title: str | None = None
    """What a thread is called, where the message says so."""
    thread_closed: bool = False

    @property
    def is_private(self) -> bool:
        """Whether the bot and one person are alone."""
        return self.chat_kind is ChatKind.PRIVATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A command as typed."""

    name: str
    argument: str
    addressee: str = ""
    """The bot's name behind an @; empty where none was named."""


def read_call(text: str) -> Call | None:
    """Read a command at the head of ``text``; ``None`` where there is none."""
    match = _COMMAND.match(text)
    if match is None:
        return None
    return Call(name=match[1].lower(), argument=text[match.end() :].strip(), addressee=(match[2] or "").lower())


def find_address(text: str) -> str:
    """Find the first web address in ``text``; empty where there is none.

    A bare host gets ``https://``; ``@name@host`` alone is an account's page.
    """
    handle = handle_address(text)
    if handle:
        return handle
    for match in _ADDRESS.finditer(text):
        word = match[0].rstrip(".,;:!?…)'’")
        if "://" in word:
            return word
        if _BARE_HOST.fullmatch(word):
            return f"https://{word}"
    return ""


def are_addresses(text: str) -> bool:
    """Tell a list of addresses, two at least and nothing else, from a text with addresses in it."""
    words = text.split()
    return len(words) >= 2 and all(find_address(word) for word in words)


def read_update(update: telegram.Update) -> Request | None:
    """Turn an update into a request; ``None`` where it is nothing that the bot acts on, such as an edited message."""
    if update.callback_query is not None:
        return _read_tap(update.update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _read_membership(update.update_id, update.my_chat_member)
    message = update.message or update.channel_post
    return _read_message(update.update_id, message) if message is not None else None


def _read_message(update_id: int, message: telegram.Message) -> Request:
    if message.migrate_to_chat_id is not None:
        return Request(
            update_id=update_id,
            deed=Deed.MOVED,
            chat_id=message.chat.id,
            chat_kind=ChatKind(message.chat.type),
            user_id=0,
            new_chat_id=message.migrate_to_chat_id,
        )
    thread = _read_thread(update_id, message)
    if thread is not None:
        return thread
    sender, replied = message.from_user, message.reply_to_message
    text = message.text or message.caption or ""
    anonymous = message.sender_chat is not None or (sender is not None and sender.id == ANONYMOUS_ADMIN_ID)
    return Request(
        update_id=update_id,
        deed=Deed.MESSAGE,
        chat_id=message.chat.id,
        chat_kind=ChatKind(message.chat.type),
        user_id=sender.id if sender is not None and not anonymous else 0,
        language_code=sender.language_code if sender is not None else None,
        chat_title=message.chat.title or "",
        thread_id=(message.message_thread_id or 0) if message.is_topic_message else 0,
        text=text,
        message_id=message.message_id,
        replied_text=(replied.text or replied.caption or "") if replied is not None else "",
        replied_url=_first_url(replied) if replied is not None else "",
        url=_first_url(message),
        is_anonymous=anonymous,
        file=_file_of(message),
        thread_title=_thread_title(message),
    )


def _file_of(message: telegram.Message) -> SentFile | None:
    document = message.document
    if document is None:
        return None
    return SentFile(
        file_id=document.file_id,
        name=document.file_name or "",
        mime_type=document.mime_type or "",
        size=document.file_size or 0,
    )


def _thread_title(message: telegram.Message) -> str | None:
    """Read a thread's name where the message shows it: each but the first replies to the one that opened it."""
    opened = message.reply_to_message.forum_topic_created if message.reply_to_message is not None else None
    return opened.name if opened is not None and message.is_topic_message else None


def _read_thread(update_id: int, message: telegram.Message) -> Request | None:
    opened, edited = message.forum_topic_created, message.forum_topic_edited
    closed = message.forum_topic_closed is not None
    if opened is None and edited is None and not closed and message.forum_topic_reopened is None:
        return None
    title = opened.name if opened is not None else edited.name if edited is not None else _thread_title(message)
    return Request(
        update_id=update_id,
        deed=Deed.THREAD,
        chat_id=message.chat.id,
        chat_kind=ChatKind(message.chat.type),
        user_id=message.from_user.id if message.from_user is not None else 0,
        thread_id=message.message_thread_id or message.message_id,
        thread_title=title,
        thread_closed=closed,
    )


def _first_url(message: telegram.Message) -> str:
    """Prefer the addresses that Telegram marked; behind a word counts too."""
    handle = handle_address(message.text or "")
    if handle:
        return handle
    kinds: list[str | None] = ["url", "text_link"]
    found = message.parse_entities(kinds) if message.text else {}
    if message.caption:
        found = message.parse_caption_entities(kinds)
    for entity, written in sorted(found.items(), key=lambda pair: pair[0].offset):
        address = entity.url or find_address(written)
        if address:
            return address
    return find_address(message.text or message.caption or "")


def _read_tap(update_id: int, tap: telegram.CallbackQuery) -> Request | None:
    if tap.message is None:
        return None
    thread_id = getattr(tap.message, "message_thread_id", None) if getattr(tap.message, "is_topic_message", 0) else 0
    return Request(
        update_id=update_id,
        deed=Deed.TAP,
        chat_id=tap.message.chat.id,
        chat_kind=ChatKind(tap.message.chat.type),
        user_id=tap.from_user.id,
        language_code=tap.from_user.language_code,
        chat_title=tap.message.chat.title or "",
        thread_id=thread_id or 0,
        message_id=tap.message.message_id,
        tap_id=tap.id,
        tap_data=tap.data or "",
        tap_keyboard=_keyboard_of(tap.message),
        tap_stands=_stands_under(tap.message, tap.data or ""),
    )


def _stands_under(message: telegram.MaybeInaccessibleMessage, data: str) -> bool:
    """Tell whether a message has a button with this data; one that Telegram no longer shows may have."""
    if not message.is_accessible:
        return True
    markup = getattr(message, "reply_markup", None)
    rows = markup.inline_keyboard if markup is not None else ()
    return any(button.callback_data == data for row in rows for button in row)


def _keyboard_of(message: telegram.MaybeInaccessibleMessage) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Read the buttons under a message; none where one of them opens an address, or Telegram no longer shows it."""
    markup = getattr(message, "reply_markup", None)
    rows = markup.inline_keyboard if markup is not None else ()
    if not all(isinstance(button.callback_data, str) for row in rows for button in row):
        return ()
    return tuple(tuple((button.text, str(button.callback_data)) for button in row) for row in rows)


def _read_membership(update_id: int, change: telegram.ChatMemberUpdated) -> Request | None:
    gone = {"left", "kicked"}
    before, after = change.old_chat_member, change.new_chat_member
    was, now = before.status in gone, after.status in gone
    is_channel = change.chat.type == ChatKind.CHANNEL
    could, can = _may_post(before, is_channel=is_channel), _may_post(after, is_channel=is_channel)
    if was != now:
        deed = Deed.LEFT if now else Deed.JOINED
    elif not now and could != can:
        deed = Deed.RIGHTS
    else:
        return None
    return Request(
        update_id=update_id,
        deed=deed,
        chat_id=change.chat.id,
        chat_kind=ChatKind(change.chat.type),
        user_id=change.from_user.id,
        language_code=change.from_user.language_code,
        chat_title=change.chat.title or "",
        can_post=can,
    )


def _may_post(member: telegram.ChatMember, *, is_channel: bool) -> bool:
    """Tell whether a member may write: in a channel its admins with that right, in a group all but the restricted."""
    if is_channel:
        return member.status == "administrator" and getattr(member, "can_post_messages", None) is not False
    return not (member.status == "restricted" and getattr(member, "can_send_messages", None) is False)
