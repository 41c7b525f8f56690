"""What is said of a list of feeds: what is in it, how far it has been added, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.messages.callbacks import Callback
from bot.messages.html import Html, escape
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.push import progress_bar
from bot.messages.shortening import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.messages.speech import Speech
    from storage.model import Import

_MOST_NAMED: Final = 5
_LONGEST_NAME_CHARS: Final = 60
_DAY_OF_FEEDS: Final = 100


def render_draft(words: Speech, found: Import, *, known: int, room: int) -> OutgoingMessage:
    """Say what a list would bring, before anything is done.

    Args:
        words: The reader's language.
        found: The list.
        known: How many of its feeds the chat follows already.
        room: How many more it may follow.
    """
    new = found.total - known
    name = found.file_name or words.plain("Your list")
    lines = [words.say("{name}: {feeds}.", name=name, feeds=_feeds(words, found.total))]
    counts = [words.say_n("{n} new", "{n} new", new)]
    if known:
        counts.append(words.say_n("{n} in your list already", "{n} in your list already", known))
    if found.invalid_count:
        counts.append(words.say_n("{n} I can't read", "{n} I can't read", found.invalid_count))
    lines[0] = Html(f"{lines[0]} {words.joined(counts)}.")
    if found.invalid:
        lines.append(_named(words, found))
    taken = min(new, room)
    if not new:
        return OutgoingMessage("\n".join(lines), ((list_button(words),),))
    if not taken:
        lines.append(words.say("There is no room for more feeds. Remove some first."))
        return OutgoingMessage("\n".join(lines), ((list_button(words),),))
    if taken < new:
        lines.append(words.say("There is room for {n} of them.", n=words.number(taken)))
    add = Button(
        words.label("list.button", "Add {n}", n=words.number(taken)), data=Callback("im", "add", found.id).encode()
    )
    drop = Button(words.label("list.button", "Cancel"), data=Callback("im", "drop", found.id).encode())
    return OutgoingMessage("\n".join(lines), ((add, drop),))


def render_adding(words: Speech, running: Import) -> OutgoingMessage:
    """Say how far a list has been added."""
    fraction = running.reached / running.total if running.total else 0.0
    said = words.say(
        "{percent}: {done} of {total}",
        percent=words.percent(fraction),
        done=words.number(running.reached),
        total=words.number(running.total),
    )
    return OutgoingMessage(f"{said} <code>{progress_bar(fraction)}</code>")


def render_added(words: Speech, done: Import) -> OutgoingMessage:
    """Say what came of a list."""
    parts = [words.say_n("{n} feed added.", "{n} feeds added.", done.added)]
    if done.known:
        parts.append(words.say_n("{n} was in your list.", "{n} were in your list.", done.known))
    if done.left_out:
        parts.append(words.say_n("No room for {n}.", "No room for {n}.", done.left_out))
    if done.added:
        parts.append(words.say("What they publish from now on comes to you."))
    lines = [Html(" ".join(parts))]
    if done.invalid:
        lines.append(_named(words, done))
    if done.added >= _DAY_OF_FEEDS:
        lines.append(words.say("That is a lot of news: /settings has a daily cap."))
    buttons = [list_button(words)]
    if done.added:
        undo = Callback("im", "undo", done.id).encode()
        buttons.append(Button(words.label("subscription.button", "Undo"), data=undo))
    return OutgoingMessage("\n".join(lines), (tuple(buttons),))


def render_undone(words: Speech, count: int) -> OutgoingMessage:
    """Say that what a list brought is gone again."""
    return OutgoingMessage(words.say_n("{n} feed removed.", "{n} feeds removed.", count), ((list_button(words),),))


def list_button(words: Speech) -> Button:
    """Make the button that shows what a chat follows."""
    return Button(words.label("menu.button", "Subscriptions"), data=Callback("sb", "list", 0).encode())


def _feeds(words: Speech, count: int) -> Html:
    return words.say_n("{n} feed", "{n} feeds", count)


def _named(words: Speech, found: Import) -> Html:
    """Name the first few of what cannot be read."""
    named: Sequence[str] = [escape(cut(each, _LONGEST_NAME_CHARS)) for each in found.invalid[:_MOST_NAMED]]
    more = found.invalid_count - len(named)
    text = words.say("Not readable: {names}", names=Html(words.joined(named)))
    return Html(words.joined([text, "…"])) if more > 0 else text
