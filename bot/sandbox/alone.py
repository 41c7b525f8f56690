"""Runs the sandbox without the bot, for a bot of one's own or for its tests."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

from bot.sandbox.server import DEFAULT_TOKEN, Sandbox
from bot.sandbox.telegram.pacing import Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def serve_alone(
    announce: Callable[[dict[str, Any]], None],
    *,
    host: str = "127.0.0.1",
    port: int = 8081,
    token: str | None = None,
    every_s: float = 30.0,
    seed: int = 1,
    state: Path | None = None,
    replay: Path | None = None,
    limited: bool = True,
    burst: int = 3,
    headless: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        announce: called once it listens, with its addresses and the token.
        host: the loopback address to listen on.
        port: 0 takes a free one, and so does one that is taken.
        token: the bot's; ``None`` takes the sandbox's own.
        every_s: seconds between two articles of the sample site; 0 publishes only on request.
        seed: what the sample site's figures are drawn by.
        state: the file that keeps the world over a restart.
        replay: a folder of saved answers with a ``manifest.json``.
        limited: whether Telegram's rate limits are kept.
        burst: messages that a rested private chat takes at once.
        headless: whether there is no chat page.

    Raises:
        ManifestError: the replay's manifest cannot be used.
        ValueError: the state file is not this bot's.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Sandbox(
        host=host,
        port=port,
        token=token or DEFAULT_TOKEN,
        every_s=every_s,
        replay=replay,
        seed=seed,
        state=state,
        limits=Limits(enforced=limited, chat_burst=burst),
        headless=headless,
    ) as sandbox:
        announce(
            {
                "url": sandbox.url,
                "site": sandbox.site_url,
                "page": None if headless else sandbox.page_url,
                "token": sandbox.token,
                "moved": sandbox.moved,
            }
        )
        await stop.wait()
