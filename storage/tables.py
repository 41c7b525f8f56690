"""The tables, for both databases.

Ids are never used twice (``sqlite_autoincrement``): old buttons, targets and cursors may name what is gone.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from storage.columns import Instant, JsonText, Key, Words, choice
from storage.model import (
    ArticleState,
    ChatKind,
    DeliveryKind,
    DeliveryState,
    FanoutKind,
    FeedState,
    ImportState,
    NoticeKind,
    Origin,
    PushState,
    Role,
    SubscriberState,
    SubscriptionMode,
    SubscriptionState,
    Verb,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Make an index over the rows that ``where`` names, on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


installation = Table(
    "installation",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("bot_id", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("id = 1", name="only_row"),
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", Key, primary_key=True),
    Column("url", Words, nullable=False),
    Column("url_digest", String(64), nullable=False, unique=True),  # addresses are longer than index entries may be
    Column("title", Words, nullable=False),
    Column("site_url", Words, nullable=False),
    choice("state", FeedState),
    Column("due_at", Instant, nullable=False),
    Column("lang", String(35)),
    Column("private", Boolean, nullable=False),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("checked_at", Instant),
    Column("changed_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("error", Words),
    Column("created_at", Instant, nullable=False),
    Column("interval_s", Float),
    Column("moved_to", Words),
    Column("moved_polls", Integer, nullable=False, server_default="0"),
    Column("died_at", Instant),
    Column("held_at", Instant),
    Column("bursts", Boolean, nullable=False, server_default=false()),
    _partial("ix_feeds_due", "due_at", where="state = 'active'"),
    sqlite_autoincrement=True,
)

stories = Table(
    "stories",
    metadata,
    Column("id", Key, primary_key=True),
    Column("lang", String(35), nullable=False),
    Column("title", Words, nullable=False),
    Column("title_digest", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Index("ix_stories_title", "lang", "title_digest", "last_at"),
    Index("ix_stories_last_at", "last_at"),
    sqlite_autoincrement=True,
)

story_urls = Table(
    "story_urls",
    metadata,
    Column("url_digest", String(64), primary_key=True),
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

summaries = Table(
    "summaries",
    metadata,
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("max_chars", Integer, primary_key=True, autoincrement=False),
    Column("sentences", JsonText, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Key, primary_key=True),
    choice("origin", Origin),
    choice("state", ArticleState),
    Column("feed_id", Key, ForeignKey("feeds.id")),
    Column("story_id", Key, ForeignKey("stories.id"), index=True),
    Column("story_revision", Integer),  # the one that it made of its story
    Column("editor_id", BigInteger),
    Column("lang", String(35)),
    Column("published_at", Instant),
    Column("fetched_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # of a pending one: when a worker may take it
    Column("attempts", Integer, nullable=False),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("site", Words, nullable=False),
    Column("reason", Words),
    # The long columns come last: what reads only the others never touches their pages.
    Column("text", Words, nullable=False),
    Column("content_html", Words, nullable=False),
    Index("ix_articles_feed", "feed_id", "published_at"),
    Index("ix_articles_fetched_at", "fetched_at"),
    _partial("ix_articles_pending", "due_at", "id", where="state = 'pending'"),
    sqlite_autoincrement=True,
)

entry_keys = Table(
    "entry_keys",
    metadata,
    Column("feed_id", Key, ForeignKey("feeds.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("digest", String(128), primary_key=True),
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

held_entries = Table(
    "held_entries",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("feed_id", Key, ForeignKey("feeds.id"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

feed_notices = Table(
    "feed_notices",
    metadata,
    Column("id", Key, primary_key=True),
    Column("feed_id", Key, ForeignKey("feeds.id"), nullable=False, index=True),
    choice("kind", NoticeKind),
    Column("detail", Words, nullable=False),
    Column("reached_id", Key, nullable=False),  # subscriptions up to this one have been told
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("feed_id", Key, ForeignKey("feeds.id"), primary_key=True, autoincrement=False),
    Column("hub_url", Words, nullable=False),
    Column("topic_url", Words, nullable=False),
    Column("token", String(64), nullable=False, unique=True),
    Column("secret", String(64), nullable=False),
    Column("ask_at", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("verified_until", Instant),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    choice("kind", ChatKind),
    choice("state", SubscriberState),
    Column("lang", String(35), nullable=False),
    Column("tz", String(64), nullable=False),
    Column("summary_chars", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("unreachable_at", Instant),
    Column("reason", Words),
    Column("quiet_from", SmallInteger),  # minutes after midnight in the chat's zone
    Column("quiet_to", SmallInteger),
    Column("breaking_wakes", Boolean, nullable=False, server_default=false()),
    Column("daily_cap", SmallInteger),
    Column("silent", Boolean, nullable=False, server_default=false()),
    Column("pictures", Boolean, nullable=False, server_default=false()),
    Column("title", Words, nullable=False, server_default=""),  # of a group or channel; a person's name is not kept
    Column("connected_by", BigInteger),  # the admin who brought the bot there, who is told when it cannot post
    Column("admitted", Boolean, nullable=False, server_default=true()),
    Column("active_on", Date),  # when it last wrote or tapped: the day alone, in UTC
    UniqueConstraint("bot_id", "chat_id"),
    Index("ix_subscribers_bot", "bot_id", "id"),  # for fan-outs, which go by ranges of ids
    _partial("ix_subscribers_quiet", "bot_id", "id", where="quiet_from IS NOT NULL"),
    _partial("ix_subscribers_capped", "bot_id", "id", where="daily_cap IS NOT NULL"),
    _partial("ix_subscribers_paused", "bot_id", "id", where="paused_until IS NOT NULL"),
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("thread_id", BigInteger, nullable=False, server_default="0"),
    Column("feed_id", Key, ForeignKey("feeds.id"), nullable=False),
    choice("state", SubscriptionState),
    choice("mode", SubscriptionMode),
    Column("created_at", Instant, nullable=False),
    Column("since", Instant, nullable=False),
    Column("sample_id", Key),
    Column("summary_chars", Integer),  # of this feed's stories, where they differ from the chat's
    Column("folder", Words, nullable=False, server_default=""),
    Column("name", Words),
    UniqueConstraint("subscriber_id", "thread_id", "feed_id"),
    Index("ix_subscriptions_feed", "feed_id", "subscriber_id"),
    sqlite_autoincrement=True,
)

seen = Table(
    "seen",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("thread_id", BigInteger, primary_key=True, server_default="0"),
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

story_messages = Table(
    "story_messages",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("thread_id", BigInteger, primary_key=True, server_default="0"),
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("message_id", BigInteger, nullable=False),
    Column("sent_revision", Integer, nullable=False),
    Column("is_long", Boolean, nullable=False, server_default=false()),
    sqlite_with_rowid=False,
)

saved = Table(
    "saved",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", Key, ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True),
    # The chat in which it was read, through whose feeds it is told: a group's member keeps it in private.
    Column("reader_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("saved_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

hidden_words = Table(
    "hidden_words",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),  # what the word's forms have in common
    Column("word", String(64), nullable=False),
    Index("ix_hidden_words_key", "key", "subscriber_id"),
    sqlite_with_rowid=False,
)

alerts = Table(
    "alerts",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),  # what the word's forms have in common
    Column("word", String(64), nullable=False),
    Index("ix_alerts_key", "key", "subscriber_id"),
    sqlite_with_rowid=False,
)

threads = Table(
    "threads",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("thread_id", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Words, nullable=False),
    Column("closed_at", Instant),
    sqlite_with_rowid=False,
)

article_words = Table(
    "article_words",
    metadata,
    Column("key", String(16), primary_key=True),
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

corrections = Table(
    "corrections",
    metadata,
    Column("article_id", Key, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("was", Words, nullable=False),
    Column("now", Words, nullable=False),
    Column("revision", Integer, nullable=False),  # of the story, which the correction made
    Column("at", Instant, nullable=False),
)

offers = Table(
    "offers",
    metadata,
    Column("topic", String(32), primary_key=True),
    Column("lang", String(8), primary_key=True),
    Column("feed_id", Key, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("rank", Integer, nullable=False),
    sqlite_with_rowid=False,
)

followed_topics = Table(
    "followed_topics",
    metadata,
    Column("subscription_id", Key, ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True),
    Column("topic", String(32), primary_key=True),
    Column("brought", Boolean, nullable=False),  # the subscription came with the topic, and goes with it
    sqlite_with_rowid=False,
)

imports = Table(
    "imports",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("thread_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    choice("state", ImportState),
    Column("file_name", Words, nullable=False),
    Column("total", Integer, nullable=False),
    Column("invalid", JsonText, nullable=False),
    Column("invalid_count", Integer, nullable=False),
    Column("reached", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("most_feeds", Integer, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("brought", JsonText, nullable=False),  # ids of the subscriptions that it made, so that it can be undone
    Column("entries", JsonText, nullable=False),  # what is still to be read of it
    _partial("ix_imports_running", "bot_id", "id", where="state = 'running'"),
    sqlite_autoincrement=True,
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("subscriber_id", Key, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    Column("expects", String(64), nullable=False),
    Column("data", JsonText, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger),
    Column("payload", JsonText),  # gone once its effect is committed
    Column("received_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("settled_at", Instant),
    Column("error", Words),
    Column("claimed_until", Instant),  # by the database's clock, where several processes answer
    UniqueConstraint("bot_id", "update_id"),
    Index("ix_inbox_chat", "chat_id"),
    _partial("ix_inbox_new", "bot_id", "id", where="settled_at IS NULL"),
    sqlite_autoincrement=True,
)

contents = Table(
    "contents",
    metadata,
    Column("id", Key, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("payload", JsonText, nullable=False),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    # No foreign keys: checking them took a third of the time that planning a hundred thousand rows takes.
    Column("subscriber_id", Key),
    Column("thread_id", BigInteger, nullable=False, server_default="0"),
    choice("kind", DeliveryKind),
    Column("subject", String(64), nullable=False),
    Column("part", Integer, nullable=False),
    choice("verb", Verb),
    choice("state", DeliveryState),
    Column("priority", SmallInteger, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("content_id", Key),
    Column("target_id", Key),
    Column("message_id", BigInteger),
    Column("chat_id", BigInteger),  # of a farewell, whose subscriber is gone
    Column("expires_at", Instant),
    Column("settled_at", Instant),
    Column("reason", Words),
    Column("payload", JsonText),
    Column("fence", BigInteger, nullable=False, server_default="0"),  # whose claim it was: the sender's
    # The subject leads: a fan-out then fills one end of the index, and a tally reads one stretch of it.
    UniqueConstraint("subject", "subscriber_id", "kind", "part", "thread_id", name="uq_outbox_planned"),
    Index("ix_outbox_chat", "subscriber_id", "state", "priority", "id"),
    _partial("ix_outbox_ready", "bot_id", "priority", "due_at", "id", "subscriber_id", where="state = 'queued'"),
    _partial("ix_outbox_sending", "bot_id", "subscriber_id", where="state = 'sending'"),
    _partial("ix_outbox_unknown", "bot_id", "id", where="state = 'unknown'"),
    _partial("ix_outbox_settled", "settled_at", where="settled_at IS NOT NULL"),
    _partial("ix_outbox_target", "target_id", where="target_id IS NOT NULL"),
    _partial("ix_outbox_content", "content_id", where="content_id IS NOT NULL"),
    _partial(
        "uq_outbox_revision",
        "target_id",
        where="target_id IS NOT NULL AND state = 'queued' AND kind = 'edit'",
        unique=True,
    ),
    _partial("uq_outbox_farewell", "bot_id", "chat_id", "subject", "part", where="subscriber_id IS NULL", unique=True),
    sqlite_autoincrement=True,
)

fanouts = Table(
    "fanouts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    choice("kind", FanoutKind),
    Column("subject_id", Key, nullable=False),
    Column("revision", Integer, nullable=False),  # of the story; 0 for a push
    Column("priority", SmallInteger, nullable=False),
    Column("content_id", Key, ForeignKey("contents.id")),
    Column("cursor", Key, nullable=False),
    Column("planned", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    UniqueConstraint("bot_id", "kind", "subject_id", "revision"),
    _partial("ix_fanouts_open", "bot_id", "priority", "id", where="finished_at IS NULL"),
    sqlite_autoincrement=True,
)

pushes = Table(
    "pushes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("editor_id", BigInteger, nullable=False),
    Column("subscriber_id", Key, nullable=False),  # no foreign key: a push outlives its editor's chat
    Column("article_id", Key, ForeignKey("articles.id"), nullable=False, index=True),
    Column("content_id", Key, ForeignKey("contents.id"), nullable=False, index=True),
    choice("state", PushState),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("finished_at", Instant),
    Column("progress_id", Key),
    Column("draft", JsonText),  # what the editor has chosen: title, sentences, picture, sound
    Column("audience", JsonText),  # whom it goes to; empty for everyone
    Column("preview_id", Key),
    Column("reach", BigInteger),  # how many it went out to, as counted when it was confirmed
    Column("paused_at", Instant),
    Column("cancelled_at", Instant),
    Column("text_digest", String(64), nullable=False, server_default=""),  # what equal pushes have in common
    _partial("ix_pushes_sending", "bot_id", "id", where="state = 'sending'"),
    sqlite_autoincrement=True,
)

editors = Table(
    "editors",
    metadata,
    Column("bot_id", BigInteger, primary_key=True),
    Column("user_id", BigInteger, primary_key=True),
    choice("role", Role),
    Column("created_at", Instant, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the token, which is known to nobody but who has the link
    Column("bot_id", BigInteger, nullable=False),
    Column("role", String(16)),  # of an editor-to-be; none for a reader
    Column("invited_by", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

bans = Table(
    "bans",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("peer_id", BigInteger, primary_key=True, autoincrement=False),  # a person or a chat
    Column("created_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Key, primary_key=True),
    Column("bot_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", Words, nullable=False),
    Column("detail", JsonText, nullable=False),
    Index("ix_audit_bot", "bot_id", "id"),
    sqlite_autoincrement=True,
)

leases = Table(
    "leases",
    metadata,
    Column("bot_id", BigInteger, primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("holder", Words, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False, server_default="0"),
)
