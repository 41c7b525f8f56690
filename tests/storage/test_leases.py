import asyncio

import pytest

from storage import Storage
from storage.errors import FencedError
from storage.leases import SENDING
from storage.model import DeliveryState, Lease, Settlement
from tests.storage.scenes import add_chat, reply
from tests.support.databases import NOW


async def test_a_lease_is_taken_as_it_was_seen_and_its_fence_grows(storage: Storage) -> None:
    async with storage.write() as work:
        assert await work.leases.find("sender") is None
        mine = await work.leases.take("sender", "a", seen=None)
        assert mine == Lease(name="sender", holder="a", fence=1, beat=0)
        assert await work.leases.take("sender", "b", seen=None) is None
        assert await work.leases.take("poller", "b", seen=None) is not None
        taken = await work.leases.take("sender", "b", seen=mine)
        assert taken is not None
        assert (taken.holder, taken.fence) == ("b", 2)
        assert not await work.leases.beat(mine)
        assert not await work.leases.release(mine)


async def test_a_lease_whose_holder_lives_is_not_taken(storage: Storage) -> None:
    async with storage.write() as work:
        lease = await work.leases.take("sender", "a", seen=None)
        assert lease is not None
        assert await work.leases.beat(lease)
        assert await work.leases.take("sender", "b", seen=lease) is None
        seen = await work.leases.find("sender")
        assert seen is not None
        assert (seen.fence, seen.beat) == (1, 1)


async def test_a_released_lease_has_no_holder_and_its_fence_goes_on(storage: Storage) -> None:
    async with storage.write() as work:
        lease = await work.leases.take("sender", "a", seen=None)
        assert lease is not None
        assert await work.leases.release(lease)
        assert not await work.leases.beat(lease)
        free = await work.leases.find("sender")
        assert free is not None
        assert free.holder == ""
        following = await work.leases.take("sender", "b", seen=free)
        assert following is not None
        assert following.fence == 2


async def test_of_many_at_once_one_takes_the_lease(storage: Storage) -> None:
    """FAULTS 55."""

    async def take(holder: str) -> Lease | None:
        async with storage.write() as work:
            return await work.leases.take("sender", holder, seen=None)

    taken = await asyncio.gather(*(take(str(number)) for number in range(8)))
    assert sum(lease is not None for lease in taken) == 1


async def test_who_has_lost_the_lease_marks_nothing_any_more(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        (delivery_id,) = await work.outbox.enqueue([reply(chat, 1)], NOW)
        first = await work.leases.take(SENDING, "a", seen=None)
        second = await work.leases.take(SENDING, "b", seen=first)
        assert second is not None
        with pytest.raises(FencedError) as refused:
            await work.outbox.claim(NOW, limit=5, excluding=(), fence=1)
        assert (refused.value.fence, refused.value.present) == (1, 2)
        with pytest.raises(FencedError):
            await work.outbox.recover(NOW, fence=1)
        assert (await work.outbox.get(delivery_id)).state is DeliveryState.QUEUED
        assert len(await work.outbox.claim(NOW, limit=5, excluding=(), fence=2)) == 1


async def test_the_old_sender_may_say_what_became_of_its_own_and_of_nothing_else(storage: Storage) -> None:
    async with storage.write() as work:
        one, two = await add_chat(work, 1), await add_chat(work, 2)
        ids = await work.outbox.enqueue([reply(one, 1), reply(two, 2)], NOW)
        first = await work.leases.take(SENDING, "a", seen=None)
        assert len(await work.outbox.claim(NOW, limit=5, excluding=(), fence=1)) == 2
        await work.leases.take(SENDING, "b", seen=first)
        assert await work.outbox.recover(NOW, fence=2) == 2
        # The second is sent again on an editor's word, and is on its way once more.
        await work.outbox.resolve_unknown([ids[1]], resend=True, now=NOW)
        await work.outbox.claim(NOW, limit=5, excluding=(), fence=2)
        await work.outbox.settle(
            [
                Settlement(delivery_id=ids[0], state=DeliveryState.QUEUED, due_at=NOW, attempted=False),
                Settlement(delivery_id=ids[1], state=DeliveryState.QUEUED, due_at=NOW, attempted=False),
            ],
            NOW,
            fence=1,
        )
        assert (await work.outbox.get(ids[0])).state is DeliveryState.QUEUED
        assert (await work.outbox.get(ids[1])).state is DeliveryState.SENDING
