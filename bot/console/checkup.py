"""``newsgist check``: is everything in place for ``newsgist run``?"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp
from telegram.error import TelegramError

from bot.delivery.telegram import open_bot
from bot.errors import BotError
from bot.news.errors import AddressRefused
from bot.news.web.client import Web
from bot.news.web.guard import Guard, parse_allow
from storage.errors import StorageError
from storage.upkeep.inspection import inspect_storage

if TYPE_CHECKING:
    from bot.settings import Settings

_CLOCK_TOLERANCE_S = 30.0
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report."""

    subject: str
    is_sound: bool
    words: str


async def examine(settings: Settings) -> list[Finding]:
    """Examine settings, token, clock, database and the web guard, in this order."""
    source = "token set" if settings.bot_token is not None else "no token: `newsgist run` starts the sandbox"
    findings = [Finding(subject="settings", is_sound=True, words=source)]
    if settings.bot_token is not None:
        findings.append(await _examine_token(settings))
        findings.append(await _examine_clock(settings))
    findings.append(await _examine_database(settings))
    findings.append(await _examine_guard(settings))
    return findings


async def _examine_token(settings: Settings) -> Finding:
    token = settings.bot_token.get_secret_value() if settings.bot_token is not None else ""
    try:
        async with open_bot(token, settings.bot_api_url) as bot:
            return Finding(subject="token", is_sound=True, words=f"@{bot.username} at {settings.bot_api_url}")
    except (TelegramError, BotError) as error:
        return Finding(subject="token", is_sound=False, words=str(error))


async def _examine_clock(settings: Settings) -> Finding:
    """Compare our clock with the Date header of the Bot API server."""
    server_at = None
    with suppress(aiohttp.ClientError, TimeoutError, ValueError, TypeError):
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False) as session,
            session.head(settings.bot_api_url, allow_redirects=False) as answer,
        ):
            server_at = parsedate_to_datetime(answer.headers["Date"])
    if server_at is None:
        return Finding(subject="clock", is_sound=False, words="the server does not answer, so nothing to compare with")
    off_s = abs((datetime.now(UTC) - server_at.astimezone(UTC)).total_seconds())
    return Finding(subject="clock", is_sound=off_s <= _CLOCK_TOLERANCE_S, words=f"{off_s:.0f} s off the server's clock")


async def _examine_database(settings: Settings) -> Finding:
    try:
        words = await inspect_storage(settings.storage_url)
    except StorageError as error:
        return Finding(subject="database", is_sound=False, words=str(error))
    return Finding(subject="database", is_sound=True, words=words)


async def _examine_guard(settings: Settings) -> Finding:
    """Try to reach this machine through the web client: it must refuse before it connects."""
    try:
        async with Web(Guard(parse_allow("")), contact=settings.contact_url) as web:
            await web.fetch("http://127.0.0.1/", accept="*/*", max_bytes=1024, timeout_s=5)
    except AddressRefused:
        let_through = settings.allow_private or "nothing"
        return Finding(
            subject="guard", is_sound=True, words=f"private addresses are refused; let through: {let_through}"
        )
    except BotError as error:
        return Finding(subject="guard", is_sound=False, words=f"it tried to connect ({type(error).__name__})")
    return Finding(subject="guard", is_sound=False, words="it reached this machine")
