"""The newsroom's people, as its screens show them: by the names that Telegram gives them, or by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.direction import is_right_to_left, isolate_in
from bot.messages.html import Html, escape, without_summons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.messages.speech import Speech


def render_person(
    words: Speech, user_id: int, names: Mapping[int, str], *, reader_id: int = 0, with_number: bool = False
) -> Html:
    """Show somebody of the newsroom.

    Args:
        words: The reader's voice.
        user_id: Who it is.
        names: Those that are known, by user id; two people of one name are told apart by their numbers.
        reader_id: Who reads it, and is told which of them they are.
        with_number: Whether the number follows the name in any case.
    """
    number = f"<code>{user_id}</code>"
    name = names.get(user_id, "")
    shown = number
    if name:
        clean = isolate_in(escape(without_summons(name)), right_to_left=is_right_to_left(words.lang))
        shown = f"{clean} {number}" if with_number or not is_unmistakable(user_id, names) else str(clean)
    return words.say("{id} (you)", id=Html(shown)) if user_id == reader_id else Html(shown)


def is_unmistakable(user_id: int, names: Mapping[int, str]) -> bool:
    """Tell whether somebody has a name that nobody else here has."""
    name = names.get(user_id, "")
    return bool(name) and list(names.values()).count(name) == 1
