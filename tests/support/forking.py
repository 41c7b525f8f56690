"""Processes that start in a fifth of a second: forked off a parent that has imported everything already.

A child runs ``python -m MODULE ARGUMENTS`` with an environment, a folder and files of its own, as a process started
afresh would; only the two seconds of imports are saved, which over hundreds of kills are most of the time. Run as a
program, this module is the parent; ``ForkServer`` talks to it.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

_PR_SET_PTRACER, _PR_SET_PTRACER_ANY = 0x59616D61, -1
_START_S = 60.0


@dataclass(slots=True, eq=False)
class Child:
    """A forked process.

    Attributes:
        pid: its id.
        status: its exit status as ``subprocess`` counts it, negative for a signal; ``None`` while it runs.
        ended: set once it has ended.
    """

    pid: int
    status: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; one that has ended gets none."""
        if self.status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait(self, timeout_s: float) -> float:
        """Wait for its end; give the seconds that it took.

        Raises:
            TimeoutError: it runs on.
        """
        started = time.monotonic()
        async with asyncio.timeout(timeout_s):
            await self.ended.wait()
        return time.monotonic() - started


class ForkServer:
    """The parent of the children; an async context manager that kills those which are left."""

    def __init__(self) -> None:
        self._children: dict[int, Child] = {}
        self._early: dict[int, int] = {}
        self._answers: asyncio.Queue[int] = asyncio.Queue()
        self._turn = asyncio.Lock()
        self._parent: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        ours, theirs = socket.socketpair()
        with theirs:
            self._parent = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "tests.support.forking", str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
            )
        reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        self._listening = asyncio.create_task(self._listen(reader))
        async with asyncio.timeout(_START_S):
            assert await self._answers.get() == 0
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children.values():
            child.send(signal.SIGCONT)
            child.send(signal.SIGKILL)
        assert self._parent is not None
        assert self._writer is not None
        assert self._listening is not None
        self._writer.close()  # upon which the parent ends
        await asyncio.wait_for(self._parent.wait(), _START_S)
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            told = json.loads(line)
            if "status" not in told:
                self._answers.put_nowait(told["pid"])
            elif (child := self._children.pop(told["pid"], None)) is not None:
                child.status = told["status"]
                child.ended.set()
            else:  # it ended before whoever started it had heard of it
                self._early[told["pid"]] = told["status"]

    async def start(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        folder: Path,
        output: Path,
        log: Path,
        gate: Path | None = None,
    ) -> Child:
        """Fork a child.

        Args:
            module: what it runs as ``python -m``.
            arguments: of its command line.
            env: its environment, nothing else.
            folder: where it stands.
            output: the file to which its standard output is appended.
            log: the file to which its standard error is appended.
            gate: a file for whose appearance it waits before it does anything, so that a tracer can get hold of it.
        """
        wish = {
            "module": module,
            "arguments": list(arguments),
            "env": dict(env),
            "folder": str(folder),
            "output": str(output),
            "log": str(log),
            "gate": None if gate is None else str(gate),
        }
        assert self._writer is not None
        async with self._turn:
            self._writer.write(json.dumps(wish).encode() + b"\n")
            pid = await asyncio.wait_for(self._answers.get(), _START_S)
        child = Child(pid)
        if pid in self._early:
            child.status = self._early.pop(pid)
            child.ended.set()
        else:
            self._children[pid] = child
        return child


def _serve(link: socket.socket) -> None:
    """Fork a child for each line that comes, and tell of each that has ended."""
    import bot.app  # noqa: PLC0415 -- what the children need not load any more
    import bot.cli  # noqa: PLC0415
    import bot.sandbox.server  # noqa: F401, PLC0415
    from bot.messages.speech import SUPPORTED, speech  # noqa: PLC0415

    for lang in SUPPORTED:
        speech(lang)
    gc.freeze()

    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    _tell(link, {"pid": 0})
    buffer = b""
    living: set[int] = set()
    while True:
        ready, _, _ = select.select([link, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            living -= _reap(link)
        if link in ready:
            try:
                read = link.recv(65536)
            except ConnectionResetError:
                read = b""
            if not read:  # whoever asked is gone; so shall be what it asked for
                for pid in living:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                return
            buffer += read
            while b"\n" in buffer:
                line, _, buffer = buffer.partition(b"\n")
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    for end in (link, woken, wake):
                        end.close()
                    _become(json.loads(line))
                living.add(pid)
                _tell(link, {"pid": pid})


def _reap(link: socket.socket) -> set[int]:
    """Tell of the children that have ended; give them."""
    ended: set[int] = set()
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended.add(pid)
        _tell(link, {"pid": pid, "status": os.waitstatus_to_exitcode(status)})


def _tell(link: socket.socket, what: Mapping[str, Any]) -> None:
    link.sendall(json.dumps(what).encode() + b"\n")


def _become(wish: dict[str, Any]) -> None:
    """Turn into what was wished for, and end with it."""
    status = 1
    try:
        for number, path in ((1, wish["output"]), (2, wish["log"])):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(descriptor, number)
            os.close(descriptor)
        if wish["gate"] is not None:
            ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _PR_SET_PTRACER_ANY)
            while not Path(wish["gate"]).exists():
                time.sleep(0.002)
        os.environ.clear()
        os.environ.update(wish["env"])
        time.tzset()
        os.chdir(wish["folder"])
        sys.argv = [wish["module"], *wish["arguments"]]
        runpy.run_module(wish["module"], run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- the parent's code must never run on in a child
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as _link:
        _serve(_link)
