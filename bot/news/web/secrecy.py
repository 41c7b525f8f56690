"""Which feed addresses may be secrets: paid newsletters and personal feeds carry their key in the address."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

_KEY_NAMES = re.compile(
    r"(?:^|[_-])(?:key|token|auth|secret|sig|signature|pass|password|access|private|uid|user|member|subscriber)(?:$|[_-])",
    re.IGNORECASE,
)
_JOINED_NAMES = re.compile(
    r"(?:api|access|auth|feed|rss|user|login|session|private|member|secret|pass)(?:key|token|id|code|hash|phrase|word)",
    re.IGNORECASE,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PRIVATE_PARTS = frozenset({"private", "secret"})
_WORD_PART = re.compile(r"[A-Z]?[a-z]{3,}")
_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{16,}(?![0-9])")
_LONG_RANDOM = re.compile(r"[A-Za-z0-9_-]{20,}")


def looks_secret(url: str) -> bool:
    """Tell whether an address may be meant for one reader alone; when in doubt, it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    if "@" in parts.netloc:
        return True
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if any(_names_key(name) or _is_random(value) or _LONG_NUMBER.search(value) for name, value in pairs):
        return True
    segments = parts.path.split("/")
    return any(_is_random(segment) or segment.lower() in _PRIVATE_PARTS for segment in segments)


def _names_key(name: str) -> bool:
    """Tell a parameter that holds a key: ``token``, ``api_key``, ``apikey``, ``accessToken``; not ``author``."""
    return bool(_KEY_NAMES.search(_HUMP.sub("_", name)) or _JOINED_NAMES.search(name))


def _is_random(text: str) -> bool:
    """Tell a key from a slug: long, with digits among its letters, and few whole words."""
    for run in _LONG_RANDOM.findall(text):
        letters = sum(character.isalpha() for character in run)
        digits = sum(character.isdigit() for character in run)
        in_words = sum(len(word) for word in _WORD_PART.findall(run))
        if digits >= 3 and letters >= 3 and in_words < len(run) / 2:
            return True
    return False
