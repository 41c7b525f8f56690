from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, Gauge

from bot.web.server import Endpoints, build, serve

SECRET = "a-secret-that-telegram-repeats"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Desk:
    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.registry = CollectorRegistry()
        Gauge("newsgist_example", "An example.", registry=self.registry).set(3)

    async def receive(self, update: dict[str, Any]) -> None:
        self.received.append(update)

    async def readiness(self) -> list[str]:
        return self.faults

    def endpoints(self, secret: str | None) -> Endpoints:
        return Endpoints(readiness=self.readiness, registry=self.registry, secret=secret, receive=self.receive)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        serve(build(desk.endpoints(SECRET)), host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession(base_url=f"http://127.0.0.1:{port}") as session,
    ):
        yield session


async def test_an_update_with_the_secret_is_kept(client: aiohttp.ClientSession, desk: Desk) -> None:
    async with client.post("/telegram", json={"update_id": 5}, headers={HEADER: SECRET}) as answer:
        assert answer.status == 200
    assert desk.received == [{"update_id": 5}]


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: SECRET + "x"}, {HEADER: "ключ"}, {HEADER: "\udcff"}])
async def test_a_forged_update_is_refused(client: aiohttp.ClientSession, desk: Desk, headers: dict[str, str]) -> None:
    """FAULTS 47."""
    async with client.post("/telegram", json={"update_id": 5}, headers=headers) as answer:
        assert answer.status == 403
    assert desk.received == []


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"update_id": "5"}', b"\xff"])
async def test_what_is_no_update_is_refused(client: aiohttp.ClientSession, desk: Desk, body: bytes) -> None:
    async with client.post("/telegram", data=body, headers={HEADER: SECRET}) as answer:
        assert answer.status == 400
    assert desk.received == []


async def test_a_huge_update_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.post("/telegram", data=BytesIO(b"x" * 2_000_000), headers={HEADER: SECRET}) as answer:
        assert answer.status == 413


async def test_without_a_secret_there_is_no_webhook(desk: Desk) -> None:
    """FAULTS 47."""
    async with (
        serve(build(desk.endpoints(None)), host="127.0.0.1", port=0) as port,
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}/telegram", json={"update_id": 5}, headers={HEADER: ""}) as answer,
    ):
        assert answer.status == 404
    assert desk.received == []


async def test_readiness_tells_what_is_wrong(client: aiohttp.ClientSession, desk: Desk) -> None:
    async with client.get("/readyz") as answer:
        assert (answer.status, await answer.text()) == (200, "ready\n")
    desk.faults = ["the database cannot be read"]
    async with client.get("/readyz") as answer:
        assert (answer.status, await answer.text()) == (503, "the database cannot be read\n")


async def test_metrics_and_life_are_told(client: aiohttp.ClientSession) -> None:
    async with client.get("/metrics") as answer:
        assert "newsgist_example 3.0" in await answer.text()
    async with client.get("/livez") as answer:
        assert answer.status == 200
