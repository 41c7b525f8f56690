"""The long fault runs: ``make faults SEEDS=n [SCENARIO=…] [DATABASE=…] [SEED=…]``.

Every run prints the line that does it again. Results are added to a file; what a run that went wrong has left (ledger,
database, logs) is kept beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.report import append, read, table
from tests.faults.running import Result, repro_line, run
from tests.faults.scenarios import BOTH, RARE, SCENARIOS, SWEPT, sweep_scenario
from tests.faults.stores import Stores
from tests.faults.stories import STORIES
from tests.support.forking import ForkServer

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.faults.scenarios import Scenario

_BEYOND = 3
"""So many calls in a row that never came end a sweep."""


def _arguments() -> argparse.Namespace:
    sweeps = sorted({f"sweep-{call}" for calls in SWEPT.values() for call in calls})
    names = [*SCENARIOS, *RARE, "model", "sweep", *sweeps]
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="runs of each scenario on each database")
    parser.add_argument("--first", type=int, default=1, help="the first seed; in a sweep, the first call")
    parser.add_argument("--seed", type=int, help="only this one; in a sweep, only this call")
    parser.add_argument(
        "--scenario", action="append", choices=names, help="default: all but those that take hours, and the full sweep"
    )
    parser.add_argument("--database", choices=BOTH, help="default: both")
    parser.add_argument("--jobs", type=int, default=4, help="runs at once: they mostly wait")
    parser.add_argument("--results", type=Path, default=Path(".faults/results.jsonl"))
    return parser.parse_args()


@dataclass
class _Runner:
    """Does runs, some at once, and writes down what they show."""

    forks: ForkServer
    stores: Stores
    folder: Path
    results: Path
    commit: str
    slots: asyncio.Semaphore
    alone: dict[str, asyncio.Lock] = field(default_factory=dict)
    broken: int = 0

    async def run(self, scenario: Scenario, database: str, seed: int) -> Result:
        """Do one run."""
        name = f"{scenario.name}-{database}-{seed}"
        # A server that is stopped belongs to one run at a time.
        lock = nullcontext() if scenario.server == "shared" else self.alone.setdefault(scenario.server, asyncio.Lock())
        async with lock, self.slots:
            result = await run(
                scenario,
                database,
                seed,
                forks=self.forks,
                stores=self.stores,
                folder=self.folder / name,
                keep=self.results.parent / "broken" / name,
            )
        self._tell(result)
        return result

    async def tell_stories(self, seed: int) -> Result:
        """Tell a share of the model's stories in a process of its own."""
        began = time.monotonic()
        words = ("-m", "tests.faults.stories", "--seed", str(seed), "--stories", str(STORIES))
        async with self.slots:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
            )
            printed, _ = await process.communicate()
        told = printed.decode(errors="replace")[-2000:]
        result = Result(
            scenario="model",
            database="sqlite",
            seed=seed,
            repro=repro_line("model", "sqlite", seed),
            violations=() if process.returncode == 0 else (told,),
            took_s=round(time.monotonic() - began, 1),
        )
        self._tell(result)
        return result

    def _tell(self, result: Result) -> None:
        append(self.results, result, commit=self.commit, at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
        verdict = "beyond the last call" if result.beyond else "kept" if not result.violations else "BROKEN"
        print(
            f"{verdict}: {result.kills} kills, {result.deliveries} deliveries, {result.lost} lost, {result.doubled}"
            f" doubled, {result.unknown} unknown, {result.took_s} s  REPRO: {result.repro}",
            flush=True,
        )
        for violation in result.violations:
            self.broken += 1
            print(f"    {violation[:2000]}", flush=True)

    async def sweep(self, database: str, call: str, first: int) -> None:
        """Kill at one call after the other until there are no more of them."""
        number, beyond = first, 0
        while beyond < _BEYOND:
            batch = [self.run(sweep_scenario(call, each), database, each) for each in range(number, number + 4)]
            for result in await asyncio.gather(*batch):
                beyond = beyond + 1 if result.beyond else 0
            number += len(batch)


async def _run_all(arguments: argparse.Namespace) -> int:
    databases = [arguments.database] if arguments.database else list(BOTH)
    names = arguments.scenario or [*SCENARIOS, "model", "sweep"]
    with tempfile.TemporaryDirectory(prefix="newsgist-faults-") as folder:
        async with ForkServer() as forks, Stores(Path(folder)) as stores:
            runner = _Runner(
                forks=forks,
                stores=stores,
                folder=Path(folder),
                results=arguments.results,
                commit=_commit(),
                slots=asyncio.Semaphore(arguments.jobs),
            )
            wanted: list[Coroutine[None, None, object]] = []
            for name in names:
                for database in databases:
                    wanted += _plan(runner, name, database, arguments)
            await asyncio.gather(*wanted)
    print(f"\n{table(read(arguments.results))}\n\nAll runs so far: {arguments.results}")
    if runner.broken:
        print(f"{runner.broken} laws broken; what is left of those runs: {arguments.results.parent / 'broken'}")
    return min(runner.broken, 1)


def _plan(
    runner: _Runner, name: str, database: str, arguments: argparse.Namespace
) -> list[Coroutine[None, None, object]]:
    if name.startswith("sweep"):
        calls = SWEPT[database] if name == "sweep" else [name.removeprefix("sweep-")]
        swept = [call for call in calls if call in SWEPT[database]]
        if arguments.seed is not None:
            return [runner.run(sweep_scenario(call, arguments.seed), database, arguments.seed) for call in swept]
        return [runner.sweep(database, call, arguments.first) for call in swept]
    seeds = range(arguments.first, arguments.first + arguments.seeds) if arguments.seed is None else [arguments.seed]
    if name == "model":
        return [runner.tell_stories(seed) for seed in seeds] if database == "sqlite" else []
    scenario = {**SCENARIOS, **RARE}[name]
    if database not in scenario.databases:
        return []
    return [runner.run(scenario, database, seed) for seed in seeds]


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip()


if __name__ == "__main__":
    sys.exit(asyncio.run(_run_all(_arguments())))
