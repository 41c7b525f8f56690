import asyncio
from datetime import timedelta

from storage import Storage
from storage.model import LookPace
from tests.storage.scenes import add_article, add_feed, add_readers, add_story, claim, sent, settle, spread_story
from tests.support.databases import NOW

PACE = LookPace(most_times=3, rest=timedelta(minutes=30), most_a_minute=4)
LATER = NOW + timedelta(hours=2)


async def tell(storage: Storage, stories: int) -> set[int]:
    """Tell one reader stories; give their articles."""
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 1)
        made = [await add_story(work, feed) for _ in range(stories)]
        for each in made:
            await spread_story(work, each)
    while claimed := await claim(storage):
        await settle(storage, *(sent(each, 1000 + each.id) for each in claimed))
    async with storage.read() as work:
        views = [await work.stories.view(each.id, 400) for each in made]
    return {view.articles[0].id for view in views if view is not None}


async def take(storage: Storage, *, after: timedelta = timedelta()) -> int | None:
    now = LATER + after
    async with storage.write() as work:
        return await work.looks.claim_told(
            PACE, since=now - timedelta(hours=6), until=now - timedelta(hours=1), now=now
        )


async def test_each_told_article_is_taken_once_and_no_more_in_a_minute_than_the_pace_allows(storage: Storage) -> None:
    told = await tell(storage, 6)
    taken = [each for each in await asyncio.gather(*(take(storage) for _ in range(8))) if each is not None]
    assert len(taken) == len(set(taken)) == 4
    minute = timedelta(seconds=61)
    async with storage.read() as work:
        window = (LATER - timedelta(hours=6), LATER - timedelta(hours=1))
        assert not await work.looks.has_told(PACE, since=window[0], until=window[1], now=LATER)
        assert await work.looks.has_told(PACE, since=window[0], until=window[1], now=LATER + minute)
    taken += [each for _ in range(3) if (each := await take(storage, after=minute)) is not None]
    assert sorted(taken) == sorted(told)
    assert await take(storage, after=2 * minute) is None


async def test_what_nobody_was_told_is_left_alone(storage: Storage) -> None:
    async with storage.write() as work:
        await add_story(work, await add_feed(work))
    assert await take(storage) is None


async def test_one_article_is_looked_at_now_and_then_and_not_for_ever(storage: Storage) -> None:
    (article_id,) = await tell(storage, 1)

    async def look(minutes: int) -> bool:
        async with storage.write() as work:
            return await work.looks.claim(article_id, PACE, now=LATER + timedelta(minutes=minutes))

    assert sorted(await asyncio.gather(look(0), look(0), look(0))) == [False, False, True]
    assert await take(storage, after=timedelta(minutes=29)) is None, "a look that its feed asked for was just taken"
    assert await take(storage, after=timedelta(minutes=31)) == article_id
    assert not await look(60)
    assert await look(62)
    assert not await look(600)


async def test_old_looks_are_forgotten(storage: Storage) -> None:
    async with storage.write() as work:
        article = await add_article(work, await add_feed(work))
        assert await work.looks.claim(article.id, PACE, now=NOW)
        assert await work.looks.purge(NOW) == 0
        assert await work.looks.purge(NOW + timedelta(seconds=1)) == 1
