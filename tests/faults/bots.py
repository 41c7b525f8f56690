"""The bot as a process that is killed, stopped, frozen, traced and started again."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.support.forking import Child, ForkServer

READY_S = 40.0
STOP_S = 30.0
_LOOK_S = 0.01
_MEBIBYTE = 2**20


def plain_environment() -> dict[str, str]:
    """Give the environment without this machine's own Newsgist settings."""
    return {key: value for key, value in os.environ.items() if not key.startswith("NEWSGIST_")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """How a bot's process ended.

    Attributes:
        how: the signal, or what else ended it.
        status: its exit status, negative for a signal.
        took_s: seconds from the signal to the end.
        marked: deliveries that were marked as leaving when it was gone; ``None`` where nobody looked.
        peak_mib: the most memory that it had resident.
        at: when, in seconds since 1970.
    """

    how: str
    status: int
    took_s: float
    marked: int | None
    peak_mib: float
    at: float


@dataclass(frozen=True, slots=True)
class Injection:
    """What ``strace`` does to a system call.

    Attributes:
        call: the call's name.
        what: as ``strace`` has it, such as ``signal=SIGKILL`` or ``error=ENOSPC``.
        when: which of the calls, counted by thread from 1, as ``strace`` has it: ``3`` the third, ``3..5`` three.
        threads: whether those of all threads count, or only the main one's, where the network is.
    """

    call: str
    what: str
    when: str
    threads: bool = True

    @property
    def kills(self) -> bool:
        """Whether it ends the process."""
        return self.what == "signal=SIGKILL"


@dataclass(eq=False)
class Bot:
    """A bot's process over its starts.

    Args:
        forks: who starts it.
        folder: where its log and output lie.
        settings: its environment variables.
        name: tells two bots apart.
        roles: what it does; all where empty.

    Attributes:
        stops: how it has ended so far.
        starts: when it was started, in seconds since 1970.
    """

    forks: ForkServer
    folder: Path
    settings: Mapping[str, str]
    name: str = "bot"
    roles: Sequence[str] = ()
    stops: list[Stop] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    _child: Child | None = None
    _injection: Injection | None = None
    _tracer: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        """What it has written to standard error, over all its starts."""
        return self.folder / f"{self.name}.log"

    @property
    def output(self) -> Path:
        """What its present start has written to standard output."""
        return self.folder / f"{self.name}.{len(self.starts)}.out"

    @property
    def pid(self) -> int:
        """The present process."""
        assert self._child is not None
        return self._child.pid

    @property
    def is_up(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.status is None

    @property
    def health_url(self) -> str:
        """The root of its own pages; empty before it is ready."""
        printed = self.output.read_text() if self.output.exists() else ""
        return printed.split()[-1].removesuffix("/readyz") if printed.endswith("/readyz\n") else ""

    async def launch(self, injection: Injection | None = None, *, extra: Mapping[str, str] | None = None) -> None:
        """Start it, ready or not.

        Args:
            injection: what ``strace`` does to it.
            extra: further environment variables.
        """
        assert not self.is_up
        self.starts.append(time.time())
        self._injection = injection
        gate = self.folder / f"{self.name}.{len(self.starts)}.gate" if injection is not None else None
        arguments = [word for role in self.roles for word in ("--role", role)]
        self._child = await self.forks.start(
            "bot",
            ["run", *arguments],
            env={**plain_environment(), **self.settings, **(extra or {})},
            folder=self.folder,
            output=self.output,
            log=self.log,
            gate=gate,
        )
        if injection is not None and gate is not None:
            await self._trace(injection)
            gate.touch()

    async def _trace(self, injection: Injection) -> None:
        strace = shutil.which("strace")
        assert strace is not None, "the sweep needs strace (apt install strace)"
        self._tracer = await asyncio.create_subprocess_exec(
            strace,
            *(["-f"] if injection.threads else []),
            *("-p", str(self.pid), "-e", f"trace={injection.call}", "-e", "signal=none"),
            *("-e", f"inject={injection.call}:{injection.what}:when={injection.when}"),
            *("-o", str(self.folder / f"{self.name}.{len(self.starts)}.strace")),
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._tracer.stderr is not None
        line = await asyncio.wait_for(self._tracer.stderr.readline(), READY_S)
        assert b"attached" in line, f"strace says: {line.decode()}"

    async def start(self, injection: Injection | None = None, *, extra: Mapping[str, str] | None = None) -> None:
        """Start it and wait until it serves.

        Raises:
            AssertionError: it ends, or does not come up in time.
        """
        await self.launch(injection, extra=extra)
        assert await self.comes_up(), f"{self.name} has not come up\n{self.tail()}"

    async def comes_up(self, timeout_s: float = READY_S) -> bool:
        """Wait until it serves or ends; tell whether it serves."""
        ends_at = time.monotonic() + timeout_s
        while time.monotonic() < ends_at and self.is_up:
            if self.output.exists() and "is running" in self.output.read_text():
                return True
            await asyncio.sleep(_LOOK_S)
        return False

    async def ends(self, timeout_s: float) -> bool:
        """Wait until it ends by itself; tell whether it has."""
        if self._child is None:
            return True
        try:
            await self._child.wait(timeout_s)
        except TimeoutError:
            return False
        return True

    def send(self, number: signal.Signals) -> None:
        """Send a signal to whatever runs."""
        if self._child is not None:
            self._child.send(number)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Stop it; give the seconds that it took. One that has ended already took none.

        Where ``strace`` was to kill it and did so during the stop, it counts as killed.
        """
        if self._child is None:
            return 0.0
        peak_mib = self.peak_mib()
        self.send(how)
        took_s = await self._child.wait(STOP_S)
        struck = self._injection is not None and self._injection.kills and self._child.status == -signal.SIGKILL
        return self.note_end((signal.SIGKILL if struck else how).name, took_s=took_s, peak_mib=peak_mib)

    def note_end(self, how: str, *, took_s: float = 0.0, peak_mib: float = 0.0, marked: int | None = None) -> float:
        """Write down how the process ended."""
        assert self._child is not None
        assert self._child.status is not None
        stop = Stop(
            how=how,
            status=self._child.status,
            took_s=took_s,
            marked=marked,
            peak_mib=peak_mib,
            at=time.time(),
        )
        self.stops.append(stop)
        self._child = None
        return took_s

    def note_marked(self, marked: int) -> None:
        """Add to the last end how many deliveries it left marked as leaving."""
        last = self.stops.pop()
        self.stops.append(
            Stop(
                how=last.how,
                status=last.status,
                took_s=last.took_s,
                marked=marked,
                peak_mib=last.peak_mib,
                at=last.at,
            )
        )

    def peak_mib(self) -> float:
        """Read the most memory that the process has had resident; 0 where it is gone."""
        with suppress(OSError, AttributeError):
            assert self._child is not None
            for line in Path(f"/proc/{self._child.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    return int(line.split()[1]) * 1024 / _MEBIBYTE
        return 0.0

    def memory_kib(self) -> float:
        """Read how much memory the process has resident."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    async def close(self) -> None:
        """Kill whatever is left."""
        if self._child is not None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGKILL)
            with suppress(TimeoutError):
                await self._child.wait(STOP_S)
        if self._tracer is not None:
            if self._tracer.returncode is None:
                self._tracer.terminate()
            await asyncio.wait_for(self._tracer.communicate(), STOP_S)

    async def readiness(self) -> int:
        """Ask ``/readyz``; 0 where nobody answers."""
        if not self.health_url:
            return 0
        timeout = aiohttp.ClientTimeout(total=15)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"{self.health_url}/readyz") as got,
            ):
                return got.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def metrics(self) -> str:
        """Read ``/metrics``."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.health_url}/metrics") as got:
            return await got.text()

    def count_traced(self) -> int:
        """Count the calls that ``strace`` has seen of the present start."""
        seen = self.folder / f"{self.name}.{len(self.starts)}.strace"
        return sum("(" in line for line in seen.read_text(errors="replace").splitlines())

    def events(self) -> list[dict[str, Any]]:
        """Read its log's lines that are structured."""
        found = []
        for line in self.written().splitlines():
            with suppress(ValueError):
                told = json.loads(line)
                if isinstance(told, dict):
                    found.append(told)
        return found

    def written(self) -> str:
        """Give all that it has written to standard error."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def tail(self) -> str:
        """Give the end of its log."""
        return self.written()[-4000:]
