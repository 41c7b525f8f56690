"""Fan-outs in chunks: as large as the machine takes them quickly."""

from itertools import count

from bot.delivery.planning import Planner
from storage import Storage
from storage.model import FanoutKind, Priority
from tests.storage.scenes import add_chat
from tests.support.databases import NOW


async def plan_all(storage: Storage, planner: Planner) -> list[int]:
    """Plan a new broadcast; give how many deliveries each chunk became."""
    async with storage.write() as work:
        kept = await work.contents.put({"text": "News"})
        number = next(_numbers)
        fanout = await work.fanouts.open(FanoutKind.PUSH, number, priority=Priority.PUSH, content_id=kept.id, now=NOW)
    sizes, before = [], 0
    while await planner.plan_chunk():
        async with storage.read() as work:
            found = await work.fanouts.find(FanoutKind.PUSH, fanout.subject_id)
        assert found is not None
        sizes.append(found.planned - before)
        before = found.planned
    return sizes


_numbers = count(1)


async def test_chunks_shrink_where_they_hold_others_up_and_grow_again(storage: Storage) -> None:
    async with storage.write() as work:
        for number in range(1, 1101):
            await add_chat(work, number)
    seconds = {"now": 0.0, "step": 10.0}

    def monotonic() -> float:
        seconds["now"] += seconds["step"]
        return seconds["now"]

    planner = Planner(storage, clock=lambda: NOW, chunk=1050, monotonic=monotonic)
    assert await plan_all(storage, planner) == [1050, 50], "not below a thousand, which is soon done anywhere"
    seconds["step"] = 0.001
    assert await plan_all(storage, planner) == [1000, 100]


async def test_every_chat_is_planned_for_once_whatever_the_size_of_a_chunk(storage: Storage) -> None:
    async with storage.write() as work:
        for number in range(1, 31):
            await add_chat(work, number)
    for chunk in (1, 7, 29, 30, 31):
        sizes = await plan_all(storage, Planner(storage, clock=lambda: NOW, chunk=chunk))
        assert sum(sizes) == 30
        assert max(sizes) <= chunk
