"""No answer, the end, a database that fails: what is in between is never lost, and never knowingly sent twice."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.delivery.pacing import Pacer
from bot.sandbox.telegram.faults import Fault, FaultKind
from storage.model import DeliveryState, Verb
from tests.delivery.post import Post, eventually, now, refusing

# No answer


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": FaultKind.DROP}, id="accepted, then cut"),
        pytest.param({"kind": FaultKind.DROP_BEFORE}, id="cut"),
        pytest.param({"kind": FaultKind.SERVER_ERROR, "status": 502}, id="502"),
        pytest.param({"kind": FaultKind.SERVER_ERROR_AFTER, "status": 500}, id="accepted, then 500"),
        pytest.param({"kind": FaultKind.GARBLED}, id="accepted, then no JSON"),
        pytest.param({"kind": FaultKind.SLOW, "delay_s": 60.0}, id="too slow"),
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
        await eventually(lambda: sender.unknown >= 1)
    assert delivery.state is DeliveryState.UNKNOWN
    assert delivery.reason
    async with post.sending():
        await asyncio.sleep(0.2)
    assert len([line for line in post.world.lines() if line.text == "Aye"]) <= 1


async def test_an_edit_without_an_answer_is_tried_again(post: Post) -> None:
    reader = await post.reader()
    target = await post.sent(reader)
    post.world.faults.arm(Fault(kind=FaultKind.DROP, method="editMessageText"))
    planned = await post.plan(reader, "Second words", verb=Verb.EDIT, target_id=target.id)
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert (edit.state, edit.attempts) == (DeliveryState.SENT, 2)
    assert post.shown(reader) == {target.message_id: "Second words"}


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


async def test_a_stop_has_outcomes_written_down_as_long_as_there_is_time(post: Post) -> None:
    reader = await post.reader()
    async with AsyncExitStack() as stack:
        async with refusing(post, "NEW.state = 'sent'"):
            planned = await post.plan(reader)
            await stack.enter_async_context(post.sending(drain_s=20.0))
            await eventually(lambda: bool(post.world.delivered()))
            stopping = asyncio.create_task(stack.pop_all().aclose())
            await asyncio.sleep(6.0)
        await stopping
    assert (await post.get(planned)).state is DeliveryState.SENT


async def test_a_stop_does_not_wait_for_ever(post: Post) -> None:
    reader = await post.reader()
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, delay_s=60.0))
    planned = await post.plan(reader)
    start = now()
    async with post.sending(drain_s=0.3):
        await eventually(lambda: bool(post.world.lines()))
    assert (now() - start).total_seconds() < 20.0
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
    target = await post.sent(reader)
    post.world.faults.arm(Fault(kind=FaultKind.SLOW, method="editMessageText", delay_s=2.0))
    planned = await post.plan(reader, "Second words", verb=Verb.EDIT, target_id=target.id)
    async with post.killed():
        await eventually(lambda: bool(post.world.lines(method="editMessageText")))
    async with post.sending():
        (edit,) = await post.settled(planned)
    assert edit.state is DeliveryState.SENT
    assert post.shown(reader) == {target.message_id: "Second words"}


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


async def test_nothing_leaves_that_could_not_be_marked_as_leaving(post: Post) -> None:
    reader = await post.reader()
    with capture_logs() as logs:
        async with post.sending() as sender:
            async with refusing(post, "NEW.state = 'sending'"):
                planned = await post.plan(reader)
                await eventually(lambda: sender.last_error_at is not None)
                await asyncio.sleep(0.2)
                assert not post.world.lines()
            await post.settled(planned)
    assert any(entry["event"] == "claim_failed" for entry in logs)
    assert len(post.world.delivered()) == 1


async def test_a_settlement_that_cannot_be_recorded_is_kept_and_holds_nobody_back(post: Post) -> None:
    readers = await post.readers(6)
    with capture_logs() as logs:
        async with post.sending() as sender:
            async with refusing(post, f"NEW.subscriber_id = {readers[0].id} AND NEW.state = 'sent'"):
                stuck, *others = await post.plan_many(readers)
                await post.settled(*others)
                assert (await post.get(stuck)).state is DeliveryState.SENDING
                await eventually(lambda: sender.unsettled == 1)
            await post.settled(stuck)
    assert any(entry["event"] == "settlement_failed" for entry in logs)
    assert len(post.world.delivered()) == 6
