"""The encodings of the web: what a label means to a browser, by WHATWG's Encoding Standard."""

from __future__ import annotations

import codecs
import re
from typing import Final

_READ_AS: Final = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "euc_kr": "cp949", "shift_jis": "cp932",
}  # fmt: skip
"""The standard takes these for their supersets. Names are those of Python's codecs, as are the next."""
_KNOWN: Final = frozenset(
    {
        "utf-8", "cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp874",
        *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *(f"cp{number}" for number in range(1250, 1259)),
        "gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949",
    }
)  # fmt: skip
_MORE: Final = {
    "unicode-1-1-utf-8": "utf-8", "koi": "koi8-r", "koi8": "koi8-r", "koi8-ru": "koi8-u", "logical": "iso8859-8",
    "iso-8859-8-i": "iso8859-8", "dos-874": "cp874", "windows-874": "cp874", "windows-31j": "cp932",
    "windows-949": "cp949", "gb_2312-80": "gb18030", "cn-big5": "big5hkscs", "x-x-big5": "big5hkscs",
    "x-mac-ukrainian": "mac-cyrillic",
}  # fmt: skip
"""Labels that Python does not know; it knows most of those that begin with "x-" without that."""
_LABEL: Final = re.compile("[a-z0-9._:-]{1,40}")


def web_codec(label: str) -> str | None:
    """Find the codec that a label stands for; ``None`` for what no browser decodes, however Python would.

    Nor for UTF-16 and UTF-32: they show by a mark or by zero bytes.

    Args:
        label: as a server or a document writes it.
    """
    label = label.strip().lower()
    if label in _MORE:
        return _MORE[label]
    if not _LABEL.fullmatch(label):
        return None
    try:
        name = codecs.lookup(label.removeprefix("x-")).name
    except LookupError:
        return None
    name = _READ_AS.get(name, name)
    return name if name in _KNOWN else None
