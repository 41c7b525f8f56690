"""Words that say little by themselves: sumy's lists, and ours for languages that it has none for."""

from __future__ import annotations

import pkgutil
from functools import lru_cache

from summarizer.text.tables import LANGUAGES_KEPT, read_words

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


@lru_cache(LANGUAGES_KEPT)
def stop_words(lang: str) -> frozenset[str]:
    """Give the stop words of a language, lower case; none for a language without a list."""
    words = set(read_words("stopwords", lang))
    if lang in _SUMY:
        data = pkgutil.get_data("sumy", f"data/stopwords/{_SUMY[lang]}.txt") or b""
        words.update(line.strip().lower() for line in data.decode().splitlines())
    words.discard("")
    return frozenset(words)


def word_set(words: str) -> frozenset[str]:
    """Make a set of words that stand in one string, between white space."""
    return frozenset(words.split())
