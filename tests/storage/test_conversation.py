"""What groups, searches, invitations and the push desk keep, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.chats.threads import THREAD_CLOSED
from storage.model import (
    ChatKind,
    Correction,
    Delivery,
    DeliveryKind,
    DeliveryState,
    FanoutKind,
    HiddenWord,
    NewDelivery,
    Priority,
    Role,
    Settlement,
    StorySummary,
    SubscriberState,
    SummarySentence,
)
from storage.news.searching import title_key
from tests.storage.scenes import (
    EARLIER,
    add_article,
    add_chat,
    add_feed,
    add_readers,
    add_story,
    claim,
    sent,
    settle,
    spread_story,
)
from tests.support.databases import NOW

if TYPE_CHECKING:
    from storage import Storage, Work
    from storage.model import Push


async def confirmed(work: Work, audience: dict[str, object] | None = None) -> Push:
    """Confirm a push to an audience, and plan it."""
    desk = await add_chat(work, 900)
    article = await add_article(work, await add_feed(work, "desk"))
    push = await work.pushes.create(
        editor_id=9, subscriber_id=desk.id, article_id=article.id, content={"text": "Water off"}, now=NOW
    )
    await work.pushes.set_audience(push.id, audience)
    await work.pushes.confirm(push.id, push.content.digest, NOW)
    await work.fanouts.open(FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=push.content.id, now=NOW)
    await work.pushes.set_reach(push.id, await work.fanouts.count_audience(FanoutKind.PUSH, push.id))
    return await work.pushes.get(push.id)


async def spread(storage: Storage) -> int:
    async with storage.write() as work:
        fanout = await work.fanouts.next_open(NOW)
        return (await work.fanouts.expand(fanout.id, now=NOW)).planned if fanout is not None else 0


async def test_an_invitation_works_once_and_not_for_ever(storage: Storage) -> None:
    async with storage.write() as work:
        for token, role in (("reader", None), ("editor", Role.EDITOR)):
            await work.admission.invite(token, role=role, invited_by=9, expires_at=NOW + timedelta(days=7), now=NOW)
        found = await work.admission.find("editor", now=NOW)
        assert found is not None
        assert (found.role, found.invited_by) == (Role.EDITOR, 9)
        assert await work.admission.find("reader", now=NOW + timedelta(days=8)) is None
        assert await work.admission.find("other", now=NOW) is None
        assert await work.admission.use("editor")
        assert not await work.admission.use("editor")
        assert await work.admission.find("editor", now=NOW) is None


async def test_bans_and_admission(storage: Storage) -> None:
    async with storage.write() as work:
        assert await work.admission.ban(-5, now=NOW)
        assert not await work.admission.ban(-5, now=NOW)
        assert await work.admission.is_banned({1, -5})
        assert not await work.admission.is_banned({1, 2})
        assert await work.admission.list_bans() == [-5]
        assert await work.admission.unban(-5)
        assert not await work.admission.unban(-5)
        guest = await work.subscribers.ensure(7, kind=ChatKind.PRIVATE, lang="en", admitted=False, now=NOW)
        assert not guest.admitted
        await confirmed(work)
    assert await spread(storage) == 1, "nobody pushes to who was not let in"
    async with storage.write() as work:
        await work.admission.admit(guest.id)
        assert (await work.subscribers.get(guest.id)).admitted


async def test_a_push_goes_to_its_audience_alone(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        follower, paused = await add_readers(work, feed, 2)
        stranger = await add_chat(work, 300)
        await work.subscribers.update(stranger.id, lang="uk")
        mark = await work.subscribers.find_subscription_to(follower.id, feed.id)
        assert mark is not None
        await work.offers.follow("science", mark.id, is_new=True)
        await work.subscribers.update(paused.id, state=SubscriberState.PAUSED)
        today = NOW.date()
        for chat, day in (
            (follower, today),
            (follower, today - timedelta(days=1)),
            (stranger, today - timedelta(days=1)),
        ):
            await work.subscribers.note_active(chat.id, day)
        push = await confirmed(work)
        counts = {}
        for name, audience in {
            "all": None,
            "feed": {"kind": "feed", "feed_id": feed.id},
            "topic": {"kind": "topic", "topic": "science"},
            "lang": {"kind": "lang", "lang": "uk"},
            "team": {"kind": "team", "chat_ids": [300, 900]},
            "active": {"kind": "active", "since": str(NOW.date())},
            "later": {"kind": "whoever"},
        }.items():
            other = await work.pushes.create(
                editor_id=9, subscriber_id=1, article_id=push.article_id, content={"text": name}, now=NOW
            )
            await work.pushes.set_audience(other.id, audience)
            counts[name] = (
                await work.fanouts.count_audience(FanoutKind.PUSH, other.id),
                await work.fanouts.count_left_out(other.id),
            )
    assert counts == {
        "all": (3, 1),
        "feed": (1, 1),
        "topic": (1, 0),
        "lang": (1, 0),
        "team": (2, 0),
        "active": (1, 0),
        "later": (0, 0),
    }


async def test_a_paused_push_waits_aside_and_a_cancelled_one_is_over(storage: Storage) -> None:
    async with storage.write() as work:
        for number in range(3):
            await add_chat(work, number + 1)
        push = await confirmed(work)
    assert await spread(storage) == 4
    first, *_ = await claim(storage, limit=1)
    async with storage.write() as work:
        assert await work.pushes.pause(push.id, NOW)
        assert not await work.pushes.pause(push.id, NOW)
    assert await claim(storage) == []
    await settle(storage, sent(first, 1))
    async with storage.write() as work:
        assert await work.pushes.resume(push.id, NOW)
        assert not await work.pushes.resume(push.id, NOW)
    second, *_ = await claim(storage, limit=1)
    async with storage.write() as work:
        assert await work.pushes.cancel(push.id, NOW)
        assert not await work.pushes.cancel(push.id, NOW)
        assert not await work.pushes.resume(push.id, NOW)
    await settle(storage, sent(second, 2))
    assert await claim(storage) == []
    async with storage.read() as work:
        tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
        assert (tally.sent, tally.cancelled, tally.unsettled) == (2, 2, 0)
        assert await work.fanouts.next_open(NOW) is None


async def test_a_paused_pushs_fanout_waits_and_a_later_one_passes_it(storage: Storage) -> None:
    async with storage.write() as work:
        await add_chat(work, 1)
        push, other = await confirmed(work), await confirmed(work)
        await work.pushes.pause(push.id, NOW)
        fanout = await work.fanouts.next_open(NOW)
        assert fanout is not None
        assert fanout.subject_id == other.id
    assert await spread(storage) == 2
    async with storage.write() as work:
        assert await work.fanouts.next_open(NOW) is None
        await work.pushes.resume(push.id, NOW)
    assert await spread(storage) == 2


async def test_the_same_push_is_recognised_for_a_while(storage: Storage) -> None:
    async with storage.write() as work:
        push = await confirmed(work)
        twin = await work.pushes.create(
            editor_id=9, subscriber_id=1, article_id=push.article_id, content={"text": "x"}, now=NOW
        )
        assert await work.pushes.find_twin(twin.id, since=EARLIER) is None
        revised = await work.pushes.revise(twin.id, content={"text": "y"}, draft={"title": "T"}, text_digest="d" * 64)
        assert revised is not None
        assert (revised.content.payload, revised.draft) == ({"text": "y"}, {"title": "T"})
        await work.pushes.confirm(twin.id, revised.content.digest, NOW)
        assert await work.pushes.revise(twin.id, content={"text": "z"}, draft={}, text_digest="") is None
        third = await work.pushes.create(
            editor_id=9, subscriber_id=1, article_id=push.article_id, content={"text": "z"}, now=NOW
        )
        await work.pushes.revise(third.id, content={"text": "z"}, draft={}, text_digest="d" * 64)
        found = await work.pushes.find_twin(third.id, since=EARLIER)
        assert found is not None
        assert found.id == twin.id
        assert await work.pushes.find_twin(third.id, since=NOW + timedelta(days=1)) is None


async def parked(storage: Storage, thread_id: int) -> tuple[int, Delivery]:
    """Let a story be refused by a closed thread; give the forum's id and the delivery."""
    async with storage.write() as work:
        feed, forum = await add_feed(work), await add_chat(work, -100, ChatKind.SUPERGROUP)
        await work.subscribers.subscribe(forum.id, feed.id, thread_id=thread_id, now=EARLIER)
        await spread_story(work, await add_story(work, feed))
    (delivery,) = await claim(storage)
    await settle(
        storage,
        Settlement(delivery_id=delivery.id, state=DeliveryState.CANCELLED, reason=THREAD_CLOSED, attempted=False),
    )
    return forum.id, delivery


