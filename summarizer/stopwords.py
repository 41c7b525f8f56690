"""Words that say little by themselves: sumy's lists, and ours for languages that it has none for."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib.resources import files

_SUMY = {
    "ar": "arabic",
    "cs": "czech",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "he": "hebrew",
    "it": "italian",
    "ja": "japanese",
    "ko": "korean",
    "pl": "polish",
    "pt": "portuguese",
    "sk": "slovak",
    "sv": "swedish",
    "th": "thai",
    "uk": "ukrainian",
    "zh": "chinese",
}


@cache
def stop_words(lang: str) -> frozenset[str]:
    """Give the stop words of a language, lower case; none for a language without a list."""
    words = set(_own_lists().get(lang, ()))
    if lang in _SUMY:
        data = pkgutil.get_data("sumy", f"data/stopwords/{_SUMY[lang]}.txt") or b""
        words.update(line.strip().lower() for line in data.decode().splitlines())
    words.discard("")
    return frozenset(words)


@cache
def _own_lists() -> dict[str, tuple[str, ...]]:
    """Read ``stopwords.txt``: words under the heading of their language."""
    lists: dict[str, tuple[str, ...]] = {}
    heading = ""
    for line in (files("summarizer") / "stopwords.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            heading = line.strip("[] ")
        elif line and not line.startswith("#"):
            lists[heading] = (*lists.get(heading, ()), *line.split())
    return lists
