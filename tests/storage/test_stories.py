import asyncio
from datetime import timedelta
from functools import partial

import pytest

from storage import Storage, Work
from storage.errors import NotFoundError
from storage.model import Article, ArticleState, Story, StorySummary, SubscriptionState, SummarySentence
from tests.storage.scenes import add_article, add_feed, add_readers, add_story, entry
from tests.support.databases import NOW


async def create(work: Work, title_key: str, *, lang: str = "en") -> Story:
    return await work.stories.create(lang=lang, title=title_key.title(), title_key=title_key, now=NOW)


def summary(story: Story, max_chars: int, text: str = "It reopened.", *, revision: int | None = None) -> StorySummary:
    sentence = SummarySentence(text=text, start=3, end=3 + len(text), article_id=7)
    return StorySummary(
        story_id=story.id, revision=revision or story.revision, max_chars=max_chars, sentences=(sentence,)
    )


async def test_a_story_is_found_by_its_title_in_its_language_or_by_an_address(storage: Storage) -> None:
    async with storage.write() as work:
        story = await create(work, "lock reopens")
        article = await add_article(work, await add_feed(work))
        story = await work.stories.attach(story.id, article.id, url_key="weirpost.example/1", now=NOW)
        other = await add_feed(work, "other")
        find = partial(work.stories.find_match, feed_id=other.id)
        assert await find(lang="en", title_key="lock reopens", url_key=None, since=NOW) == story
        assert await find(lang="uk", title_key="other", url_key="weirpost.example/1", since=NOW) == story
        assert await find(lang="uk", title_key="lock reopens", url_key="elsewhere", since=NOW) is None
        assert await find(lang="en", title_key="", url_key="", since=NOW) is None
        late = NOW + timedelta(seconds=1)
        assert await find(lang="en", title_key="lock reopens", url_key="weirpost.example/1", since=late) is None


async def test_of_several_stories_the_newest_matches(storage: Storage) -> None:
    async with storage.write() as work:
        await create(work, "same")
        newest = await create(work, "same")
        find = work.stories.find_match
        assert await find(feed_id=None, lang="en", title_key="same", url_key=None, since=NOW) == newest


async def test_a_feed_finds_no_story_that_it_tells_already(storage: Storage) -> None:
    async with storage.write() as work:
        feed, other = await add_feed(work), await add_feed(work, "other")
        story = await create(work, "same")
        await work.stories.attach(story.id, (await add_article(work, feed)).id, url_key="u", now=NOW)
        find = partial(work.stories.find_match, lang="en", title_key="same", url_key="u", since=NOW)
        assert await find(feed_id=feed.id) is None
        found = await find(feed_id=other.id)
    assert found is not None
    assert found.id == story.id


async def test_what_a_private_feed_tells_matches_nothing_and_is_matched_by_nothing(storage: Storage) -> None:
    async with storage.write() as work:
        private, public = await add_feed(work, "letter", private=True), await add_feed(work, "public")
        for title_key, feed in (("secret", private), ("open", public)):
            story = await create(work, title_key)
            await work.stories.attach(story.id, (await add_article(work, feed)).id, url_key=title_key, now=NOW)
        find = partial(work.stories.find_match, lang="en", since=NOW)
        for feed_id in (public.id, private.id, None):
            assert await find(feed_id=feed_id, title_key="secret", url_key="secret") is None
        assert await find(feed_id=private.id, title_key="open", url_key="open") is None


async def test_every_article_after_the_first_makes_a_revision(storage: Storage) -> None:
    later = NOW + timedelta(hours=1)
    async with storage.write() as work:
        feed = await add_feed(work)
        story = await create(work, "a")
        one, two = await add_article(work, feed), await add_article(work, feed)
        first = await work.stories.attach(story.id, one.id, url_key=None, now=NOW)
        second = await work.stories.attach(story.id, two.id, url_key=None, now=later)
        again = await work.stories.attach(story.id, two.id, url_key=None, now=later + timedelta(hours=1))
        assert (await work.articles.get(two.id)).story_id == story.id
    assert (first.revision, second.revision) == (1, 2)
    assert (second.first_at, second.last_at) == (NOW, later)
    assert again == second


async def test_an_article_stays_in_its_first_story(storage: Storage) -> None:
    async with storage.write() as work:
        one, other = await create(work, "a"), await create(work, "b")
        article = await add_article(work, await add_feed(work))
        await work.stories.attach(one.id, article.id, url_key="u", now=NOW)
        assert await work.stories.attach(other.id, article.id, url_key="u", now=NOW) == other
        assert (await work.articles.get(article.id)).story_id == one.id


async def test_a_missing_story_is_an_error_or_nothing(storage: Storage) -> None:
    async with storage.write() as work:
        article = await add_article(work, await add_feed(work))
        with pytest.raises(NotFoundError, match="no story 9"):
            await work.stories.attach(9, article.id, url_key=None, now=NOW)
        with pytest.raises(NotFoundError, match="no story 9"):
            await work.stories.get(9)
        assert await work.stories.view(9, 400) is None


