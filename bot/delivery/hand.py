"""The deliveries in hand: marked as leaving, their requests not yet gone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.model import DeliveryKind

if TYPE_CHECKING:
    from bot.delivery.calls import Call
    from bot.delivery.pacing import Pacer
    from storage.model import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A delivery with its request.

    Attributes:
        delivery: The row of the outbox.
        call: The request that fulfils it.
        revision: The story's revision that it shows.
        since: When it came into the hand, in monotonic seconds.
    """

    delivery: Delivery
    call: Call
    revision: int | None
    since: float

    @property
    def paid(self) -> bool:
        """Whether it may leave at the pace that is paid for."""
        return bool(self.call.parameters.get("allow_paid_broadcast"))


class Hand:
    """Chooses who leaves next: by priority, and among equals whoever has been able to leave for longest.

    Not by id among equals: five busy groups with old rows would take every turn that their own limits leave them,
    and everybody else would wait.
    """

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._held: dict[int, Held] = {}
        self._since = math.inf  # nothing in hand came before

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, chat_id: int) -> bool:
        """Tell whether anything in hand is for a chat."""
        return any(held.delivery.chat_id == chat_id for held in self._held.values())

    def add(self, held: Held) -> None:
        """Take a delivery in hand."""
        self._held[held.delivery.id] = held
        self._since = min(self._since, held.since)

    def pick(self, now: float) -> Held | None:
        """Take out the delivery whose request should leave now; None when none may."""
        pacer = self._pacer
        open_to = [pacer.free_at(now, paid=paid) <= now for paid in (False, True)]
        if not any(open_to):
            return None
        best, best_rank = None, (math.inf, math.inf, math.inf)
        for held in self._held.values():
            if not open_to[held.paid]:
                continue
            ready_at = self._ready_at(held)
            rank = (held.delivery.priority, ready_at, held.delivery.id)
            if ready_at <= now and rank < best_rank:
                best, best_rank = held, rank
        return None if best is None else self._held.pop(best.delivery.id)

    def next_at(self, now: float) -> float | None:
        """Return when `pick` will find one; None while the hand is empty."""
        if not self._held:
            return None
        free_at = {paid: self._pacer.free_at(now, paid=paid) for paid in (False, True)}
        return min(max(free_at[held.paid], self._ready_at(held)) for held in self._held.values())

    def release_stale(self, before: float) -> list[Held]:
        """Give up the stories that came before an instant: whoever was to get them may have left since."""
        if self._since >= before:
            return []
        stale = [
            held
            for held in self._held.values()
            if held.since < before and held.delivery.kind in (DeliveryKind.STORY, DeliveryKind.EDIT)
        ]
        for held in stale:
            del self._held[held.delivery.id]
        self._since = min((held.since for held in self._held.values()), default=math.inf)
        return stale

    def release(self) -> list[Held]:
        """Give all of them up."""
        released = list(self._held.values())
        self._held.clear()
        return released

    def _ready_at(self, held: Held) -> float:
        return self._pacer.chat_free_at(held.delivery.chat_id, held.since)


def facts(delivery: Delivery) -> dict[str, object]:
    """Say of a delivery what the log may know."""
    return {"delivery": delivery.id, "kind": str(delivery.kind), "chat_kind": str(delivery.chat_kind)}
