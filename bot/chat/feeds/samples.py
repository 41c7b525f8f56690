"""The newest story of a feed as a sample for whoever has just followed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.model import ArticleState

if TYPE_CHECKING:
    from storage import Work
    from storage.model import Article, Feed, Subscription


async def begin_with_sample(work: Work, subscription: Subscription, feed: Feed) -> Article | None:
    """Find a feed's newest article; where it is no story yet, owe it to the subscription and have it read."""
    await work.feeds.lock(feed.id)  # a reading that is on its way is seen, or sees the subscription
    newest = await work.articles.find_latest(feed.id)
    if newest is not None and not is_story(newest):
        await work.subscribers.begin_with(subscription.id, newest.id)
        await work.articles.reopen(newest.id)
    return newest


def is_story(article: Article) -> bool:
    """Tell whether an article has been read and belongs to a story."""
    return article.state is ArticleState.READY and article.story_id is not None
