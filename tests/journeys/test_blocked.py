"""A reader who blocks the bot: one refusal tells it, and nothing follows until they come back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.paper import Paper
    from tests.support.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_blocked_chat_is_left_alone_after_one_refusal_and_served_again_after_start(
    own_town: Town, new_paper: Callable[..., Paper]
) -> None:
    reader, witness, paper = await own_town.add_person("Bea"), await own_town.add_person("Wim"), new_paper()
    paper.publish("Sluice is painted green")
    await asyncio.gather(*(each.ask(paper.feed, f"{paper.name} added") for each in (reader, witness)))
    await asyncio.gather(*(each.wait_for("Sluice is painted green") for each in (reader, witness)))

    # The next request for updates fails, and more after it: that she has blocked the bot is learnt by sending alone.
    await own_town.arm("server_error", method="getUpdates", times=4)
    await witness.ask("/id", str(witness.id))
    await reader.block()
    for title in ("Sluice is painted blue", "Sluice is painted red"):
        paper.publish(title)
        await witness.wait_for(title)
    await own_town.all_is_told(reader.id)
    refused = [line for line in await own_town.ledger(chat=reader.id) if line["error_code"] == 403]
    assert [line["text"].splitlines()[0] for line in refused] == ["<b>Sluice is painted blue</b>"]

    await reader.unblock()
    await reader.ask("/start", "Welcome back. 1 feed")
    paper.publish("Sluice keeps its colour")
    await reader.wait_for("Sluice keeps its colour")
