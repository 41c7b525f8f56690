"""The house in figures, and who did what in the newsroom."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.newsroom.editors import name_newsroom
from bot.chat.turn.turns import Action, Say
from bot.messages.audit import render_deed
from bot.messages.outgoing import OutgoingMessage
from bot.messages.people import render_person
from storage.errors import NotFoundError
from storage.model import DeliveryState, SubscriberState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work

_DAY: Final = timedelta(days=1)
_AUDIT_LINES: Final = 20


async def tell_figures(turn: Turn, work: Work) -> Sequence[Reply]:
    """Tell chats, feeds, and what came and went in the last day."""
    speech = turn.speech
    found = await work.newsroom.count_figures(since=turn.now - _DAY)
    lines = [f"<b>{speech.say('Figures')}</b>"]
    chats = speech.say_n("{n} chat", "{n} chats", sum(found.chats.values()))
    paused = speech.say_n("{n} paused", "{n} paused", found.chats.get(SubscriberState.PAUSED, 0))
    away = speech.say_n("{n} out of reach", "{n} out of reach", found.chats.get(SubscriberState.UNREACHABLE, 0))
    lines.append(f"{chats}: {speech.joined([paused, away])}")
    feeds = speech.say_n("{n} feed", "{n} feeds", found.feeds)
    lines.append(speech.joined([feeds, speech.say("{ill} in trouble", ill=speech.number(found.ill_feeds))]))
    articles = speech.say_n("{n} article", "{n} articles", found.articles)
    stories = speech.say_n("{n} story", "{n} stories", found.stories)
    lines.append(f"{speech.say('Last 24 hours')}: {speech.joined([articles, stories])}")
    sent = speech.say_n("{n} message sent", "{n} messages sent", found.settled.get(DeliveryState.SENT, 0))
    failed = speech.say_n("{n} failed", "{n} failed", found.settled.get(DeliveryState.DEAD, 0))
    unknown = speech.say_n("{n} unknown", "{n} unknown", found.settled.get(DeliveryState.UNKNOWN, 0))
    lines.append(speech.joined([sent, failed, unknown]))
    lines.append(speech.say_n("{n} message waits.", "{n} messages wait.", found.queued))
    return [Say(message=OutgoingMessage("\n".join(lines)))]


async def tell_audit(turn: Turn, work: Work) -> Sequence[Reply]:
    """List what was done last in the newsroom, newest first."""
    entries = await work.newsroom.list_audit(_AUDIT_LINES)
    if not entries:
        return [Say(message=OutgoingMessage(turn.speech.say("No entries yet.")))]
    lines = [f"<b>{turn.speech.say('What was done last')}</b>"]
    names = {entry.subject: await _name(work, entry.subject) for entry in entries}
    people: Mapping[int, str] = turn.found or {}
    for entry in entries:
        named = render_person(turn.speech, entry.user_id, people, reader_id=turn.request.user_id)
        deed = render_deed(turn.speech, entry, name=names[entry.subject], people=people)
        lines.append(f"{turn.speech.moment(entry.at, now=turn.now)} · {named} · {deed}")
    return [Say(message=OutgoingMessage("\n".join(lines)))]


async def _name(work: Work, subject: str) -> str:
    """Name the feed that something was done to; empty for anything else, and for a feed that is gone."""
    kind, _, number = subject.partition(":")
    if kind != "f" or not number.isdecimal():
        return ""
    try:
        return (await work.feeds.get(int(number))).title
    except NotFoundError:
        return ""


STATS: Final = Action(handler=tell_figures, newsroom=True, private_only=True)
AUDIT: Final = Action(handler=tell_audit, research=name_newsroom, newsroom=True, private_only=True)
