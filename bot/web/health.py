"""Whether the bot does its work, in plain lines and in numbers; no chat, address or text stands in either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from prometheus_client import CollectorRegistry, Gauge, PlatformCollector, ProcessCollector

if TYPE_CHECKING:
    from storage import Storage

_PROBE_FAILED: Final = "the database cannot be read"
_NOT_WRITTEN: Final = "the database cannot be written"


class WatchedSender(Protocol):
    """What health asks of the part that sends and asks for updates."""

    @property
    def sent(self) -> int:
        """Deliveries sent."""

    @property
    def dead(self) -> int:
        """Deliveries that Telegram refused."""

    @property
    def unknown(self) -> int:
        """Deliveries that Telegram never answered for."""

    @property
    def token_rejected(self) -> bool:
        """Whether the token is worth nothing any more."""

    @property
    def trouble(self) -> str:
        """What keeps updates from us; empty when nothing does."""

    @property
    def leads(self) -> bool:
        """Whether this process sends, rather than stand by."""


class Health:
    """Gathers what the parts say of themselves."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._sender: WatchedSender | None = None
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._deliveries = Gauge(
            "newsgist_deliveries", "Deliveries settled since the start.", ["outcome"], registry=self.registry
        )

    def watch(self, sender: WatchedSender) -> None:
        """Count what is settled, and tell what keeps updates from us."""
        self._sender = sender
        self._deliveries.labels("sent").set_function(lambda: sender.sent)
        self._deliveries.labels("dead").set_function(lambda: sender.dead)
        self._deliveries.labels("unknown").set_function(lambda: sender.unknown)
        leading = Gauge("newsgist_leads", "Whether this process sends; 0 while it stands by.", registry=self.registry)
        leading.set_function(lambda: float(sender.leads))

    async def faults(self) -> list[str]:
        """List what keeps the bot from its work; empty when all is well."""
        found = []
        if self._sender is not None and self._sender.trouble:
            found.append(self._sender.trouble)
        if self._sender is not None and self._sender.token_rejected:
            found.append("Telegram does not know the bot's token any more")
        try:
            async with self._storage.read() as work:
                await work.outbox.next_due_at()
        except Exception:  # noqa: BLE001 - whatever it is, the answer is that it does not work
            found.append(_PROBE_FAILED)
        if self._storage.is_failing:
            found.append(_NOT_WRITTEN)
        return found
