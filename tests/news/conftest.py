from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.news.guard import Guard, parse_allow
from bot.news.web import Web
from tests.support.databases import Database, sqlite_database, sqlite_template
from tests.support.desk import Desk, open_desk
from tests.support.web import Site, serving_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


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


@pytest.fixture
async def desk(sqlite_database: Database) -> AsyncIterator[Desk]:
    async with open_desk(sqlite_database, owners=frozenset({99})) as desk:
        yield desk
