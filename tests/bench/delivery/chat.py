"""How long a person waits for an answer while a broadcast to a hundred thousand chats runs."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench.delivery.process import prepare, running

if TYPE_CHECKING:
    from tests.bench.delivery.server import BenchServer

_CHATS: Final = 100_000
_ASKED: Final = 100
_EVERY_S: Final = 0.25
_STRANGER: Final = 900_000


async def measure(server: BenchServer) -> list[str]:
    """Ask ``/id`` again and again, first while the broadcast is planned, then while it is sent."""
    with tempfile.TemporaryDirectory(prefix="newsgist-bench-") as name:
        folder = Path(name)
        await prepare(folder, _CHATS)
        async with running(folder, server):
            said = {}
            for number in range(_ASKED):
                said[_STRANGER + number] = server.say(_STRANGER + number, "/id")
                await asyncio.sleep(_EVERY_S)
            await asyncio.sleep(3)
    arrivals = [each for each in server.arrivals() if each.accepted]
    answered = {each.chat_id: each.at for each in reversed(arrivals) if each.chat_id in said}
    waits = sorted(answered[chat] - at for chat, at in said.items() if chat in answered)
    sent = sum(each.chat_id not in said for each in arrivals)
    p99 = waits[max(0, int(len(waits) * 0.99) - 1)]
    return [
        f"A broadcast to {_CHATS:,} is planned and sent ({sent} sent meanwhile); {_ASKED} strangers say /id, one each "
        f"{_EVERY_S} s: {len(waits)} answered, median {waits[len(waits) // 2]:.2f} s, p99 {p99:.2f} s, "
        f"worst {waits[-1]:.2f} s, from Telegram's update to the answer's arrival.",
    ]
