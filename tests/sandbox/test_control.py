from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.sandbox import CHANNEL_ID, EDITOR_ID, FORUM_ID, GROUP_ID, READER_ID
from tests.sandbox.waiting import PATIENCE_S

if TYPE_CHECKING:
    from tests.sandbox.conftest import Wire

CHAT = f"/sandbox/chats/{READER_ID}"


async def test_a_conversation_over_http(wire: Wire) -> None:
    chats = await wire.act("GET", "/sandbox/chats")
    assert [(chat["id"], chat["role"]) for chat in chats] == [
        (READER_ID, "reader"),
        (EDITOR_ID, "editor"),
        (GROUP_ID, ""),
        (FORUM_ID, ""),
        (CHANNEL_ID, ""),
    ]
    said = await wire.act("POST", f"{CHAT}/messages", {"text": "/subscribe https://tidewatch.example/"})
    assert [entity["type"] for entity in said["entities"]] == ["bot_command", "url"]
    edited = await wire.act("PATCH", f"{CHAT}/messages/{said['id']}", {"text": "/subscribe https://weirpost.example/"})
    assert edited["edited"]
    sent = await wire.result(
        "sendMessage",
        chat_id=READER_ID,
        text="<b>Ready</b>",
        parse_mode="HTML",
        reply_parameters={"message_id": said["id"]},
        reply_markup={"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]},
    )
    history = await wire.act("GET", f"{CHAT}/messages")
    assert [message["text"] for message in history["messages"]] == [edited["text"], "Ready"]
    assert history["messages"][1]["reply_to"]["text"].startswith("/subscribe")
    tapping = asyncio.create_task(wire.act("POST", f"{CHAT}/messages/{sent['message_id']}/taps", {"data": "m"}))
    updates = await wire.result("getUpdates", timeout=30, offset=500_000_003)
    await wire.result(
        "answerCallbackQuery", callback_query_id=updates[0]["callback_query"]["id"], text="Done", show_alert=True
    )
    assert await tapping == {"answered": True, "text": "Done", "alert": True, "url": ""}


async def test_a_tap_without_an_answer_says_so(wire: Wire) -> None:
    await wire.act("POST", f"{CHAT}/messages", {"text": "x"})
    keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]}
    sent = await wire.result("sendMessage", chat_id=READER_ID, text="x", reply_markup=keyboard)
    path = f"{CHAT}/messages/{sent['message_id']}/taps"
    assert not (await wire.act("POST", path, {"data": "m", "timeout_s": 0.01}))["answered"]
    await wire.act("POST", path, {"data": "gone"})
    assert wire.status == 400
    await wire.act("POST", path, {"data": "gone", "forged": True, "timeout_s": 0.01})
    assert wire.status == 200


async def test_changes_come_as_they_happen(wire: Wire) -> None:
    before = await wire.act("GET", "/sandbox/changes?since=0")
    waiting = asyncio.create_task(wire.act("GET", f"/sandbox/changes?since={before['revision']}&timeout=20"))
    await asyncio.sleep(0)
    await wire.act("POST", f"{CHAT}/messages", {"text": "hello"})
    change = await asyncio.wait_for(waiting, PATIENCE_S)
    assert [message["text"] for message in change["messages"]] == ["hello"]
    sent = await wire.result("sendMessage", chat_id=READER_ID, text="one")
    await wire.result("editMessageText", chat_id=READER_ID, message_id=sent["message_id"], text="two")
    change = await wire.act("GET", f"/sandbox/changes?since={change['revision']}")
    assert [(message["text"], message["edited"]) for message in change["messages"]] == [("two", True)]
    await wire.result("deleteMessage", chat_id=READER_ID, message_id=sent["message_id"])
    await wire.result("sendChatAction", chat_id=READER_ID, action="typing")
    change = await wire.act("GET", f"/sandbox/changes?since={change['revision']}")
    assert change["deleted"] == [{"chat_id": READER_ID, "message_id": sent["message_id"]}]
    assert change["messages"] == []
    assert change["chats"][0]["typing_s"] == 5.0


