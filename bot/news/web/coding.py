"""Content codings, undone with bounded output: a small body that unpacks to a gigabyte is cut at the limit."""

from __future__ import annotations

import io
import zlib

import brotli  # type: ignore[import-untyped]  # ships no types
import zstandard

ACCEPTED = "gzip, deflate, br, zstd"

_STEP_BYTES = 256 * 1024
_MOST_MEMBERS = 64  # concatenated gzip members; each copies what follows it, so many of them cost square time
_ZSTD_WINDOW_BYTES = 8 * 1024 * 1024  # what RFC 8878 asks every reader to support, and no more


class CodingError(Exception):
    """The body does not unpack: unknown or nested coding, or broken data."""


class OutputTooLarge(Exception):
    """The body unpacks to more than the limit."""


def single_coding(header: str | None) -> str | None:
    """Read a ``Content-Encoding``; ``None`` where the body is sent plain.

    Raises:
        CodingError: more than one coding, or one that we do not know. No honest server sends either, as we did not
            ask for it; nesting is how bombs get past limits on the ratio.
    """
    names = [name for part in (header or "").lower().split(",") if (name := part.strip()) not in {"", "identity"}]
    if not names:
        return None
    if len(names) > 1:
        raise CodingError("nested content codings")
    name = names[0].removeprefix("x-")
    if name not in {"gzip", "deflate", "br", "zstd"}:
        raise CodingError("unknown content coding")
    return name


def unpack(raw: bytes, coding: str | None, *, limit_bytes: int) -> bytes:
    """Undo one content coding; the compressors release the interpreter's lock, so a thread may run this.

    Args:
        raw: the body as sent.
        coding: what `single_coding` returned.
        limit_bytes: the most that the body may unpack to.

    Raises:
        CodingError: the data are broken or cut short.
        OutputTooLarge: more than the limit.
    """
    if not raw or coding is None:
        if len(raw) > limit_bytes:
            raise OutputTooLarge
        return raw
    try:
        if coding == "gzip":
            return _inflate(raw, 16 + zlib.MAX_WBITS, limit_bytes)
        if coding == "deflate":
            # Half of the servers that say "deflate" mean zlib's wrapper, as the standard does, half the bare stream.
            wrapped = raw[0] & 0x0F == 8 and len(raw) > 1 and int.from_bytes(raw[:2], "big") % 31 == 0
            return _inflate(raw, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS, limit_bytes)
        if coding == "br":
            return _unbrotli(raw, limit_bytes)
        return _unzstd(raw, limit_bytes)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise CodingError(f"broken {coding} data") from error


def _inflate(raw: bytes, wbits: int, limit_bytes: int) -> bytes:
    out = bytearray()
    for _ in range(_MOST_MEMBERS):
        stream = zlib.decompressobj(wbits)
        out += stream.decompress(raw, limit_bytes + 1 - len(out))
        if len(out) > limit_bytes:
            raise OutputTooLarge
        if not stream.eof:
            raise CodingError("body cut short")
        raw = stream.unused_data
        if wbits < 0 or not raw.startswith(b"\x1f\x8b"):  # what follows the last member is padding
            return bytes(out)
    raise CodingError("too many gzip members")


def _unbrotli(raw: bytes, limit_bytes: int) -> bytes:
    stream = brotli.Decompressor()
    out = bytearray(stream.process(raw, output_buffer_limit=_STEP_BYTES))
    while not stream.is_finished():
        if len(out) > limit_bytes:
            raise OutputTooLarge
        if stream.can_accept_more_data():
            raise CodingError("body cut short")
        out += stream.process(b"", output_buffer_limit=_STEP_BYTES)
    if len(out) > limit_bytes:
        raise OutputTooLarge
    return bytes(out)


def _unzstd(raw: bytes, limit_bytes: int) -> bytes:
    reader = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES).stream_reader(
        io.BytesIO(raw), read_across_frames=True
    )
    out = bytearray()
    while len(out) <= limit_bytes:
        step = reader.read(_STEP_BYTES)
        if not step:
            return bytes(out)
        out += step
    raise OutputTooLarge
