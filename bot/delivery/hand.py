"""The deliveries in hand: marked as leaving, their requests not yet gone."""

from __future__ import annotations

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

    def __len__(self) -> int:
        return len(self._held)

    def add(self, held: Held) -> None:
        """Take a delivery in hand."""
        self._held[held.delivery.id] = held

    def pick(self, now: float) -> Held | None:
        """Take out the delivery whose request should leave now; None when none may."""
        open_to = [paid for paid in (False, True) if self._pacer.free_at(now, paid=paid) <= now]
        able = [held for held in self._held.values() if held.paid in open_to and self._ready_at(held) <= now]
        if not able:
            return None
        return self._held.pop(min(able, key=self._rank).delivery.id)

    def next_at(self, now: float) -> float | None:
        """Return when `pick` will find one; None while the hand is empty."""
        if not self._held:
            return None
        free_at = {paid: self._pacer.free_at(now, paid=paid) for paid in (False, True)}
        return min(max(free_at[held.paid], self._ready_at(held)) for held in self._held.values())

    def release_stale(self, before: float) -> list[Held]:
        """Give up the stories that came before an instant: whoever was to get them may have left since."""
        stale = [
            held
            for held in self._held.values()
            if held.since < before and held.delivery.kind in (DeliveryKind.STORY, DeliveryKind.EDIT)
        ]
        for held in stale:
            del self._held[held.delivery.id]
        return stale

    def release(self) -> list[Held]:
        """Give all of them up."""
        released = list(self._held.values())
        self._held.clear()
        return released

    def _ready_at(self, held: Held) -> float:
        return self._pacer.chat_free_at(held.delivery.chat_id, held.since)

    def _rank(self, held: Held) -> tuple[int, float, int]:
        return held.delivery.priority, self._ready_at(held), held.delivery.id


def facts(delivery: Delivery) -> dict[str, object]:
    """Say of a delivery what the log may know."""
    return {"delivery": delivery.id, "kind": str(delivery.kind), "chat_kind": str(delivery.chat_kind)}
