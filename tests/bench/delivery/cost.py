"""CPU of a send: our transport, python-telegram-bot as installed, aiogram, and the whole way through the outbox."""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from telegram import Bot
from telegram.request import HTTPXRequest

from bot.delivery.pacing import Pacer
from bot.delivery.sender import Sender
from bot.delivery.telegram import BotApi, open_bot
from storage import Storage
from tests.bench.delivery.audience import MESSAGE, open_broadcast, plan_all, settle_in
from tests.bench.delivery.pace import most_in_a_second
from tests.bench.delivery.server import BOT_ID, TOKEN, BenchServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.delivery.calls import Rendered
    from storage import Work
    from storage.model import Delivery, Json

_IN_FLIGHT: Final = (50, 100, 200)
_CALLS: Final = 600
_PAID: Final = 4_000
_PEER: Final = Path(__file__).with_name("aiogram_peer.py")


async def measure(server: BenchServer, *, aiogram_python: Path | None) -> list[str]:
    """Measure transports, then the outbox."""
    lines = [
        f"CPU of the client a sendMessage, {_CALLS} calls on loopback, ms, best of 3:",
        "",
        "| in flight | " + " | ".join(map(str, _IN_FLIGHT)) + " |",
        "|---|" + "---|" * len(_IN_FLIGHT),
    ]
    async with (
        open_bot(TOKEN, server.root, connections=256) as ours,
        Bot(TOKEN, base_url=f"{server.root}/bot", request=HTTPXRequest(connection_pool_size=256)) as theirs,
    ):
        for name, send in (
            ("ours, `BotApi.call`", _raw(ours)),
            ("python-telegram-bot on our transport, `send_message`", _typed(ours)),
            ("python-telegram-bot as installed, `send_message`", _typed(theirs)),
        ):
            costs = [min([await _cpu_ms(send, in_flight) for _ in range(3)]) for in_flight in _IN_FLIGHT]
            lines.append(f"| {name} | " + " | ".join(f"{cost:.2f}" for cost in costs) + " |")
    if aiogram_python is not None:
        answer = await asyncio.to_thread(_ask_aiogram, aiogram_python, server.root)
        costs = [answer["ms"][str(in_flight)] for in_flight in _IN_FLIGHT]
        lines.append(f"| aiogram {answer['version']}, `send_message` | " + " | ".join(f"{c:.2f}" for c in costs) + " |")
    server.arrivals()
    return [*lines, "", *await _through_outbox(server)]


def _raw(bot: BotApi) -> Callable[[int], Awaitable[Any]]:
    return lambda chat_id: bot.call("sendMessage", {"chat_id": chat_id, **MESSAGE})


def _typed(bot: Bot) -> Callable[[int], Awaitable[Any]]:
    return lambda chat_id: bot.send_message(chat_id, **MESSAGE)


async def _cpu_ms(send: Callable[[int], Awaitable[Any]], in_flight: int) -> float:
    """Give the CPU of this process per call, in milliseconds."""
    chats = iter(range(1, _CALLS + 1))

    async def work() -> None:
        for chat_id in chats:
            await send(chat_id)

    start = time.process_time()
    await asyncio.gather(*(work() for _ in range(in_flight)))
    return (time.process_time() - start) / _CALLS * 1000


def _ask_aiogram(python: Path, root: str) -> Any:
    command = [str(python), str(_PEER), root, TOKEN, str(_CALLS), json.dumps(_IN_FLIGHT), json.dumps(dict(MESSAGE))]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)


async def _through_outbox(server: BenchServer) -> list[str]:
    """Send a broadcast at the paid pace; say how fast it went and what it cost."""
    cpu_ms, rate, most = await broadcast(server, {**MESSAGE, "allow_paid_broadcast": True}, _PAID, Pacer(chat_burst=2))
    return [
        f"Paid broadcast of {_PAID} through the outbox (claim, mark, send, settle; SQLite, every commit on disk): "
        f"{rate:.0f} messages/s, at most {most} in any second, {cpu_ms:.2f} ms CPU a message "
        f"({1000 / cpu_ms:.0f}/s on a core that does nothing else).",
    ]


async def broadcast(server: BenchServer, content: Json, count: int, pacer: Pacer) -> tuple[float, float, int]:
    """Send to ``count`` chats; give milliseconds of CPU a message, messages a second, the fullest second."""

    async def nothing(_delivery: Delivery, _work: Work) -> Rendered | None:
        return None

    with tempfile.TemporaryDirectory(prefix="newsgist-bench-") as folder:
        async with Storage.open(f"sqlite:///{folder}/bench.db", bot_id=BOT_ID, data=None) as storage:
            await settle_in(storage, count)
            async with storage.write() as work:
                fanout_id = await open_broadcast(work, content)
            await plan_all(storage, fanout_id)
            async with open_bot(TOKEN, server.root) as bot:
                sender, stop = Sender(storage, bot, pacer, nothing), asyncio.Event()
                cpu = time.process_time()
                running = asyncio.create_task(sender.run(stop))
                while sender.sent < count:  # noqa: ASYNC110 - a look is cheaper than an event a message
                    await asyncio.sleep(0.02)
                cpu_s = time.process_time() - cpu
                stop.set()
                await running
    arrivals = [each.at for each in server.arrivals()]
    rate = (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])
    return cpu_s / count * 1000, rate, most_in_a_second(arrivals)
