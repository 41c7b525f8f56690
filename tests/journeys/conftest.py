"""One town for all journeys that leave it as they found it, and a site of our own that its bot may read."""

from __future__ import annotations

import itertools
import socket
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.databases import postgres_database, postgres_server
from tests.support.paper import Paper
from tests.support.town import Town
from tests.support.web import serving_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.support.forking import ForkServer
    from tests.support.web import Site

__all__ = ["postgres_database", "postgres_server"]

_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site() -> AsyncIterator[Site]:
    async with serving_site() as site:
        yield site


@pytest.fixture(scope="session")
def closed_port() -> Iterator[int]:
    """A port of this machine that the bot may dial and on which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, so that nobody else gets it, and never listened on
        yield int(taken.getsockname()[1])


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def town(
    forks: ForkServer, site: Site, closed_port: int, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    allow = [f"127.0.0.1:{site.port}", f"localhost:{site.port}", f"127.0.0.1:{closed_port}"]
    async with Town(forks, tmp_path_factory.mktemp("town"), allow=allow) as town:
        yield town


@pytest_asyncio.fixture(loop_scope="session")
async def own_town(forks: ForkServer, site: Site, tmp_path: Path) -> AsyncIterator[Town]:
    """A town that a test may wreck."""
    async with Town(forks, tmp_path, allow=[f"127.0.0.1:{site.port}"]) as town:
        yield town


@pytest.fixture
def new_paper(site: Site) -> Iterator[Callable[..., Paper]]:
    """Found a paper that no other test reads; without a name it is called by its number."""
    papers = []

    def found(name: str = "", *, feed_query: str = "") -> Paper:
        number = next(_numbers)
        papers.append(Paper(site=site, key=f"paper{number}", name=name or f"Gazette {number}", feed_query=feed_query))
        return papers[-1]

    yield found
    for paper in papers:
        paper.close()
