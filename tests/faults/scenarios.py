"""What is done to the bot: one function for each kind of harm, all chance from the stage's seed."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.faults.bots import Injection
from tests.faults.outages import failing_sync, full_disk, postgres_cut, postgres_restart, postgres_stop, small_disk
from tests.faults.press import read
from tests.faults.proxy import Mood
from tests.faults.stage import NotQuietError
from tests.faults.stores import SqliteStore
from tests.faults.workload import CROWD, READERS, SMALL, USUAL, Workload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tests.faults.stage import Stage

    Deed = Callable[[Stage], Awaitable[None]]

BOTH = ("sqlite", "postgresql")
NEVER = 65_535
"""The highest number that ``strace`` takes: a run has fewer calls of any kind."""
KILLS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A kind of harm.

    Attributes:
        name: as on the command line.
        do: does the harm; when it returns, a bot runs that nothing hurts any more.
        databases: on which it makes sense.
        workload: what the bot has to do meanwhile.
        proxied: whether a proxy stands between the bot and Telegram.
        wired: whether one stands between the bot and PostgreSQL.
        server: which PostgreSQL; one that is stopped is nobody else's.
        settings: of the bot.
        resend: whether unknown deliveries are sent again.
        small: whether the data folder lies on a file system of its own, of a few MiB; that takes root.
        ordered: whether a chat's messages must come in order; a process that wakes up may finish what it had marked.
        lively: whether the bot must answer all the time; one that is frozen, stopped or traced cannot.
        quiet_s: how long the bot may take afterwards.
    """

    name: str
    do: Deed
    databases: tuple[str, ...] = BOTH
    workload: Workload = USUAL
    proxied: bool = False
    wired: bool = False
    server: str = "shared"
    settings: Mapping[str, str] = field(default_factory=dict)
    resend: bool = False
    small: bool = False
    ordered: bool = True
    lively: bool = False
    quiet_s: float = 60.0


async def kill(stage: Stage) -> None:
    """Kill the bot at random instants: the first time while it sends, later in the middle of its start too."""
    bot = stage.add_bot()
    stage.let_people_act()
    hits = 0
    for number in range(KILLS):
        had = await stage.delivered()
        await bot.launch()
        if number and stage.rng.random() < 0.3:  # in the middle of its start
            await asyncio.sleep(stage.rng.uniform(0.0, 1.0))
        else:
            with suppress(NotQuietError):  # later there may be nothing left to send
                await stage.wait_for_deliveries(had + 1, timeout_s=10.0 if number else 60.0)
            await asyncio.sleep(stage.rng.uniform(0.0, 1.0))
        await stage.kill()
        hits += await stage.delivered() > had and await stage.store.count_open() > 0
    stage.notes["hits"] = hits
    await bot.start()


async def sigterm(stage: Stage) -> None:
    """Stop the bot in the middle; once in two, a second signal comes before it has ended."""
    bot = stage.add_bot()
    stage.let_people_act()
    await bot.start()
    await stage.wait_for_deliveries(stage.rng.randint(3, 30))
    await bot.stop(signal.SIGTERM)
    bot.note_marked(await stage.store.count_marked())
    await bot.start()
    await asyncio.sleep(stage.rng.uniform(0.0, 1.0))
    if stage.rng.random() < 0.5:
        bot.send(signal.SIGTERM)
        await asyncio.sleep(stage.rng.uniform(0.0, 0.05))
        await bot.stop(signal.SIGINT)  # the second signal ends it at once, as a kill would
        bot.note_marked(await stage.store.count_marked())
    else:
        await bot.stop(signal.SIGTERM)
        bot.note_marked(await stage.store.count_marked())
    await bot.start()


async def cut(stage: Stage) -> None:
    """Cut the way to Telegram in every manner that a network knows, for up to some seconds each."""
    proxy = stage.proxy
    assert proxy is not None
    bot = stage.add_bot()
    stage.let_people_act()
    await bot.start()
    moods = [mood for mood in Mood if mood is not Mood.CLEAR]
    for mood in stage.rng.sample(moods, 3):
        await asyncio.sleep(stage.rng.uniform(0.1, 1.0))
        proxy.turn(mood)
        await asyncio.sleep(stage.rng.choice([0.3, 1.0, 3.0]))
        proxy.turn(Mood.CLEAR)


