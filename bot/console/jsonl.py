"""JSON lines in and out, in order, on all cores: one line of output for each line of input.

One process answers the first lines as they come, so that few lines are not kept waiting for others to start. After
that it only reads, hands out and writes; processes forked from it, which share what is loaded by then, do the work.
It has no threads: it waits for its input and its workers at once, and reads no further ahead than they can follow.
"""

from __future__ import annotations

import gc
import json
import os
import time
from collections import deque
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic_core import from_json, to_json

from bot.console.workers import Job, Workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from typing import BinaryIO

Row: TypeAlias = dict[str, Any]

_ALONE_S: Final = 0.15
"""So much work is done before other processes start; the first line, which loads what all need, does not count."""
_READ_BYTES: Final = 1 << 18
_CHUNK_LINES: Final = 16
_CHUNK_BYTES: Final = 1 << 18
_WINDOW_LINES: Final = 1024
"""So far the first line that is not answered may lie behind the last one handed out."""
_WINDOW_BYTES: Final = 1 << 25


def answer_stream(
    source: BinaryIO,
    sink: BinaryIO,
    answer: Callable[[Row], Row],
    *,
    processes: int | None = None,
    alone_s: float = _ALONE_S,
) -> None:
    """Answer each line by a row that carries the same ``id``; a row that fails carries ``error`` instead.

    Args:
        source: JSON objects, one a line; blank lines are passed over. An open file or pipe of which nothing is read.
        sink: where the answers go, flushed whenever there is nothing left to do but to wait.
        answer: what turns a row into its answer.
        processes: how many do the work; ``None`` for one a core.
        alone_s: after so many seconds of work they start.

    Raises:
        BrokenPipeError: nobody reads the answers any more.
    """
    lines = _Lines(source.fileno())
    count = processes or _cores()
    try:
        is_done = _answer_alone(lines, sink, answer, None if count == 1 else alone_s)
        if not is_done:
            with Workers(count, lambda line: write_row(answer_line(answer, line))) as workers:
                _Handing(lines, sink, workers, count).run()
    finally:
        gc.unfreeze()
    sink.flush()


class _Lines:
    """The lines of a file descriptor, read as far as they are wanted.

    Args:
        source: the descriptor.
    """

    def __init__(self, source: int) -> None:
        self.source = source
        self.has_ended = False
        self.found: deque[bytes] = deque()
        self._begun: list[bytes] = []

    def is_ready(self) -> bool:
        """Whether reading on would not wait."""
        return not self.has_ended and bool(wait([self.source], 0))

    def read(self) -> None:
        """Read what is there; wait where nothing is."""
        got = os.read(self.source, _READ_BYTES)
        if not got:
            self.has_ended = True
        self._begun.append(got)
        if b"\n" in got or self.has_ended:
            *whole, rest = b"".join(self._begun).split(b"\n")
            self._begun = [rest]
            self.found.extend(line for line in (*whole, rest if self.has_ended else b"") if line.strip())


def _answer_alone(lines: _Lines, sink: BinaryIO, answer: Callable[[Row], Row], most_s: float | None) -> bool:
    """Answer lines as they come; return whether that was all, or there is more than should be done alone."""
    left_s = most_s
    is_first = True
    while True:
        while not lines.found and not lines.has_ended:
            if not lines.is_ready():
                sink.flush()
            lines.read()
        if not lines.found:
            return True
        if left_s is not None and left_s <= 0 and not is_first:
            return False
        started = time.perf_counter()
        sink.write(write_row(answer_line(answer, lines.found.popleft())))
        if left_s is not None and not is_first:
            left_s -= time.perf_counter() - started
        if is_first:
            gc.freeze()  # what is loaded by now stays; to search it for rubbish again and again costs a seventh
        is_first = False


class _Handing:
    """Hands lines out to workers and writes what comes back in the order of the lines.

    Args:
        lines: the input.
        sink: the output.
        workers: who does the work.
        count: how many they are.
    """

    def __init__(self, lines: _Lines, sink: BinaryIO, workers: Workers, count: int) -> None:
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
        taken: list[bytes] = []
        size = 0
        while found and len(taken) < most and size < _CHUNK_BYTES:
            taken.append(found.popleft())
            size += len(taken[-1])
        job = Job(self._handed, tuple(taken))
        self._handed += len(taken)
        self._open_bytes += size
        return job


def _id_of(line: bytes) -> Any:  # noqa: ANN401 - whatever stands in the JSON
    try:
        row = _read_row(line)
    except (ValueError, RecursionError):
        return None
    return row.get("id") if isinstance(row, dict) else None


def _cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def answer_line(answer: Callable[[Row], Row], line: bytes) -> Row:
    """Answer one line; whatever is wrong with it stands in ``error``."""
    row: Any = None
    try:
        row = _read_row(line)
        if isinstance(row, dict):
            return {"id": row.get("id"), **answer(row)}
    except json.JSONDecodeError:
        return {"id": None, "error": "not JSON"}
    except Exception as error:  # noqa: BLE001 - one bad row must not end the stream
        return {"id": row.get("id") if isinstance(row, dict) else None, "error": describe(error)}
    return {"id": None, "error": "a row must be a JSON object"}


def write_row(row: Row) -> bytes:
    """Write a row as one line of UTF-8; lone surrogates, which no UTF-8 has, become question marks."""
    try:
        written = to_json(row)
    except ValueError:  # a lone surrogate
        written = b""
    if written and b"Infinity" not in written:
        return written + b"\n"
    try:
        text = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:  # an id beyond what JSON's numbers hold comes in as infinity
        text = json.dumps({"id": None, "error": "a number is too large for JSON"})
    return text.encode("utf-8", "replace") + b"\n"


def _read_row(line: bytes) -> Any:  # noqa: ANN401 - whatever stands in the JSON
    try:
        return from_json(line, allow_inf_nan=False)
    except ValueError:  # the slow way takes lone surrogates too, and says what is wrong
        return json.loads(line, parse_constant=_refuse_constant)


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def describe(error: BaseException) -> str:
    """Say in one line what went wrong."""
    return " ".join(f"{error}".split())[:300] or type(error).__name__
