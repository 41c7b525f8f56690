"""Another program asks Telegram for updates with the same token: said plainly, and overcome without a hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

if TYPE_CHECKING:
    from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")
WORDS = "another program polls Telegram with this token"


async def test_a_twin_elsewhere_is_told_in_readiness_and_log_and_updates_come_again_once_it_is_gone(
    own_town: Town,
) -> None:
    """FAULTS 35."""
    async with aiohttp.ClientSession() as session:

        async def readiness() -> tuple[int, str]:
            async with session.get(f"{own_town.bot.health_url}/readyz") as answer:
                return answer.status, await answer.text()

        async def is_told() -> bool:
            return await readiness() == (503, f"{WORDS}\n")

        async def is_over() -> bool:
            return (await readiness())[0] == 200

        assert await is_over()
        reader = await own_town.add_person()
        await own_town.arm("conflict", method="getUpdates", times=2)
        await reader.say("/start")
        await own_town.wait_until(is_told, timeout_s=40)
        await reader.wait_for("Paste a news site", timeout_s=40)
        await own_town.wait_until(is_over, timeout_s=40)
    said = own_town.bot.log.read_text(encoding="utf-8")
    assert said.count("updates_stopped") == said.count("updates_resumed") == 1
    assert WORDS in said
