"""The newcomer's first minutes: one command in an empty folder, then the chat page in a browser."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.async_api import async_playwright, expect

from tests.support.town import EDITOR_ID, READER_ID, plain_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import ConsoleMessage, Locator, Page, Route

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SUMMARY_S = 20.0
NEWS_S = 40.0
SCREENSHOT = "NEWSGIST_SCREENSHOT"
"""Names the file that the README's picture is written to."""


def find_chromium() -> str:
    """Find the browser, or say how to get it."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("This test drives the chat page in Chromium, which is not installed: apt install chromium")


@asynccontextmanager
async def newsgist_run(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Run ``newsgist run`` without a token in a folder; give the addresses of the chat page and the sample site."""
    settings = {"NEWSGIST_SANDBOX": "127.0.0.1:0", "NEWSGIST_LISTEN": "127.0.0.1:0"}
    with (folder.parent / "run.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("newsgist"),
            "run",
            cwd=folder,
            env=plain_environment() | settings,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    assert process.stdout is not None
    try:
        said = ""
        while "Stop it with" not in said:
            line = await asyncio.wait_for(process.stdout.readline(), 30)
            assert line, (folder.parent / "run.log").read_text(encoding="utf-8")
            said += line.decode()
        page_url, site_url = re.findall(r"http://\S+", said)
        yield page_url, site_url
    finally:
        process.terminate()
        await asyncio.wait_for(process.communicate(), 20)


def messages_with(page: Page, words: str) -> Locator:
    """Find the bot's bubbles that hold the words."""
    return page.locator('[data-testid="message"][data-from="bot"]', has_text=words)


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("send").click()


async def open_chat(page: Page, chat: int) -> None:
    await page.locator(f'[data-chat-id="{chat}"]').click()


async def publish(page: Page, outlet: str) -> str:
    """Let the sample site publish until an article of ``outlet`` is out; give its title."""
    for _ in range(40):
        answer = await page.request.post("/sandbox/publish")
        article = await answer.json()
        if article["outlet"] == outlet:
            return str(article["title"])
    pytest.fail(f"the sample site publishes nothing of {outlet}")


async def test_newcomer_subscribes_reads_and_gets_a_push_on_the_chat_page(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    complaints: list[str] = []
    hosts: set[str | None] = set()

    def note_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    async def note_host(route: Route) -> None:
        hosts.add(urlsplit(route.request.url).hostname)
        await route.continue_()

    async with newsgist_run(folder) as (page_url, site_url), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        context = await browser.new_context(
            viewport={"width": 1280, "height": 800}, base_url=page_url, locale="en-GB", color_scheme="light"
        )
        await context.route("**/*", note_host)
        page = await context.new_page()
        page.on("console", note_console)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(page_url)

        await open_chat(page, READER_ID)
        await write(page, "/start")
        await expect(messages_with(page, "I send short news")).to_be_visible()
        started = time.monotonic()
        await write(page, site_url)
        await page.get_by_role("button", name="+ Tidewatch").click(timeout=SUMMARY_S * 1000)
        source = messages_with(page, "Tidewatch ·").locator('a[href*="#:~:text="]')
        await expect(source).to_be_visible(timeout=(SUMMARY_S - (time.monotonic() - started)) * 1000)

        title = await publish(page, "tidewatch")
        await expect(messages_with(page, title)).to_be_visible(timeout=NEWS_S * 1000)

        await open_chat(page, EDITOR_ID)
        await write(page, "/push Water off in Old Aldmoor on Wednesday\nTankers will stand at Mill Square from seven.")
        for label in ("Audience", "Review", "Send to"):
            await page.get_by_role("button", name=label).click(timeout=10_000)
        await open_chat(page, READER_ID)
        await expect(messages_with(page, "Tankers will stand at Mill Square")).to_be_visible(timeout=10_000)

        await open_chat(page, EDITOR_ID)
        await expect(messages_with(page, "2 of 2 delivered")).to_be_visible(timeout=10_000)
        await open_chat(page, READER_ID)

        picture = tmp_path / "chat.png"
        await page.screenshot(path=picture, animations="disabled")
        if wanted := os.environ.get(SCREENSHOT):
            shutil.copy(picture, wanted)
        await browser.close()

    assert complaints == []
    assert hosts == {"127.0.0.1"}
