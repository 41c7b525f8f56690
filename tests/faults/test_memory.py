"""A bot that has served for long takes no more memory than before (FAULTS 60)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.faults.scenarios import SCENARIOS, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.faults.running import Result
    from tests.faults.scenarios import Scenario

    Keep = Callable[[Scenario, str, int], Awaitable[Result]]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

ROUNDS = 12
MOST_KIB = 8.0
"""For each update: whatever kept the update itself, its chat's lock or its answer would be more."""


async def test_memory_does_not_grow_with_the_updates_that_were_handled(keep_the_laws: Keep) -> None:
    """FAULTS 60: hundreds of updates after the first ones, and the memory stays as it was."""
    served = replace(SCENARIOS["memory"], do=serve(ROUNDS))
    result = await keep_the_laws(served, "sqlite", 1)
    assert result.notes["updates"] >= 300
    assert result.notes["grown_kib"] / result.notes["updates"] <= MOST_KIB
