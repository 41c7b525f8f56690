"""The bot is killed, stopped or traced to its death at chosen calls: the laws are kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.faults.scenarios import SCENARIOS, SWEPT, sweep_scenario

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.faults.running import Result
    from tests.faults.scenarios import Scenario

    Keep = Callable[[Scenario, str, int], Awaitable[Result]]

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_kill_at_any_instant_loses_nothing_silently_and_doubles_nothing(
    keep_the_laws: Keep, database: str
) -> None:
    results = await asyncio.gather(*(keep_the_laws(SCENARIOS["kill"], database, seed) for seed in (1, 2)))
    assert [result.kills for result in results] == [3, 3]
    assert all(result.deliveries > 90 for result in results)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_unknown_deliveries_are_sent_again_where_the_operator_wants_it(
    keep_the_laws: Keep, database: str
) -> None:
    result = await keep_the_laws(SCENARIOS["resend"], database, 1)
    assert result.unknown == 0


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_stop_in_the_middle_leaves_nothing_unknown_and_a_second_signal_at_most_what_was_marked(
    keep_the_laws: Keep, database: str
) -> None:
    await asyncio.gather(*(keep_the_laws(SCENARIOS["sigterm"], database, seed) for seed in (1, 2)))


@pytest.mark.parametrize(
    ("database", "call", "numbers"),
    [
        pytest.param("sqlite", "fdatasync", (2, 8, 12, 15, 18, 22), id="sqlite-commit"),
        pytest.param("sqlite", "pwrite64", (9, 40, 75, 110), id="sqlite-write"),
        pytest.param("sqlite", "sendto", (8, 14, 18, 23), id="sqlite-request"),
        pytest.param("postgresql", "sendto", (30, 60, 90, 120, 150), id="postgresql-statement-or-request"),
        pytest.param("postgresql", "recvfrom", (50, 100), id="postgresql-answer"),
    ],
)
async def test_kill_at_a_chosen_call_loses_nothing_silently_and_doubles_nothing(
    keep_the_laws: Keep, database: str, call: str, numbers: tuple[int, ...]
) -> None:
    assert call in SWEPT[database]
    for some in (numbers[::2], numbers[1::2]):  # two at once: they mostly wait
        await asyncio.gather(*(keep_the_laws(sweep_scenario(call, number), database, number) for number in some))
