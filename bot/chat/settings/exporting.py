"""All that is stored about a chat, as files: JSON with everything, OPML for other readers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bot.chat.turn.turns import Action, Say, Toast
from bot.messages.outgoing import OutgoingDocument
from bot.news.feeds.opml import write_list
from storage.model import ListedFeed, SubscriptionState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.turn.turns import Reply, Turn
    from storage import Work
    from storage.model import Feed, Subscription


async def export(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send the files."""
    portrait = await work.subscribers.portray(turn.subscriber.id)
    everything = OutgoingDocument(
        name=f"newsgist-{turn.subscriber.chat_id}.json",
        content=json.dumps(portrait, ensure_ascii=False, indent=2),
        caption=turn.speech.say("All that is stored about this chat."),
    )
    mine = await work.subscribers.list_subscriptions(turn.subscriber.id)
    if not mine:
        return [Say(message=everything)]
    entries = [_listed(mark, feed) for mark, feed in mine]
    for_readers = OutgoingDocument(
        name=f"newsgist-{turn.subscriber.chat_id}.opml",
        content=write_list(entries, title="Newsgist", now=turn.now),
        caption=turn.speech.say("What you follow, for any feed reader. Send me such a file to add its feeds."),
    )
    return [Say(message=everything), Say(message=for_readers)]


def _listed(mark: Subscription, feed: Feed) -> ListedFeed:
    return ListedFeed(
        url=feed.url,
        title=feed.title,
        site_url=feed.site_url,
        folder=mark.folder,
        mode=mark.mode,
        paused=mark.state is SubscriptionState.PAUSED,
        summary_chars=mark.summary_chars,
        private=feed.private,
    )


async def tap_export(turn: Turn, work: Work) -> Sequence[Reply]:
    """Send the files below the settings."""
    return [Toast(text=turn.speech.toast("The files follow.")), *await export(turn, work)]


EXPORT: Final = Action(handler=export, manages=True, private_only=True, own_data=True)
TAP_EXPORT: Final = Action(handler=tap_export, manages=True, private_only=True, own_data=True)
