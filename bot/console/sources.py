"""Single texts and pages: read from a file, an address or standard input, and decoded."""
# ruff: noqa: PLC0415 - a file needs nothing of what an address does

from __future__ import annotations

import base64
import codecs
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.console.streams import standard_input
from bot.errors import BotError

if TYPE_CHECKING:
    from bot.console.jsonl import Row

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; the codecs leave them out of the text."""


class SourceError(BotError):
    """A source that holds no text which can be read."""


def name_of(source: str) -> str:
    """Name a source in a sentence."""
    return "standard input" if source == "-" else source


def read_source(source: str) -> tuple[bytes, str]:
    """Read a file, an address or standard input; give the bytes and their address, where they have one.

    Raises:
        FetchError: the address cannot be had.
        OSError: the file or standard input cannot be read.
    """
    if "://" in source:
        import asyncio

        from bot.console.fetching import fetch
        from bot.settings import load_settings

        return asyncio.run(fetch(source, load_settings()))
    return (standard_input().read() if source == "-" else Path(source).read_bytes()), ""


def read_page(source: str) -> tuple[bytes, str]:
    """Read a source as :func:`read_source` does, and refuse a file that is plainly binary.

    Raises:
        SourceError: it is binary.
    """
    body, url = read_source(source)
    if not url and not _is_page(body) and _encoding(body) is None and b"\0" in body:
        raise _binary(source)
    return body, url


def read_text(source: str) -> Row:
    """Read a text as a row for ``summarize``; a page by its article.

    Raises:
        SourceError: it is binary, or in an encoding that it does not tell.
    """
    body, url = read_page(source)
    if url or _is_page(body):
        from bot.console.rows import extract_row

        page = extract_row({"url": url, "html_base64": base64.b64encode(body).decode()})
        return {"id": source, "title": page["title"], "text": page["text"], "lang": page["lang"]}
    return {"id": source, "text": _decode(body, source)}


def _decode(body: bytes, source: str) -> str:
    """Decode by the byte order mark, else as UTF-8."""
    marked = _encoding(body)
    try:
        text = body.decode(marked or "utf-8")
    except UnicodeDecodeError as error:
        name = (marked or "utf-8").removesuffix("-sig").upper()
        hint = "" if marked else f"; convert it, as with: iconv -f LATIN1 -t UTF-8 {source}"
        raise SourceError(f"{name_of(source)} is not {name} text{hint}") from error
    if "\0" in text:
        raise _binary(source)
    return text


def _encoding(body: bytes) -> str | None:
    """Give the encoding that a byte order mark names."""
    return next((encoding for mark, encoding in _MARKS if body.startswith(mark)), None)


def _is_page(body: bytes) -> bool:
    opening = body[:4096].decode(_encoding(body) or "latin-1", "ignore").lstrip()
    return opening[:15].lower().startswith(("<!doctype html", "<html"))


def _binary(source: str) -> SourceError:
    return SourceError(f"{name_of(source)} is binary; a text or a page was expected")
