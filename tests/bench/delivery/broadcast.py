"""A broadcast with a ban and a kill in it, drawn as the server saw it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from storage import Storage
from tests.bench.delivery.pace import most_in_a_second
from tests.bench.delivery.process import prepare, running
from tests.bench.delivery.server import BOT_ID

if TYPE_CHECKING:
    from tests.bench.delivery.server import Arrival, BenchServer

_CHATS: Final = 1_500
_BAN_AT_S, _BAN_S = 12.0, 5.0
_KILL_AT_S, _AWAY_S = 38.0, 2.0
_LONGEST_S: Final = 180.0
_PICTURE: Final = Path(__file__).parents[1] / "plots" / "broadcast.png"


async def measure(server: BenchServer) -> list[str]:
    """Send, ban, kill, start again, and wait for the end."""
    with tempfile.TemporaryDirectory(prefix="newsgist-bench-") as name:
        folder = Path(name)
        await prepare(folder, _CHATS)
        arrivals: list[Arrival] = []
        async with running(folder, server):
            begun = time.monotonic()
            await asyncio.sleep(_BAN_AT_S)
            server.ban(_BAN_S)
            await asyncio.sleep(begun + _KILL_AT_S - time.monotonic())
        killed = time.monotonic()
        await asyncio.sleep(_AWAY_S)
        async with running(folder, server):
            quiet_since, ends = time.monotonic(), time.monotonic() + _LONGEST_S
            while time.monotonic() < min(ends, quiet_since + 6):
                new = server.arrivals()
                arrivals += new
                quiet_since = time.monotonic() if new else quiet_since
                await asyncio.sleep(0.5)
        unknown = await _count_unknown(folder)
    accepted = [each for each in arrivals if each.accepted]
    refused = [each.at for each in arrivals if not each.accepted]
    twice = sum(number > 1 for number in Counter(each.chat_id for each in accepted).values())
    banned = begun + _BAN_AT_S
    _draw([each.at - begun for each in accepted], [at - begun for at in refused], killed - begun)
    back = min((each.at for each in accepted if each.at > killed), default=float("nan")) - killed
    return [
        f"{_CHATS:,} chats; a ban of the whole token for {_BAN_S:g} s and a kill with a start {_AWAY_S:g} s later: "
        f"{len(accepted)} delivered, {twice} twice, {_CHATS - len(accepted)} not; {unknown} unknown. "
        f"At most {most_in_a_second([each.at for each in accepted])} in any second; {len(refused)} requests met the "
        f"ban, the last {max(refused, default=banned) - banned:.2f} s after it began; {back:.1f} s from the kill to "
        "the next message.",
        "",
        f"![Messages a second through a broadcast](plots/{_PICTURE.name})",
    ]


async def _count_unknown(folder: Path) -> int:
    url = f"sqlite:///{folder}/newsgist.db"
    async with Storage.open(url, bot_id=BOT_ID, data=folder) as storage, storage.read() as work:
        return len(await work.outbox.list_unknown(limit=1000))


def _draw(accepted: list[float], refused: list[float], killed: float) -> None:
    import matplotlib as mpl  # noqa: PLC0415 - an extra, heavy to load

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(9, 3.6), dpi=120)
    steps = [step / 4 for step in range(int(max(accepted) * 4) + 8)]
    rates = [sum(step - 1 <= at < step for at in accepted) for step in steps]
    plot: Any = axes
    plot.fill_between(steps, rates, step="mid", color="#4a78b0", alpha=0.35, linewidth=0)
    plot.plot(steps, rates, color="#24507f", linewidth=1.2, label="accepted in the second before")
    plot.axhline(30, color="#a33", linewidth=0.8, linestyle="--", label="Telegram's limit")
    plot.axvspan(_BAN_AT_S, _BAN_AT_S + _BAN_S, color="#d9a441", alpha=0.3, label="ban (429)")
    plot.axvline(killed, color="#222", linewidth=1.2, linestyle=":", label="kill -9, started again")
    plot.plot(refused, [1] * len(refused), "x", color="#a33", markersize=6, label=f"refused ({len(refused)})")
    plot.set_xlabel("seconds")
    plot.set_ylabel("messages a second")
    plot.set_ylim(0, 34)
    plot.set_xlim(0, max(accepted) + 2)
    plot.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), fontsize=8, ncols=5, frameon=False)
    plot.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(_PICTURE)
    plt.close(figure)
