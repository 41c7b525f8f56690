"""What a button carries back: ``1:area.verb:id[:arg]``, the version first, the id in base62."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Final

MAX_CALLBACK_BYTES: Final = 64
_VERSION: Final = "1"
_DIGITS: Final = string.digits + string.ascii_lowercase + string.ascii_uppercase
_MAX_ID: Final = 2**63 - 1
_NAME: Final = re.compile(r"[a-z_]+")
_DATA: Final = re.compile(rf"{_VERSION}:([a-z_]+)\.([a-z_]+):([0-9a-zA-Z]{{1,11}})(?::(.+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Callback:
    """A tap: ``verb`` on the object ``id`` of an ``area``; ``arg`` is the wanted state or a check."""

    area: str
    verb: str
    id: int
    arg: str = ""

    def encode(self) -> str:
        """Write it as a button's data.

        Raises:
            ValueError: It cannot be a button's data: a bad name, a negative id, more than 64 bytes.
        """
        if not (_NAME.fullmatch(self.area) and _NAME.fullmatch(self.verb)):
            raise ValueError(f"area and verb are lower-case names, not {self.area!r} and {self.verb!r}")
        parts = [_VERSION, f"{self.area}.{self.verb}", _to_base62(self.id), *([self.arg] if self.arg else [])]
        data = ":".join(parts)
        if len(data.encode()) > MAX_CALLBACK_BYTES:
            raise ValueError(f"callback data over {MAX_CALLBACK_BYTES} bytes: {data!r}")
        return data


def decode_callback(data: str) -> Callback | None:
    """Read a button's data; ``None`` for anything that we do not write, such as an older version's."""
    match = _DATA.fullmatch(data)
    if match is None:
        return None
    area, verb, digits, arg = match.groups()
    callback = Callback(area, verb, _from_base62(digits), arg or "")
    try:
        # A second spelling of one id, or an id that no database holds, is none of ours.
        return callback if callback.id <= _MAX_ID and callback.encode() == data else None
    except ValueError:
        return None


def _to_base62(number: int) -> str:
    if number < 0:
        raise ValueError(f"an id is not negative: {number}")
    digits = ""
    while True:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


def _from_base62(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    return number
