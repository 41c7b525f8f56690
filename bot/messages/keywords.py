"""The words of a title by which a reader can hide stories like it."""

from __future__ import annotations

from storage.model import HiddenWord
from summarizer.keywords import keyword_of, keywords

__all__ = ["hidden_word", "search_keys", "title_words"]


def title_words(title: str, lang: str) -> list[HiddenWord]:
    """List the telling words of a title, as they are written, each with what its forms have in common."""
    return [HiddenWord(key=key, word=word) for key, word in keywords(title, lang).items()]


def hidden_word(typed: str) -> HiddenWord | None:
    """Take the one word that somebody typed; ``None`` where it is none, or several."""
    parts = typed.split()
    key = keyword_of(parts[0]) if len(parts) == 1 else ""
    return HiddenWord(key=key, word=parts[0]) if key else None


def search_keys(words: str, lang: str) -> list[str]:
    """List what the telling words of a search have in common with their forms; of mere small words, all of them."""
    telling = list(keywords(words, lang))
    return telling or [key for key in map(keyword_of, words.split()) if key]
