"""What editors see of the house: the feeds' health and the deliveries that nobody answered for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat.turn.troubles import host_of
from bot.chat.turn.turns import Rewrite, Say
from bot.messages.callbacks import Callback
from bot.messages.html import escape, one_line, without_summons
from bot.messages.outgoing import Button, OutgoingMessage
from storage.model import FeedState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from bot.messages.speech import Speech
    from storage import Work
    from storage.model import FeedHealth

_MOST_LISTED: Final = 30


async def list_feeds(turn: Turn, work: Work) -> Sequence[Reply]:
    """List the feeds, those in trouble first."""
    speech = turn.speech
    healths = [health for health in await work.feeds.list_health() if health.subscribers]
    if not healths:
        return [Say(message=OutgoingMessage(speech.say("No feeds yet. Readers add them by pasting an address.")))]
    healths.sort(key=lambda health: (-health.feed.failures, -health.subscribers, health.feed.title))
    ill = sum(1 for health in healths if health.feed.failures)
    head = speech.say_n("{n} feed", "{n} feeds", len(healths))
    lines = [f"<b>{head}</b>, {speech.say('{ill} in trouble', ill=speech.number(ill))}", ""]
    lines += [_feed_line(speech, health) for health in healths[:_MOST_LISTED]]
    if len(healths) > _MOST_LISTED:
        lines.append(speech.say("and {n} more", n=speech.number(len(healths) - _MOST_LISTED)))
    return [Say(message=OutgoingMessage("\n".join(lines)))]


def _feed_line(speech: Speech, health: FeedHealth) -> str:
    feed = health.feed
    name = (
        speech.say("a private feed of {host}", host=host_of(feed.url))
        if feed.private
        else escape(without_summons(one_line(feed.title)[:60]))
    )
    readers = speech.say_n("{n} reader", "{n} readers", health.subscribers)
    if feed.state is FeedState.GONE:
        state = speech.say("closed by its site")
    elif feed.failures:
        state = speech.say_n("{n} failure: {error}", "{n} failures: {error}", feed.failures, error=feed.error or "")
    elif feed.checked_at is None:
        state = speech.say("not read yet")
    else:
        state = speech.say("read {time}", time=speech.clock(feed.checked_at))
    return f"{name} · {readers} · {state}"


async def list_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Tell how many deliveries nobody answered for, and offer to settle them."""
    return [Say(message=await _unknown_screen(turn, work))]


async def resend_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send all uncertain deliveries again."""
    return await _resolve(turn, work, resend=True)


async def leave_unknown(turn: Turn, work: Work) -> Sequence[Reply]:
    """Let all uncertain deliveries rest."""
    return await _resolve(turn, work, resend=False)


async def _resolve(turn: Turn, work: Work, *, resend: bool) -> Sequence[Reply]:
    count = await work.outbox.resolve_unknown(None, resend=resend, now=turn.now)
    action = "unknown.resend" if resend else "unknown.leave"
    await work.newsroom.record(turn.request.user_id, action, "outbox", {"count": count}, now=turn.now)
    speech = turn.speech
    text = (
        speech.say_n("{n} delivery is sent again.", "{n} deliveries are sent again.", count)
        if resend
        else speech.say_n("{n} delivery is left as it is.", "{n} deliveries are left as they are.", count)
    )
    return [Rewrite(message=OutgoingMessage(text))]


async def _unknown_screen(turn: Turn, work: Work) -> OutgoingMessage:
    speech = turn.speech
    unknown = await work.outbox.list_unknown(limit=1000)
    if not unknown:
        return OutgoingMessage(speech.say("No uncertain deliveries: Telegram answered for every one."))
    text = speech.say_n(
        "{n} delivery: no answer from Telegram. Resending may repeat it.",
        "{n} deliveries: no answer from Telegram. Resending may repeat them.",
        len(unknown),
    )
    buttons = (
        Button(speech.label("unknown.button", "Send again"), data=Callback("un", "resend", 0).encode()),
        Button(speech.label("unknown.button", "Leave"), data=Callback("un", "leave", 0).encode()),
    )
    return OutgoingMessage(text, (buttons,))
