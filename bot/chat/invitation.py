"""How to begin: what a private chat or a group is told while it follows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.chat.turns import Turn


def say_how_to_begin(turn: Turn) -> str:
    """Say what to do first: paste an address, or in a group, have an admin send it."""
    if not turn.request.is_private:
        return turn.speech.say("An admin sends /subscribe and a site's address.")
    if turn.house.sample_address:
        return turn.speech.say("Paste a news site's address, such as {address}.", address=turn.house.sample_address)
    return turn.speech.say("Paste a news site's address.")
