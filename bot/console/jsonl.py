"""JSON lines in and out, in order, on all cores: one line of output for each line of input."""

from __future__ import annotations

import json
import multiprocessing
import os
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Row: TypeAlias = dict[str, Any]

_ALONE: Final = 64
"""So few rows are done before another process has started."""
_CHUNK: Final = 16


def answer_rows(lines: Iterable[bytes], answer: Callable[[Row], Row], *, processes: int | None = None) -> Iterator[Row]:
    """Answer each line by a row that carries the same ``id``; a row that fails carries ``error`` instead.

    Args:
        lines: JSON objects, one a line; blank lines are passed over.
        answer: A function of a module's top level, so that other processes find it, or a partial of one.
        processes: How many to use; ``None`` for one a core.
    """
    asked = (line for line in lines if line.strip())
    head = list(islice(asked, _ALONE))
    count = processes or os.cpu_count() or 1
    if len(head) < _ALONE or count == 1:
        yield from (answer_line(answer, line) for line in chain(head, asked))
        return
    # Forked processes share what is imported already, and nothing else runs in this one.
    with multiprocessing.get_context("fork").Pool(count) as pool:
        jobs = ((answer, line) for line in chain(head, asked))
        yield from pool.imap(_answer_job, jobs, chunksize=_CHUNK)


def answer_line(answer: Callable[[Row], Row], line: bytes) -> Row:
    """Answer one line; whatever is wrong with it stands in ``error``."""
    row: Any = None
    try:
        row = json.loads(line, parse_constant=_refuse_constant)
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
        text = json.dumps(row, ensure_ascii=False, allow_nan=False)
    except ValueError:  # an id beyond what JSON's numbers hold comes in as infinity
        text = json.dumps({"id": None, "error": "a number is too large for JSON"})
    return text.encode("utf-8", "replace") + b"\n"


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def describe(error: BaseException) -> str:
    """Say in one line what went wrong."""
    return " ".join(f"{error}".split())[:300] or type(error).__name__


def _answer_job(job: tuple[Callable[[Row], Row], bytes]) -> Row:
    return answer_line(*job)
