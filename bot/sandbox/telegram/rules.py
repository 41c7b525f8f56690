"""Telegram's limits on texts and keyboards, kept as strictly as a test wants them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.telegram.entities import (
    Entity,
    EntityKind,
    Formatted,
    clean,
    trim,
    utf16_length,
    with_plain_entities,
)
from bot.sandbox.telegram.errors import ApiError, bad_request
from bot.sandbox.telegram.markup import parse_html

MAX_TEXT_UNITS = 4096
MAX_CAPTION_UNITS = 1024
MAX_ENTITIES = 100
MAX_CALLBACK_BYTES = 64
MAX_TOAST_CHARS = 200
MAX_BUTTONS = 100
MAX_BUTTONS_IN_ROW = 8

_ACTIONS = (
    "callback_data",
    "url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "web_app",
    "login_url",
)


def check_encoding(text: str) -> str:
    """Return the text, or refuse one with lone surrogates.

    Raises:
        ApiError: the text cannot be written as UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error
    return text


def format_message(
    text: str, *, parse_mode: str | None = None, entities: list[dict[str, Any]] | None = None
) -> Formatted:
    """Turn a request's text into what the chat shows.

    Raises:
        ApiError: markup, length or number of entities is not what Telegram takes.
    """
    if not text:
        raise bad_request("message text is empty")
    formatted = trim(_read(text, parse_mode=parse_mode, entities=entities))
    if not formatted.text:
        raise bad_request("text must be non-empty")
    if utf16_length(formatted.text) > MAX_TEXT_UNITS:
        raise bad_request("message is too long")
    return with_plain_entities(formatted)


def format_caption(
    text: str, *, parse_mode: str | None = None, entities: list[dict[str, Any]] | None = None
) -> Formatted:
    """Turn a caption into what the chat shows; it may be empty.

    Raises:
        ApiError: markup, length or number of entities is not what Telegram takes.
    """
    formatted = trim(_read(text, parse_mode=parse_mode, entities=entities))
    if utf16_length(formatted.text) > MAX_CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return with_plain_entities(formatted)


def _read(text: str, *, parse_mode: str | None, entities: list[dict[str, Any]] | None) -> Formatted:
    text = clean(check_encoding(text))
    match (parse_mode or "").lower():
        case "":
            formatted = Formatted(text=text, entities=_given_entities(entities or []))
        case "html":
            formatted = parse_html(text)
            formatted = Formatted(text=clean(formatted.text), entities=formatted.entities)
        case "markdown" | "markdownv2":
            raise bad_request("sandbox: this Telegram reads HTML only")
        case _:
            raise bad_request("unsupported parse_mode")
    if len(formatted.entities) > MAX_ENTITIES:
        # Telegram drops what is over a hundred without a word; a test must hear of it.
        raise bad_request(f"sandbox: {len(formatted.entities)} entities, Telegram keeps {MAX_ENTITIES}")
    return formatted


def _given_entities(entities: list[dict[str, Any]]) -> tuple[Entity, ...]:
    try:
        return tuple(
            Entity(
                kind=EntityKind(entity["type"]),
                offset=int(entity["offset"]),
                length=int(entity["length"]),
                url=entity.get("url"),
                language=entity.get("language"),
                custom_emoji_id=entity.get("custom_emoji_id"),
            )
            for entity in entities
        )
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request("can't parse entities: sandbox: not a MessageEntity") from error


def check_keyboard(markup: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return an inline keyboard as Telegram would store it, ``None`` where there is none.

    Raises:
        ApiError: it is no inline keyboard, or one of its buttons breaks a limit.
    """
    if not markup:
        return None
    if "inline_keyboard" not in markup:
        if "keyboard" in markup or "remove_keyboard" in markup or "force_reply" in markup:
            return None
        raise bad_request("object expected as reply markup")
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    stored = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, stored)) > MAX_BUTTONS or any(len(row) > MAX_BUTTONS_IN_ROW for row in stored):
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": stored} if stored else None


def _button(button: object) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str) or not check_encoding(text).strip():
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"sandbox: a button has one action, this one has {' and '.join(actions)}")
    if "callback_data" in button:
        size = len(check_encoding(str(button["callback_data"])).encode())
        if not 1 <= size <= MAX_CALLBACK_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not _opens(str(button["url"])):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    return dict(button)


def _opens(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "tg":
        return True
    return parts.scheme in {"http", "https"} and ("." in host or ":" in host) and " " not in address


def same_content(
    old: Formatted, old_markup: dict[str, Any] | None, new: Formatted, new_markup: dict[str, Any] | None
) -> bool:
    """Tell whether an edit would change nothing."""
    return old == new and json.dumps(old_markup, sort_keys=True) == json.dumps(new_markup, sort_keys=True)


def not_modified() -> ApiError:
    """Return the refusal of an edit that changes nothing."""
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly the same"
        " as a current content and reply markup of the message"
    )