async def long_cut(stage: Stage) -> None:
    """Pull the cable for longer than any timeout."""
    proxy = stage.proxy
    assert proxy is not None
    bot = stage.add_bot()
    stage.let_people_act()
    await bot.start()
    await stage.wait_for_deliveries(5)
    proxy.turn(stage.rng.choice([Mood.SWALLOW, Mood.REFUSE, Mood.DEAF]))
    await asyncio.sleep(stage.rng.choice([35.0, 60.0, 120.0]))
    proxy.turn(Mood.CLEAR)


async def bans(stage: Stage) -> None:
    """Answer every few messages with 429, now for the chat, now for everybody."""
    bot = stage.add_bot()
    stage.let_people_act()
    for number in range(6):
        await stage.arm(
            "too_many",
            method="sendMessage",
            after=5 + stage.rng.randint(0, 4) + number,
            retry_after_s=stage.rng.randint(1, 3),
            whole_token=stage.rng.random() < 0.5,
        )
    await bot.start()
    await stage.wait_for_deliveries(10)
    if stage.rng.random() < 0.5:
        await stage.kill()
        await bot.start()


async def errors(stage: Stage) -> None:
    """Let a third of all requests fail with 5xx, carried out or not."""
    bot = stage.add_bot()
    stage.let_people_act()
    for number in range(25):
        await stage.arm(
            stage.rng.choice(["server_error", "server_error_after"]),
            method="sendMessage",
            after=stage.rng.randint(1, 3) * (number % 3),
            status=stage.rng.choice([500, 502, 504]),
        )
    await bot.start()
    await stage.wait_for_deliveries(15)
    await stage.clear_faults()


async def drops(stage: Stage) -> None:
    """Lose answers: cut the connection after the deed or before it, answer with rubbish, or very late."""
    bot = stage.add_bot()
    stage.let_people_act()
    for number in range(15):
        how: dict[str, Any] = {"method": "sendMessage", "after": stage.rng.randint(0, 3) * (number % 3)}
        kind = stage.rng.choice(["drop", "drop_before", "garbled", "slow"])
        if kind == "slow":
            how["delay_s"] = stage.rng.uniform(0.5, 3.0)
        await stage.arm(kind, **how)
    await stage.arm("drop", method="getUpdates", after=stage.rng.randint(0, 3))
    await bot.start()
    await stage.wait_for_deliveries(15)
    if stage.rng.random() < 0.5:
        await stage.kill()
        await bot.start()
    await stage.clear_faults()


async def twins(stage: Stage) -> None:
    """Start a second bot beside the first, kill the first, and so on in turn."""
    first = stage.add_bot("first")
    second = stage.add_bot("second")
    stage.let_people_act()
    await first.start()
    began = time.monotonic()
    await second.launch()
    if stage.store.url.startswith("sqlite"):
        assert await second.ends(20), "two bots work on one data folder"
        stage.notes["refusal_s"] = time.monotonic() - began
        second.note_end("refused")
        assert second.stops[-1].status != 0
        said = second.written()
        assert str(first.pid) in said, f"it does not say who holds the folder: {said}"
        second.log.unlink()  # a refusal is one line for people
        await stage.kill(first)
        await first.start()
        return
    assert await second.comes_up(), f"nobody stands by\n{second.tail()}"
    await asyncio.sleep(stage.rng.uniform(0.0, 1.0))
    await stage.kill(first)
    died, had = time.time(), await stage.delivered()
    await stage.ask(stage.workload.reader_ids[0])  # all the rest may have been sent
    await stage.wait_for_deliveries(had + 1, timeout_s=60.0)
    stage.notes["takeover_s"] = time.time() - died


async def frozen(stage: Stage) -> None:
    """Freeze the active bot until the other has taken over, then let it wake up."""
    first = stage.add_bot("first")
    second = stage.add_bot("second")
    stage.let_people_act()
    await first.start()
    await second.launch()
    await stage.wait_for_deliveries(stage.rng.randint(3, 10))
    first.send(signal.SIGSTOP)
    await asyncio.sleep(stage.rng.choice([12.0, 30.0]))
    first.send(signal.SIGCONT)
    await asyncio.sleep(1.0)


def crowd(rows: int) -> Deed:
    """Make the deed that restarts the bot while very many rows wait behind its work; afterwards they are taken away."""

    async def deed(stage: Stage) -> None:
        bot = stage.add_bot()
        assert isinstance(stage.store, SqliteStore)
        await asyncio.to_thread(stage.store.add_crowd, rows)
        stage.let_people_act()
        for name in ("first_s", "recovery_s"):
            had = await stage.delivered()
            await bot.start()  # the process is up; what follows is how long the database keeps it waiting
            began = time.time()
            await stage.wait_for_deliveries(had + 1)
            stage.notes[name] = time.time() - began
            await asyncio.sleep(stage.rng.uniform(0.2, 0.6))
            await stage.kill()
        await asyncio.to_thread(stage.store.remove_crowd)
        await bot.start()

    return deed


