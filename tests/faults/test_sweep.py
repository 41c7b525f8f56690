"""The bot is killed at the entry of chosen system calls, which are counted first: the laws are kept (FAULTS 31, 55)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.faults.scenarios import NEVER, SWEPT, sweep_scenario

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.faults.running import Result
    from tests.faults.scenarios import Scenario

    Keep = Callable[[Scenario, str, int], Awaitable[Result]]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

SPARED = 0.15
"""Of the calls, the last ones: no two runs have exactly as many."""


@pytest.mark.parametrize(
    ("database", "call", "kills"),
    [
        pytest.param("sqlite", "fdatasync", 5, id="sqlite-commit"),
        pytest.param("sqlite", "pwrite64", 3, id="sqlite-write"),
        pytest.param("sqlite", "sendto", 4, id="sqlite-request"),
        pytest.param("postgresql", "sendto", 4, id="postgresql-statement-or-request"),
        pytest.param("postgresql", "recvfrom", 3, id="postgresql-answer"),
    ],
)
async def test_kill_at_a_chosen_call_loses_nothing_silently_and_doubles_nothing(
    keep_the_laws: Keep, database: str, call: str, kills: int
) -> None:
    assert call in SWEPT[database]
    unharmed = await keep_the_laws(sweep_scenario(call, NEVER), database, NEVER)
    assert unharmed.kills == 0
    calls = int(unharmed.notes["calls"] * (1 - SPARED))
    numbers = [1 + calls * number // kills for number in range(1, kills)] + [max(1, calls // (2 * kills))]
    assert len(set(numbers)) == kills

    async def killed_at(number: int) -> int:
        """Kill at that call, or at an earlier one where this run has fewer: how many commit together is chance."""
        while not (await keep_the_laws(sweep_scenario(call, number), database, number)).kills:
            assert number > 1, "a run without a single call"
            number = number * 2 // 3
        return number

    at = await asyncio.gather(*map(killed_at, numbers))
    assert len(set(at)) > kills // 2, "the kills came at the same calls"
