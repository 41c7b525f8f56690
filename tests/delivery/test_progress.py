"""The message that shows how far a push has come, and the report that takes its place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from bot.delivery.broadcast import BroadcastReporter
from storage.model import DeliveryKind, DeliveryState, FanoutKind, Priority, Settlement
from tests.delivery.post import now, refusing

if TYPE_CHECKING:
    from storage.model import Push, Subscriber
    from tests.delivery.post import Post


async def under_way(post: Post, editor: Subscriber, progress_id: int) -> Push:
    """Begin a push that is planned for nobody yet but for what tests plan themselves."""
    async with post.storage.write() as work:
        article = await work.articles.add_push(
            url="", title="Sirens", text="Sirens", lang="en", site="", author="", editor_id=editor.chat_id, now=now()
        )
        push = await work.pushes.create(
            editor_id=editor.chat_id,
            subscriber_id=editor.id,
            article_id=article.id,
            content={"text": "Sirens"},
            now=now(),
        )
        assert await work.pushes.confirm(push.id, push.content.digest, now=now())
        await work.pushes.set_progress(push.id, progress_id)
        fanout = await work.fanouts.open(
            FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=push.content.id, now=now()
        )
        await work.fanouts.expand(fanout.id, now=now())
        await work.outbox.defer(editor.id, now() + timedelta(hours=1))
        return push


async def test_report_of_a_push_comes_though_its_progress_message_was_deleted_and_tries_are_few(post: Post) -> None:
    editor = await post.reader()
    question = await post.sent(editor, "Send to 1?")
    push = await under_way(post, editor, question.id)
    reporter = BroadcastReporter(post.storage, clock=now, every_s=0)
    post.world.delete_message(post.world.chats[editor.chat_id], question.message_id or 0)
    async with post.sending():
        for _ in range(4):
            await reporter.report()
            await post.settled(await post.plan(editor, "Tick"))
        async with post.storage.write() as work:
            (row,) = await work.outbox.claim(now() + timedelta(hours=2), limit=5, excluding=())
            await work.outbox.settle([Settlement(delivery_id=row.id, state=DeliveryState.SENT, message_id=99)], now())
        await reporter.report()
        await post.settled(await post.plan(editor, "Tick"))
    async with post.storage.read() as work:
        edits = await work.outbox.tally(DeliveryKind.EDIT, f"d:{question.id}")
        assert (await work.pushes.get(push.id)).finished_at is not None
    assert (edits.dead, edits.sent) == (1, 1), "one try found out that it is gone, then the report"
    told = [text for text in post.shown(editor).values() if text != "Tick"]
    assert len(told) == 1
    assert "1" in told[0]


async def test_report_that_fails_holds_up_no_other(post: Post) -> None:
    editors = [await post.reader(), await post.reader()]
    questions = [await post.sent(each, "Send to 1?") for each in editors]
    pushes = [await under_way(post, each, question.id) for each, question in zip(editors, questions, strict=True)]
    reporter = BroadcastReporter(post.storage, clock=now, every_s=0)
    await reporter.report()  # an edit for each is planned
    with capture_logs() as logs:
        async with refusing(post, f"NEW.subject = 'd:{questions[0].id}'"):
            async with post.storage.write() as work:
                await work.outbox.defer(editors[1].id, now() - timedelta(hours=1))
                planned = await work.outbox.find_planned(editors[1].id, DeliveryKind.EDIT, f"d:{questions[1].id}")
                assert planned is not None
                assert await work.outbox.cancel(planned)
            await reporter.report()
    assert [entry["push_id"] for entry in logs if entry["event"] == "report_failed"] == [pushes[0].id]
    async with post.storage.read() as work:
        tallies = [await work.outbox.tally(DeliveryKind.EDIT, f"d:{each.id}") for each in questions]
    assert [(each.queued, each.cancelled) for each in tallies] == [(1, 0), (1, 1)], "the second is told anew"
