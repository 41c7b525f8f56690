"""The sandbox without our bot: what another bot's tests start."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest
from telegram import Bot

from bot.sandbox import READER_ID
from tests.sandbox.waiting import PATIENCE_S
from tests.support.environment import plain_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOKEN = "5:another-bots-token"


@pytest.fixture
async def headless() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "sandbox", "--headless", "--port", "0", "--token", TOKEN, "--every", "0", "--no-limits"),
        stdout=asyncio.subprocess.PIPE,
        env=plain_environment(),
    )
    assert process.stdout is not None
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S))
    assert (ready["page"], ready["token"]) == (None, TOKEN)
    yield ready["url"]
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0


async def test_another_bot_talks_and_its_test_looks_on_over_http(headless: str) -> None:
    async with Bot(TOKEN, base_url=f"{headless}/bot") as bot, aiohttp.ClientSession(headless) as session:
        async with session.get("/") as answer:
            assert answer.status == 404
        async with session.post(f"/sandbox/chats/{READER_ID}/messages", json={"text": "/start"}) as answer:
            assert answer.status == 200
        (update,) = await bot.get_updates()
        assert update.message is not None
        for number in range(40):
            await bot.send_message(READER_ID, f"Hello {number}")
        async with session.get("/sandbox/tally") as answer:
            tally = await answer.json()
        assert (tally["delivered"], tally["doubled"]) == (40, [])


async def test_with_a_page_it_says_where_in_words() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "sandbox", "--port", "0", "--every", "0"),
        stdout=asyncio.subprocess.PIPE,
        env=plain_environment(),
    )
    assert process.stdout is not None
    lines = [(await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode() for _ in range(4)]
    page = lines[0].removeprefix("Chat page: ").strip()
    async with aiohttp.ClientSession() as session, session.get(page) as answer:
        assert answer.content_type == "text/html"
    assert lines[1].startswith("Bot API: http://127.0.0.1:")
    assert lines[2].startswith("Token: 7")
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0
