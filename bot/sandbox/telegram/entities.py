"""Formatted text as Telegram keeps it: plain text and entities that count in UTF-16 units."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class EntityKind(StrEnum):
    """The kinds of entity that a text may carry, by their names in the Bot API."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKETHROUGH = "strikethrough"
    SPOILER = "spoiler"
    BLOCKQUOTE = "blockquote"
    EXPANDABLE_BLOCKQUOTE = "expandable_blockquote"
    CODE = "code"
    PRE = "pre"
    TEXT_LINK = "text_link"
    TEXT_MENTION = "text_mention"
    CUSTOM_EMOJI = "custom_emoji"
    URL = "url"
    EMAIL = "email"
    MENTION = "mention"
    HASHTAG = "hashtag"
    BOT_COMMAND = "bot_command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A stretch of a text with a meaning; offset and length are UTF-16 units."""

    kind: EntityKind
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    user_id: int | None = None

    @property
    def end(self) -> int:
        """The offset just behind the entity."""
        return self.offset + self.length

    def as_json(self) -> dict[str, Any]:
        """Return the Bot API's MessageEntity."""
        entity: dict[str, Any] = {"type": self.kind.value, "offset": self.offset, "length": self.length}
        if self.url is not None:
            entity["url"] = self.url
        if self.language:
            entity["language"] = self.language
        if self.custom_emoji_id is not None:
            entity["custom_emoji_id"] = self.custom_emoji_id
        if self.user_id is not None:
            entity["user"] = {"id": self.user_id, "is_bot": False, "first_name": str(self.user_id)}
        return entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """Plain text with its entities, sorted by offset, the longer first."""

    text: str
    entities: tuple[Entity, ...] = ()


def utf16_length(text: str) -> int:
    """Count the UTF-16 units of a text: two for each character outside the basic plane."""
    return len(text) + sum(1 for character in text if character > "\uffff")


# Telegram turns control characters into spaces and drops line and direction overrides.
_CONTROLS = {code: " " for code in range(32) if code not in {9, 10, 13}}
_CONTROLS[9] = " "
_DROPPED = dict.fromkeys([13, *range(0x2028, 0x202F)])
_CLEANING: dict[int, str | None] = {**_CONTROLS, **_DROPPED}


def clean(text: str) -> str:
    """Replace and drop the characters that Telegram does not keep."""
    return text.translate(_CLEANING)


def trim(formatted: Formatted) -> Formatted:
    """Strip white space from both ends, moving and cutting the entities with it."""
    stripped = formatted.text.strip()
    if stripped == formatted.text:
        return formatted
    lead = utf16_length(formatted.text[: len(formatted.text) - len(formatted.text.lstrip())])
    size = utf16_length(stripped)
    kept: list[Entity] = []
    for entity in formatted.entities:
        start = min(max(entity.offset - lead, 0), size)
        end = min(max(entity.end - lead, 0), size)
        if end > start:
            kept.append(replace(entity, offset=start, length=end - start))
    return Formatted(text=stripped, entities=tuple(kept))


# What Telegram recognises by itself. Bare domains count only with a well-known ending, as there.
_SCHEMED = r"(?:https?|tg)://[^\s<>\"«»“”]+"
_BARE = (
    r"(?<![\w@./-])(?:[\w-]+\.)+(?:com|org|net|info|ua|uk|de|fr|es|io|news|eu)(?![\w-])(?::\d+)?(?:/[^\s<>\"«»“”]*)?"
)
_PLAIN = re.compile(
    rf"(?P<url>{_SCHEMED}|{_BARE})"
    r"|(?P<email>(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[a-zA-Z]{2,})"
    r"|(?P<bot_command>(?<![\w/@#<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@]))"
    r"|(?P<mention>(?<![\w/@])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w))"
    r"|(?P<hashtag>(?<![\w#&/])#\w*[^\W\d_]\w*)",
    re.IGNORECASE,
)
_HOST = re.compile(r"^[a-z]+://(?:\[[0-9a-f:.]+\]|[^/?#:]*\.[^/?#:]+)", re.IGNORECASE)


def find_plain_entities(text: str) -> tuple[Entity, ...]:
    """Find the links, commands, mentions and hashtags that a person's client marks unasked."""
    found: list[Entity] = []
    for match in _PLAIN.finditer(text):
        kind = EntityKind(match.lastgroup or "")
        surface = match.group()
        if kind is EntityKind.URL:
            surface = surface.rstrip(".,;:!?'’)]}*")
            if "://" in surface and not surface.startswith("tg://") and not _HOST.match(surface):
                continue
        found.append(Entity(kind=kind, offset=utf16_length(text[: match.start()]), length=utf16_length(surface)))
    return tuple(found)


def with_plain_entities(formatted: Formatted) -> Formatted:
    """Add what Telegram recognises by itself wherever no entity of the sender's overlaps it."""
    closed = {EntityKind.CODE, EntityKind.PRE, EntityKind.TEXT_LINK, EntityKind.TEXT_MENTION, EntityKind.CUSTOM_EMOJI}
    taken = [(entity.offset, entity.end) for entity in formatted.entities if entity.kind in closed]
    added = [
        entity
        for entity in find_plain_entities(formatted.text)
        if all(entity.end <= start or entity.offset >= end for start, end in taken)
    ]
    return Formatted(text=formatted.text, entities=in_order([*formatted.entities, *added]))


def in_order(entities: list[Entity]) -> tuple[Entity, ...]:
    """Sort entities by offset, the longer before the shorter."""
    return tuple(sorted(entities, key=lambda entity: (entity.offset, -entity.length)))