async def test_stories_of_a_closed_thread_wait_until_it_is_open(storage: Storage) -> None:
    forum_id, delivery = await parked(storage, 5)
    async with storage.write() as work:
        await work.threads.note(forum_id, 5, title="News", closed_at=NOW)
        await work.threads.note(forum_id, 5, closed_at=NOW)
        thread = await work.threads.find(forum_id, 5)
        assert thread is not None
        assert (thread.title, thread.closed_at) == ("News", NOW)
        assert await work.threads.count_waiting(forum_id, 5) == 1
        assert await work.threads.reopen(forum_id, 5, now=NOW) == 1
        assert [each.closed_at for each in await work.threads.list(forum_id)] == [None]
    assert [each.id for each in await claim(storage)] == [delivery.id]


async def test_another_thread_takes_a_closed_ones_feeds_and_stories(storage: Storage) -> None:
    forum_id, delivery = await parked(storage, 5)
    async with storage.write() as work:
        assert await work.threads.move(forum_id, 5, 0, now=NOW) == 1
        assert [mark.thread_id for mark, _ in await work.subscribers.list_subscriptions(forum_id)] == [0]
    (moved,) = await claim(storage)
    assert (moved.id, moved.thread_id) == (delivery.id, 0)


async def test_stories_are_found_by_all_words_in_public_feeds_and_ones_own(storage: Storage) -> None:
    async with storage.write() as work:
        public, private = await add_feed(work, "public"), await add_feed(work, "secret", private=True)
        (reader,) = await add_readers(work, private, 1)
        other = await add_chat(work, 5)
        for feed, words in ((public, {"ferri", "crane"}), (private, {"ferri", "gold"})):
            story = await add_story(work, feed)
            view = await work.stories.view(story.id, 400)
            assert view is not None
            await work.searching.index(view.articles[0].id, {*words, *map(title_key, words)})
        since = NOW - timedelta(days=30)

        async def found(chat_id: int, *keys: str) -> int:
            listed = await work.searching.find(chat_id, keys, since=since, limit=9)
            assert len(listed) == await work.searching.count(chat_id, keys, since=since)
            return len(listed)

        assert await found(reader.id, "ferri") == 2
        assert await found(other.id, "ferri") == 1
        assert await found(reader.id, "ferri", "gold") == 1
        assert await found(other.id, "ferri", "gold") == 0
        assert await found(other.id, title_key("crane")) == 1
        assert not await work.searching.find(reader.id, ["ferri"], since=NOW + timedelta(days=1), limit=9)
        assert not await work.searching.may_read(other.id, story.id)
        assert await work.searching.may_read(reader.id, story.id)


