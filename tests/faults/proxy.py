"""A network that misbehaves: a TCP proxy whose connections can be cut, choked, half closed or swallowed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    Dial = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]

_CHUNK_BYTES = 65536


class Mood(StrEnum):
    """What the network does to what passes."""

    CLEAR = "clear"
    REFUSE = "refuse"
    """Open connections are reset, new ones too."""
    SWALLOW = "swallow"
    """Bytes vanish both ways, and nobody is told: a cable is pulled."""
    DEAF = "deaf"
    """What is asked arrives, what is answered vanishes."""
    HALF_CLOSE = "half_close"
    """What is asked arrives, and the answer's side is closed before it comes."""
    SLICE = "slice"
    """Bytes arrive a few at a time."""
    DRIP = "drip"
    """Every chunk is late."""


class Proxy:
    """Passes TCP connections on; an async context manager.

    Args:
        dial: opens the way to the server.
        late_s: how late a chunk is while it drips.

    Attributes:
        port: where it listens on loopback.
        mood: what it does at present.
        passed: connections that came.
    """

    def __init__(self, dial: Dial, *, late_s: float = 0.3) -> None:
        self._dial = dial
        self._late_s = late_s
        self.port = 0
        self.mood = Mood.CLEAR
        self.passed = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def reset(self) -> None:
        """Break every open connection."""
        for writer in self._writers:
            writer.transport.abort()

    def turn(self, mood: Mood) -> None:
        """Change the weather; whoever leaves a mood in which bytes vanish loses the connections that it broke."""
        if mood is Mood.REFUSE or self.mood in {Mood.SWALLOW, Mood.DEAF, Mood.HALF_CLOSE}:
            self.reset()
        self.mood = mood

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.passed += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            if self.mood is Mood.REFUSE:
                writer.transport.abort()
                return
            there, onward = await self._dial()
            self._writers.add(onward)
            try:
                await asyncio.gather(self._pump(reader, onward, asks=True), self._pump(there, writer, asks=False))
            finally:
                self._writers.discard(onward)
                onward.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass  # either end is gone, or the proxy closes
        finally:
            self._tasks.discard(task)
            self._writers.discard(writer)
            writer.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, asks: bool) -> None:
        """Pass one direction on until its end; the other goes on until its own."""
        while chunk := await source.read(_CHUNK_BYTES):
            match self.mood:
                case Mood.SWALLOW:
                    continue
                case Mood.DEAF if not asks:
                    continue
                case Mood.HALF_CLOSE if not asks:
                    break
                case Mood.SLICE:
                    for start in range(0, len(chunk), 7):
                        sink.write(chunk[start : start + 7])
                        await sink.drain()
                        await asyncio.sleep(0)
                    continue
                case Mood.DRIP:
                    await asyncio.sleep(self._late_s)
                case _:
                    pass
            sink.write(chunk)
            await sink.drain()
        with suppress(OSError, RuntimeError):
            sink.write_eof()
