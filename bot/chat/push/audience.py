"""Whom a push goes to: everyone, or those of a feed, topic, language, the last 30 days, or the newsroom itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.feeds.topics import topic_name
from bot.chat.push.desk import open_draft, push_button, stale
from bot.chat.settings.screens import language_name
from bot.chat.turn.turns import Action, Rewrite
from bot.messages.outgoing import Button, OutgoingMessage
from bot.news.finding.catalogue import TOPICS
from storage.errors import NotFoundError
from storage.model import (
    FanoutKind,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.outgoing import Keyboard
    from storage import Work
    from storage.model import Json, Push

_ACTIVE: Final = timedelta(days=30)
_PAGE: Final = 8


async def show_audience(turn: Turn, work: Work) -> Sequence[Reply]:
    """Ask whom it goes to."""
    push = await open_draft(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    return [Rewrite(message=await _audience_screen(turn, work, push))]


async def set_audience(turn: Turn, work: Work) -> Sequence[Reply]:
    """Choose whom it goes to, as the button says."""
    wanted = await _wanted(turn, work)
    push = await work.pushes.find(turn.subject_id)
    if wanted is None or push is None:
        return stale(turn, None)
    changed = await work.pushes.set_audience(push.id, wanted or None)
    return [Rewrite(message=await _audience_screen(turn, work, changed))] if changed else stale(turn, push)


async def _wanted(turn: Turn, work: Work) -> Json | None:
    """Read an audience off a button; ``None`` where it names none."""
    kind, _, value = turn.argument.partition(".")
    match kind:
        case "all":
            wanted: Json | None = {}
        case "active":
            wanted = {"kind": "active", "since": (turn.now - _ACTIVE).date().isoformat()}
        case "team":
            editors = {editor.user_id for editor in await work.newsroom.list_editors()}
            wanted = {"kind": "team", "chat_ids": sorted(turn.house.owners | editors)}
        case "feed" if value.isdecimal() and len(value) < 19 and await _is_open_feed(work, int(value)):
            wanted = {"kind": "feed", "feed_id": int(value)}
        case "topic" if value in TOPICS:
            wanted = {"kind": "topic", "topic": value}
        case "lang" if value in await work.offers.list_languages():
            wanted = {"kind": "lang", "lang": value}
        case _:
            wanted = None
    return wanted


async def _is_open_feed(work: Work, feed_id: int) -> bool:
    """Tell whether there is such a feed whose readers a push may go to: a private one is nobody's to choose."""
    try:
        return not (await work.feeds.get(feed_id)).private
    except NotFoundError:
        return False


async def _audience_screen(turn: Turn, work: Work, push: Push) -> OutgoingMessage:
    speech, audience = turn.speech, push.audience or {}
    count = await work.fanouts.count_audience(FanoutKind.PUSH, push.id)
    left_out = await work.fanouts.count_left_out(push.id)
    if left_out:
        chats = speech.say_n("{n} chat", "{n} chats", count)
        paused = speech.say_n("{n} paused left out", "{n} paused left out", left_out)
        text: str = speech.say("{chats}; {paused}.", chats=chats, paused=paused)
    else:
        text = speech.say_n("{n} chat.", "{n} chats.", count)
    kind = audience.get("kind", "all")
    kinds = (
        ("all", "aud", "all", speech.label("audience.button", "Everyone")),
        ("feed", "feeds", "0", await _feed_label(turn, work, audience)),
        ("topic", "topics", "", _topic_label(turn, audience)),
        ("lang", "langs", "", _language_label(turn, audience)),
        ("active", "aud", "active", speech.label("audience.button", "Active 30 days")),
        ("team", "aud", "team", speech.label("audience.button", "Test group")),
    )
    buttons = [
        push_button(speech.label("topic.button", "✓ {name}", name=label) if each == kind else label, verb, push.id, arg)
        for each, verb, arg, label in kinds
    ]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    back = push_button(speech.label("page.button", "Back"), "panel", push.id)
    review = push_button(speech.label("push.button", "Review"), "review", push.id)
    return OutgoingMessage(text, (*rows, (back, review)))


