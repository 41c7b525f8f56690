"""Things that go wrong on demand, by chat, by method, by chance."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox import CHANNEL_ID, EDITOR_ID, FORUM_ID, GROUP_ID, READER_ID, Fault, FaultKind, MemberStatus, Outcome
from tests.sandbox.waiting import eventually
from tests.support.web import serving_site

if TYPE_CHECKING:
    from tests.sandbox.conftest import HandClock, Wire

KICKED = "Forbidden: bot was kicked from the {} chat"


@pytest.mark.parametrize(
    ("kind", "chat", "words"),
    [
        pytest.param("blocked", READER_ID, "Forbidden: bot was blocked by the user", id="blocked"),
        pytest.param("deactivated", READER_ID, "Forbidden: user is deactivated", id="deactivated"),
        pytest.param("kicked", GROUP_ID, KICKED.format("group"), id="kicked from a group"),
        pytest.param("kicked", FORUM_ID, KICKED.format("supergroup"), id="kicked from a supergroup"),
        pytest.param("kicked", CHANNEL_ID, KICKED.format("channel"), id="kicked from a channel"),
        pytest.param("migrated", GROUP_ID, "Bad Request: group chat was upgraded to a supergroup chat", id="migrated"),
    ],
)
async def test_what_befalls_a_chat_befalls_it_just_before_the_request(
    wire: Wire, kind: str, chat: int, words: str
) -> None:
    wire.sandbox.people.say(READER_ID, "/start")
    wire.sandbox.people.set_bot_status(CHANNEL_ID, MemberStatus.ADMINISTRATOR, by=EDITOR_ID)
    await wire.act("POST", "/sandbox/faults", {"kind": kind, "after": 1, "chat_id": chat})
    await wire.result("sendMessage", chat_id=chat, text="before")
    answer = await wire.call("sendMessage", chat_id=chat, text="after")
    assert answer["description"] == words
    assert [line.text for line in wire.sandbox.world.delivered()] == ["before"]
    assert not (await wire.call("sendMessage", chat_id=chat, text="still"))["ok"]


async def test_what_befalls_people_passes_groups_by(wire: Wire) -> None:
    wire.sandbox.people.say(READER_ID, "/start")
    wire.sandbox.world.faults.arm(Fault(kind=FaultKind.BLOCKED))
    wire.sandbox.world.faults.arm(Fault(kind=FaultKind.KICKED))
    assert (await wire.call("sendMessage", chat_id=GROUP_ID, text="x"))["description"] == KICKED.format("group")
    answer = await wire.call("sendMessage", chat_id=READER_ID, text="x")
    assert answer["description"] == "Forbidden: bot was blocked by the user"


async def test_the_network_is_gone_until_it_is_back(wire: Wire) -> None:
    wire.sandbox.people.say(READER_ID, "/start")
    await wire.act("POST", "/sandbox/faults", {"kind": "down", "times": None})
    await wire.act("POST", "/sandbox/faults", {"kind": "slow", "times": None, "delay_s": 0})
    for method in ("getMe", "getUpdates", "sendMessage"):
        with pytest.raises(aiohttp.ClientConnectionError):
            await wire.call(method, chat_id=READER_ID, text="x")
    await wire.act("DELETE", "/sandbox/faults?kind=down")
    assert [fault["kind"] for fault in await wire.act("GET", "/sandbox/faults")] == ["slow"]
    await wire.result("sendMessage", chat_id=READER_ID, text="x")
    assert [line.outcome for line in wire.sandbox.world.ledger] == [Outcome.LOST, Outcome.ACCEPTED]


async def test_another_poller_can_be_staged(wire: Wire) -> None:
    wire.sandbox.world.faults.arm(Fault(kind=FaultKind.CONFLICT, times=2))
    for _ in range(2):
        answer = await wire.call("getUpdates")
        assert (wire.status, answer["error_code"]) == (409, 409)
        assert answer["description"].startswith("Conflict: terminated by other getUpdates request")
    assert await wire.result("getUpdates") == []


async def test_an_answer_of_the_wrong_shape_is_as_one_says(wire: Wire) -> None:
    wire.sandbox.people.say(READER_ID, "/start")
    wire.sandbox.world.faults.arm(Fault(kind=FaultKind.GARBLED, body='{"ok": true, "result": ['))
    address = f"{wire.sandbox.url}/bot{wire.sandbox.token}/sendMessage"
    async with wire.session.post(address, json={"chat_id": READER_ID, "text": "x"}) as answer:
        assert answer.content_type == "application/json"
        assert await answer.text() == '{"ok": true, "result": ['
    assert len(wire.sandbox.world.delivered()) == 1


async def test_a_late_request_is_carried_out_though_nobody_waits(wire: Wire) -> None:
    wire.sandbox.people.say(READER_ID, "/start")
    late = Fault(kind=FaultKind.LATE, delay_s=0.2)
    wire.sandbox.world.faults.arm(late)
    asking = asyncio.create_task(wire.call("sendMessage", chat_id=READER_ID, text="x"))
    await eventually(lambda: late.met == 1)
    assert wire.sandbox.world.delivered() == []
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await eventually(lambda: bool(wire.sandbox.world.delivered()))
    assert len(wire.sandbox.world.delivered()) == 1


def _hits(fault: Fault, requests: int) -> list[int]:
    return [number for number in range(1, requests + 1) if fault.strikes()]


def test_faults_hit_every_so_many_or_by_seeded_chance() -> None:
    assert _hits(Fault(kind=FaultKind.TOO_MANY, every=5), 12) == [5, 10]
    assert _hits(Fault(kind=FaultKind.TOO_MANY, after=2, every=5), 12) == [7, 12]
    by_chance = _hits(Fault(kind=FaultKind.SERVER_ERROR, chance=0.3, seed=7), 1_000)
    assert 250 < len(by_chance) < 350
    assert by_chance == _hits(Fault(kind=FaultKind.SERVER_ERROR, chance=0.3, seed=7), 1_000)
    assert by_chance != _hits(Fault(kind=FaultKind.SERVER_ERROR, chance=0.3, seed=8), 1_000)


async def test_bans_of_drawn_length_are_the_same_for_a_seed(wire: Wire, clock: HandClock) -> None:
    wire.sandbox.people.say(READER_ID, "/start")
    storm: dict[str, Any] = {"kind": "too_many", "times": None, "retry_after_s": 1, "retry_after_max_s": 30, "seed": 3}
    waits: list[list[int]] = []
    for _ in range(2):
        await wire.act("POST", "/sandbox/faults", storm)
        waits.append([])
        for _ in range(6):
            answer = await wire.call("sendMessage", chat_id=READER_ID, text="x")
            waits[-1].append(answer["parameters"]["retry_after"])
            clock.advance(31)
        await wire.act("DELETE", "/sandbox/faults")
    assert waits[0] == waits[1]
    assert len(set(waits[0])) > 2
    assert all(1 <= wait <= 30 for wait in waits[0])


async def test_a_fault_that_could_never_hit_is_refused(wire: Wire) -> None:
    await wire.act("POST", "/sandbox/faults", {"kind": "drop", "chance": 0})
    assert wire.status == 400


async def test_a_webhook_whose_answer_is_lost_gets_the_update_again(wire: Wire) -> None:
    async with serving_site() as site:
        taken: list[int] = []

        async def take(request: web.Request) -> web.Response:
            taken.append((await request.json())["update_id"])
            return web.Response()

        await wire.act("POST", "/sandbox/faults", {"kind": "drop", "method": "webhook"})
        await wire.result("setWebhook", url=site.route("/telegram", take), secret_token="s")
        wire.sandbox.people.say(READER_ID, "/start")
        await eventually(lambda: len(taken) == 2)
        assert taken[0] == taken[1]
        await wire.result("deleteWebhook")


async def test_the_tally_names_what_came_twice_and_how_fast(wire: Wire) -> None:
    wire.sandbox.people.say(READER_ID, "/start")
    for text in ("one", "two", "one"):
        await wire.result("sendMessage", chat_id=READER_ID, text=text)
    await wire.call("sendMessage", chat_id=READER_ID, text="three")
    tally = await wire.act("GET", "/sandbox/tally")
    assert tally["doubled"] == [{"chat_id": READER_ID, "text": "one", "times": 2}]
    assert tally["outcomes"] == {"accepted": 3, "refused": 1}
    assert tally["most_in_a_second"] == 3
