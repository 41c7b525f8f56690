"""The text commands over JSON lines that others call by the thousand documents: nothing is loaded that they do not use.

The parser of the command line takes longer to load than a feed reader and a hundred feeds; it reads what is not plain.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from functools import partial
from io import FileIO
from typing import TYPE_CHECKING, Final

from bot.console.jsonl import answer_stream
from bot.console.rows import SummaryOptions, extract_row, feed_row, summarize_row, summarize_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from bot.console.jsonl import Row, Together

_FLAG: Final = "--jsonl"
_COMMANDS: Final[dict[str, tuple[Callable[[Row], Row], int | None]]] = {
    "feed": (feed_row, 1),  # to hand a feed to another process costs as much as to parse it
    "extract": (extract_row, None),
}
_LIMITS: Final = ("--sentences", "--chars", "--words")
_LIMIT: Final = re.compile("[1-9][0-9]{0,8}")
_BRIEF: Final = "--brief"


def run_plain(arguments: Sequence[str]) -> bool:
    """Run ``feed --jsonl``, ``extract --jsonl`` or ``summarize --jsonl``, with at most the name of a file beside.

    To ``summarize`` may also be said how long a summary may be, and ``--brief``.

    Args:
        arguments: what was written after ``newsgist``.

    Returns:
        Whether that was asked for; anything else is left to the command line.

    Raises:
        SystemExit: status 1 where the file cannot be read or nobody reads the answers.
    """
    if not arguments:
        return False
    command, *rest = arguments
    together: Together | None = None
    if command in _COMMANDS:
        answer, processes = _COMMANDS[command]
    elif command == "summarize":
        rest, options = _summary_options(rest)
        answer, processes = partial(summarize_row, options=options), None
        together = partial(summarize_rows, options=options)
    else:
        return False
    if len(rest) > 2 or rest.count(_FLAG) != 1:
        return False
    source = next((each for each in rest if each != _FLAG), "-")
    if (source.startswith("-") and source != "-") or "://" in source:
        return False
    with as_program():
        stream(source, answer, together=together, processes=processes)
    return True


def _summary_options(arguments: Sequence[str]) -> tuple[list[str], SummaryOptions]:
    """Read the plain options of ``summarize``; give also the arguments that are left, with all that is not plain."""
    left: list[str] = []
    limits: dict[str, int] = {}
    brief = False
    waiting = iter(arguments)
    for each in waiting:
        if each in _LIMITS and each not in limits and _LIMIT.fullmatch(number := next(waiting, "")):
            limits[each] = int(number)
        elif each == _BRIEF:
            brief = True
        else:
            left.append(each)
    sentences, max_chars, max_words = map(limits.get, _LIMITS)
    return left, SummaryOptions(sentences=sentences, max_chars=max_chars, max_words=max_words, brief=brief)


def stream(
    source: str, answer: Callable[[Row], Row], *, together: Together | None = None, processes: int | None = None
) -> None:
    """Answer the JSON lines of a file, or of standard input, on standard output.

    Args:
        source: the file's name; ``-`` for standard input.
        answer: what turns a row into its answer.
        together: what does so for several rows at once.
        processes: how many do the work; ``None`` for one a core.

    Raises:
        OSError: the file, standard input or standard output cannot be used.
    """
    if sys.stdout is None:
        raise OSError("standard output is closed")
    with standard_input() if source == "-" else FileIO(source) as lines:
        answer_stream(lines, sys.stdout.buffer, answer, together=together, processes=processes)


def standard_input() -> BinaryIO:
    """Give the bytes of standard input.

    Raises:
        OSError: the program was started without one.
    """
    if sys.stdin is None:
        raise OSError("standard input is closed")
    return sys.stdin.buffer


@contextmanager
def as_program() -> Iterator[None]:
    """Run a command as programs do: on the cores given to it, and ending without a traceback.

    Raises:
        SystemExit: with status 1 where input or output fails, after a line that says why; with 130 after Ctrl+C, as
            shells have it.
    """
    # Our matrices are small, and processes share the cores: threads of the linear algebra would only spin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader has gone; writing into the void at exit would only make noise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        words = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        if sys.stderr is not None:
            sys.stderr.write(f"newsgist: {words}\n")
        sys.exit(1)
