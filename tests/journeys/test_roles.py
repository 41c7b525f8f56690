"""One bot in several processes on one PostgreSQL: each does its part, and the loss of one is made good."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from tests.support.town import Town

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.databases import Database
    from tests.support.forking import ForkServer
    from tests.support.paper import Paper
    from tests.support.web import Site

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
"""Half a dozen processes start, each for seconds where other tests run too."""

WAIT_S = 90.0


async def test_work_goes_through_all_its_processes_and_on_when_the_sender_is_killed(
    forks: ForkServer,
    postgres_database: Database,
    site: Site,
    new_paper: Callable[..., Paper],
    tmp_path: Path,
) -> None:
    settings = {"NEWSGIST_DATABASE_URL": postgres_database.url}
    paper = new_paper()
    paper.publish("Lock reopens at noon")
    allow = [f"127.0.0.1:{site.port}"]
    async with (
        Town(forks, tmp_path, settings=settings, allow=allow, roles=("chat", "web")) as town,
        AsyncExitStack() as stack,
    ):
        first, *_ = [await stack.enter_async_context(town.bot.colleague(role)) for role in ("send", "poll", "read")]
        await wait_for_log(tmp_path / "send.log", "leading")
        spare = await stack.enter_async_context(town.bot.colleague("send", "chat"))
        await wait_for_log(tmp_path / "send-chat.log", "standing_by")

        reader = await town.add_person("Nadia")
        await reader.say(paper.feed)
        await reader.wait_for("Lock reopens at noon", timeout_s=WAIT_S)
        for number in range(2):
            title = f"Ferry number {number} sails again"
            if number:
                first.send(signal.SIGKILL)
            paper.publish(title)
            await reader.wait_for(title, timeout_s=WAIT_S)
        await wait_for_log(tmp_path / "send-chat.log", "leading")
        assert spare.status is None
        texts = [message["text"] for message in await reader.read()]
        assert len(texts) == len(set(texts)), "nothing comes twice"


async def wait_for_log(path: Path, event: str) -> None:
    """Wait until an event stands in a log."""
    async with asyncio.timeout(WAIT_S):
        while event not in path.read_text(encoding="utf-8"):  # noqa: ASYNC240, ASYNC110 - a small file
            await asyncio.sleep(0.1)