def serve(rounds: int) -> Deed:
    """Make the deed that lets everybody ask in turn, and notes how much the bot's memory has grown by the end.

    The first third warms it up: caches fill, and libraries load what they use.
    """

    async def deed(stage: Stage) -> None:
        bot = stage.add_bot()
        await bot.start()
        warm, before = rounds // 3, 0.0
        for number in range(rounds):
            if number == warm:
                before, stage.notes["updates"] = bot.memory_kib(), -stage.updates
            await asyncio.gather(*(stage.ask(chat_id) for chat_id in stage.workload.reader_ids))
            await stage.settle()
        stage.notes["updates"] += stage.updates
        stage.notes["grown_kib"] = bot.memory_kib() - before

    return deed


def sweep(call: str, number: int) -> Deed:
    """Make the deed that kills the bot at the entry of one system call."""

    async def deed(stage: Stage) -> None:
        bot = stage.add_bot()
        stage.let_people_act()
        threads = call in {"fdatasync", "pwrite64"}
        await bot.launch(Injection(call, "signal=SIGKILL", str(number), threads=threads))
        quiet = asyncio.create_task(stage.settle())
        ended = asyncio.create_task(bot.ends(90.0))
        await asyncio.wait({quiet, ended}, return_when=asyncio.FIRST_COMPLETED)
        for task in (quiet, ended):
            task.cancel()
        found = await asyncio.gather(quiet, ended, return_exceptions=True)
        if bot.is_up:  # there are fewer calls than that, or it has become stuck
            assert found[0] is None, f"neither killed nor done: {found}"
            stage.notes["beyond"] = 1
            stage.notes["calls"] = bot.count_traced()
            return
        bot.note_end("SIGKILL", marked=await stage.store.count_marked())
        await bot.start()

    return deed


SWEPT: Mapping[str, tuple[str, ...]] = {
    "sqlite": ("fdatasync", "pwrite64", "sendto", "recvfrom"),
    "postgresql": ("sendto", "recvfrom"),
}
"""The calls at which a run is killed: on PostgreSQL, what is written leaves by the network too."""

SCENARIOS: Mapping[str, Scenario] = {
    each.name: each
    for each in (
        Scenario(name="kill", do=kill),
        Scenario(name="resend", do=kill, settings={"NEWSGIST_UNKNOWN": "resend"}, resend=True),
        Scenario(name="sigterm", do=sigterm),
        Scenario(name="cut", do=cut, proxied=True),
        Scenario(name="long-cut", do=long_cut, proxied=True, quiet_s=90.0),
        Scenario(name="bans", do=bans),
        Scenario(name="errors", do=errors),
        Scenario(name="drops", do=drops),
        Scenario(name="postgres-restart", do=postgres_restart, databases=("postgresql",), server="restarted"),
        Scenario(name="postgres-stop", do=postgres_stop, databases=("postgresql",), server="restarted"),
        Scenario(name="postgres-cut", do=postgres_cut, databases=("postgresql",), wired=True),
        Scenario(name="small-disk", do=small_disk, databases=("sqlite",), small=True),
        Scenario(name="full-disk", do=full_disk, databases=("sqlite",)),
        Scenario(name="failing-sync", do=failing_sync, databases=("sqlite",)),
        Scenario(
            name="press",
            do=read,
            workload=READERS,
            lively=True,
            settings={"NEWSGIST_POLL_MIN_S": "0.5", "NEWSGIST_ALLOW_PRIVATE": "127.0.0.0/8"},
        ),
        Scenario(name="twins", do=twins),
        Scenario(name="million", do=crowd(1_000_000), databases=("sqlite",)),
        Scenario(name="memory", do=serve(300), workload=CROWD, quiet_s=90.0),
        Scenario(name="frozen", do=frozen, databases=("postgresql",), ordered=False, quiet_s=90.0),
    )
}


RARE: Mapping[str, Scenario] = {
    each.name: each for each in (Scenario(name="day", do=serve(5_000), workload=CROWD, quiet_s=90.0),)
}
"""What takes hours, and is done where it is asked for by name: the 200,000 updates of a busy day (FAULTS 60)."""


def sweep_scenario(call: str, number: int) -> Scenario:
    """Make the scenario that kills a small run at one system call."""
    return Scenario(name=f"sweep-{call}", do=sweep(call, number), workload=SMALL)
