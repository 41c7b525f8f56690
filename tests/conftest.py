"""What holds for every test: a property is tried with the same examples in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio
from hypothesis import settings

from tests.support.forking import ForkServer
from tests.support.properties import SAME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

settings.load_profile(SAME)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def forks() -> AsyncIterator[ForkServer]:
    """What the processes of the bot are forked off, where a test starts any."""
    async with ForkServer() as forks:
        yield forks
