"""Find the texts in the code: the literal arguments of the functions that say them.

It reads syntax trees, not tokens as Babel's own extractor does, which misses a call within an f-string before
Python 3.12.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

UNSPOKEN: Final = frozenset({"sandbox", "__pycache__"})
"""Folders without texts of ours; the stand-in for Telegram says nothing in our name."""


class Text(NamedTuple):
    """A text as it is looked up: its context, and its plural where it is counted."""

    context: str | None
    singular: str
    plural: str | None

    def __str__(self) -> str:
        return f"{self.singular!r}" + (f" ({self.context})" if self.context else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A call that says something: ``text`` is ``None`` where its text is put together at run time."""

    place: str
    line: int
    keyword: str
    text: Text | None


class _Signature(NamedTuple):
    """Which positional arguments of a function hold its text."""

    singular: int
    plural: int | None = None
    context: int | None = None


KEYWORDS: Final[Mapping[str, _Signature]] = {
    "say": _Signature(0),
    "say_n": _Signature(0, plural=1),
    "plain": _Signature(0),
    "toast": _Signature(0),
    "toast_n": _Signature(0, plural=1),
    "label": _Signature(1, context=0),
    "msgid": _Signature(0),
}


def find_texts(folder: Path) -> Iterator[Found]:
    """Find the texts of a folder's modules, in the order of their files and lines."""
    for path in sorted(folder.rglob("*.py")):
        place = path.relative_to(folder.parent)
        if UNSPOKEN.isdisjoint(place.parts):
            yield from find_texts_in(path.read_text(encoding="utf-8"), place=place.as_posix())


def find_texts_in(source: str, *, place: str) -> Iterator[Found]:
    """Find the texts of one module's source."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        keyword = _name(call.func)
        signature = KEYWORDS.get(keyword)
        if signature is None:
            continue
        for text in _texts(call, signature):
            yield Found(place=place, line=call.lineno, keyword=keyword, text=text)


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _texts(call: ast.Call, signature: _Signature) -> Iterator[Text | None]:
    positions = [place for place in (signature.singular, signature.plural, signature.context) if place is not None]
    if len(call.args) <= max(positions):
        return  # a function of somebody else's that has the same name
    if any(_is_made_up(call.args[place]) for place in positions):
        yield None
        return
    plurals: Sequence[str | None] = [None] if signature.plural is None else _literals(call.args[signature.plural])
    contexts: Sequence[str | None] = [None] if signature.context is None else _literals(call.args[signature.context])
    for singular in _literals(call.args[signature.singular]):
        for plural in plurals:
            for context in contexts:
                yield Text(context, singular, plural)


def _literals(argument: ast.expr) -> list[str]:
    """List the texts that an argument may be; none for a name, whose text is marked where it stands."""
    match argument:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return _literals(body) + _literals(orelse)
        case _:
            return []


def _is_made_up(argument: ast.expr) -> bool:
    match argument:
        case ast.JoinedStr() | ast.BinOp():
            return True
        case ast.Call(func=ast.Attribute(attr="format" | "format_map" | "join")):
            return True
        case ast.IfExp(body=body, orelse=orelse):
            return _is_made_up(body) or _is_made_up(orelse)
        case _:
            return False
