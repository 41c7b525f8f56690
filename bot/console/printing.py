"""What commands print: answers for people, JSON, and one line on standard error where they end in failure."""
# ruff: noqa: PLC0415 - printed in few of the ways; each loads only what it needs

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.console.jsonl import Row


def print_text(text: str) -> None:
    """Print what strangers wrote, for people: without the controls that a terminal would obey."""
    from bot.messages.html import without_controls

    typer.echo(without_controls(text))


def print_sentences(sentences: Sequence[Row], *, why: bool) -> None:
    """Print sentences, each as one line; below each, where they are asked for, the reasons for it.

    Where no sentence has reasons, that is said once, at the end.
    """
    from bot.messages.html import one_line

    lines: list[str] = []
    told: list[str] = []
    for sentence in sentences:
        lines.append(one_line(sentence["text"]))
        if why and (reasons := _tell_reasons(sentence)):
            told.append(reasons)
            lines.append(f"    {reasons}")
    if why and not told:
        lines.append("This method weighs the text as a whole and gives no reasons.")
    print_text("\n".join(lines))


def _tell_reasons(sentence: Row) -> str:
    from bot.console.rows import reasons_of
    from bot.messages.why import tell_reasons

    return tell_reasons(reasons_of(sentence), lang="en")


def print_json(value: object) -> None:
    """Print a value as JSON to be read by people too."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def fail(words: str) -> NoReturn:
    """End with exit status 1, after a line that says why.

    Raises:
        SystemExit: always.
    """
    typer.echo(f"newsgist: {words}", err=True)
    sys.exit(1)


def misuse(words: str) -> NoReturn:
    """End with exit status 2, after a line that says what was wrong with the call.

    Raises:
        SystemExit: always.
    """
    typer.echo(f"newsgist: {words}", err=True)
    sys.exit(2)