async def test_people_groups_faults_and_files_are_arranged_over_http(wire: Wire) -> None:
    person = await wire.act("POST", "/sandbox/people", {"name": "Ada", "language_code": "uk", "started": True})
    await wire.result("sendMessage", chat_id=person["id"], text="x")
    group = await wire.act(
        "POST", "/sandbox/groups", {"title": "Pier", "type": "supergroup", "members": {str(person["id"]): "creator"}}
    )
    await wire.result("sendMessage", chat_id=group["id"], text="x")
    moved = await wire.act("POST", f"/sandbox/chats/{GROUP_ID}/migrate", {})
    assert moved["type"] == "supergroup"
    await wire.act("POST", "/sandbox/faults", {"kind": "server_error", "status": 500, "times": None})
    assert (await wire.call("sendMessage", chat_id=group["id"], text="x"))["error_code"] == 500
    assert len(await wire.act("GET", "/sandbox/faults")) == 1
    await wire.act("DELETE", "/sandbox/faults")
    await wire.act("POST", "/sandbox/faults", {"kind": "earthquake"})
    assert wire.status == 400
    await wire.act("POST", f"/sandbox/people/{READER_ID}/block", {})
    await wire.act("POST", f"{CHAT}/messages", {"text": "x"})
    assert wire.status == 400
    await wire.act("POST", f"/sandbox/people/{READER_ID}/unblock", {})
    form = aiohttp.FormData({"caption": "mine"})
    form.add_field("file", b"<opml/>", filename="feeds.opml")
    async with wire.session.post(f"{wire.sandbox.url}{CHAT}/documents", data=form) as answer:
        document = (await answer.json())["document"]
    async with wire.session.get(wire.sandbox.url + document["address"]) as answer:
        assert await answer.read() == b"<opml/>"
        assert answer.headers["Content-Disposition"] == "attachment"
    ledger = await wire.act("GET", f"/sandbox/ledger?method=sendMessage&chat={group['id']}")
    assert [line["outcome"] for line in ledger] == ["accepted", "refused"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://evil.example"}, id="another origin"),
        pytest.param({"Origin": "null"}, id="hidden origin"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site fetch"),
        pytest.param({"Host": "evil.example:8081"}, id="a name pointed at loopback"),
    ],
)
async def test_other_sites_cannot_act(wire: Wire, headers: dict[str, str]) -> None:
    for path in (f"{CHAT}/messages", f"/bot{wire.sandbox.token}/sendMessage"):
        async with wire.session.post(wire.sandbox.url + path, json={"text": "/start"}, headers=headers) as answer:
            assert answer.status == 403
    assert not wire.sandbox.world.updates.waiting


async def test_other_sites_cannot_read_by_a_name_of_theirs(wire: Wire) -> None:
    for path in ("/", "/sandbox/changes", f"/bot{wire.sandbox.token}/getUpdates"):
        async with wire.session.get(wire.sandbox.url + path, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403


async def test_our_own_page_may_act(wire: Wire) -> None:
    headers = {"Origin": wire.sandbox.url, "Sec-Fetch-Site": "same-origin"}
    async with wire.session.post(f"{wire.sandbox.url}{CHAT}/messages", json={"text": "x"}, headers=headers) as answer:
        assert answer.status == 200


async def test_the_page_is_whole_and_asks_nothing_from_elsewhere(wire: Wire) -> None:
    for path, kind in (
        ("/", "text/html"),
        ("/page/chat.css", "text/css"),
        ("/page/chat.js", "text/javascript"),
        ("/page/api.js", "text/javascript"),
        ("/page/message.js", "text/javascript"),
        ("/page/menu.js", "text/javascript"),
        ("/page/bench.js", "text/javascript"),
        ("/page/formatted.js", "text/javascript"),
        ("/page/icon.svg", "image/svg+xml"),
    ):
        async with wire.session.get(wire.sandbox.url + path) as answer:
            text = await answer.text()
            assert (answer.status, answer.content_type) == (200, kind)
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "innerHTML" not in text
        assert "https://" not in text
    async with wire.session.get(f"{wire.sandbox.url}/page/none.js") as answer:
        assert answer.status == 404
