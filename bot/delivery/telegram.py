"""The Bot API's client: python-telegram-bot over our transport, with calls that stay plain."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from telegram import Bot, InputFile

from bot.delivery.errors import TokenRejectedError, WrongServerError
from bot.delivery.transport import AiohttpRequest, PlainData

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping


class BotApi(Bot):
    """python-telegram-bot's client with one method more, for those who speak the Bot API's own words."""

    async def call(
        self,
        method: str,
        parameters: Mapping[str, Any],
        *,
        read_timeout_s: float | None = None,
        on_left: Callable[[], None] | None = None,
    ) -> Any:  # noqa: ANN401 - as various as the methods
        """Call a method by its name and return its bare result.

        Building a ``Message`` from each answer costs as much CPU as the request, and the outbox wants only its id.

        Args:
            method: As Telegram spells it, such as ``"sendMessage"``.
            parameters: By Telegram's names; nested ones as plain data.
            read_timeout_s: Longest wait for the answer; None means the transport's own.
            on_left: Called when the request has been handed to the network. One that uploads a file, or waits for
                its answer in its own way, does not say.

        Raises:
            NeverLeftError: When Telegram cannot have seen the request.
            NoAnswerError: When it may have, and gave no sound answer.
            RateLimitedError: On 429.
            TokenRejectedError: On 401.
            WrongServerError: On 404.
            ChatMigrated: When a group has become a supergroup.
            Forbidden: On 403.
            BadRequest: On 400.
        """
        if read_timeout_s is not None:
            return await self._post(method, dict(parameters), read_timeout=read_timeout_s)
        if any(isinstance(value, InputFile) for value in parameters.values()):
            return await self._post(method, dict(parameters))
        # Not by way of the vendor's parameters: each is written as JSON by itself, and the whole as a form again.
        data: Any = PlainData(parameters, on_left)  # which the vendor passes on to our transport as it is
        return await self.request.post(f"{self.base_url}/{method}", data)

    def __repr__(self) -> str:
        # The vendor's own shows the token.
        return f"BotApi[{self.token.partition(':')[0]}]"


@asynccontextmanager
async def open_bot(
    token: str, root: str, *, connections: int = 128, read_timeout_s: float = 20.0, connect_timeout_s: float = 5.0
) -> AsyncIterator[BotApi]:
    """Open a client for ``token`` and ask the server who it is.

    Args:
        token: The bot's token.
        root: The server's root; requests go to ``{root}/bot{token}/{method}``.
        connections: How many requests may be on their way at once.
        read_timeout_s: Longest wait for an answer; a long poll adds its own.
        connect_timeout_s: Longest wait for a connection.

    Raises:
        TokenRejectedError: When the server does not know the token.
        NeverLeftError: When there is no way to the server.
        NoAnswerError: When the server does not answer soundly.
    """
    # At DEBUG python-telegram-bot logs the address, which holds the token, and every parameter and result.
    vendor = logging.getLogger("telegram")
    vendor.setLevel(max(vendor.level, logging.INFO))
    root = root.rstrip("/")
    bot = BotApi(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        # getUpdates holds its connection for a minute at a time; it must not take one from the sender.
        get_updates_request=AiohttpRequest(
            connections=4, read_timeout_s=read_timeout_s, connect_timeout_s=connect_timeout_s
        ),
        request=AiohttpRequest(
            connections=connections, read_timeout_s=read_timeout_s, connect_timeout_s=connect_timeout_s
        ),
    )
    try:
        await _introduce(bot)
        yield bot
    finally:
        await bot.shutdown()


async def _introduce(bot: BotApi) -> None:
    try:
        await bot.initialize()
    except WrongServerError:
        # For a token of the wrong form Telegram says 404, not 401.
        unknown = TokenRejectedError("the Bot API server knows neither this token nor getMe")
    else:
        return
    raise unknown
