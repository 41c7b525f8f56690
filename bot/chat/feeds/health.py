"""The buttons under what is said of a feed: check it now, and what to make of too much at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat.turn.access import is_editor
from bot.chat.turn.turns import Action, Rewrite, Toast
from bot.messages.outgoing import OutgoingMessage
from storage.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work
    from storage.model import Feed


async def check(turn: Turn, work: Work) -> Sequence[Reply]:
    """Poll a feed at once that is silent or closed, for whoever follows it and for editors."""
    feed = await _find(turn, work)
    if feed is None or not await _may_check(turn, work, feed):
        return [Toast(text=turn.speech.toast("This button has expired. Send /help."))]
    await work.feeds.check_now(feed.id, turn.now)
    words = turn.speech.toast("I check it now. If it answers, its news follows.")
    return [Toast(text=words)]


async def take(turn: Turn, work: Work) -> Sequence[Reply]:
    """Make news of what is held back of a feed."""
    feed = await _find(turn, work)
    if feed is None or feed.held_at is None:
        return [Toast(text=turn.speech.toast("This is settled already."))]
    count = await work.holding.release(feed.id, now=turn.now)
    await work.newsroom.record(turn.request.user_id, "feed.take", f"f:{feed.id}", {"count": count}, now=turn.now)
    text = turn.speech.say_n("{n} entry goes to its readers.", "{n} entries go to their readers.", count)
    return [Rewrite(message=OutgoingMessage(text))]


async def skip(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send nobody what is held back of a feed."""
    feed = await _find(turn, work)
    if feed is None or feed.held_at is None:
        return [Toast(text=turn.speech.toast("This is settled already."))]
    count = await work.holding.drop(feed.id)
    await work.newsroom.record(turn.request.user_id, "feed.skip", f"f:{feed.id}", {"count": count}, now=turn.now)
    text = turn.speech.say_n("{n} entry is skipped.", "{n} entries are skipped.", count)
    return [Rewrite(message=OutgoingMessage(text))]


async def _find(turn: Turn, work: Work) -> Feed | None:
    try:
        return await work.feeds.get(turn.subject_id)
    except NotFoundError:
        return None


async def _may_check(turn: Turn, work: Work, feed: Feed) -> bool:
    """Tell whether the chat follows the feed, or an editor asks: a client can send any data for a button."""
    if await is_editor(turn, work):
        return True
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id)
    return any(other.id == feed.id for _, other in mine)


CHECK: Final = Action(handler=check, fetches=True)
TAKE: Final = Action(handler=take, newsroom=True)
SKIP: Final = Action(handler=skip, newsroom=True)
