"""What goes wrong for a reader: each time one clear sentence, and everything else goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.town import Town
    from tests.support.web import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")

NONSENSE = ("zxqv wrrtl gnarf 7k;; blorp " * 200)[:4096]


async def hear(town: Town, said: str, answer: str) -> None:
    """Say something that cannot work; wait for the one sentence about it, and for /help after it."""
    reader = await town.add_person()
    heard = await reader.ask(said, answer)
    assert heard["text"].count("\n") == 0
    await reader.ask("/help", "Paste a news site's address")
    assert len(await reader.read()) == 2


async def test_every_trouble_with_an_address_or_a_text_is_told_in_one_sentence(
    town: Town, site: Site, closed_port: int
) -> None:
    root = town.site
    blank = site.serve("/blank", "<!doctype html><html><body></body></html>", headers={"Content-Type": "text/html"})
    no_feed = "127.0.0.1 offers no feed here."
    feed_type = {"Content-Type": "application/rss+xml"}
    cases = {
        f"http://127.0.0.1:{closed_port}/": "127.0.0.1 does not answer.",
        f"{root}nofeed": no_feed,
        site.serve("/empty", ""): no_feed,
        site.serve("/picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 500, headers={"Content-Type": "image/png"}): no_feed,
        site.serve("/words.xml", "These are words, whatever the header says.", headers=feed_type): no_feed,
        "http://nowhere.invalid/": "nowhere.invalid does not answer.",
        f"{root}tidewatch/news/999999-gone": "127.0.0.1 has no such page (404). Try its front page.",
        "http://127.0.0.1:9/": "That address is private; I read the public web.",
        "ftp://tidewatch.example/news": "I can't open that address. Try the site's front page.",
        f"{root}huge": "127.0.0.1 sends more than 20 MB; I take 20. Try another page.",
        f"{root}broken-feed.xml": "127.0.0.1 offers a feed there that I can't read. Try its front page.",
        NONSENSE: "I read links and commands. Paste a news site's address, or send /help.",
        "/sumary": "I don't know /sumary. Try /summarize.",
        "/qwertzuiop": "I don't know /qwertzuiop. Try /help.",
        "/summarize": "Send a link or a text, and I send a summary.",
        "/summarize ...": "I find no sentence there to quote. Send a longer text.",
        f"/summarize {blank}": "127.0.0.1 has no article there that I can read. Try another page.",
        "/subscribe": "Paste a news site's address, such as tidewatch.example.",
    }
    heard = await asyncio.gather(*(hear(town, said, answer) for said, answer in cases.items()), return_exceptions=True)
    wrong = {said: error for said, error in zip(cases, heard, strict=True) if error is not None}
    assert not wrong


async def test_rate_limited_or_waiting_for_a_page_nobody_holds_up_anybody_else(town: Town) -> None:
    waiting, greedy, other = [await town.add_person(name) for name in ("Wanda", "Greta", "Otto")]
    await waiting.say(f"{town.site}slow?s=60")
    for _ in range(11):
        await greedy.say("http://10.11.12.13/feed")
    await waiting.wait_for("Reading 127.0.0.1…")
    await other.ask("/id", str(other.id), timeout_s=20)  # ten times the goal
    await asyncio.gather(
        waiting.wait_for("127.0.0.1 does not answer."),
        greedy.wait_for("10 links a minute; continue at"),
    )
