from datetime import timedelta

import pytest

from storage import Channel, Storage
from storage.errors import NotFoundError
from storage.model import ArticleState, EntryKey, NewArticle, Origin
from storage.news.articles import MOST_ATTEMPTS
from tests.storage.scenes import add_feed, entry
from tests.support.databases import NOW


async def test_entries_are_stored_in_order_with_their_keys(storage: Storage) -> None:
    entries = [entry(number) for number in range(50)]
    async with storage.write() as work:
        feed = await add_feed(work)
        stored = await work.articles.add_entries(feed.id, entries, now=NOW)
    assert [article.url for article in stored] == [each.url for each in entries]
    assert [article.id for article in stored] == sorted(article.id for article in stored)
    async with storage.read() as work:
        known = await work.articles.known_keys(feed.id, [key for each in entries for key in each.keys])
    assert known == {key: article.id for article, each in zip(stored, entries, strict=True) for key in each.keys}


async def test_keys_are_known_to_their_own_feed_only(storage: Storage) -> None:
    key = EntryKey(kind="id", digest="ab")
    new = NewArticle(keys=(key,), url="u", title="t", state=ArticleState.KNOWN)
    async with storage.write() as work:
        one, other = await add_feed(work, "one"), await add_feed(work, "other")
        (article,) = await work.articles.add_entries(one.id, [new], now=NOW)
        assert await work.articles.known_keys(one.id, [key]) == {key: article.id}
        assert await work.articles.known_keys(other.id, [key]) == {}
        assert await work.articles.known_keys(one.id, [EntryKey(kind="url", digest="ab")]) == {}
        assert await work.articles.known_keys(one.id, []) == {}


async def test_more_keys_than_a_statement_has_parameters_are_looked_up(storage: Storage) -> None:
    asked = [EntryKey(kind="id", digest=f"{number:x}") for number in range(40_000)]
    async with storage.write() as work:
        feed = await add_feed(work)
        (article,) = await work.articles.add_entries(feed.id, [entry()], now=NOW)
        await work.articles.add_keys(article.id, feed.id, asked[-2:])
        assert await work.articles.known_keys(feed.id, asked) == dict.fromkeys(asked[-2:], article.id)


