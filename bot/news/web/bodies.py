"""An answer's body: read and unpacked within its limits, few large ones at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bot.news.web.coding import OutputTooLarge, unpack

if TYPE_CHECKING:
    import aiohttp

    from bot.news.web.slots import Lane

_LARGE_BYTES: Final = 512 * 1024
_THREAD_BYTES: Final = 32 * 1024  # unpacking less than this costs less than handing it to a thread


async def read_body(
    response: aiohttp.ClientResponse, coding: str | None, *, max_bytes: int, lane: Lane | None
) -> bytes:
    """Read a body and unpack it.

    Args:
        response: Whose.
        coding: How it is packed; ``None`` for not at all.
        max_bytes: The most that it may have, packed and unpacked.
        lane: Where a large one waits for its place in memory; ``None`` lets it pass.

    Raises:
        OutputTooLarge: It has more.
        CodingError: It cannot be unpacked.
    """
    raw = await _read_raw(response, max_bytes=max_bytes, lane=lane)
    return await _unpacked(raw, coding, max_bytes=max_bytes, lane=lane)


async def _unpacked(raw: bytes, coding: str | None, *, max_bytes: int, lane: Lane | None) -> bytes:
    """Unpack a body; one that turns out to be large waits for its place first, and is unpacked once more."""
    if coding is not None and lane is not None and max_bytes > _LARGE_BYTES:
        try:
            return await _unpack(raw, coding, limit_bytes=_LARGE_BYTES)
        except OutputTooLarge:
            await lane.enter()
    return await _unpack(raw, coding, limit_bytes=max_bytes)


async def _unpack(raw: bytes, coding: str | None, *, limit_bytes: int) -> bytes:
    if coding is None or len(raw) < _THREAD_BYTES:
        return unpack(raw, coding, limit_bytes=limit_bytes)
    return await asyncio.to_thread(unpack, raw, coding, limit_bytes=limit_bytes)


async def _read_raw(response: aiohttp.ClientResponse, *, max_bytes: int, lane: Lane | None) -> bytes:
    if (response.content_length or 0) > max_bytes:
        raise OutputTooLarge
    out = bytearray()
    async for chunk in response.content.iter_any():
        out += chunk
        if len(out) > max_bytes:
            raise OutputTooLarge
        if len(out) > _LARGE_BYTES and lane is not None:
            await lane.enter()
    return bytes(out)
