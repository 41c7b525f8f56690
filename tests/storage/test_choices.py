"""What readers keep, lengthen and hide."""

from storage import Storage
from storage.model import FanoutKind, HiddenWord, Priority, StoryChoices, StorySummary, SummarySentence
from tests.storage.scenes import add_chat, add_feed, add_readers, add_story, claim, sent, settle, spread_story
from tests.support.databases import NOW


async def test_what_is_saved_is_listed_the_latest_first_until_it_is_let_go(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        stories = [await add_story(work, feed) for _ in range(3)]
        for story in (*stories, stories[0]):
            await work.choices.save(reader.id, story.id, reader_id=reader.id, now=NOW)
        listed = await work.choices.list_saved(reader.id, limit=2)
        assert [view.story.id for view in listed] == [stories[2].id, stories[1].id]
        assert [view.story.id for view in await work.choices.list_saved(reader.id, limit=2, offset=2)] == [
            stories[0].id
        ]
        await work.choices.unsave(reader.id, stories[1].id)
        assert not await work.choices.is_saved(reader.id, stories[1].id)
        assert len(await work.choices.list_saved(reader.id, limit=9)) == 2


async def test_a_message_stays_long_through_its_edits(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        story = await add_story(work, feed)
        await spread_story(work, story)
    (delivery,) = await claim(storage)
    await settle(storage, sent(delivery, 77, revision=1))
    async with storage.write() as work:
        assert await work.choices.of(reader.id, story.id) == StoryChoices()
        await work.choices.lengthen(reader.id, story.id, is_long=True)
        await work.choices.save(reader.id, story.id, reader_id=reader.id, now=NOW)
        assert await work.choices.of(reader.id, story.id) == StoryChoices(is_long=True, is_saved=True)


async def test_a_hidden_word_keeps_a_story_from_whoever_hides_it(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        hiding, other = await add_readers(work, feed, 2)
        await work.choices.hide_word(hiding.id, HiddenWord(key="lock", word="Locks"))
        await work.choices.hide_word(hiding.id, HiddenWord(key="lock", word="Lock"))
        await work.choices.hide_word(hiding.id, HiddenWord(key="toll", word="tolls"))
        assert [word.word for word in await work.choices.list_hidden_words(hiding.id)] == ["Lock", "tolls"]
        assert await work.choices.hides_any(["lock", "reopens"]) == ["lock"]
        story = await add_story(work, feed)
        fanout = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
        await work.fanouts.expand(fanout.id, now=NOW, hidden_by=["lock"])
    assert [delivery.subscriber_id for delivery in await claim(storage)] == [other.id]
    async with storage.write() as work:
        await work.choices.show_word(hiding.id, "lock")
        assert [word.word for word in await work.choices.list_hidden_words(hiding.id)] == ["tolls"]


async def test_a_view_has_the_length_wanted_and_the_longest(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        story = await add_story(work, feed)
        view = await work.stories.view(story.id, 400)
        assert view is not None
        article_id = view.articles[0].id
        for chars in (200, 400, 800):
            sentence = SummarySentence(text=f"{chars}", start=0, end=3, article_id=article_id)
            await work.stories.save_summary(
                StorySummary(story_id=story.id, revision=1, max_chars=chars, sentences=(sentence,))
            )
        for wanted, given in ((100, 200), (200, 200), (500, 400), (800, 800)):
            view = await work.stories.view(story.id, wanted)
            assert view is not None
            assert view.summary is not None
            assert view.longest is not None
            assert (view.summary.max_chars, view.longest.max_chars) == (given, 800)


async def test_choices_go_with_their_chat(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        reader, group = await add_chat(work, 1), await add_chat(work, -2)
        story = await add_story(work, feed)
        await work.choices.save(reader.id, story.id, reader_id=group.id, now=NOW)
        await work.choices.hide_word(reader.id, HiddenWord(key="lock", word="Lock"))
        await work.subscribers.erase(reader.id)
        again = await add_chat(work, 1)
        assert await work.choices.list_saved(again.id, limit=9) == []
        assert await work.choices.list_hidden_words(again.id) == []


async def test_unseen_are_the_stories_that_came_since_one_follows_and_were_not_sent(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        told, _untold = [await add_story(work, feed) for _ in range(2)]
        before = await work.subscribers.count_unseen(reader.id)
        await spread_story(work, told)
    (delivery,) = await claim(storage)
    await settle(storage, sent(delivery, 77, revision=1))
    async with storage.read() as work:
        assert (before, await work.subscribers.count_unseen(reader.id)) == (2, 1)