async def test_an_alert_is_told_at_once_and_only_of_what_one_may_read(storage: Storage) -> None:
    async with storage.write() as work:
        public, private = await add_feed(work, "public"), await add_feed(work, "secret", private=True)
        (reader,) = await add_readers(work, private, 1)
        other = await add_chat(work, 5)
        for chat in (reader, other):
            await work.searching.add_alert(chat.id, HiddenWord(key="lock reopen", word="lock reopens"))
        assert await work.searching.alerts_any(["lock", "reopen", "noon"]) == ["lock reopen"]
        assert await work.searching.alerts_any(["lock"]) == []
        for feed in (public, private):
            story = await add_story(work, feed)
            fanout = await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=NOW)
            await work.fanouts.expand(fanout.id, now=NOW, alerted_by=["lock reopen"])
    told: list[tuple[int, Priority]] = []
    while claimed := await claim(storage):
        told += [(each.chat_id, each.priority) for each in claimed]
        await settle(storage, *(sent(each, each.id) for each in claimed))
    assert sorted(told) == [(5, Priority.BREAKING), (100, Priority.BREAKING), (100, Priority.BREAKING)]
    async with storage.write() as work:
        await work.searching.drop_alert(other.id, "lock reopen")
        assert await work.searching.list_alerts(other.id) == []


