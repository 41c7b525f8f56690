"""What a poll costs beside bare aiohttp and httpx, and whether the chat answers while ten thousand feeds are polled.

A server in a process of its own answers on many addresses of loopback, each poll over a fresh connection: one feed in
ten has changed, one in twenty is slow, one in fifty is dead. The bot is the whole bot, in a process of its own, with
Telegram's stand-in in another.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from tests.bench.polling.bot import FEEDS, measure_bot
from tests.bench.polling.checks import CHECKS, measure_checks
from tests.bench.polling.served import HOSTS, served_feeds

if TYPE_CHECKING:
    from pathlib import Path


def run(corpus: Path | None) -> list[str]:
    """Measure, and give Markdown lines."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with served_feeds() as server:
        checks = asyncio.run(measure_checks(server))
    aiohttp_ms = checks["aiohttp"]
    lines = [
        f"CPU of the client for a feed that is as it was (304), over a fresh connection on loopback, {CHECKS} polls:",
        "",
        "| | ms a poll | × bare aiohttp |",
        "|---|---|---|",
        *(f"| {name} | {cost:.2f} | {cost / aiohttp_ms:.1f} |" for name, cost in checks.items()),
        "",
    ]
    with served_feeds() as server:
        whole = measure_bot(server)
    return [
        *lines,
        f"{FEEDS:,} feeds at once, 10 % changed, 5 % slow, 2 % dead, on {HOSTS} hosts; the whole bot with its chat:",
        "",
        "| | measured | goal |",
        "|---|---|---|",
        f"| polls a minute | {whole['polls_a_minute']:,.0f} | |",
        f"| live feeds asked, in requests | {whole['asked']:,} of {whole['live']:,}, {whole['requests']:,} | |",
        f"| entries taken in | {whole['articles']:,} of {whole['changed']:,} new | |",
        f"| memory of the bot, most | {whole['memory_mb']:.0f} MB | 250 MB |",
        f"| memory of its workers, most | {whole['workers_mb']:.0f} MB | |",
        f"| loop lag, p50 and p99 | {whole['lag_p50_ms']:.1f} and {whole['lag_p99_ms']:.1f} ms | 20 ms |",
        f"| chat answers, {whole['answers']} asked, p50 and p99 | {whole['answer_p50_s']:.2f} and "
        f"{whole['answer_p99_s']:.2f} s | 1 s |",
    ]
