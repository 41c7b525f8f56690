"""What a claimed delivery says: its own payload, a shared content, or words made for it now."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from bot.delivery.calls import Rendered
from bot.messages.push import with_clock
from bot.messages.speech import speech
from storage.model import Verb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage import Work
    from storage.model import Delivery, Json

Render: TypeAlias = "Callable[[Delivery, Work], Awaitable[Rendered | None]]"
"""Puts a delivery without a payload into words; None where nothing is left to say. Reads only."""

_REMEMBERED = 64
_CLOCKS = 1024

TOLD_AT = "told_at"
"""What a payload says beside the parameters of a request: the Unix time that ends its text, by its chat's clock."""


class Contents:
    """Finds the words of deliveries, and remembers shared contents: a push to 100,000 chats is read once.

    Args:
        render: For deliveries that have neither payload nor content.
    """

    def __init__(self, render: Render) -> None:
        self._render = render
        self._shared: OrderedDict[int, Json] = OrderedDict()

    async def find(self, delivery: Delivery, work: Work) -> Rendered | None:
        """Find what a delivery says; None where nothing is left to say.

        Raises:
            NotFoundError: When its content is gone.
        """
        known = self.recall(delivery)
        if known is not None:
            return known
        if delivery.content_id is None:
            return await self._render(delivery, work)
        return _rendered(await self._get_shared(delivery.content_id, work), delivery)

    def recall(self, delivery: Delivery) -> Rendered | None:
        """Say what a delivery says where that takes no look into the database; else None."""
        if delivery.payload is not None:
            return _rendered(delivery.payload, delivery)
        if delivery.verb is Verb.DELETE:
            return Rendered(parameters={})
        if delivery.content_id is None or delivery.content_id not in self._shared:
            return None
        self._shared.move_to_end(delivery.content_id)
        return _rendered(self._shared[delivery.content_id], delivery)

    async def _get_shared(self, content_id: int, work: Work) -> Json:
        payload = (await work.contents.get(content_id)).payload
        self._shared[content_id] = payload
        if len(self._shared) > _REMEMBERED:
            self._shared.popitem(last=False)
        return payload


def _rendered(payload: Json, delivery: Delivery) -> Rendered:
    if TOLD_AT not in payload:
        return Rendered(parameters=payload)
    parameters = dict(payload)
    clock = _clock(parameters.pop(TOLD_AT), delivery.lang, delivery.tz)
    parameters["text"] = with_clock(parameters["text"], clock)
    return Rendered(parameters=parameters)


@lru_cache(_CLOCKS)
def _clock(at: int, lang: str, tz: str) -> str:
    return speech(lang, tz).clock(datetime.fromtimestamp(at, UTC))
