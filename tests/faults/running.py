"""One run from the empty stage to the verdict, and what is kept of it."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import time
from contextlib import asynccontextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from tests.faults.evidence import gather
from tests.faults.invariants import count_doubled, count_lost, judge, late_s
from tests.faults.stage import open_stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.faults.evidence import Evidence
    from tests.faults.scenarios import Scenario
    from tests.faults.stage import Stage
    from tests.faults.stores import Stores
    from tests.support.forking import ForkServer


_SMALL_MIB = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run has shown.

    Attributes:
        scenario: what was done.
        database: on which database.
        seed: of its chance; in a sweep, which call.
        repro: the line that does it again.
        kills: how often the bot was killed.
        deliveries: messages that arrived.
        lost: messages lost without a word.
        doubled: messages that came once too often.
        unknown: deliveries of which nothing is known at the end.
        marked: the most that were marked as leaving at a kill.
        recovery_s: the longest time from a start after a kill to the next message.
        took_s: the whole run.
        violations: what should not be.
        notes: what else the scenario has measured.
        beyond: whether the call that was to be hit never came.
    """

    scenario: str
    database: str
    seed: int
    repro: str
    kills: int = 0
    deliveries: int = 0
    lost: int = 0
    doubled: int = 0
    unknown: int = 0
    marked: int = 0
    recovery_s: float | None = None
    took_s: float = 0.0
    violations: tuple[str, ...] = ()
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def beyond(self) -> bool:
        """Whether the call that was to be hit never came."""
        return "beyond" in self.notes


def repro_line(scenario: str, database: str, seed: int) -> str:
    """Write the line that does a run again."""
    return f"make faults SCENARIO={scenario} DATABASE={database} SEED={seed}"


async def run(
    scenario: Scenario,
    database: str,
    seed: int,
    *,
    forks: ForkServer,
    stores: Stores,
    folder: Path,
    keep: Path | None = None,
) -> Result:
    """Do a run and judge it.

    Args:
        scenario: what is done.
        database: ``sqlite`` or ``postgresql``.
        seed: of all chance; in a sweep, which call.
        forks: starts processes.
        stores: makes databases.
        folder: an empty one, which is removed if all went well.
        keep: where the evidence of a run that went wrong is kept; ``None`` leaves it in ``folder``.
    """
    began = time.monotonic()
    await asyncio.to_thread(folder.mkdir, parents=True)
    result = Result(
        scenario=scenario.name, database=database, seed=seed, repro=repro_line(scenario.name, database, seed)
    )
    try:
        async with (
            small_file_system(folder / "data") if scenario.small else nullcontext(),
            open_stage(
                forks,
                stores,
                folder,
                database=database,
                workload=scenario.workload,
                seed=seed,
                proxied=scenario.proxied,
                wired=scenario.wired,
                server=scenario.server,
                settings=scenario.settings,
            ) as stage,
        ):
            try:
                await scenario.do(stage)
                unknown = await _end(stage, scenario.quiet_s)
            finally:
                (folder / "ledger.json").write_text(json.dumps(await stage.ledger(), indent=1, ensure_ascii=False))
            evidence = await gather(
                stage,
                unknown_before_stop=unknown,
                resend=scenario.resend,
                ordered=scenario.ordered,
                lively=scenario.lively,
            )
            notes = stage.notes | {"late_ms": round(1000 * late_s(stage.lags))}
    except (AssertionError, TimeoutError) as error:
        result = _with(result, began, violations=(f"{type(error).__name__}: {error}",))
    else:
        result = _with(result, began, **_figures(evidence), notes=notes)
    if not result.violations:
        shutil.rmtree(folder)
    elif keep is not None:
        keep.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(keep, ignore_errors=True)
        shutil.copytree(folder, keep)
        shutil.rmtree(folder)
    return result


async def _end(stage: Stage, quiet_s: float) -> int:
    """Let everything be done and stop the bots; give how many deliveries were unknown before that.

    Who is killed by the call that was to be hit, since that came in the stop itself, is started once more.
    """
    while True:
        await stage.settle(quiet_s)
        unknown = await stage.store.rows("SELECT count(*) AS number FROM outbox WHERE state = 'unknown'")
        struck = False
        for bot in [each for each in stage.bots if each.is_up]:
            if bot.health_url:
                stage.metrics += await bot.metrics()
            await bot.stop(signal.SIGTERM)
            if bot.stops[-1].how == "SIGKILL":
                bot.note_marked(await stage.store.count_marked())
                stage.notes.pop("beyond", None)  # the call came after all
                struck = True
                await bot.start()
        if not struck:
            return int(unknown[0]["number"])


@asynccontextmanager
async def small_file_system(folder: Path) -> AsyncIterator[None]:
    """Mount a file system of a few MiB; that takes root, and a machine that lets it.

    Raises:
        AssertionError: It cannot be mounted.
    """
    await asyncio.to_thread(folder.mkdir)
    assert await _call("mount", "-t", "tmpfs", "-o", f"size={_SMALL_MIB}m", "newsgist", str(folder)), "cannot mount"
    try:
        yield
    finally:
        await _call("umount", "--lazy", str(folder))


async def _call(*words: str) -> bool:
    process = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.DEVNULL)
    return await process.wait() == 0


def _with(result: Result, began: float, **found: object) -> Result:
    return Result(**(asdict(result) | found | {"took_s": round(time.monotonic() - began, 1)}))


def _figures(evidence: Evidence) -> dict[str, object]:
    kills = [stop for stop in evidence.stops if stop.how in {"SIGKILL", "SIGINT"}]
    recoveries = []
    for stop in kills:
        start = min((at for at in evidence.starts if at >= stop.at), default=None)
        following = [at for at in evidence.starts if start is not None and at > start]
        ends = min(following, default=float("inf"))
        arrived = [line["at"] for line in evidence.arrived if start is not None and start <= line["at"] < ends]
        if start is not None and arrived:
            recoveries.append(min(arrived) - start)
    return {
        "kills": len(kills),
        "deliveries": len(evidence.arrived),
        "lost": count_lost(evidence),
        "doubled": count_doubled(evidence),
        "unknown": len(evidence.unknown),
        "marked": max((stop.marked or 0 for stop in evidence.stops), default=0),
        "recovery_s": round(max(recoveries), 2) if recoveries else None,
        "violations": tuple(str(violation) for violation in judge(evidence)),
    }
