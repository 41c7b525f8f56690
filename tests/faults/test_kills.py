"""The bot is killed or stopped at any instant: the laws are kept (FAULTS 31, 42)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.faults.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.faults.running import Result
    from tests.faults.scenarios import Scenario

    Keep = Callable[[Scenario, str, int], Awaitable[Result]]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_kill_at_any_instant_loses_nothing_silently_and_doubles_nothing(
    keep_the_laws: Keep, database: str
) -> None:
    results = await asyncio.gather(*(keep_the_laws(SCENARIOS["kill"], database, seed) for seed in (1, 2)))
    assert [result.kills for result in results] == [3, 3]
    assert all(result.notes["hits"] for result in results), "no kill has hit the sending"
    assert all(result.deliveries + result.unknown > 90 for result in results)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_unknown_deliveries_are_sent_again_where_the_operator_wants_it(
    keep_the_laws: Keep, database: str
) -> None:
    result = await keep_the_laws(SCENARIOS["resend"], database, 1)
    assert result.notes["hits"], "no kill has hit the sending"
    assert result.unknown == 0


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_stop_in_the_middle_leaves_nothing_unknown_and_a_second_signal_at_most_what_was_marked(
    keep_the_laws: Keep, database: str
) -> None:
    await asyncio.gather(*(keep_the_laws(SCENARIOS["sigterm"], database, seed) for seed in (1, 2)))
