"""The text commands over JSON lines that others call by the thousand documents: nothing is loaded that they do not use.

The parser of the command line takes longer to load than a feed reader and a hundred feeds; it reads what is not plain.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING, Final

from bot.console.jsonl import answer_stream
from bot.console.rows import extract_row, feed_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.console.jsonl import Row

_FLAG: Final = "--jsonl"
_COMMANDS: Final[dict[str, tuple[Callable[[Row], Row], int | None]]] = {
    "feed": (feed_row, 1),  # to hand a feed to another process costs as much as to parse it
    "extract": (extract_row, None),
}


def run_plain(arguments: Sequence[str]) -> bool:
    """Run ``feed --jsonl`` or ``extract --jsonl``, with at most the name of a file beside.

    Args:
        arguments: what was written after ``newsgist``.

    Returns:
        Whether that was asked for; anything else is left to the command line.

    Raises:
        SystemExit: status 1 where the file cannot be read or nobody reads the answers.
    """
    if len(arguments) not in {2, 3} or arguments[0] not in _COMMANDS or arguments.count(_FLAG) != 1:
        return False
    source = next((each for each in arguments[1:] if each != _FLAG), "-")
    if (source.startswith("-") and source != "-") or "://" in source:
        return False
    answer, processes = _COMMANDS[arguments[0]]
    with as_program():
        stream(source, answer, processes=processes)
    return True


def stream(source: str, answer: Callable[[Row], Row], *, processes: int | None = None) -> None:
    """Answer the JSON lines of a file, or of standard input, on standard output.

    Args:
        source: the file's name; ``-`` for standard input.
        answer: what turns a row into its answer.
        processes: how many do the work; ``None`` for one a core.
    """
    with sys.stdin.buffer if source == "-" else FileIO(source) as lines:
        answer_stream(lines, sys.stdout.buffer, answer, processes=processes)


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
        sys.stderr.write(f"newsgist: {words}\n")
        sys.exit(1)
