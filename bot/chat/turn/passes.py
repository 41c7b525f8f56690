"""Buttons that name a feed for one chat alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from storage.errors import NotFoundError

if TYPE_CHECKING:
    from bot.chat.turn.turns import Turn
    from storage import Work
    from storage.model import Feed


def pass_to(feed: Feed, subscriber_id: int) -> str:
    """Give the word that a button to follow a feed must carry.

    A feed's address may be a secret (a paid newsletter's), and a client can send any data for a button: without the
    address nobody can make the word for another chat or feed.
    """
    return hashlib.sha256(f"{subscriber_id} {feed.url}".encode()).hexdigest()[:12]


async def find_passed(turn: Turn, work: Work) -> Feed | None:
    """Find the feed that a button names; ``None`` where there is none or the button is not this chat's."""
    try:
        feed = await work.feeds.get(turn.subject_id)
    except NotFoundError:
        return None
    return feed if turn.argument == pass_to(feed, turn.subscriber.id) else None
