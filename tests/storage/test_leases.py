import asyncio
from datetime import timedelta

from storage import Storage
from storage.model import Lease
from tests.support.databases import NOW


async def test_a_lease_has_one_holder_until_it_ends(storage: Storage) -> None:
    async with storage.write() as work:
        mine = await work.leases.acquire("sender", "a", ttl_s=10, now=NOW)
        assert mine == Lease(name="sender", holder="a", fence=1, expires_at=NOW + timedelta(seconds=10))
        assert await work.leases.acquire("sender", "b", ttl_s=10, now=NOW + timedelta(seconds=9)) is None
        assert await work.leases.acquire("sender", "a", ttl_s=10, now=NOW + timedelta(seconds=9)) is None
        assert await work.leases.acquire("poller", "b", ttl_s=10, now=NOW) is not None
        taken = await work.leases.acquire("sender", "b", ttl_s=10, now=NOW + timedelta(seconds=10))
        assert taken is not None
        assert (taken.holder, taken.fence) == ("b", 2)
        assert await work.leases.renew(mine, ttl_s=10, now=NOW) is None
        assert not await work.leases.release(mine)


async def test_a_renewed_lease_holds_on(storage: Storage) -> None:
    async with storage.write() as work:
        lease = await work.leases.acquire("sender", "a", ttl_s=10, now=NOW)
        assert lease is not None
        renewed = await work.leases.renew(lease, ttl_s=10, now=NOW + timedelta(seconds=8))
        assert renewed is not None
        assert (renewed.fence, renewed.expires_at) == (1, NOW + timedelta(seconds=18))
        assert await work.leases.acquire("sender", "b", ttl_s=10, now=NOW + timedelta(seconds=17)) is None


async def test_a_released_lease_is_free_at_once_and_its_fence_goes_on(storage: Storage) -> None:
    async with storage.write() as work:
        lease = await work.leases.acquire("sender", "a", ttl_s=10, now=NOW)
        assert lease is not None
        assert await work.leases.release(lease)
        assert not await work.leases.release(lease)
        assert await work.leases.renew(lease, ttl_s=10, now=NOW) is None
        following = await work.leases.acquire("sender", "b", ttl_s=10, now=NOW)
        assert following is not None
        assert following.fence == 2


async def test_of_many_at_once_one_takes_the_lease(storage: Storage) -> None:
    async def take(holder: str) -> Lease | None:
        async with storage.write() as work:
            return await work.leases.acquire("sender", holder, ttl_s=10, now=NOW)

    taken = await asyncio.gather(*(take(str(number)) for number in range(8)))
    assert sum(lease is not None for lease in taken) == 1