async def test_a_view_shows_ready_articles_oldest_first_without_their_texts(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        story = await create(work, "a")
        dates = [NOW - timedelta(hours=1), NOW - timedelta(hours=3), None]
        stored = await work.articles.add_entries(feed.id, [entry(), entry(), entry(), entry()], now=NOW)
        for article, published_at in zip(stored, dates, strict=False):
            await work.articles.make_ready(article.id, text="Body.", lang="en", published_at=published_at)
        for article in stored:
            await work.stories.attach(story.id, article.id, url_key=None, now=NOW)
        view = await work.stories.view(story.id, 400)
    assert view is not None
    assert [article.id for article in view.articles] == [stored[1].id, stored[0].id, stored[2].id]
    assert {article.text for article in view.articles} == {""}
    assert {article.state for article in view.articles} == {ArticleState.READY}
    assert view.story.revision == 4
    assert view.summary is None


@pytest.mark.parametrize(("wanted", "given"), [(900, 800), (800, 800), (500, 300), (300, 300), (100, 300)], ids=str)
async def test_the_longest_summary_that_fits_is_shown_else_the_shortest(
    storage: Storage, wanted: int, given: int
) -> None:
    async with storage.write() as work:
        story = await add_story(work, await add_feed(work))
        for max_chars in (800, 300):
            await work.stories.save_summary(summary(story, max_chars))
        view = await work.stories.view(story.id, wanted)
    assert view is not None
    assert view.summary == summary(story, given)


async def test_a_storys_sentences_stay_those_of_its_first_report(storage: Storage) -> None:
    async with storage.write() as work:
        first = await add_story(work, await add_feed(work))
        await work.stories.save_summary(summary(first, 300, "First."))
        await work.stories.save_summary(summary(first, 300, "Replaced."))
        joining = await add_article(work, await add_feed(work, "other"))
        second = await work.stories.attach(first.id, joining.id, url_key=None, now=NOW)
        await work.stories.save_summary(summary(second, 300, "From elsewhere."))
        view = await work.stories.view(first.id, 300)
    assert view is not None
    assert view.summary == summary(first, 300, "Replaced.")
    assert [article.story_revision for article in view.articles] == [1, 2]


async def test_a_first_report_without_sentences_leaves_the_word_to_the_next(storage: Storage) -> None:
    async with storage.write() as work:
        story = await add_story(work, await add_feed(work))
        silent = StorySummary(story_id=story.id, revision=1, max_chars=300, sentences=())
        await work.stories.save_summary(silent)
        alone = await work.stories.view(story.id, 300)
        joining = await add_article(work, await add_feed(work, "other"))
        story = await work.stories.attach(story.id, joining.id, url_key=None, now=NOW)
        await work.stories.save_summary(summary(story, 300))
        both = await work.stories.view(story.id, 300)
    assert alone is not None
    assert alone.summary == silent
    assert both is not None
    assert both.summary == summary(story, 300)


async def test_a_reader_is_told_only_what_the_feeds_followed_in_a_thread_say(storage: Storage) -> None:
    async with storage.write() as work:
        stranger, herald, unheard = [await add_feed(work, name) for name in ("stranger", "herald", "unheard")]
        (reader,) = await add_readers(work, herald, 1)
        await work.subscribers.subscribe(reader.id, stranger.id, thread_id=5, now=NOW)
        story = await work.stories.create(lang="en", title="Send coins", title_key="same", now=NOW)
        for feed, title, lang in (
            (stranger, "Send coins", "en"),
            (herald, "Mayor resigns", "de"),
            (unheard, "?", "fr"),
        ):
            (article,) = await work.articles.add_entries(feed.id, [entry(title=title)], now=NOW)
            await work.articles.make_ready(article.id, text="Body.", lang=lang)
            story = await work.stories.attach(story.id, article.id, url_key=None, now=NOW)
            await work.stories.save_summary(summary(story, 300, f"Says {feed.title}."))

        async def told(thread_id: int | None) -> tuple[str, str, list[int | None], str] | None:
            view = await work.stories.view(story.id, 300, reader_id=reader.id, thread_id=thread_id)
            if view is None:
                return None
            assert view.summary is not None
            (sentence,) = view.summary.sentences
            return view.story.title, view.story.lang, [each.feed_id for each in view.articles], sentence.text

        assert await told(0) == ("Mayor resigns", "de", [herald.id], "Says Herald.")
        assert await told(5) == ("Send coins", "en", [stranger.id], "Says Stranger.")
        assert await told(None) == ("Send coins", "en", [stranger.id, herald.id], "Says Stranger.")
        assert await told(6) is None
        (latest,) = await work.subscribers.latest(reader.id, limit=9)
        assert [article.feed_id for article in latest.articles] == [stranger.id, herald.id]
        mark = await work.subscribers.find_subscription_to(reader.id, stranger.id, 5)
        assert mark is not None
        await work.subscribers.set_subscription_state(mark.id, SubscriptionState.PAUSED)
        assert await told(5) is None
        (latest,) = await work.subscribers.latest(reader.id, limit=9)
    assert latest.story.title == "Mayor resigns"
    assert [article.feed_id for article in latest.articles] == [herald.id]


async def test_two_workers_never_join_two_articles_of_one_feed_to_one_story(storage: Storage) -> None:
    """On PostgreSQL both could find the story before the other had joined it."""
    async with storage.write() as work:
        weirpost, kestrel = await add_feed(work), await add_feed(work, "kestrel")
        story = await create(work, "lock reopens")
        first = await add_article(work, weirpost)
        await work.stories.attach(story.id, first.id, url_key=None, now=NOW)
        reports = [await add_article(work, kestrel, f"Report {number}.") for number in range(4)]

    async def join(article: Article) -> int:
        async with storage.write() as work:
            await work.stories.serialise()
            found = await work.stories.find_match(
                feed_id=kestrel.id, lang="en", title_key="lock reopens", url_key=None, since=NOW
            )
            await asyncio.sleep(0.02)  # whoever looked meanwhile must not find the same
            found = found or await create(work, "lock reopens")
            return (await work.stories.attach(found.id, article.id, url_key=None, now=NOW)).id

    joined = await asyncio.gather(*map(join, reports))
    assert sorted(joined) == sorted(set(joined))
    assert story.id in joined
