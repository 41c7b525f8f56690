"""Claimed deliveries on their way into the hand: their words are found, and what has none is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.delivery import outcomes
from bot.delivery.calls import compose
from bot.delivery.hand import Held, facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.delivery.calls import Rendered
    from bot.delivery.contents import Contents
    from bot.delivery.outcomes import Outcome
    from storage import Storage
    from storage.model import Delivery

log = structlog.get_logger(__name__)


class Wording:
    """Makes requests of deliveries.

    Args:
        storage: Where their words are.
        contents: Finds them.
        clock: Tells the time, aware and in UTC.
        monotonic: Tells the seconds that the pacer counts in.
        take: Takes what is to leave.
        settle: Takes what became of the others.
        note_error: Called for each that could not be put into words.
    """

    def __init__(
        self,
        storage: Storage,
        contents: Contents,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        take: Callable[[Held], None],
        settle: Callable[[Outcome], None],
        note_error: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._contents = contents
        self._clock = clock
        self._monotonic = monotonic
        self._take = take
        self._settle = settle
        self._note_error = note_error

    async def put(self, claimed: Sequence[Delivery]) -> None:
        """Put deliveries into words.

        Raises:
            StorageError: The database could not be read; those that needed it are given back.
        """
        unread = [delivery for delivery in claimed if not self._recall(delivery)]
        if not unread:
            return
        written = 0
        try:
            async with self._storage.read() as work:
                for delivery in unread:
                    try:
                        self._word(delivery, await self._contents.find(delivery, work))
                    except Exception as error:
                        log.exception("rendering_failed", **facts(delivery))
                        self._give_up(delivery, error)
                    written += 1
        except Exception:
            for delivery in unread[written:]:
                self._settle(outcomes.requeue(delivery, due_at=self._clock()))
            raise

    def _recall(self, delivery: Delivery) -> bool:
        """Put a delivery into words if these are known without a look into the database, and say whether they are."""
        known = self._contents.recall(delivery)
        if known is None:
            return False
        try:
            self._word(delivery, known)
        except Exception as error:
            log.exception("rendering_failed", **facts(delivery))
            self._give_up(delivery, error)
        return True

    def _give_up(self, delivery: Delivery, error: Exception) -> None:
        self._note_error()
        self._settle(outcomes.unwritten(delivery, error, now=self._clock()))

    def _word(self, delivery: Delivery, rendered: Rendered | None) -> None:
        if rendered is None:
            self._settle(outcomes.without_words(delivery))
        elif (call := compose(delivery, rendered.parameters)) is None:
            self._settle(outcomes.without_target(delivery))
        else:
            self._take(Held(delivery=delivery, call=call, revision=rendered.revision, since=self._monotonic()))
