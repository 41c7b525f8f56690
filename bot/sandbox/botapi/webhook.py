"""Delivery of updates by webhook, with the secret header, to loopback only."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp

from bot.sandbox.telegram.errors import bad_request
from bot.sandbox.telegram.faults import WEBHOOK, FaultKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.sandbox.botapi.parameters import Parameters
    from bot.sandbox.telegram.faults import FaultPlan
    from bot.sandbox.world.model import Json
    from bot.sandbox.world.updates import UpdateQueue

_log = logging.getLogger(__name__)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TIMEOUT = aiohttp.ClientTimeout(total=30)
_RETRY_S = 1.0


class Webhook:
    """Posts each update to the bot, again and again until it answers 2xx.

    Args:
        updates: where the updates wait.
        faults: what goes wrong on the way to the bot.
    """

    def __init__(self, updates: UpdateQueue, faults: FaultPlan) -> None:
        self._updates = updates
        self._faults = faults
        self._task: asyncio.Task[None] | None = None
        self._last_error = ""
        self.url = ""
        self.secret = ""
        self.table: dict[str, Callable[[Parameters], Awaitable[Any]]] = {
            "setwebhook": self._set,
            "deletewebhook": self._delete,
            "getwebhookinfo": self._info,
        }

    async def close(self) -> None:
        """Stop posting."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _set(self, parameters: Parameters) -> bool:
        url = parameters.text("url")
        if not url:
            return await self._delete(parameters)
        if urlsplit(url).hostname not in _LOOPBACK:
            raise bad_request("bad webhook: sandbox: it reaches this machine only")
        secret = parameters.text("secret_token")
        if secret and not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        await self.close()
        self.url, self.secret = url, secret
        if parameters.boolean("drop_pending_updates"):
            self._updates.clear()
        allowed = parameters.sequence("allowed_updates")
        if allowed is not None:
            self._updates.allow([str(kind) for kind in allowed])
        self._updates.terminate_poller("terminated by setWebhook request")
        self._task = asyncio.create_task(self._post_all(), name="sandbox webhook")
        return True

    async def _delete(self, parameters: Parameters) -> bool:
        await self.close()
        self.url = self.secret = ""
        if parameters.boolean("drop_pending_updates"):
            self._updates.clear()
        return True

    async def _info(self, _parameters: Parameters) -> Json:
        answer: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates.waiting),
        }
        if self._last_error:
            answer["last_error_message"] = self._last_error
        return answer

    async def _post_all(self) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        async with aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as session:
            while True:
                await self._updates.wait()
                if not self._updates.waiting:
                    return
                update = self._updates.waiting[0]
                if await self._post(session, update):
                    self._updates.confirm(update["update_id"] + 1)
                else:
                    await asyncio.sleep(_RETRY_S)

    async def _post(self, session: aiohttp.ClientSession, update: Json) -> bool:
        fault = self._faults.take(WEBHOOK, None)
        kind = None if fault is None else fault.kind
        if kind in {FaultKind.DOWN, FaultKind.DROP_BEFORE}:
            self._last_error = "Connection timed out"
            return False
        if fault is not None and kind in {FaultKind.SLOW, FaultKind.LATE}:
            await asyncio.sleep(fault.delay_s)
        try:
            async with session.post(self.url, json=update) as answer:
                if kind is FaultKind.DROP:  # the bot took it, but its answer is lost: Telegram posts it again
                    self._last_error = "Read timeout expired"
                    return False
                if answer.ok:
                    self._last_error = ""
                    return True
                self._last_error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            self._last_error = str(error) or type(error).__name__
        _log.info("the webhook did not take update %s: %s", update["update_id"], self._last_error)
        return False