async def audience_name(turn: Turn, work: Work, push: Push) -> str:
    """Name whom a push goes to, as the button that chose it does."""
    audience, speech = push.audience or {}, turn.speech
    match audience.get("kind", "all"):
        case "feed":
            return await _feed_label(turn, work, audience)
        case "topic":
            return _topic_label(turn, audience)
        case "lang":
            return _language_label(turn, audience)
        case "active":
            return speech.label("audience.button", "Active 30 days")
        case "team":
            return speech.label("audience.button", "Test group")
        case _:
            return speech.label("audience.button", "Everyone")


async def _feed_label(turn: Turn, work: Work, audience: Json) -> str:
    if audience.get("kind") != "feed":
        return turn.speech.label("audience.button", "Feed")
    return (await work.feeds.get(int(audience["feed_id"]))).title


def _topic_label(turn: Turn, audience: Json) -> str:
    if audience.get("kind") != "topic":
        return turn.speech.label("audience.button", "Topic")
    return topic_name(turn.speech, str(audience["topic"]))


def _language_label(turn: Turn, audience: Json) -> str:
    if audience.get("kind") != "lang":
        return turn.speech.label("audience.button", "Language")
    return language_name(str(audience["lang"]))


async def list_feeds(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the feeds whose readers a push may go to; a private one is nobody's to choose."""
    push = await open_draft(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    page = int(turn.argument) if turn.argument.isdecimal() and len(turn.argument) < 6 else 0
    healths = [each for each in await work.feeds.list_health() if each.subscribers and not each.feed.private]
    healths.sort(key=lambda health: (-health.subscribers, health.feed.title))
    here = healths[page * _PAGE : (page + 1) * _PAGE]
    buttons = [push_button(_named(turn, each.feed.title), "aud", push.id, f"feed.{each.feed.id}") for each in here]
    turns = []
    if page:
        turns.append(push_button(turn.speech.label("page.button", "Back"), "feeds", push.id, str(page - 1)))
    if len(healths) > (page + 1) * _PAGE:
        turns.append(push_button(turn.speech.label("page.button", "Next"), "feeds", push.id, str(page + 1)))
    text = turn.speech.say("To the readers of which feed?") if here else turn.speech.say("Nobody follows a feed yet.")
    return [Rewrite(message=_choices(turn, push, text, buttons, turns))]


async def list_topics(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the topics whose followers a push may go to."""
    push = await open_draft(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    buttons = [push_button(topic_name(turn.speech, topic), "aud", push.id, f"topic.{topic}") for topic in TOPICS]
    text = turn.speech.say("To the followers of which topic?")
    return [Rewrite(message=_choices(turn, push, text, buttons))]


async def list_languages(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the languages that the chats speak."""
    push = await open_draft(turn, work)
    if push is None:
        return stale(turn, await work.pushes.find(turn.subject_id))
    spoken = await work.offers.list_languages()
    buttons = [push_button(language_name(lang), "aud", push.id, f"lang.{lang}") for lang in spoken]
    text = turn.speech.say("To the chats of which language?")
    return [Rewrite(message=_choices(turn, push, text, buttons))]


def _named(turn: Turn, title: str) -> str:
    return turn.speech.label("subscription.button", "{name}", name=title)


def _choices(
    turn: Turn, push: Push, text: str, buttons: Sequence[Button], turns: Sequence[Button] = ()
) -> OutgoingMessage:
    rows: Keyboard = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    # Among pages "Back" is the page before.
    way = turn.speech.label("push.button", "Audience") if turns else turn.speech.label("page.button", "Back")
    back = push_button(way, "who", push.id)
    return OutgoingMessage(text, (*rows, *((tuple(turns),) if turns else ()), (back,)))


AUDIENCE_TAPS: Final[Mapping[str, Action]] = {
    f"pu.{verb}": Action(handler=handler, newsroom=True, private_only=True)
    for verb, handler in {
        "who": show_audience,
        "aud": set_audience,
        "feeds": list_feeds,
        "topics": list_topics,
        "langs": list_languages,
    }.items()
}
