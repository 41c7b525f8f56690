"""A message on its way out, in the Bot API's terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from bot.errors import BotError
from bot.messages.html import count_entities, visible_units

MAX_UNITS: Final = 4096
MAX_ENTITIES: Final = 100
MAX_BYTES: Final = 1 << 15
"""Telegram's Bot API server refuses a longer text before it parses it, however little of it is visible."""


class MessageTooLongError(BotError):
    """A message that Telegram would refuse for its size."""

    def __init__(self, *, units: int, entities: int, size: int) -> None:
        super().__init__(f"a message of {units} UTF-16 units, {entities} entities and {size} bytes is too long")
        self.units = units
        self.entities = entities
        self.size = size


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: it carries callback data back or opens an address.

    Raises:
        ValueError: It has both, or neither.
    """

    label: str
    data: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        if (self.data is None) == (self.url is None):
            raise ValueError(f"a button has data or an address: {self.label!r}")

    def parameters(self) -> dict[str, str]:
        """Write it as Telegram's InlineKeyboardButton."""
        action = {"url": self.url} if self.data is None else {"callback_data": self.data}
        return {"text": self.label, **{name: value for name, value in action.items() if value is not None}}


Keyboard: TypeAlias = tuple[tuple[Button, ...], ...]


def inline_keyboard(keyboard: Keyboard) -> dict[str, Any]:
    """Write a keyboard as Telegram's InlineKeyboardMarkup; an empty one takes the buttons away."""
    return {"inline_keyboard": [[button.parameters() for button in row] for row in keyboard]}


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message as its reader will see it.

    Attributes:
        text: Telegram HTML.
        silent: Arrives without a sound.
        preview: Shows a small picture of the first link.
    """

    text: str
    keyboard: Keyboard = ()
    silent: bool = False
    preview: bool = False

    def parameters(self) -> dict[str, Any]:
        """Give the Bot API's parameters without the chat, its thread and a message to edit.

        Raises:
            MessageTooLongError: Telegram would not take it.
        """
        units, entities, size = visible_units(self.text), count_entities(self.text), len(self.text.encode())
        if units > MAX_UNITS or entities > MAX_ENTITIES or size > MAX_BYTES:
            raise MessageTooLongError(units=units, entities=entities, size=size)
        preview = {"is_disabled": False, "prefer_small_media": True} if self.preview else {"is_disabled": True}
        parameters: dict[str, Any] = {"text": self.text, "parse_mode": "HTML", "link_preview_options": preview}
        if self.keyboard:
            parameters["reply_markup"] = inline_keyboard(self.keyboard)
        if self.silent:
            parameters["disable_notification"] = True
        return parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingDocument:
    """A file for a chat.

    Attributes:
        name: As the reader will save it.
        content: A text; it is sent in UTF-8.
        caption: Telegram HTML, short.
    """

    name: str
    content: str
    caption: str = ""

    def parameters(self) -> dict[str, Any]:
        """Give what a delivery keeps of it; the Bot API's parameters but for the file itself."""
        document = {"name": self.name, "content": self.content}
        return {"document": document, "caption": self.caption, "parse_mode": "HTML"}
