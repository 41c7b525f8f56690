"""All tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Instant, JsonText, Key, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _choice(name: str, *values: str) -> sa.Column[str]:
    allowed = " OR ".join(f"{name} = '{value}'" for value in values)
    return sa.Column(name, sa.String(16), sa.CheckConstraint(allowed, name=name), nullable=False)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Key, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("detail", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_bot", "audit", ["bot_id", "id"], unique=False)
    op.create_table(
        "contents",
        sa.Column("id", Key, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("payload", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contents")),
        sa.UniqueConstraint("digest", name=op.f("uq_contents_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "editors",
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        _choice("role", "editor", "owner"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "user_id", name=op.f("pk_editors")),
    )
    op.create_table(
        "feeds",
        sa.Column("id", Key, nullable=False),
        sa.Column("url", Words(), nullable=False),
        sa.Column("url_digest", sa.String(length=64), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("site_url", Words(), nullable=False),
        _choice("state", "active", "gone"),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("etag", Words(), nullable=True),
        sa.Column("last_modified", Words(), nullable=True),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", Words(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("url_digest", name=op.f("uq_feeds_url_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_feeds_due",
        "feeds",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", Key, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", JsonText(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("error", Words(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("bot_id", "update_id", name=op.f("uq_inbox_bot_id_update_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_chat", "inbox", ["chat_id"], unique=False)
    op.create_index(
        "ix_inbox_new",
        "inbox",
        ["bot_id", "id"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "leases",
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", Words(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "name", name=op.f("pk_leases")),
    )
    op.create_table(
        "stories",
        sa.Column("id", Key, nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("title_digest", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stories_last_at", "stories", ["last_at"], unique=False)
    op.create_index("ix_stories_title", "stories", ["lang", "title_digest", "last_at"], unique=False)
    op.create_table(
        "subscribers",
        sa.Column("id", Key, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        _choice("kind", "private", "group", "supergroup", "channel"),
        _choice("state", "active", "paused", "unreachable"),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("tz", sa.String(length=64), nullable=False),
        sa.Column("summary_chars", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("paused_until", Instant(), nullable=True),
        sa.Column("unreachable_at", Instant(), nullable=True),
        sa.Column("reason", Words(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("bot_id", "chat_id", name=op.f("uq_subscribers_bot_id_chat_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscribers_bot", "subscribers", ["bot_id", "id"], unique=False)
    op.create_table(
        "articles",
        sa.Column("id", Key, nullable=False),
        _choice("origin", "feed", "push"),
        _choice("state", "pending", "ready", "known", "failed"),
        sa.Column("feed_id", Key, nullable=True),
        sa.Column("story_id", Key, nullable=True),
        sa.Column("story_revision", sa.Integer(), nullable=True),
        sa.Column("editor_id", sa.BigInteger(), nullable=True),
        sa.Column("lang", sa.String(length=35), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("fetched_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("url", Words(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("author", Words(), nullable=False),
        sa.Column("site", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=True),
        sa.Column("text", Words(), nullable=False),
        sa.Column("content_html", Words(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_articles_feed_id_feeds")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_articles_story_id_stories")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_articles_feed", "articles", ["feed_id", "published_at"], unique=False)
    op.create_index("ix_articles_fetched_at", "articles", ["fetched_at"], unique=False)
    op.create_index(
        "ix_articles_pending",
        "articles",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(op.f("ix_articles_story_id"), "articles", ["story_id"], unique=False)
    op.create_table(
        "dialogues",
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("expects", sa.String(length=64), nullable=False),
        sa.Column("data", JsonText(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_dialogues_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "user_id", name=op.f("pk_dialogues")),
    )
    op.create_table(
        "fanouts",
        sa.Column("id", Key, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        _choice("kind", "story", "push"),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("content_id", Key, nullable=True),
        sa.Column("cursor", Key, nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["content_id"], ["contents.id"], name=op.f("fk_fanouts_content_id_contents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fanouts")),
        sa.UniqueConstraint(
            "bot_id", "kind", "subject_id", "revision", name=op.f("uq_fanouts_bot_id_kind_subject_id_revision")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_fanouts_open",
        "fanouts",
        ["bot_id", "priority", "id"],
        unique=False,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", Key, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("subscriber_id", Key, nullable=True),
        sa.Column("thread_id", sa.BigInteger(), server_default="0", nullable=False),
        _choice("kind", "reply", "push", "story", "digest", "edit", "farewell"),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        _choice("verb", "send", "edit", "replace", "delete"),
        _choice("state", "queued", "sending", "sent", "unknown", "dead", "cancelled"),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("content_id", Key, nullable=True),
        sa.Column("target_id", Key, nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("reason", Words(), nullable=True),
        sa.Column("payload", JsonText(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("subject", "subscriber_id", "kind", "part", "thread_id", name="uq_outbox_planned"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_chat", "outbox", ["subscriber_id", "state", "priority", "id"], unique=False)
    op.create_index(
        "ix_outbox_content",
        "outbox",
        ["content_id"],
        unique=False,
        sqlite_where=sa.text("content_id IS NOT NULL"),
        postgresql_where=sa.text("content_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_ready",
        "outbox",
        ["bot_id", "priority", "due_at", "id", "subscriber_id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_outbox_sending",
        "outbox",
        ["bot_id", "subscriber_id"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_outbox_settled",
        "outbox",
        ["settled_at"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NOT NULL"),
        postgresql_where=sa.text("settled_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_target",
        "outbox",
        ["target_id"],
        unique=False,
        sqlite_where=sa.text("target_id IS NOT NULL"),
        postgresql_where=sa.text("target_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_unknown",
        "outbox",
        ["bot_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'unknown'"),
        postgresql_where=sa.text("state = 'unknown'"),
    )
    op.create_index(
        "uq_outbox_farewell",
        "outbox",
        ["bot_id", "chat_id", "subject", "part"],
        unique=True,
        sqlite_where=sa.text("subscriber_id IS NULL"),
        postgresql_where=sa.text("subscriber_id IS NULL"),
    )
    op.create_index(
        "uq_outbox_revision",
        "outbox",
        ["target_id"],
        unique=True,
        sqlite_where=sa.text("target_id IS NOT NULL AND state = 'queued' AND kind = 'edit'"),
        postgresql_where=sa.text("target_id IS NOT NULL AND state = 'queued' AND kind = 'edit'"),
    )
    op.create_table(
        "seen",
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("story_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_seen_story_id_stories"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_seen_subscriber_id_subscribers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "thread_id", "story_id", name=op.f("pk_seen")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_seen_story_id"), "seen", ["story_id"], unique=False)
    op.create_table(
        "story_messages",
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("story_id", Key, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("sent_revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_messages_story_id_stories"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_story_messages_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "thread_id", "story_id", name=op.f("pk_story_messages")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_story_messages_story_id"), "story_messages", ["story_id"], unique=False)
    op.create_table(
        "story_urls",
        sa.Column("url_digest", sa.String(length=64), nullable=False),
        sa.Column("story_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_urls_story_id_stories"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("url_digest", "story_id", name=op.f("pk_story_urls")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_story_urls_story_id"), "story_urls", ["story_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", Key, nullable=False),
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("thread_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("feed_id", Key, nullable=False),
        _choice("state", "active", "paused"),
        _choice("mode", "instant", "digest"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("sample_id", Key, nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_subscriptions_feed_id_feeds")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_subscriptions_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "subscriber_id", "thread_id", "feed_id", name=op.f("uq_subscriptions_subscriber_id_thread_id_feed_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriptions_feed", "subscriptions", ["feed_id", "subscriber_id"], unique=False)
    op.create_table(
        "summaries",
        sa.Column("story_id", Key, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("max_chars", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sentences", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_summaries_story_id_stories"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "revision", "max_chars", name=op.f("pk_summaries")),
    )
    op.create_table(
        "entry_keys",
        sa.Column("feed_id", Key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=128), nullable=False),
        sa.Column("article_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_entry_keys_article_id_articles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_entry_keys_feed_id_feeds")),
        sa.PrimaryKeyConstraint("feed_id", "kind", "digest", name=op.f("pk_entry_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_entry_keys_article_id"), "entry_keys", ["article_id"], unique=False)
    op.create_table(
        "pushes",
        sa.Column("id", Key, nullable=False),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("editor_id", sa.BigInteger(), nullable=False),
        sa.Column("subscriber_id", Key, nullable=False),
        sa.Column("article_id", Key, nullable=False),
        sa.Column("content_id", Key, nullable=False),
        _choice("state", "draft", "sending", "done", "discarded"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("progress_id", Key, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_pushes_article_id_articles")),
        sa.ForeignKeyConstraint(["content_id"], ["contents.id"], name=op.f("fk_pushes_content_id_contents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_pushes_article_id"), "pushes", ["article_id"], unique=False)
    op.create_index(op.f("ix_pushes_content_id"), "pushes", ["content_id"], unique=False)
    op.create_index(
        "ix_pushes_sending",
        "pushes",
        ["bot_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
