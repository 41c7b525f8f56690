"""The newest stories of what a chat follows, a page at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.chat.settings.pausing import resume_button
from bot.chat.settings.screens import say_paused
from bot.chat.turn.invitation import nothing_followed
from bot.chat.turn.turns import Rewrite, Say, SendStory
from bot.messages.callbacks import Callback
from bot.messages.html import escape, link, one_line, without_summons
from bot.messages.outgoing import Button, OutgoingMessage
from bot.messages.outlets import outlet_name
from bot.messages.story import told_at
from storage.model import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work

_PAGE: Final = 5
_STALE_AFTER: Final = timedelta(hours=6)
_MOST_PAGES: Final = 100


async def list_latest(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the newest stories of what the chat follows; where all are old, say so first."""
    (newest,) = await work.subscribers.latest(turn.subscriber.id, limit=1) or (None,)
    if newest is not None and turn.now - newest.story.last_at > _STALE_AFTER:
        since = turn.speech.moment(newest.story.last_at, now=turn.now)
        earlier = Button(turn.speech.label("page.button", "Earlier"), data=Callback("rd", "latest", 0).encode())
        old = OutgoingMessage(turn.speech.say("Nothing new since {time}.", time=since), ((earlier,),))
        return [Say(message=_with_pause(turn, old))]
    return [Say(message=_with_pause(turn, await _latest_screen(turn, work, page=0)))]


def _with_pause(turn: Turn, message: OutgoingMessage) -> OutgoingMessage:
    """Say first that no news comes, where the chat has asked for that, and let it come again."""
    if turn.subscriber.state is not SubscriberState.PAUSED:
        return message
    text = f"{say_paused(turn.speech, turn.subscriber)}\n\n{message.text}"
    return replace(message, text=text, keyboard=(*message.keyboard, resume_button(turn)))


async def turn_page(turn: Turn, work: Work) -> Sequence[Reply]:
    """Turn the list's page; the button names it."""
    return [Rewrite(message=await _latest_screen(turn, work, page=turn.subject_id))]


async def send_story(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send one story of the list, if it is from a feed that this chat follows."""
    known = await work.subscribers.latest(turn.subscriber.id, limit=100)
    if any(view.story.id == turn.subject_id for view in known):
        return [SendStory(story_id=turn.subject_id, again=True)]
    return [Rewrite(message=await _latest_screen(turn, work, page=0))]


async def _latest_screen(turn: Turn, work: Work, *, page: int) -> OutgoingMessage:
    speech = turn.speech
    page = min(page, _MOST_PAGES)
    views = await work.subscribers.latest(turn.subscriber.id, limit=(page + 1) * _PAGE + 1)
    here = views[page * _PAGE : (page + 1) * _PAGE]
    if not here:
        if await work.subscribers.list_subscriptions(turn.subscriber.id):
            return OutgoingMessage(speech.say("No stories yet. They come as the sites publish."))
        return nothing_followed(turn)
    lines = [f"<b>{speech.say('Newest stories')}</b>", ""]
    numbers = []
    for number, view in enumerate(here, page * _PAGE + 1):
        first = view.articles[0]
        when = speech.moment(told_at(view), now=turn.now)
        title = link(first.url, without_summons(one_line(view.story.title)[:150]))
        lines.append(f"{number}. {title} · {escape(outlet_name(first.site, first.url))}, {when}")
        numbers.append(Button(str(number), data=Callback("st", "show", view.story.id).encode()))
    turns = []
    if page > 0:
        turns.append(Button(speech.label("page.button", "Back"), data=Callback("rd", "latest", page - 1).encode()))
    if len(views) > (page + 1) * _PAGE:
        turns.append(Button(speech.label("page.button", "Earlier"), data=Callback("rd", "latest", page + 1).encode()))
    return OutgoingMessage("\n".join(lines), (tuple(numbers), *((tuple(turns),) if turns else ())))
