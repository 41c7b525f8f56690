"""How to begin: what a private chat or a group is told while it follows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.callbacks import Callback
from bot.messages.html import Html
from bot.messages.outgoing import Button, OutgoingMessage

if TYPE_CHECKING:
    from bot.chat.turn.turns import Turn
    from bot.messages.outgoing import Keyboard
    from bot.messages.speech import Speech


def say_how_to_begin(turn: Turn) -> Html:
    """Say what to do first: paste an address, or in a group, have an admin send it."""
    if not turn.request.is_private:
        return turn.speech.say("An admin sends /subscribe and a site's address.")
    return turn.speech.say("Paste a news site's address, such as {address}.", address=turn.house.sample_address)


def say_nothing_followed(turn: Turn) -> Html:
    """Say that there is nothing to show yet, and how to begin."""
    if turn.request.is_private:
        empty = turn.speech.say("You follow nothing yet.")
    else:
        empty = turn.speech.say("This chat follows nothing yet.")
    return Html(f"{empty} {say_how_to_begin(turn)}")


def topics_to_tap(turn: Turn) -> Keyboard:
    """Make the button that puts topics under a message; empty where the catalogue has none in this language."""
    if not turn.house.catalogue.topics(turn.speech.lang):
        return ()
    return ((Button(turn.speech.label("topic.button", "Topics"), data=Callback("tp", "show", 0).encode()),),)


def nothing_followed(turn: Turn) -> OutgoingMessage:
    """Say that there is nothing to show yet, how to begin, and let topics be picked at once."""
    return OutgoingMessage(say_nothing_followed(turn), topics_to_tap(turn))


def say_what_to_try(speech: Speech, words: str) -> Html:
    """Say how to look again for what was not found."""
    return speech.say("Try fewer words.") if len(words.split()) > 1 else speech.say("Try another word.")
