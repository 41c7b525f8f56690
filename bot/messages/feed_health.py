"""What is said of a feed that died, closed, moved or brought too much at once, with its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.callbacks import Callback
from bot.messages.outgoing import Button, OutgoingMessage

if TYPE_CHECKING:
    from bot.messages.speech import Speech


def render_died(speech: Speech, *, name: str, days: int, feed_id: int, subscription_id: int | None) -> OutgoingMessage:
    """Say that a feed has been silent, and offer to check it now.

    Args:
        speech: The reader's language.
        name: What the feed is called.
        days: For how many days nothing came of it.
        feed_id: The feed.
        subscription_id: The reader's own; ``None`` for an editor, who has none to remove.
    """
    text = speech.say_n(
        "{name}: silent {n} day. I check daily.", "{name}: silent {n} days. I check daily.", days, name=name
    )
    return OutgoingMessage(text, (_buttons(speech, feed_id, subscription_id),))


def render_gone(speech: Speech, *, name: str, feed_id: int, subscription_id: int | None) -> OutgoingMessage:
    """Say that a site has closed a feed for good; arguments as for ``render_died``."""
    text = speech.say("{name} is closed: its site has taken the feed away. I no longer check it.", name=name)
    return OutgoingMessage(text, (_buttons(speech, feed_id, subscription_id),))


def render_moved(speech: Speech, *, name: str, host: str, subscription_id: int) -> OutgoingMessage:
    """Say that a feed moved to another host and that we followed."""
    text = speech.say("{name} moved to {host}. I followed.", name=name, host=host)
    return OutgoingMessage(text, ((_remove(speech, subscription_id),),))


def render_burst(speech: Speech, *, name: str, held: int, total: int, feed_id: int) -> OutgoingMessage:
    """Ask an editor what so many new entries at once are.

    Args:
        speech: The editor's language.
        name: What the feed is called.
        held: How many entries are held back.
        total: How many the feed has.
        feed_id: The feed.
    """
    text = speech.say(
        "{name}: {held} of {total} entries are new at once. Often that means only that the site changed its addresses,"
        " so I hold them back.",
        name=name,
        held=speech.number(held),
        total=speech.number(total),
    )
    take = Button(speech.label("feed.button", "Take them in"), data=Callback("fh", "take", feed_id).encode())
    skip = Button(speech.label("feed.button", "Skip them"), data=Callback("fh", "skip", feed_id).encode())
    return OutgoingMessage(text, ((take, skip),))


def _buttons(speech: Speech, feed_id: int, subscription_id: int | None) -> tuple[Button, ...]:
    check = Button(speech.label("feed.button", "Check now"), data=Callback("fh", "check", feed_id).encode())
    return (check,) if subscription_id is None else (check, _remove(speech, subscription_id))


def _remove(speech: Speech, subscription_id: int) -> Button:
    return Button(
        speech.label("subscription.button", "Remove"), data=Callback("sb", "remove", subscription_id).encode()
    )
