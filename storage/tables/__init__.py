"""The tables, for both databases.

Ids are never used twice (``sqlite_autoincrement``): old buttons, targets and cursors may name what is gone.
"""

from __future__ import annotations

from storage.tables.chats import (
    alerts,
    dialogues,
    followed_topics,
    hidden_words,
    imports,
    removals,
    saved,
    seen,
    story_messages,
    subscribers,
    subscriptions,
    threads,
)
from storage.tables.delivery import contents, fanouts, inbox, leases, outbox
from storage.tables.metadata import installation, metadata
from storage.tables.news import (
    article_looks,
    article_words,
    articles,
    corrections,
    entry_keys,
    feed_notices,
    feeds,
    held_entries,
    hub_subscriptions,
    offers,
    stories,
    story_urls,
    summaries,
)
from storage.tables.newsroom import audit, bans, editors, invitations, push_figures, pushes

__all__ = [
    "alerts",
    "article_looks",
    "article_words",
    "articles",
    "audit",
    "bans",
    "contents",
    "corrections",
    "dialogues",
    "editors",
    "entry_keys",
    "fanouts",
    "feed_notices",
    "feeds",
    "followed_topics",
    "held_entries",
    "hidden_words",
    "hub_subscriptions",
    "imports",
    "inbox",
    "installation",
    "invitations",
    "leases",
    "metadata",
    "offers",
    "outbox",
    "push_figures",
    "pushes",
    "removals",
    "saved",
    "seen",
    "stories",
    "story_messages",
    "story_urls",
    "subscribers",
    "subscriptions",
    "summaries",
    "threads",
]