async def test_a_key_that_is_known_stays_with_its_article(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        first, second = await work.articles.add_entries(feed.id, [entry(1), entry(2)], now=NOW)
        await work.articles.add_keys(second.id, feed.id, entry(1).keys)
        known = await work.articles.known_keys(feed.id, entry(1).keys)
    assert set(known.values()) == {first.id}


async def test_pending_entries_are_claimed_once_and_again_after_their_lease(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await work.articles.add_entries(feed.id, [entry(), entry(), entry(state=ArticleState.KNOWN)], now=NOW)
    assert await storage.wait(Channel.ARTICLES, 0.01)
    async with storage.write() as work:
        (first,) = await work.articles.claim_pending(NOW, limit=1, lease_s=60)
        (second,) = await work.articles.claim_pending(NOW, limit=5, lease_s=60)
        assert await work.articles.claim_pending(NOW, limit=5, lease_s=60) == []
        again = await work.articles.claim_pending(NOW + timedelta(minutes=1), limit=5, lease_s=60)
    assert [article.id for article in again] == [first.id, second.id]
    assert [article.attempts for article in again] == [2, 2]


async def test_an_entry_planned_under_a_clock_that_was_ahead_is_due(storage: Storage) -> None:
    async with storage.write() as work:
        (article,) = await work.articles.add_entries(
            (await add_feed(work)).id, [entry()], now=NOW + timedelta(days=365)
        )
        (claimed,) = await work.articles.claim_pending(NOW, limit=5, lease_s=60)
        assert claimed.id == article.id
        assert await work.articles.claim_pending(NOW, limit=5, lease_s=60) == []


async def test_an_entry_that_stops_its_reader_each_time_is_given_up(storage: Storage) -> None:
    async with storage.write() as work:
        (article,) = await work.articles.add_entries((await add_feed(work)).id, [entry()], now=NOW)
        taken = []
        for minutes in range(20):
            taken += await work.articles.claim_pending(NOW + timedelta(minutes=minutes), limit=5, lease_s=60)
        assert [each.attempts for each in taken] == list(range(1, MOST_ATTEMPTS + 1))
        assert (await work.articles.get(article.id)).state is ArticleState.FAILED


async def test_entries_that_are_only_recognised_wake_nobody(storage: Storage) -> None:
    async with storage.write() as work:
        await work.articles.add_entries((await add_feed(work)).id, [entry(state=ArticleState.KNOWN)], now=NOW)
    assert not await storage.wait(Channel.ARTICLES, 0.01)


async def test_a_ready_article_keeps_what_the_page_did_not_say(storage: Storage) -> None:
    new = NewArticle(
        keys=(), url="u", title="As fed", author="A. Reed", state=ArticleState.PENDING, content_html="<p>x</p>"
    )
    async with storage.write() as work:
        (article,) = await work.articles.add_entries((await add_feed(work)).id, [new], now=NOW)
        ready = await work.articles.make_ready(article.id, text="Body.", lang="en", site="Weirpost")
        assert ready == await work.articles.get(article.id)
        assert await work.articles.claim_pending(NOW, limit=5, lease_s=1) == []
    assert (ready.state, ready.title, ready.author, ready.site) == (ArticleState.READY, "As fed", "A. Reed", "Weirpost")
    assert (ready.text, ready.content_html) == ("Body.", "")


async def test_making_a_missing_article_ready_is_an_error(storage: Storage) -> None:
    async with storage.write() as work:
        with pytest.raises(NotFoundError, match="no article 5"):
            await work.articles.make_ready(5, text="", lang="en")


async def test_a_failed_article_is_not_tried_again_and_a_postponed_one_later(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        failed, postponed = await work.articles.add_entries(feed.id, [entry(), entry()], now=NOW)
        await work.articles.fail(failed.id, "404")
        await work.articles.retry_at(postponed.id, NOW + timedelta(hours=1), "503")
        await work.articles.retry_at(failed.id, NOW, "never mind")
        assert await work.articles.claim_pending(NOW + timedelta(minutes=59), limit=5, lease_s=1) == []
        (claimed,) = await work.articles.claim_pending(NOW + timedelta(hours=1), limit=5, lease_s=1)
        assert claimed.id == postponed.id
        assert (await work.articles.get(failed.id)).state is ArticleState.FAILED


async def test_the_newest_article_is_found_however_far_it_has_come(storage: Storage) -> None:
    def dated(number: int, days: int | None, state: ArticleState) -> NewArticle:
        published_at = None if days is None else NOW - timedelta(days=days)
        return NewArticle(keys=entry(number).keys, url=f"u{number}", title="t", state=state, published_at=published_at)

    async with storage.write() as work:
        feed = await add_feed(work)

        async def latest() -> int | None:
            article = await work.articles.find_latest(feed.id)
            return None if article is None else article.id

        async def add(number: int, days: int | None, state: ArticleState, *, at: timedelta = timedelta()) -> int:
            (article,) = await work.articles.add_entries(feed.id, [dated(number, days, state)], now=NOW + at)
            return article.id

        assert await latest() is None
        known = await add(1, 3, ArticleState.KNOWN)
        assert await latest() == known
        pending = await add(2, 2, ArticleState.PENDING)
        await add(3, 4, ArticleState.PENDING)
        assert await latest() == pending
        await work.articles.make_ready(known, text="Old but readable.", lang="en")
        assert await latest() == pending
        from_the_future = await add(4, -9, ArticleState.KNOWN)
        assert await latest() == from_the_future
        undated = await add(5, None, ArticleState.KNOWN, at=timedelta(minutes=1))
        assert await latest() == undated
        await work.articles.fail(undated, "404")
        assert await latest() == from_the_future


async def test_a_recognised_article_can_be_read_for_a_sample(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        known, pending = await work.articles.add_entries(feed.id, [entry(state=ArticleState.KNOWN), entry()], now=NOW)
        assert await work.articles.reopen(known.id)
        assert not await work.articles.reopen(known.id)
        assert not await work.articles.reopen(pending.id)
        claimed = await work.articles.claim_pending(NOW, limit=5, lease_s=1)
    assert {article.id for article in claimed} == {known.id, pending.id}
    assert await storage.wait(Channel.ARTICLES, 0.01)


async def test_a_pushed_article_is_ready_at_once(storage: Storage) -> None:
    async with storage.write() as work:
        pushed = await work.articles.add_push(
            url="", title="Water off", text="Tankers come.", lang="en", site="Council", author="", editor_id=9, now=NOW
        )
        assert pushed == await work.articles.get(pushed.id)
    assert (pushed.origin, pushed.state, pushed.feed_id) == (Origin.PUSH, ArticleState.READY, None)


async def test_old_texts_are_emptied_in_portions(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        old = await work.articles.add_entries(feed.id, [entry(), entry()], now=NOW - timedelta(days=31))
        (young,) = await work.articles.add_entries(feed.id, [entry()], now=NOW)
        for article in (*old, young):
            await work.articles.make_ready(article.id, text="Long ago.", lang="en")
        before = NOW - timedelta(days=30)
        assert [await work.articles.purge_texts(before, limit=1) for _ in range(3)] == [1, 1, 0]
        assert [(await work.articles.get(each.id)).text for each in (*old, young)] == ["", "", "Long ago."]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("a\0b", "a\ufffdb", id="null character"),
        pytest.param("ж\ud83dж", "ж\ufffdж", id="lone surrogate"),
        pytest.param("\U0001f600\u202e", "\U0001f600\u202e", id="beyond the first plane"),
    ],
)
async def test_any_text_is_stored_with_its_length_unchanged(storage: Storage, given: str, kept: str) -> None:
    async with storage.write() as work:
        (article,) = await work.articles.add_entries((await add_feed(work)).id, [entry(title=given)], now=NOW)
        ready = await work.articles.make_ready(article.id, text=given, lang="en")
    assert (ready.title, ready.text) == (kept.replace("a\ufffdb", "ab"), kept)
    assert len(ready.text) == len(given)