async def test_a_corrected_article_makes_one_edit_that_says_so(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        await add_readers(work, feed, 1)
        story = await add_story(work, feed)
        view = await work.stories.view(story.id, 400)
        assert view is not None
        (article,) = view.articles
        sentence = SummarySentence(text="It cost 2 crowns.", start=0, end=17, article_id=article.id)
        summary = StorySummary(story_id=story.id, revision=1, max_chars=400, sentences=(sentence,))
        await work.stories.save_summary(summary)
        assert await work.stories.list_quoted(article.id) == {"It cost 2 crowns."}
        await spread_story(work, story)
    (delivery,) = await claim(storage)
    await settle(storage, sent(delivery, 77, revision=1))
    async with storage.write() as work:
        revised = await work.stories.revise(article.id, now=NOW)
        assert revised.revision == 2
        now = replace(sentence, text="It cost 9 crowns.")
        await work.stories.save_summary(replace(summary, revision=2, sentences=(now,)))
        correction = Correction(article_id=article.id, was=sentence.text, now=now.text, revision=2, at=NOW)
        await work.stories.correct(correction)
        await work.stories.correct(correction)
        await spread_story(work, revised)
        view = await work.stories.view(story.id, 400)
        assert view is not None
        assert view.correction == correction
        assert view.summary is not None
        assert view.summary.sentences == (now,)
    (edit,) = await claim(storage)
    assert (edit.kind, edit.message_id) == (DeliveryKind.EDIT, 77)


async def test_a_feed_has_a_length_of_its_own(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        (reader,) = await add_readers(work, feed, 1)
        story = await add_story(work, feed)
        view = await work.stories.view(story.id, 400)
        assert view is not None
        for chars in (200, 400, 800):
            text = f"{chars} characters."
            sentence = SummarySentence(text=text, start=0, end=len(text), article_id=view.articles[0].id)
            await work.stories.save_summary(
                StorySummary(story_id=story.id, revision=1, max_chars=chars, sentences=(sentence,))
            )
        mark = await work.subscribers.find_subscription_to(reader.id, feed.id)
        assert mark is not None
        for wish, shown in ((200, 200), (800, 800), (None, 400)):
            changed = await work.subscribers.set_length(mark.id, wish)
            assert changed is not None
            assert changed.summary_chars == wish
            view = await work.stories.view(story.id, 400, reader_id=reader.id)
            assert view is not None
            assert view.summary is not None
            assert view.summary.max_chars == shown


async def test_figures_and_what_a_group_was_connected_by(storage: Storage) -> None:
    async with storage.write() as work:
        feed = await add_feed(work)
        reader, paused = await add_readers(work, feed, 2)
        await work.subscribers.update(paused.id, state=SubscriberState.PAUSED)
        group = await add_chat(work, -9, ChatKind.SUPERGROUP)
        await work.subscribers.update(group.id, title="Aldmoor", connected_by=reader.chat_id)
        await spread_story(work, await add_story(work, feed))
        await work.outbox.enqueue(
            [
                NewDelivery(
                    subscriber_id=reader.id,
                    kind=DeliveryKind.REPLY,
                    subject="u:1",
                    priority=Priority.REPLY,
                    due_at=NOW,
                    payload={"text": "x"},
                )
            ],
            now=NOW,
        )
        figures = await work.newsroom.count_figures(since=EARLIER)
        assert figures.chats == {"active": 2, "paused": 1}
        assert (figures.feeds, figures.ill_feeds, figures.stories, figures.articles) == (1, 0, 1, 1)
        assert figures.queued == 2
        assert await work.outbox.find_planned(reader.id, DeliveryKind.REPLY, "u:1") is not None
        await work.subscribers.erase(reader.id)
        kept = await work.subscribers.get(group.id)
        assert (kept.title, kept.connected_by) == ("Aldmoor", None)
