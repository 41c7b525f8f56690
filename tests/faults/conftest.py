"""Databases to copy, for all tests of one worker, and the laws that each run must keep."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.faults.running import Result, run
from tests.faults.stores import Stores

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from tests.faults.scenarios import Scenario
    from tests.support.forking import ForkServer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stores(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stores]:
    async with Stores(tmp_path_factory.mktemp("stores"), lonely=True) as stores:
        yield stores


@pytest.fixture
def keep_the_laws(
    forks: ForkServer, stores: Stores, tmp_path: Path
) -> Callable[[Scenario, str, int], Awaitable[Result]]:
    """Do a run and require that every law was kept; a failure names the line that does it again."""
    numbers = count(1)

    async def keep(scenario: Scenario, database: str, seed: int) -> Result:
        folder = tmp_path / f"{next(numbers)}-{scenario.name}-{database}-{seed}"
        result = await run(scenario, database, seed, forks=forks, stores=stores, folder=folder)
        told = "\n".join(result.violations)
        assert not result.violations, f"REPRO: {result.repro}\n{told}\nwhat it left: {folder}"
        return result

    return keep
