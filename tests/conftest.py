"""What holds for every test: speed is for benches, so no example of a property is timed by the wall clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio
from hypothesis import settings

from tests.support.forking import ForkServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

settings.register_profile("newsgist", deadline=None)
settings.load_profile("newsgist")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def forks() -> AsyncIterator[ForkServer]:
    """What the processes of the bot are forked off, where a test starts any."""
    async with ForkServer() as forks:
        yield forks
