from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(slots=True)
class HandClock:
    """Time that moves only when a test moves it."""

    elapsed: float = 0.0

    def monotonic(self) -> float:
        return 1_000.0 + self.elapsed

    def time(self) -> float:
        return 1_790_000_000.0 + self.elapsed

    def advance(self, seconds: float) -> None:
        self.elapsed += seconds


@dataclass(slots=True)
class Wire:
    """A plain HTTP client of a running sandbox."""

    sandbox: Sandbox
    session: aiohttp.ClientSession
    status: int = field(default=0, init=False)

    async def call(self, method: str, **parameters: Any) -> Any:
        """Call a Bot API method by JSON; return the whole answer."""
        address = f"{self.sandbox.url}/bot{self.sandbox.token}/{method}"
        async with self.session.post(address, json=parameters) as answer:
            self.status = answer.status
            return await answer.json()

    async def result(self, method: str, **parameters: Any) -> Any:
        """Call a Bot API method that must succeed; return its result."""
        answer = await self.call(method, **parameters)
        assert answer["ok"], answer
        return answer["result"]

    async def act(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the people's side."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, self.sandbox.url + path, json=body, headers=named) as answer:
            self.status = answer.status
            return await answer.json() if answer.content_type == "application/json" else await answer.text()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def sandbox(clock: HandClock) -> AsyncIterator[Sandbox]:
    async with Sandbox(port=0, every_s=0, clock=clock) as running:
        yield running


@pytest.fixture
async def wire(sandbox: Sandbox) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(sandbox, session)
