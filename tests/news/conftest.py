from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.news.web.client import Web
from bot.news.web.guard import Guard, parse_allow
from bot.news.workers import Workers
from tests.support.databases import Database, sqlite_database, sqlite_template
from tests.support.desk import Desk, open_desk
from tests.support.web import Site, serving_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


__all__ = ["site", "sqlite_database", "sqlite_template", "web"]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving_site() as site:
        yield site


@pytest.fixture
async def web(site: Site) -> AsyncIterator[Web]:
    guard = Guard(parse_allow(f"127.0.0.1:{site.port}"))
    async with Web(guard, contact="https://newsroom.example/about") as web:
        yield web


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """One worker for all desks: starting it takes longer than most tests."""
    workers = Workers(most_workers=1, preload=("bot.news.preloaded",))
    asyncio.run(workers.__aenter__())
    yield workers
    asyncio.run(workers.__aexit__(None, None, None))


@pytest.fixture
async def desk(sqlite_database: Database, workers: Workers) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_database, workers, owners=frozenset({99})) as desk:
        yield desk
