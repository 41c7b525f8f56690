"""JSON lines in and out, in order, on all cores: one line of output for each line of input.

One process answers the first lines as they come, so that few lines are not kept waiting for others to start. After
that it only reads, hands out and writes; processes forked from it, which share what is loaded by then, do the work.
"""

from __future__ import annotations

import gc
import json
import os
import time
from collections import deque
from contextlib import suppress
from select import POLLIN, poll
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from io import BufferedIOBase, RawIOBase
    from typing import BinaryIO

Row: TypeAlias = dict[str, Any]
Together: TypeAlias = "Callable[[Sequence[Row]], Sequence[Row]]"

_ALONE_S: Final = 0.15
"""So much work is done before other processes start; the first line, which loads what all need, does not count."""
_READ_BYTES: Final = 1 << 18
_TOGETHER_LINES: Final = 24
_TOGETHER_BYTES: Final = 1 << 18


def answer_stream(
    source: BufferedIOBase | RawIOBase | BinaryIO,
    sink: BinaryIO,
    answer: Callable[[Row], Row],
    *,
    together: Together | None = None,
    processes: int | None = None,
    alone_s: float = _ALONE_S,
) -> None:
    """Answer each line by a row that carries the same ``id``; a row that fails carries ``error`` instead.

    Args:
        source: JSON objects, one a line; blank lines are passed over. An open file or pipe of which nothing is read.
        sink: where the answers go, flushed whenever there is nothing left to do but to wait.
        answer: what turns a row into its answer.
        together: what does so for several rows at once, where that is faster, with the same answers; if any of them
            fails, each is answered alone.
        processes: how many do the work; ``None`` for one a core.
        alone_s: after so many seconds of work they start.

    Raises:
        BrokenPipeError: nobody reads the answers any more.
    """

    def answer_all(some: Sequence[bytes]) -> bytes:
        return b"".join(map(write_row, answer_lines(answer, some, together)))

    lines = Lines(source.fileno())
    count = processes or _cores()
    try:
        is_done = _answer_alone(lines, sink, answer_all, None if count == 1 else alone_s)
        if not is_done:
            from bot.console.handing import hand_out  # noqa: PLC0415 - slow to load; few lines need no other process

            hand_out(lines, sink, answer_all, count)
    finally:
        gc.unfreeze()
    sink.flush()


class Lines:
    """The lines of a file descriptor, read as far as they are wanted.

    Args:
        source: the descriptor.
    """

    def __init__(self, source: int) -> None:
        self.source = source
        self.has_ended = False
        self.found: deque[bytes] = deque()
        self._begun: list[bytes] = []
        self._poll = poll()
        self._poll.register(source, POLLIN)

    def is_ready(self) -> bool:
        """Whether reading on would not wait."""
        return not self.has_ended and bool(self._poll.poll(0))

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

    def take(self, most: int) -> tuple[bytes, ...]:
        """Take lines that are there, at most so many, and fewer where they are long."""
        taken: list[bytes] = []
        size = 0
        while self.found and len(taken) < most and size < _TOGETHER_BYTES:
            taken.append(self.found.popleft())
            size += len(taken[-1])
        return tuple(taken)


def _answer_alone(
    lines: Lines, sink: BinaryIO, answer_all: Callable[[Sequence[bytes]], bytes], most_s: float | None
) -> bool:
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
        sink.write(answer_all(lines.take(1 if is_first else _TOGETHER_LINES)))
        if left_s is not None and not is_first:
            left_s -= time.perf_counter() - started
        if is_first:
            gc.freeze()  # what is loaded by now stays; to search it for rubbish again and again costs a seventh
        is_first = False


def _cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def answer_line(answer: Callable[[Row], Row], line: bytes) -> Row:
    """Answer one line; whatever is wrong with it stands in ``error``."""
    row: Any = None
    try:
        row = read_row(line)
        if isinstance(row, dict):
            return {"id": row.get("id"), **answer(row)}
    except json.JSONDecodeError:
        return {"id": None, "error": "not JSON"}
    except Exception as error:  # noqa: BLE001 - one bad row must not end the stream
        return {"id": row.get("id") if isinstance(row, dict) else None, "error": describe(error)}
    return {"id": None, "error": "a row must be a JSON object"}


def answer_lines(answer: Callable[[Row], Row], lines: Sequence[bytes], together: Together | None = None) -> list[Row]:
    """Answer some lines, together where that works: what is wrong with one must not stand in the answer to another."""
    if together and len(lines) > 1:
        with suppress(Exception):  # whose fault it is shows when each is answered alone
            rows = list(map(read_row, lines))
            return [{"id": row.get("id"), **own} for row, own in zip(rows, together(rows), strict=True)]
    return [answer_line(answer, line) for line in lines]


def write_row(row: Row) -> bytes:
    """Write a row as one line of UTF-8; lone surrogates, which no UTF-8 has, become question marks."""
    try:
        written = to_json(row)
    except ValueError:  # a lone surrogate
        written = b""
    # All but the id is ours, and finite.
    if written and (isinstance(row.get("id"), str | int | None) or b"Infinity" not in written):
        return written + b"\n"
    try:
        text = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:  # an id beyond what JSON's numbers hold comes in as infinity
        text = json.dumps({"id": None, "error": "a number is too large for JSON"})
    return text.encode("utf-8", "replace") + b"\n"


def read_row(line: bytes) -> Any:  # noqa: ANN401 - whatever stands in the JSON
    """Read a line as JSON, infinities and other words that are none refused.

    Raises:
        ValueError: it is none.
        RecursionError: it is nested too deeply.
    """
    try:
        return from_json(line, allow_inf_nan=False)
    except ValueError:  # the slow way takes lone surrogates too, and says what is wrong
        return json.loads(line, parse_constant=_refuse_constant)


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def describe(error: BaseException) -> str:
    """Say in one line what went wrong."""
    return " ".join(f"{error}".split())[:300] or type(error).__name__
