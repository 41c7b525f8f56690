"""How a screen of the settings is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.callbacks import Callback
from bot.messages.html import escape, without_summons
from bot.messages.outgoing import Button, OutgoingMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Turn
    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Speech


def button(label: str, verb: str, wanted: str = "", *, area: str = "set") -> Button:
    """Make a button that carries the wanted state, never "flip": a double tap changes nothing."""
    return Button(label, data=Callback(area, verb, 0, wanted).encode())


def option(label: str, verb: str, wanted: str, *, chosen: bool) -> Button:
    """Make a button for one of several values; the one in force bears a tick."""
    return button(f"✓ {label}" if chosen else label, verb, wanted)


def rows_of(buttons: Sequence[Button], width: int) -> Keyboard:
    """Lay buttons out, so many a row."""
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def hour(minutes: int) -> str:
    """Tell a time by the minutes after midnight: ``7:00``."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def screen(
    turn: Turn, text: str, rows: Keyboard, *, back: Speech | None = None, back_to: str = "home"
) -> OutgoingMessage:
    """Put a screen together: a group's name above it, a way back below.

    Args:
        turn: Whose settings.
        text: Telegram HTML.
        rows: Its own buttons.
        back: The voice of the button that leads back; ``None`` for none.
        back_to: The screen that it leads to.
    """
    if not turn.request.is_private and turn.request.chat_title:
        text = f"<b>{escape(without_summons(turn.request.chat_title))}</b>\n{text}"
    if back is not None:
        rows = (*rows, (button(back.label("page.button", "Back"), "show", back_to),))
    return OutgoingMessage(text, rows)
