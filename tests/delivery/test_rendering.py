"""What a chat is shown of a story: only what the feeds tell that it follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.delivery.contents import TOLD_AT
from bot.delivery.rendering import render_stories
from storage.model import (
    ArticleState,
    EntryKey,
    FanoutKind,
    NewArticle,
    Priority,
    StorySummary,
    SubscriptionState,
    SummarySentence,
)

if TYPE_CHECKING:
    from storage import Storage, Work
    from storage.model import Feed, Story, Subscriber
    from tests.delivery.post import Post

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TITLE = "Mayor resigns over bridge"


async def tell(work: Work, feed: Feed, sentence: str, story: Story | None = None) -> Story:
    """Let a feed report under the one title; begin the story or join it."""
    key = EntryKey(kind="id", digest=f"{feed.id:064x}")
    new = NewArticle(
        keys=(key,), url=f"https://{feed.title.lower()}.example/1", title=TITLE, state=ArticleState.PENDING
    )
    (article,) = await work.articles.add_entries(feed.id, [new], now=NOW)
    await work.articles.make_ready(article.id, text=sentence, lang="en", site=feed.title)
    if story is None:
        story = await work.stories.create(lang="en", title=TITLE, title_key=TITLE, now=NOW)
    story = await work.stories.attach(story.id, article.id, url_key=None, now=NOW)
    told = SummarySentence(text=sentence, start=0, end=len(sentence), article_id=article.id)
    await work.stories.save_summary(
        StorySummary(story_id=story.id, revision=story.revision, max_chars=400, sentences=(told,))
    )
    fanout = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
    await work.fanouts.expand(fanout.id, now=NOW)
    return story


async def show(storage: Storage) -> list[str | None]:
    """Put what is queued into words."""
    render = render_stories(lambda: NOW)
    async with storage.write() as work:
        claimed = await work.outbox.claim(NOW, limit=64, excluding=())
        rendered = [await render(delivery, work) for delivery in claimed]
    return [None if each is None else str(each.parameters["text"]) for each in rendered]


async def follow(work: Work, reader: Subscriber, name: str) -> Feed:
    feed, _ = await work.feeds.add(f"https://{name.lower()}.example/feed", title=name, site_url="", now=NOW)
    await work.subscribers.subscribe(reader.id, feed.id, now=NOW - timedelta(days=1))
    return feed


async def test_a_reader_sees_nothing_of_what_strangers_make_of_a_story(post: Post) -> None:
    reader, evil = await post.reader(), await post.reader()
    async with post.storage.write() as work:
        scam, herald = await follow(work, evil, "Scam"), await follow(work, reader, "Herald")
        story = await tell(work, scam, "Send coins to this wallet.")
        await tell(work, herald, "The mayor resigned on Monday.", story)
    first, second = sorted(map(str, await show(post.storage)), key=lambda text: "Herald" in text)
    assert "Send coins" in first
    assert "The mayor resigned on Monday." in second
    assert "coins" not in second
    assert "scam" not in second.lower()


async def test_a_story_of_which_no_feed_is_followed_any_more_is_not_told(post: Post) -> None:
    reader = await post.reader()
    async with post.storage.write() as work:
        herald, friend = await follow(work, reader, "Herald"), await follow(work, reader, "Friend")
        story = await tell(work, herald, "The mayor resigned on Monday.")
        await tell(work, friend, "He leaves at once.", story)
        for feed in (herald, friend):
            mark = await work.subscribers.find_subscription_to(reader.id, feed.id)
            assert mark is not None
            await work.subscribers.set_subscription_state(mark.id, SubscriptionState.PAUSED)
        view = await work.stories.view(story.id, 400, reader_id=reader.id, thread_id=0)
    assert view is None
    assert await show(post.storage) == []


async def test_one_push_tells_each_chat_its_own_clock(post: Post) -> None:
    readers = [await post.reader(), await post.reader()]
    async with post.storage.write() as work:
        await work.subscribers.update(readers[0].id, tz="Europe/Kyiv")
        await work.subscribers.update(readers[1].id, tz="Asia/Kathmandu")
        at = int(datetime(2026, 5, 4, 11, 5, tzinfo=UTC).timestamp())
        content = await work.contents.put({"text": "Water off\n\nFrom the newsroom", TOLD_AT: at})
    planned = [await post.plan(reader, None, content_id=content.id) for reader in readers]
    async with post.sending():
        await post.settled(*planned)
    texts = [text for reader in readers for text in post.shown(reader).values()]
    assert sorted(text.rpartition(" · ")[2] for text in texts) == ["14:05", "16:50"]
    assert {text.rpartition(" · ")[0] for text in texts} == {"Water off\n\nFrom the newsroom"}
