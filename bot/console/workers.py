"""Processes that answer lines, and what becomes of a line whose process dies."""

from __future__ import annotations

import multiprocessing
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess


class Job(NamedTuple):
    """Lines for one worker, and the number of the first of them."""

    first: int
    lines: tuple[bytes, ...]


class Workers:
    """Processes forked from this one, each with one job at a time; one that dies is replaced when it is needed.

    Args:
        count: how many.
        answer: turns lines into their answers, each of which ends with a line feed; raises nothing.
    """

    def __init__(self, count: int, answer: Callable[[Sequence[bytes]], bytes]) -> None:
        self._count = count
        self._answer = answer
        # Forked processes share what is imported already, and nothing else runs in this one.
        self._context = multiprocessing.get_context("fork")
        self._processes: dict[Connection, ForkProcess] = {}
        self._jobs: dict[Connection, Job] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe, process in self._processes.items():
            pipe.close()
            process.terminate()
        for process in self._processes.values():
            process.join()

    def pipes(self) -> list[Connection]:
        """List what to wait for: it becomes readable when its worker is done, or dead."""
        return list(self._processes)

    def has_idle(self) -> bool:
        """Whether a job could be handed out."""
        return len(self._jobs) < self._count

    def is_busy(self) -> bool:
        """Whether a job is being done."""
        return bool(self._jobs)

    def hand(self, job: Job) -> None:
        """Give a job to an idle worker, which is started if there is none."""
        while True:
            pipe = next((one for one in self._processes if one not in self._jobs), None) or self._start()
            try:
                pipe.send(job.lines)
            except OSError:  # it died while it had nothing to do
                self._bury(pipe)
                continue
            self._jobs[pipe] = job
            return

    def collect(self, pipe: Connection) -> tuple[Job, bytes | None] | None:
        """Take what a worker has to say.

        Args:
            pipe: one of :meth:`pipes` that is readable.

        Returns:
            Its job with the answers; with ``None`` if it died of it. ``None`` if it died without a job.
        """
        job = self._jobs.pop(pipe, None)
        try:
            answers = pipe.recv_bytes()
        except (EOFError, OSError):
            self._bury(pipe)
            return (job, None) if job else None
        return (job, answers) if job else None

    def _start(self) -> Connection:
        ours, theirs = self._context.Pipe()
        # A worker that held the others' pipes would keep them from noticing that this process is gone.
        process = self._context.Process(
            target=_work, args=(theirs, [ours, *self._processes], self._answer), daemon=True
        )
        process.start()
        theirs.close()
        self._processes[ours] = process
        return ours

    def _bury(self, pipe: Connection) -> None:
        pipe.close()
        process = self._processes.pop(pipe)
        process.kill()
        process.join()


def _work(pipe: Connection, others: Sequence[Connection], answer: Callable[[Sequence[bytes]], bytes]) -> None:
    # Ctrl+C is for the process that hands out; it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        other.close()
    with suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(answer(pipe.recv()))
