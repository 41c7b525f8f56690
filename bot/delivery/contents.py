"""What a claimed delivery says: its own payload, a shared content, or words made for it now."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

from bot.delivery.calls import Rendered
from storage.model import Verb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage import Work
    from storage.model import Delivery, Json

Render: TypeAlias = "Callable[[Delivery, Work], Awaitable[Rendered | None]]"
"""Puts a delivery without a payload into words; None where nothing is left to say. Reads only."""

_REMEMBERED = 64


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
        return Rendered(parameters=await self._get_shared(delivery.content_id, work))

    def recall(self, delivery: Delivery) -> Rendered | None:
        """Say what a delivery says where that takes no look into the database; else None."""
        if delivery.payload is not None:
            return Rendered(parameters=delivery.payload)
        if delivery.verb is Verb.DELETE:
            return Rendered(parameters={})
        if delivery.content_id is None or delivery.content_id not in self._shared:
            return None
        self._shared.move_to_end(delivery.content_id)
        return Rendered(parameters=self._shared[delivery.content_id])

    async def _get_shared(self, content_id: int, work: Work) -> Json:
        payload = (await work.contents.get(content_id)).payload
        self._shared[content_id] = payload
        if len(self._shared) > _REMEMBERED:
            self._shared.popitem(last=False)
        return payload
