"""The newcomer's first minutes: one command in an empty folder, then the chat page in a browser."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.support.environment import plain_environment
from tests.support.people import EDITOR_ID, READER_ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Route

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 60_000
"""So long at most: a test waits no longer than it must, unless it fails."""
SCREENSHOT = "NEWSGIST_SCREENSHOT"
"""Names the file that the README's picture is written to."""
SCREENSHOTS = "NEWSGIST_SCREENSHOTS"
"""Names a folder for a picture of each width, scheme and script."""


def find_chromium() -> str:
    """Find the browser, or say how to get it."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("This test drives the chat page in Chromium, which is not installed: apt install chromium")


@asynccontextmanager
async def newsgist_run(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Run ``newsgist run`` without a token in a folder; give the addresses of the chat page and the sample site."""
    settings = {"NEWSGIST_SANDBOX": "127.0.0.1:0", "NEWSGIST_LISTEN": "127.0.0.1:0", "NEWSGIST_POLL_MIN_S": "1"}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A sandbox that runs, and a browser to look at it."""

    page_url: str
    site_url: str
    browser: Browser
    pictures: Path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shown]:
    root = tmp_path_factory.mktemp("shown")
    folder = root / "empty"
    folder.mkdir()
    async with newsgist_run(folder) as (page_url, site_url), async_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield Shown(page_url=page_url, site_url=site_url, browser=browser, pictures=root)
        await browser.close()


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


async def test_newcomer_subscribes_reads_and_gets_a_push_on_the_chat_page(shown: Shown) -> None:
    complaints: list[str] = []
    hosts: set[str | None] = set()

    def note_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    async def note_host(route: Route) -> None:
        hosts.add(urlsplit(route.request.url).hostname)
        await route.continue_()

    context = await shown.browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=shown.page_url, locale="en-GB", color_scheme="light"
    )
    await context.route("**/*", note_host)
    page = await context.new_page()
    page.on("console", note_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(shown.page_url)

    await open_chat(page, READER_ID)
    await write(page, "/start")
    await expect(messages_with(page, "I send short news")).to_be_visible()
    await write(page, shown.site_url)
    await page.get_by_role("button", name="+ Tidewatch").click(timeout=PATIENCE_MS)
    source = messages_with(page, "Tidewatch ·").locator('a[href*="#:~:text="]')
    await expect(source).to_be_visible()

    title = await publish(page, "tidewatch")
    await expect(messages_with(page, title)).to_be_visible()

    await open_chat(page, EDITOR_ID)
    await write(page, "/push Water off in Old Aldmoor on Wednesday\nTankers will stand at Mill Square from seven.")
    for label in ("Audience", "Review", "Send to"):
        await page.get_by_role("button", name=label).click(timeout=PATIENCE_MS)
    await open_chat(page, READER_ID)
    await expect(messages_with(page, "Tankers will stand at Mill Square")).to_be_visible()

    await open_chat(page, EDITOR_ID)
    await expect(messages_with(page, "2 of 2 delivered")).to_be_visible()
    await open_chat(page, READER_ID)

    picture = shown.pictures / "chat.png"
    await page.screenshot(path=picture, animations="disabled")
    if wanted := os.environ.get(SCREENSHOT):
        shutil.copy(picture, wanted)
    await context.close()
    assert complaints == []
    assert hosts == {"127.0.0.1"}


async def test_invitation_is_opened_on_the_page_as_somebody_else(shown: Shown) -> None:
    page = await shown.browser.new_page(base_url=shown.page_url, viewport={"width": 1280, "height": 800})
    await page.goto(shown.page_url)
    await open_chat(page, EDITOR_ID)
    await write(page, "/editors")
    await page.get_by_role("button", name="Invite an editor").click(timeout=PATIENCE_MS)
    await page.get_by_test_id("open-as").click(timeout=PATIENCE_MS)
    await expect(page.get_by_test_id("opener")).to_contain_text("Who opens this link?")
    assert await serious_findings(page) == []
    await page.get_by_role("button", name="Somebody new").click()
    await expect(page.get_by_test_id("opener")).to_be_hidden()
    await expect(messages_with(page, "You belong to the newsroom now.")).to_be_visible()
    await expect(page.locator("#chat-role")).to_have_text("editor")
    await page.close()


async def serious_findings(page: Page) -> list[str]:
    """Let axe look at the page; list what it finds that keeps somebody out."""
    await page.evaluate(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = json.loads(await page.evaluate("axe.run().then(JSON.stringify)"))
    assert found["passes"], "axe has looked at nothing"
    return [
        f"{finding['id']}: {node['target']} {node['failureSummary']}"
        for finding in found["violations"]
        if finding["impact"] in {"serious", "critical"}
        for node in finding["nodes"]
    ]


async def subscribe(page: Page, chat: int, address: str) -> None:
    """Follow the one feed of a paper in a chat and wait for its sample."""
    await open_chat(page, chat)
    await write(page, address)
    sample = page.locator('[data-from="bot"] a[href*="#:~:text="]').last
    await expect(sample).to_be_visible()


async def test_page_fits_every_screen_scheme_and_script_and_keeps_nobody_out(shown: Shown) -> None:
    pictures = Path(os.environ.get(SCREENSHOTS, shown.pictures))
    findings: dict[str, list[str]] = {}
    wide: list[str] = []
    context = await shown.browser.new_context(base_url=shown.page_url, viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(shown.page_url)
    answer = await page.request.post(
        "/sandbox/people", data={"name": "ليلى", "last_name": "حداد", "language_code": "ar"}
    )
    chats = {"latin": READER_ID, "arabic": (await answer.json())["id"]}
    await subscribe(page, chats["latin"], f"{shown.site_url}tidewatch/")
    await subscribe(page, chats["arabic"], f"{shown.site_url}nawras/")
    await context.close()
    for width, height in ((1280, 800), (390, 844)):
        for scheme in ("light", "dark"):
            context = await shown.browser.new_context(
                base_url=shown.page_url,
                viewport={"width": width, "height": height},
                color_scheme="light" if scheme == "light" else "dark",
                reduced_motion="reduce",
                locale="en-GB",
            )
            page = await context.new_page()
            await page.goto(shown.page_url)
            for script, chat in chats.items():
                if width < 760 and script == "arabic":
                    await page.locator("#back").click()
                await open_chat(page, chat)
                await expect(page.locator('[data-from="bot"]').last).to_be_visible()
                name = f"{script}-{width}-{scheme}"
                await page.screenshot(path=pictures / f"{name}.png", animations="disabled")
                findings[name] = await serious_findings(page)
                if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    wide.append(name)
            await page.get_by_test_id("bench-open").click()
            await expect(page.get_by_test_id("tally")).to_contain_text("in a second")
            findings[f"bench-{width}-{scheme}"] = await serious_findings(page)
            await context.close()
    assert {name: found for name, found in findings.items() if found} == {}
    assert wide == []
    assert len(findings) == 12


async def test_page_is_used_by_keyboard_alone_and_makes_telegram_fail(shown: Shown) -> None:
    page = await shown.browser.new_page(base_url=shown.page_url, viewport={"width": 1280, "height": 900})
    await page.goto(shown.page_url)
    await page.locator(f'[data-chat-id="{READER_ID}"]').focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("/hel")
    await expect(page.get_by_test_id("menu").get_by_role("button", name="/help")).to_be_visible()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(messages_with(page, "/subscribe")).to_be_visible()
    await page.keyboard.type("/hel")
    await expect(page.get_by_test_id("menu")).to_be_visible()
    await page.keyboard.type("p")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("composer")).to_have_value("")
    await expect(page.get_by_test_id("menu")).to_be_hidden()
    await expect(messages_with(page, "/subscribe")).to_have_count(2)  # an answer on its way would meet what is armed

    await page.get_by_test_id("bench-open").press("Enter")
    await page.get_by_role("button", name="429 here, 10 s").press("Enter")
    # Armed, unless a story that comes just then has met it already.
    told = page.locator('[data-testid="armed"], [data-testid="ledger"]').filter(has_text="429")
    await expect(told.first).to_be_visible()
    await page.get_by_test_id("composer").fill("/id")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("ledger")).to_contain_text("429 Too Many Requests: retry after 10")
    await expect(messages_with(page, str(READER_ID))).to_be_visible()
    await page.get_by_test_id("pace").select_option("3")
    await expect(page.get_by_role("button", name="Block the bot")).to_be_visible()
    await page.get_by_test_id("publish").press("Escape")
    await expect(page.get_by_test_id("bench")).to_be_hidden()
    await expect(page.get_by_test_id("bench-open")).to_be_focused()
    await page.close()
