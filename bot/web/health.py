"""Whether the bot does its work, in plain lines and in numbers; no chat, address or text stands in either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from prometheus_client import CollectorRegistry, Gauge, PlatformCollector, ProcessCollector

if TYPE_CHECKING:
    from storage import Storage

_PROBE_FAILED: Final = "the database cannot be read"


class WatchedSender(Protocol):
    """What health asks of the sender."""

    sent: int
    dead: int
    unknown: int
    token_rejected: bool


class WatchedPoller(Protocol):
    """What health asks of the poller."""

    trouble: str


class Health:
    """Gathers what the parts say of themselves."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._poller: WatchedPoller | None = None
        self._sender: WatchedSender | None = None
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._deliveries = Gauge(
            "newsgist_deliveries", "Deliveries settled since the start.", ["outcome"], registry=self.registry
        )

    def watch_sender(self, sender: WatchedSender) -> None:
        """Count what the sender settles."""
        self._sender = sender
        self._deliveries.labels("sent").set_function(lambda: sender.sent)
        self._deliveries.labels("dead").set_function(lambda: sender.dead)
        self._deliveries.labels("unknown").set_function(lambda: sender.unknown)

    def watch_poller(self, poller: WatchedPoller) -> None:
        """Tell what keeps updates from us."""
        self._poller = poller

    async def faults(self) -> list[str]:
        """List what keeps the bot from its work; empty when all is well."""
        found = []
        if self._poller is not None and self._poller.trouble:
            found.append(self._poller.trouble)
        if self._sender is not None and self._sender.token_rejected:
            found.append("Telegram does not know the bot's token any more")
        try:
            async with self._storage.read() as work:
                await work.outbox.backlog()
        except Exception:  # noqa: BLE001 - whatever it is, the answer is that it does not work
            found.append(_PROBE_FAILED)
        return found
