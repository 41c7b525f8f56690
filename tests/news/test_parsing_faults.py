"""Feeds and texts that have stopped others: they cost a worker some time, and the loop nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.news.feeds.parser import parse_feed
from bot.news.pages.prepare import prepare_article, prepare_text

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.news.workers import Workers

ROOT = Path(__file__).parents[2]
URL = "https://tidewatch.example/feed"
BACKTRACKING = {
    "addresses": "a@" * 32_000,
    "opened brackets": "a" + "(" * 64_000,
    "an address and spaces": "ada@tidewatch.example" + " " * 64_000 + "(",
    "angles": "a <" * 21_000,
}


async def with_lag(job: Coroutine[object, object, int]) -> tuple[int, float]:
    """Wait for a job; return what it gives and the 99th percentile of how late the loop woke meanwhile, in seconds."""
    loop, lags = asyncio.get_running_loop(), [0.0]
    running = asyncio.ensure_future(job)
    while not running.done():
        before = loop.time()
        await asyncio.sleep(0.005)
        lags.append(loop.time() - before - 0.005)
    return await running, sorted(lags)[int(len(lags) * 0.99)]


def entries_of(body: bytes) -> int:
    return len(parse_feed(body, url=URL).entries)


def sentences_of(text: str) -> int:
    return len(prepare_text(text, max_chars=400).sentences)


@pytest.mark.parametrize("author", BACKTRACKING.values(), ids=BACKTRACKING.keys())
async def test_an_author_that_makes_patterns_backtrack_costs_nothing(workers: Workers, author: str) -> None:
    """FAULTS 15: 64 KB of author."""
    escaped = author.replace("<", "&lt;")
    body = f"<rss><channel><item><title>x</title><author>{escaped}</author></item></channel></rss>".encode()
    count, lag_s = await with_lag(workers.run(entries_of, body, timeout_s=5.0))
    assert count == 1
    assert lag_s < 0.5


async def test_five_thousand_sentences_are_summarised_in_time(workers: Workers) -> None:
    """FAULTS 21."""
    text = "\n".join(
        f"On day {n} the ferry to Sable left {n % 60} minutes late from Pier {n % 7}." for n in range(5000)
    )
    count, lag_s = await with_lag(workers.run(sentences_of, text, timeout_s=30.0))
    assert count > 0
    assert lag_s < 0.5


OFFLINE = """
import sys

def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "urllib.Request", "pickle.find_class"}:
        raise RuntimeError(f"{event} {arguments}")

sys.addaudithook(refuse)
from bot.news.pages.prepare import prepare_text
text = "The crane at Pier 4 has leaned since Monday. Ferries go to the old quay. Engineers come on Thursday. " * 4
print(len(prepare_text(text, max_chars=200).sentences), "nltk.downloader" in sys.modules)
"""


def test_summaries_need_no_network_no_download_and_no_pickle() -> None:
    """FAULTS 22."""
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], cwd=ROOT, capture_output=True, text=True, check=True, timeout=100
    )
    count, has_downloader = done.stdout.split()
    assert int(count) > 0
    assert has_downloader == "False"


@pytest.mark.parametrize("raw", ["a\x00b\x07c", "half \ud83d of a pair", "\ufffe\uffff", "\u202eback", "é" * 1000])
def test_whatever_a_feed_carries_becomes_text_that_utf_8_can_hold(raw: str) -> None:
    """FAULTS 23."""
    prepared = prepare_article(None, feed_html=f"<p>{raw} Ferries go to the old quay until Friday.</p>", max_chars=200)
    assert "Ferries go" in prepared.text
    assert prepared.text.encode()
    assert not any(ord(char) < 32 for char in prepared.text.replace("\n", ""))
