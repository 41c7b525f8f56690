"""Lines handed out to processes and their answers put back in order.

The process that hands out has no threads: it waits for its input and its workers at once, and reads no further ahead
than they can follow.
"""

from __future__ import annotations

from collections import deque
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final

from bot.console.jsonl import read_row, write_row
from bot.console.workers import Job, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from typing import BinaryIO

    from bot.console.jsonl import Lines

_CHUNK_LINES: Final = 24
_WINDOW_LINES: Final = 1024
"""So far the first line that is not answered may lie behind the last one handed out."""
_WINDOW_BYTES: Final = 1 << 25


def hand_out(lines: Lines, sink: BinaryIO, answer: Callable[[Sequence[bytes]], bytes], count: int) -> None:
    """Answer all lines in other processes.

    Args:
        lines: the input.
        sink: where the answers go, in the order of the lines.
        answer: turns lines into their answers, each of which ends with a line feed; raises nothing.
        count: how many processes.
    """
    with Workers(count, answer) as workers:
        _Handing(lines, sink, workers, count).run()


class _Handing:
    """Hands lines out to workers and writes what comes back in the order of the lines.

    Args:
        lines: the input.
        sink: the output.
        workers: who does the work.
        count: how many they are.
    """

    def __init__(self, lines: Lines, sink: BinaryIO, workers: Workers, count: int) -> None:
        self._lines = lines
        self._sink = sink
        self._workers = workers
        self._ahead = 2 * count * _CHUNK_LINES
        self._count = count
        self._again: deque[Job] = deque()
        self._answered: dict[int, tuple[Job, bytes]] = {}
        self._handed = 0
        self._written = 0
        self._open_bytes = 0

    def run(self) -> None:
        """Go on until every line is answered."""
        while True:
            while len(self._lines.found) < self._ahead and self._lines.is_ready():
                self._lines.read()
            while self._workers.has_idle() and (job := self._next_job()):
                self._workers.hand(job)
            if not self._workers.is_busy() and not self._lines.found and self._lines.has_ended:
                return
            self._await()

    def _await(self) -> None:
        has_room = len(self._lines.found) < self._ahead and not self._lines.has_ended
        watched: list[Connection | int] = [*self._workers.pipes(), *([self._lines.source] if has_room else [])]
        if not (ready := wait(watched, 0)):
            self._sink.flush()
            ready = wait(watched)
        if self._lines.source in ready:
            self._lines.read()
        for pipe in self._workers.pipes():
            if pipe in ready and (told := self._workers.collect(pipe)):
                self._settle(*told)

    def _settle(self, job: Job, answers: bytes | None) -> None:
        """File a job's answers; where its worker died, do its lines one by one, and give up on the one that kills."""
        if answers is None and len(job.lines) > 1:
            self._again.extend(Job(job.first + number, (line,)) for number, line in enumerate(job.lines))
            return
        if answers is None:
            answers = write_row({"id": _id_of(job.lines[0]), "error": "the process that worked on this row died"})
        self._answered[job.first] = (job, answers)
        while found := self._answered.pop(self._written, None):
            self._sink.write(found[1])
            self._written += len(found[0].lines)
            self._open_bytes -= sum(map(len, found[0].lines))

    def _next_job(self) -> Job | None:
        if self._again:
            return self._again.popleft()
        is_far = self._handed - self._written >= _WINDOW_LINES or self._open_bytes >= _WINDOW_BYTES
        found = self._lines.found
        if not found or is_far:
            return None
        # What is left at the end is shared out evenly.
        most = min(_CHUNK_LINES, -(-len(found) // self._count)) if self._lines.has_ended else _CHUNK_LINES
        job = Job(self._handed, self._lines.take(most))
        self._handed += len(job.lines)
        self._open_bytes += sum(map(len, job.lines))
        return job


def _id_of(line: bytes) -> Any:  # noqa: ANN401 - whatever stands in the JSON
    try:
        row = read_row(line)
    except (ValueError, RecursionError):
        return None
    return row.get("id") if isinstance(row, dict) else None
