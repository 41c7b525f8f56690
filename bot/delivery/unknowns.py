"""The policy ``resend``: deliveries that Telegram never answered for are sent once more, without asking."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage import Storage

_log = structlog.get_logger(__name__)

_EVERY_S: Final = 30.0


async def resend_unknown(
    storage: Storage, stop: asyncio.Event, *, clock: Callable[[], datetime], every_s: float = _EVERY_S
) -> None:
    """Queue uncertain deliveries again, now and then, until ``stop`` is set."""
    while not stop.is_set():
        try:
            async with storage.write() as work:
                count = await work.outbox.resolve_unknown(None, resend=True, now=clock())
            if count:
                _log.info("unknown_resent", count=count)
        except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
            _log.exception("resending_failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=every_s)
