"""What an admin is told, in private, of a group or channel that they have connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button, OutgoingMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.messages.speech import Speech
    from storage.model import Thread


def render_connected(speech: Speech, *, name: str, place_id: int) -> OutgoingMessage:
    """Say that a channel is connected, and ask what to post there."""
    topics = nested(Button(speech.label("topic.button", "Topics"), data=Callback("tp", "show", 0).encode()), place_id)
    add = _button(speech.label("place.button", "Add a feed"), "add", place_id)
    later = _button(speech.label("place.button", "Not now"), "later", place_id)
    text = speech.say("{name} is connected. What shall I post there?", name=name)
    return OutgoingMessage(text, ((topics, add), (later,)))


def render_blocked(speech: Speech, *, name: str, place_id: int) -> OutgoingMessage:
    """Say that a group or channel lets the bot post no more."""
    check = _button(speech.label("place.button", "Check"), "check", place_id)
    stop = _button(speech.label("place.button", "Stop"), "stop", place_id)
    return OutgoingMessage(speech.say("{name} blocks my messages. Allow them.", name=name), ((check, stop),))


def render_removed(speech: Speech, *, name: str) -> OutgoingMessage:
    """Say that the bot was taken out of a group or channel."""
    return OutgoingMessage(speech.say("I was removed from {name}. Its feeds wait for my return.", name=name))


def render_closed_thread(
    speech: Speech, *, thread: Thread, chat: str, waiting: int, others: Sequence[Thread] = ()
) -> OutgoingMessage:
    """Say that a forum's topic is closed, and how many stories wait for it.

    Args:
        speech: The admin's voice.
        thread: The topic.
        chat: Its forum's name, which names it where its own is not known.
        waiting: How many stories wait.
        others: Topics that could take them; none where they are not to be chosen from yet.
    """
    if thread.title:
        text = speech.say_n(
            "Topic {name} is closed; {n} story waits.",
            "Topic {name} is closed; {n} stories wait.",
            waiting,
            name=thread.title,
        )
    else:
        text = speech.say_n(
            "A topic of {chat} is closed; {n} story waits.",
            "A topic of {chat} is closed; {n} stories wait.",
            waiting,
            chat=chat,
        )
    place_id, thread_id = thread.subscriber_id, thread.thread_id
    rows = [
        (
            _button(
                speech.label("place.button", "{name}", name=other.title)
                if other.thread_id
                else speech.label("place.button", "General"),
                "move",
                place_id,
                f"{thread_id}.{other.thread_id}",
            ),
        )
        for other in others
    ]
    check = _button(speech.label("place.button", "Check"), "reopen", place_id, str(thread_id))
    choose = _button(speech.label("place.button", "Choose topic"), "choose", place_id, str(thread_id))
    return OutgoingMessage(text, (*rows, (check,) if others else (check, choose)))


def nested(button: Button, place_id: int) -> Button:
    """Make a button act on another chat than the one it stands in; one that opens an address stays as it is.

    Raises:
        ValueError: The data does not fit.
    """
    if button.data is None:
        return button
    inner = button.data.partition(":")[2]
    return Button(button.label, data=Callback("at", "do", place_id, inner).encode())


def _button(label: str, verb: str, place_id: int, arg: str = "") -> Button:
    return Button(label, data=Callback("pl", verb, place_id, arg).encode())
