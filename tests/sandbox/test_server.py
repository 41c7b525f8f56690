from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.sandbox import EDITOR_ID, READER_ID, Sandbox
from bot.sandbox.state import dump, write_state
from bot.sandbox.telegram.entities import Formatted
from bot.sandbox.telegram.rules import format_message
from tests.sandbox.waiting import PATIENCE_S, eventually

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_taken_port_is_answered_by_a_free_one() -> None:
    async with Sandbox(port=0, every_s=0) as first:
        assert not first.moved
        async with Sandbox(port=first.port, every_s=0) as second:
            assert second.moved
            assert second.port not in {0, first.port}
            async with aiohttp.ClientSession() as session, session.get(second.page_url) as answer:
                assert answer.status == 200


async def test_a_restart_keeps_conversations_and_repeats_no_id(tmp_path: Path) -> None:
    state = tmp_path / "kept" / "telegram.json"
    async with Sandbox(port=0, every_s=0, state=state) as sandbox:
        said = sandbox.people.say(READER_ID, "/start 🚢 https://tidewatch.example/")
        chat = sandbox.world.chats[READER_ID]
        content = format_message('<b>Hi</b> <a href="https://a.example/">x</a>', parse_mode="HTML")
        keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]}
        sent = sandbox.world.add_message(
            chat, sender_id=sandbox.world.bot.id, content=content, markup=keyboard, reply_to=said.id
        )
        uploaded = sandbox.people.upload(READER_ID, b"<opml/>", file_name="ф.opml")
        sandbox.people.block(EDITOR_ID)
        await sandbox.world.updates.poll(offset=500_000_002, limit=1, timeout_s=0)
        titles = [article.title for article in sandbox.newsdesk.articles()]
        revision = sandbox.world.revision
    async with Sandbox(port=0, every_s=0, state=state) as again:
        chat = again.world.chats[READER_ID]
        assert [message.id for message in chat.messages.values()] == [said.id, sent.id, uploaded.id]
        assert chat.messages[sent.id].content == content
        assert chat.messages[sent.id].markup == keyboard
        assert chat.started
        assert again.world.chats[EDITOR_ID].blocked
        assert again.world.files[uploaded.document.file_id if uploaded.document else ""] == b"<opml/>"
        assert [update["update_id"] for update in again.world.updates.waiting] == [500_000_002, 500_000_003]
        assert again.people.say(READER_ID, "on").id == uploaded.id + 1
        assert again.world.updates.waiting[-1]["update_id"] == 500_000_004
        assert again.world.revision > revision
        assert [article.title for article in again.newsdesk.articles()] == titles


async def test_after_a_crash_ids_are_stepped_over(tmp_path: Path) -> None:
    state = tmp_path / "telegram.json"
    async with Sandbox(port=0, every_s=0) as sandbox:
        sandbox.world.add_message(sandbox.world.chats[READER_ID], sender_id=READER_ID, content=Formatted(text="x"))
        write_state(state, dump(sandbox.world, sandbox.newsdesk, clean=False))
    async with Sandbox(port=0, every_s=0, state=state) as again:
        assert again.people.say(READER_ID, "x").id == 1_002
        assert again.world.updates.waiting[-1]["update_id"] == 500_001_001


async def test_another_bots_state_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "telegram.json"
    async with Sandbox(port=0, every_s=0, state=state):
        pass
    with pytest.raises(ValueError, match="another bot's"):
        async with Sandbox(port=0, every_s=0, state=state, token="5:another-token"):
            pass


async def test_a_change_is_on_disk_soon(tmp_path: Path) -> None:
    state = tmp_path / "telegram.json"
    async with Sandbox(port=0, every_s=0, state=state) as sandbox:
        sandbox.people.say(READER_ID, "remember me")
        await eventually(lambda: state.exists() and "remember me" in state.read_text(encoding="utf-8"))
        assert not json.loads(state.read_text(encoding="utf-8"))["clean"]


async def test_stopping_does_not_wait_for_pollers() -> None:
    sandbox = Sandbox(port=0, every_s=0)
    async with aiohttp.ClientSession() as session:
        async with sandbox:
            poll = asyncio.create_task(session.get(f"{sandbox.url}/bot{sandbox.token}/getUpdates?timeout=50"))
            watch = asyncio.create_task(
                session.get(f"{sandbox.url}/sandbox/changes?since={sandbox.world.revision}&timeout=30")
            )
            await eventually(lambda: sandbox.world.updates.is_polled)
            started = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started < 20
        await asyncio.gather(poll, watch, return_exceptions=True)


async def test_it_runs_alone_in_a_process_of_its_own(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--port", "0", "--every", "0", "--state", str(tmp_path / "s.json"),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{ready['url']}/bot{ready['token']}/getMe") as answer,
        ):
            assert (await answer.json())["result"]["username"] == "newsgist_sandbox_bot"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
        assert json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["clean"]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
