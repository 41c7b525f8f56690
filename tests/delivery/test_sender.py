"""Each answer of Telegram, and what becomes of the delivery."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot.delivery.pacing import Pacer
from bot.sandbox.telegram.faults import Fault, FaultKind
from bot.sandbox.telegram.pacing import Limits
from bot.sandbox.world.model import Outcome
from storage.model import ChatKind, DeliveryKind, DeliveryState, Priority, SubscriberState, Verb
from tests.delivery.post import TOKEN, Post, eventually, hurried, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.delivery.calls import Rendered
    from storage import Work
    from storage.model import Delivery, Subscriber


# It arrives


async def test_a_delivery_arrives_and_is_sent(post: Post) -> None:
    reader = await post.reader()
    planned = await post.plan(reader, "<b>Aye</b> &amp; no")
    async with post.sending() as sender:
        (delivery,) = await post.settled(planned)
        await eventually(lambda: sender.sent == 1)
    assert delivery.state is DeliveryState.SENT
    (line,) = post.delivered(reader)
    assert (line.text, line.message_id) == ("Aye & no", delivery.message_id)


async def test_what_is_planned_later_leaves_at_once(post: Post) -> None:
    reader = await post.reader()
    async with post.sending():
        await asyncio.sleep(0.1)
        planned = await post.plan(reader)
        await post.settled(planned, timeout_s=1.0)


async def test_what_is_due_later_leaves_then(post: Post) -> None:
    reader = await post.reader()
    async with post.sending():
        start = now()
        planned = await post.plan(reader, due_at=start + timedelta(seconds=0.5))
        await post.settled(planned, timeout_s=2.0)
    (line,) = post.delivered(reader)
    assert 0.5 <= line.at - start.timestamp() < 1.0


async def test_order_is_kept_within_a_chat(post: Post) -> None:
    reader = await post.reader()
    planned = [await post.plan(reader, f"Part {part}") for part in range(5)]
    async with post.sending():
        await post.settled(*planned)
    assert [line.text for line in post.delivered(reader)] == [f"Part {part}" for part in range(5)]


async def test_a_reply_overtakes_a_broadcast(post: Post) -> None:
    crowd = await post.readers(40)
    asker = await post.reader()
    pacer = Pacer()
    await post.plan_many(crowd)
    async with post.sending(pacer=pacer) as sender:
        await eventually(lambda: len(post.world.delivered()) >= 5)
        planned = await post.plan(asker, "An answer")
        await post.settled(planned, timeout_s=0.5)
        assert sender.sent < 35


async def test_a_shared_content_is_what_every_chat_gets(post: Post) -> None:
    crowd = await post.readers(5)
    async with post.storage.write() as work:
        content = await work.contents.put({"text": "<i>Pushed</i>", "parse_mode": "HTML"})
    planned = await post.plan_many(crowd, kind=DeliveryKind.PUSH, subject="p:1", payload=None, content_id=content.id)
    async with post.sending():
        await post.settled(*planned)
    assert {line.text for line in post.world.delivered()} == {"Pushed"}
    assert post.renders == []


async def test_a_story_is_rendered_when_it_leaves_and_its_revision_noted(post: Post) -> None:
    reader = await post.reader()
    async with post.storage.write() as work:
        story = await work.stories.create(lang="en", title="A bridge", title_key="bridge", now=now())
    planned = await post.plan(reader, None, kind=DeliveryKind.STORY, subject=f"s:{story.id}", priority=Priority.STORY)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert [line.text for line in post.delivered(reader)] == [f"Story s:{story.id}"]
    async with post.storage.read() as work:
        assert await work.subscribers.has_seen(reader.id, story.id)
        assert await work.stories.find_message(reader.id, story.id) == delivery.message_id


async def test_a_delivery_with_nothing_left_to_say_is_cancelled(post: Post) -> None:
    async def silent(_delivery: Delivery, _work: Work) -> Rendered | None:
        return None

    planned = await post.plan(await post.reader(), None, subject="s:9")
    async with post.sending(render=silent):
        (delivery,) = await post.settled(planned)
    assert delivery.state is DeliveryState.CANCELLED
    assert not post.world.lines()


async def test_one_that_cannot_be_rendered_blocks_nobody(post: Post) -> None:
    async def broken(delivery: Delivery, _work: Work) -> Rendered | None:
        raise KeyError(delivery.subject)

    reader, other = await post.reader(), await post.reader()
    poison = await post.plan(reader, None, subject="s:9")
    fine = await post.plan(other)
    with capture_logs() as logs:
        async with post.sending(render=broken) as sender:
            await post.settled(fine)
            await eventually(lambda: sender.returned == 1)
            await eventually(lambda: sender.last_error_at is not None)
    waiting = await post.get(poison)
    assert (waiting.state, waiting.attempts) == (DeliveryState.QUEUED, 1)
    assert any(entry["event"] == "rendering_failed" for entry in logs)


# Edits and deletions


async def sent(post: Post, reader: Subscriber, text: str = "First words") -> Delivery:
    planned = await post.plan(reader, text)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert delivery.message_id is not None
    return delivery


def shown(post: Post, reader: Subscriber) -> dict[int, str]:
    return {key: message.content.text for key, message in post.world.chats[reader.chat_id].messages.items()}


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.REPLACE])
async def test_an_edit_changes_the_message_of_its_target(post: Post, verb: Verb) -> None:
    reader = await post.reader()
    target = await sent(post, reader)
    planned = await post.plan(reader, "Second words", verb=verb, target_id=target.id)
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert edit.state is DeliveryState.SENT
    assert shown(post, reader) == {target.message_id: "Second words"}


async def test_an_edit_of_the_keyboard_alone_leaves_the_words(post: Post) -> None:
    reader = await post.reader()
    target = await sent(post, reader)
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "1:x"}]]}
    planned = await post.plan(reader, payload={"reply_markup": keyboard}, verb=Verb.EDIT, target_id=target.id)
    async with post.sending():
        await post.settled(planned)
    assert shown(post, reader) == {target.message_id: "First words"}
    assert post.world.lines(method="editMessageReplyMarkup")[0].outcome is Outcome.ACCEPTED


async def test_an_edit_that_changes_nothing_counts_as_sent(post: Post) -> None:
    reader = await post.reader()
    target = await sent(post, reader)
    planned = await post.plan(reader, "First words", verb=Verb.EDIT, target_id=target.id)
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert (edit.state, edit.message_id) == (DeliveryState.SENT, target.message_id)
    assert "message is not modified" in post.world.lines(method="editMessageText")[0].description


async def test_an_edit_of_a_message_that_is_gone_is_dead(post: Post) -> None:
    reader = await post.reader()
    target = await sent(post, reader)
    post.world.delete_message(post.world.chats[reader.chat_id], target.message_id or 0)
    planned = await post.plan(reader, "Too late", verb=Verb.EDIT, target_id=target.id)
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert edit.state is DeliveryState.DEAD
    assert "message to edit not found" in (edit.reason or "").lower()


async def test_an_edit_of_a_message_that_was_never_sent_is_dead(post: Post) -> None:
    reader = await post.reader()
    poison = await post.plan(reader, "")
    async with post.sending():
        await post.settled(poison)
        planned = await post.plan(reader, "Too late", verb=Verb.EDIT, target_id=poison)
        (edit,) = await post.settled(planned)
    assert (edit.state, edit.reason) == (DeliveryState.DEAD, "its message was not sent")


async def test_a_replacement_is_sent_anew_where_its_target_is_gone(post: Post) -> None:
    reader = await post.reader()
    target = await sent(post, reader)
    post.world.delete_message(post.world.chats[reader.chat_id], target.message_id or 0)
    planned = await post.plan(reader, "Anew", verb=Verb.REPLACE, target_id=target.id)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert delivery.state is DeliveryState.SENT
    assert shown(post, reader) == {delivery.message_id: "Anew"}


async def test_a_replacement_is_sent_anew_where_its_target_was_never_sent(post: Post) -> None:
    reader = await post.reader()
    poison = await post.plan(reader, "")
    planned = await post.plan(reader, "Anew", verb=Verb.REPLACE, target_id=poison)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert delivery.state is DeliveryState.SENT
    assert shown(post, reader) == {delivery.message_id: "Anew"}


async def test_a_deletion_takes_the_message_away_and_a_second_one_is_content(post: Post) -> None:
    reader = await post.reader()
    target = await sent(post, reader)
    first = await post.plan(reader, None, verb=Verb.DELETE, target_id=target.id)
    second = await post.plan(reader, None, verb=Verb.DELETE, target_id=target.id)
    async with post.sending():
        both = await post.settled(first, second)
    assert [delivery.state for delivery in both] == [DeliveryState.SENT, DeliveryState.SENT]
    assert shown(post, reader) == {}


# It is refused


async def test_a_blocked_chat_stops_after_one_refusal(post: Post) -> None:
    """FAULTS 36."""
    reader = await post.reader()
    post.sandbox.people.block(reader.chat_id)
    planned = [await post.plan(reader, f"Part {part}") for part in range(3)]
    with capture_logs() as logs:
        async with post.sending() as sender:
            deliveries = await post.settled(*planned)
            await eventually(lambda: sender.dead == 1)
    assert [each.state for each in deliveries] == [
        DeliveryState.DEAD,
        DeliveryState.CANCELLED,
        DeliveryState.CANCELLED,
    ]
    assert deliveries[0].reason == "bot was blocked by the user"
    assert len(post.world.lines(chat_id=reader.chat_id)) == 1
    assert (await post.subscriber(reader)).state is SubscriberState.UNREACHABLE
    assert [entry["subscriber"] for entry in logs if entry["event"] == "chat_unreachable"] == [reader.id]


async def test_a_chat_that_does_not_exist_stops_too(post: Post) -> None:
    nobody = await post.subscribe(999, ChatKind.PRIVATE)
    planned = await post.plan(nobody)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert (delivery.state, delivery.reason) == (DeliveryState.DEAD, "Chat not found")
    assert (await post.subscriber(nobody)).state is SubscriberState.UNREACHABLE


async def test_a_migrated_group_gets_its_message_once_under_its_new_id(post: Post) -> None:
    """FAULTS 37."""
    group = await post.group()
    moved = post.sandbox.people.migrate(group.chat_id, announce=False)
    planned = [await post.plan(group, f"Part {part}") for part in range(2)]
    async with post.sending():
        deliveries = await post.settled(*planned)
    assert [delivery.state for delivery in deliveries] == [DeliveryState.SENT] * 2
    assert (await post.subscriber(group)).chat_id == moved.id
    assert [line.text for line in post.world.delivered([moved.id])] == ["Part 0", "Part 1"]
    assert len(post.world.lines(chat_id=group.chat_id)) == 1


async def test_a_poison_message_is_dead_and_blocks_nobody(post: Post) -> None:
    """FAULTS 39."""
    readers = await post.readers(4)
    poison = await post.plan(readers[0], "")
    fine = [await post.plan(reader) for reader in readers]
    async with post.sending():
        dead, *others = await post.settled(poison, *fine)
    assert (dead.state, dead.reason, dead.attempts) == (DeliveryState.DEAD, "Message text is empty", 1)
    assert {delivery.state for delivery in others} == {DeliveryState.SENT}
    assert (await post.subscriber(readers[0])).state is SubscriberState.ACTIVE


async def test_markup_that_telegram_cannot_parse_is_sent_as_plain_text(post: Post) -> None:
    """FAULTS 38."""
    reader = await post.reader()
    words = 'Ready <b>or not, <a href="https://example.org/a?b=1&amp;c=2">see</a> 1 &lt; 2'
    planned = await post.plan(reader, words)
    async with post.sending():
        (delivery,) = await post.settled(planned)
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENT, 1)
    assert [line.text for line in post.delivered(reader)] == ["Ready or not, see (https://example.org/a?b=1&c=2) 1 < 2"]


async def test_a_revoked_token_stops_the_sending_and_loses_nothing(post: Post) -> None:
    readers = await post.readers(5)
    with capture_logs() as logs:
        async with post.sending() as sender:
            post.world.token = "700000042:a-new-token"
            planned = [await post.plan(reader) for reader in readers]
            await eventually(lambda: sender.token_rejected and sender.unsettled == 0)
            await asyncio.sleep(0.2)
    assert await post.states(planned) == [DeliveryState.QUEUED] * 5
    assert [entry["log_level"] for entry in logs if entry["event"] == "token_rejected"] == ["error"]
    post.world.token = TOKEN
    async with post.sending():
        await post.settled(*planned)
    assert len(post.world.delivered()) == 5


# Telegram asks to wait


async def test_a_429_lets_nothing_through_to_the_chat_before_its_deadline_and_holds_nobody_else(post: Post) -> None:
    reader, other = await post.reader(), await post.reader()
    post.world.faults.arm(Fault(kind=FaultKind.TOO_MANY, chat_id=reader.chat_id, retry_after_s=1))
    mine = [await post.plan(reader, f"Part {part}") for part in range(2)]
    async with post.sending():
        await eventually(lambda: bool(post.world.lines(chat_id=reader.chat_id)))
        theirs = await post.plan(other)
        await post.settled(theirs, timeout_s=0.8)
        deliveries = await post.settled(*mine)
    refused, *arrived = post.world.lines(chat_id=reader.chat_id)
    assert [line.outcome for line in arrived] == [Outcome.ACCEPTED] * 2
    assert 1.0 <= arrived[0].arrived_at - refused.arrived_at < 1.6
    assert not any(line.in_ban for line in arrived)
    assert [delivery.attempts for delivery in deliveries] == [1, 1], "a refusal unread is no attempt"


async def test_a_ban_of_the_token_is_found_out_by_one_request_more_and_kept(post: Post) -> None:
    """FAULTS 33."""
    readers = await post.readers(40)
    post.world.faults.arm(Fault(kind=FaultKind.TOO_MANY, after=10, retry_after_s=1, whole_token=True))
    planned = await post.plan_many(readers)
    async with post.sending(pacer=Pacer()) as sender:
        await eventually(lambda: len(post.world.lines()) >= 12)
        await eventually(lambda: sender.in_flight == 0, timeout_s=0.5)
        await post.settled(*planned, timeout_s=10)
        await eventually(lambda: sender.sent == 40)
    refused = [line for line in post.world.lines() if line.outcome is Outcome.REFUSED]
    assert len(refused) == 2, "the first, and the one that showed that it was meant for everybody"
    deadline = refused[-1].arrived_at + 0.9
    assert not [line for line in post.world.lines() if refused[-1].arrived_at < line.arrived_at < deadline]
    assert len(post.world.delivered()) == 40


async def test_a_refused_chat_keeps_nobody_waiting_behind_a_slow_answer(post: Post) -> None:
    slow, refused, *others = await post.readers(6)
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, chat_id=slow.chat_id, delay_s=2.0))
    post.world.faults.arm(Fault(kind=FaultKind.TOO_MANY, chat_id=refused.chat_id, retry_after_s=30))
    async with post.sending():
        await post.plan(slow)
        await eventually(lambda: bool(post.world.lines(chat_id=slow.chat_id)))
        waiting = await post.plan(refused)
        await eventually(lambda: bool(post.world.lines(chat_id=refused.chat_id)))
        theirs = [await post.plan(other) for other in others]
        await post.settled(*theirs, timeout_s=1.0)
        assert (await post.get(waiting)).state is DeliveryState.QUEUED


# No answer


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": FaultKind.DROP}, id="accepted, then cut"),
        pytest.param({"kind": FaultKind.DROP_BEFORE}, id="cut"),
        pytest.param({"kind": FaultKind.SERVER_ERROR, "status": 502}, id="502"),
        pytest.param({"kind": FaultKind.SERVER_ERROR_AFTER, "status": 500}, id="accepted, then 500"),
        pytest.param({"kind": FaultKind.GARBLED}, id="accepted, then no JSON"),
        pytest.param({"kind": FaultKind.SLOW, "delay_s": 3.0}, id="too slow"),
    ],
)
async def test_a_message_without_an_answer_is_unknown_and_never_sent_again(post: Post, fault: dict[str, Any]) -> None:
    """FAULTS 32."""
    reader = await post.reader()
    post.world.faults.arm(Fault(**fault))
    planned = await post.plan(reader)
    async with post.sending(read_timeout_s=0.4) as sender:
        (delivery,) = await post.settled(planned)
        later = await post.plan(reader, "Later")
        await post.settled(later)
        await eventually(lambda: sender.unknown == 1)
    assert delivery.state is DeliveryState.UNKNOWN
    assert delivery.reason
    async with post.sending():
        await asyncio.sleep(0.2)
    assert len([line for line in post.world.lines() if line.text == "Aye"]) <= 1


async def test_an_edit_without_an_answer_is_tried_again(post: Post) -> None:
    reader = await post.reader()
    target = await sent(post, reader)
    post.world.faults.arm(Fault(kind=FaultKind.DROP, method="editMessageText"))
    planned = await post.plan(reader, "Second words", verb=Verb.EDIT, target_id=target.id)
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert (edit.state, edit.attempts) == (DeliveryState.SENT, 2)
    assert shown(post, reader) == {target.message_id: "Second words"}


async def test_what_may_have_arrived_is_sent_again_where_that_is_wanted(post: Post) -> None:
    before, during = await post.reader(), await post.reader()
    left_over = await post.plan(before)
    async with post.storage.write() as work:
        await work.outbox.claim(now(), limit=1, excluding=[])
    post.world.faults.arm(Fault(kind=FaultKind.DROP, chat_id=during.chat_id))
    doubtful = await post.plan(during)
    async with post.sending(resend=True):
        deliveries = await post.settled(left_over, doubtful)
    assert {delivery.state for delivery in deliveries} == {DeliveryState.SENT}
    assert (len(post.delivered(before)), len(post.delivered(during))) == (1, 2)


async def test_a_server_that_cannot_be_reached_costs_nothing_but_time(post: Post) -> None:
    readers = await post.readers(30)
    async with post.sending() as sender:
        first = await post.plan(readers[0])
        await post.settled(first)
        port = post.sandbox.port
        await post.sandbox._stack.aclose()  # the server goes, its world stays
        planned = await post.plan_many(readers)
        await eventually(lambda: sender.last_error_at is not None)
        await eventually(lambda: sender.unsettled == 0)
        states = await post.states(planned)
        # While these were read, the pause may have ended and the next try begun.
        assert set(states) <= {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNKNOWN}
        assert states.count(DeliveryState.UNKNOWN) <= 1, "what left on the old connection, and no more"
        post.sandbox.port = port
        await post.sandbox.__aenter__()
        await post.settled(*planned, timeout_s=60)
    assert len(post.world.delivered()) >= 30


# The end


async def test_a_stop_leaves_nothing_unknown(post: Post) -> None:
    readers = await post.readers(120)
    planned = await post.plan_many(readers)
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, delay_s=0.5, times=None))
    async with post.sending(pacer=Pacer(per_second=200)) as sender:
        await eventually(lambda: len(post.world.delivered()) >= 30)
        assert sender.in_flight > 0
    states = await post.states(planned)
    arrived = {line.chat_id for line in post.world.delivered()}
    assert set(states) == {DeliveryState.SENT, DeliveryState.QUEUED}
    assert states.count(DeliveryState.SENT) == len(arrived)
    assert sender.unsettled == 0
    post.world.faults.clear()
    async with post.sending():
        await post.settled(*planned)
    assert sorted(line.chat_id or 0 for line in post.world.delivered()) == sorted(each.chat_id for each in readers)


async def test_a_stop_does_not_wait_for_ever(post: Post) -> None:
    reader = await post.reader()
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, delay_s=3.0))
    planned = await post.plan(reader)
    start = now()
    async with post.sending(drain_s=0.3):
        await eventually(lambda: bool(post.world.lines()))
    assert (now() - start).total_seconds() < 2.0
    delivery = await post.get(planned)
    assert (delivery.state, delivery.reason) == (DeliveryState.UNKNOWN, "stopped before an answer came")


async def test_a_kill_leaves_at_most_sixty_four_unknown_and_sends_nothing_twice(post: Post) -> None:
    """FAULTS 31."""
    readers = await post.readers(300)
    planned = await post.plan_many(readers)
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, delay_s=0.3, times=None))
    for kill_after in (30, 90, 150):
        async with post.killed(pacer=Pacer(per_second=1000)) as sender:
            await eventually(lambda least=kill_after: len(post.world.delivered()) >= least)  # type: ignore[misc]
            assert sender.unsettled <= 64
    post.world.faults.clear()
    async with post.sending():
        deliveries = await post.settled(*planned)
    unknown = [each for each in deliveries if each.state is DeliveryState.UNKNOWN]
    lines = post.world.delivered()
    assert len(unknown) <= 3 * 64
    assert {each.state for each in deliveries} <= {DeliveryState.SENT, DeliveryState.UNKNOWN}
    assert len({line.chat_id for line in lines}) == len(lines), "somebody got it twice"
    reached = {line.chat_id for line in lines}
    missed = [each for each in deliveries if each.chat_id not in reached]
    assert {each.state for each in missed} <= {DeliveryState.UNKNOWN}, "somebody was lost silently"


async def test_what_was_edited_when_the_sender_was_killed_is_edited_again(post: Post) -> None:
    reader = await post.reader()
    target = await sent(post, reader)
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, method="editMessageText", delay_s=2.0))
    planned = await post.plan(reader, "Second words", verb=Verb.EDIT, target_id=target.id)
    async with post.killed():
        await eventually(lambda: bool(post.world.lines(method="editMessageText")))
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert edit.state is DeliveryState.SENT
    assert shown(post, reader) == {target.message_id: "Second words"}


async def test_unknown_ones_are_counted_and_told_at_the_start(post: Post) -> None:
    planned = await post.plan(await post.reader())
    async with post.storage.write() as work:
        await work.outbox.claim(now(), limit=10, excluding=[])
    with capture_logs() as logs:
        async with post.sending() as sender:
            await post.settled(planned)
            await eventually(lambda: sender.unknown == 1)
    assert [entry["count"] for entry in logs if entry["event"] == "deliveries_unknown"] == [1]
    assert not post.world.delivered()


# The database fails


@contextmanager
def refusing(post: Post, condition: str) -> Iterator[None]:
    """Let the database refuse every change of a delivery that meets a condition."""
    database = sqlite3.connect(post.database, timeout=30)
    try:
        database.execute(
            f"CREATE TRIGGER refuse BEFORE UPDATE ON outbox WHEN {condition} BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
        database.commit()
        yield
        database.execute("DROP TRIGGER refuse")
        database.commit()
    finally:
        database.close()


async def test_nothing_leaves_that_could_not_be_marked_as_leaving(post: Post) -> None:
    planned = await post.plan(await post.reader())
    with capture_logs() as logs:
        async with post.sending() as sender:
            with refusing(post, "NEW.state = 'sending'"):
                await eventually(lambda: sender.last_error_at is not None)
                await asyncio.sleep(0.2)
                assert not post.world.lines()
            await post.settled(planned)
    assert any(entry["event"] == "claim_failed" for entry in logs)
    assert len(post.world.delivered()) == 1


async def test_a_settlement_that_cannot_be_recorded_is_kept_and_holds_nobody_back(post: Post) -> None:
    readers = await post.readers(6)
    stuck, *others = await post.plan_many(readers)
    with capture_logs() as logs:
        async with post.sending() as sender:
            with refusing(post, f"NEW.id = {stuck} AND NEW.state = 'sent'"):
                await post.settled(*others)
                assert (await post.get(stuck)).state is DeliveryState.SENDING
                await eventually(lambda: sender.unsettled == 1)
            await post.settled(stuck)
    assert any(entry["event"] == "settlement_failed" for entry in logs)
    assert len(post.world.delivered()) == 6


# The pace, as the server sees it


@pytest.fixture
def strict_limits() -> Limits:
    return Limits(chat_burst=1)


async def test_a_broadcast_keeps_telegrams_limits_and_nearly_reaches_them(post: Post, strict_limits: Limits) -> None:
    post.world.pacer.limits = strict_limits
    readers = await post.readers(55)
    groups = [await post.group() for _ in range(3)]
    planned = [await post.plan(group, f"Part {part}") for part in range(3) for group in groups]
    planned += await post.plan_many(readers)
    async with post.sending(pacer=Pacer()):
        await post.settled(*planned)
    lines = post.world.lines()
    assert {line.outcome for line in lines} == {Outcome.ACCEPTED}
    arrivals = [line.arrived_at for line in lines]
    assert max(sum(start <= at < start + 1.0 for at in arrivals) for start in arrivals) <= 30
    people = [line.arrived_at for line in lines if (line.chat_id or 0) > 0]
    assert people[-1] - arrivals[0] < 20, "64 messages take 2.2 s at 29.4 a second"


async def test_a_paid_broadcast_leaves_at_its_own_pace_and_the_rest_at_the_free_one(post: Post) -> None:
    readers, others = await post.readers(60), await post.readers(8)
    paid = {"text": "Paid", "allow_paid_broadcast": True}
    planned = await post.plan_many(readers, priority=Priority.PUSH, payload=paid)
    planned += await post.plan_many(others, payload={"text": "Free"})
    # When they left, not when they arrived: sandbox and sender share a process, and where that is starved of the
    # processor, arrivals bunch that left evenly.
    pacer = Watched(per_second=5)
    async with post.sending(pacer=pacer):
        await post.settled(*planned)
    paid_at, free_at = ([pacer.left[each.chat_id] for each in chats] for chats in (readers, others))
    assert max(paid_at) - min(paid_at) < 6, "at the free pace it would be twelve seconds"
    assert max(sum(start <= at < start + 1.0 for at in free_at) for start in free_at) <= 5
    assert len(post.world.lines()) == 68


class Watched(Pacer):
    """A pacer that remembers when something last left for each chat."""

    def __init__(self, **limits: int) -> None:
        super().__init__(**limits)
        self.left: dict[int, float] = {}

    def note_left(self, chat_id: int, kind: ChatKind, at: float) -> None:
        super().note_left(chat_id, kind, at)
        self.left[chat_id] = at


# A quiet sender


async def test_an_idle_sender_neither_claims_nor_writes(post: Post) -> None:
    async with post.sending() as sender:
        await asyncio.sleep(0.3)
        assert (sender.unsettled, sender.in_flight, sender.last_error_at) == (0, 0, None)


async def test_no_log_shows_the_token_or_the_words(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    words = "what a person wrote"
    reader, other = await post.reader(), await post.reader()
    for kind in FaultKind:
        post.world.faults.arm(Fault(kind=kind, chat_id=reader.chat_id, retry_after_s=1, delay_s=0.0))
    with capture_logs() as logs:
        planned = [await post.plan(reader, words) for _ in range(8)]
        planned.append(await post.plan(other, f"<{words}>"))
        async with post.sending(pacer=hurried(), read_timeout_s=1.0):
            await post.settled(*planned)
    # What the database's driver says at DEBUG is storage's to see to.
    told = repr([record.getMessage() for record in caplog.records if record.name != "aiosqlite"]) + repr(logs)
    assert {entry["event"] for entry in logs} >= {"delivery_sent", "delivery_unknown", "rate_limited"}
    assert "canary-token" not in told
    assert words not in told
