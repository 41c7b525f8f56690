"""The time zone of a chat: named by a city, a country, or the time on somebody's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from bot.chat.settings.buttons import button, rows_of, screen
from bot.chat.turn import questions
from bot.chat.turn.turns import Rewrite, Say, Toast
from bot.messages.html import Html
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.shortening import cut
from bot.messages.speech import MAX_LABEL_CHARS, speech
from bot.messages.zones import find_zone, zone_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work
    from storage.model import Subscriber

LONGEST_ANSWER_CHARS = 60
"""A longer message names no city."""


async def ask_zone(turn: Turn, work: Work, chat: Subscriber) -> OutgoingMessage:
    """Show what time it is by the chat's zone, and wait for a city in case that is wrong."""
    words = speech(chat.lang, chat.tz)
    if turn.request.is_private:
        await questions.expect(turn, work, "zone")
        text = words.say(
            "{time} in {zone}. Otherwise send a city, or the time on your clock.",
            time=words.clock(turn.now),
            zone=zone_name(chat.tz),
        )
    else:
        text = words.say(
            "{time} in {zone}. Otherwise send /settings and a city.",
            time=words.clock(turn.now),
            zone=zone_name(chat.tz),
        )
    correct = button(words.label("settings.button", "Yes, correct"), "show", "home")
    return screen(turn, text, ((correct,),), back=words)


async def hear_zone(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take a city, a country or a clock's time for the chat's zone, and show what we made of it."""
    found = find_zone(turn.argument, lang=turn.subscriber.lang, now=turn.now)
    if found.tz:
        await questions.end(turn, work)
        chat = await work.subscribers.update(turn.subscriber.id, tz=found.tz)
        return [Say(message=_changed(turn, chat))]
    if turn.request.is_private:
        await questions.expect(turn, work, "zone")
    is_clock = turn.argument.strip()[:1].isdecimal()
    keyboard = rows_of([_offer(turn, tz, with_clock=is_clock) for tz in found.offers], 1)
    if keyboard and is_clock:
        none = (
            turn.speech.say("If none is, send a city.")
            if turn.request.is_private
            else turn.speech.say("If none is, send /settings and a city.")
        )
        text = Html(f"{turn.speech.say('Which of these is yours?')} {none}")
    else:
        text = turn.speech.say("I know no “{city}”. Send a city.", city=turn.argument.strip())
    return [Say(message=OutgoingMessage(text, keyboard))]


def _offer(turn: Turn, tz: str, *, with_clock: bool) -> Button:
    """Make the button of a zone: whoever sent a clock's time knows it by its city, whoever misspelt it by its name."""
    city = tz.rpartition("/")[2].replace("_", " ")
    label = f"{city}, {speech(turn.subscriber.lang, tz).clock(turn.now)}" if with_clock else tz
    return button(label if len(label) <= MAX_LABEL_CHARS else cut(city, MAX_LABEL_CHARS), "zone", tz)


async def set_zone(turn: Turn, work: Work) -> Sequence[Reply]:
    """Take the zone that the button names."""
    if turn.argument not in available_timezones():
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    await questions.end(turn, work)
    chat = await work.subscribers.update(turn.subscriber.id, tz=turn.argument)
    return [Toast(text=turn.speech.toast("Saved.")), Rewrite(message=_changed(turn, chat))]


def _changed(turn: Turn, chat: Subscriber) -> OutgoingMessage:
    words = speech(chat.lang, chat.tz)
    text = words.say("Time zone: {zone}, where it is {time}.", zone=zone_name(chat.tz), time=words.clock(turn.now))
    return screen(turn, text, (), back=words)
