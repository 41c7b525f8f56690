"""The newsroom's people, as its screens show them: by the names that Telegram gives them, or by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.direction import is_right_to_left, isolate_in
from bot.messages.html import Html, escape, is_blank, one_line, without_summons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.messages.speech import Speech


def render_person(words: Speech, user_id: int, names: Mapping[int, str], *, reader_id: int = 0) -> Html:
    """Show somebody of the newsroom: by their name and, since anybody can bear anybody's name, by their number.

    Args:
        words: The reader's voice.
        user_id: Who it is.
        names: Those that are known, by user id.
        reader_id: Who reads it, and is told which of them they are.
    """
    shown = f"<code>{user_id}</code>"
    name = one_line(names.get(user_id, ""))
    if _is_a_name(name):
        clean = isolate_in(escape(without_summons(name)), right_to_left=is_right_to_left(words.lang))
        shown = f"{clean} {shown}"
    return words.say("{id} (you)", id=Html(shown)) if user_id == reader_id else Html(shown)


def _is_a_name(name: str) -> bool:
    """Tell a name from nothing that can be seen, and from a number, which would look like somebody's id."""
    return any(character.isalpha() and not is_blank(character) for character in name)
