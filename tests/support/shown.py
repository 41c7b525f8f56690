"""What a message shows: its buttons and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Message = dict[str, Any]


def buttons_of(message: Message) -> Iterator[dict[str, str]]:
    """Go through a message's buttons, row by row."""
    for row in message["keyboard"]:
        yield from row


def labels(message: Message) -> list[str]:
    """List what stands on a message's buttons, row by row."""
    return [button["text"] for button in buttons_of(message)]


def find_button(message: Message, label: str) -> str | None:
    """Find the data of a message's button by the beginning of its label."""
    return next((button["callback_data"] for button in buttons_of(message) if button["text"].startswith(label)), None)


def links_of(message: Message) -> list[str]:
    """List the addresses behind a message's words."""
    return [entity["url"] for entity in message["entities"] if entity["type"] == "text_link"]
