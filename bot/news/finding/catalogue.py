"""The catalogue: feeds that are known beforehand, by topic, place and language."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LISTED: Final = Path(__file__).parent / "listed"
TOPICS: Final = (
    "world",
    "politics",
    "science",
    "business",
    "sport",
    "local",
    "technology",
    "health",
    "culture",
    "climate",
    "space",
)
"""The topics of the first minute; the first six are shown at once."""

_WORD: Final = re.compile(r"[^\W_]+")
_NO_WORDS: Final = frozenset(
    {"www", "com", "org", "net", "feed", "feeds", "rss", "xml", "atom", "index", "http", "https"}
)
_GATHERERS: Final = ("news.google.com", "reddit.com", "feedburner.com", "allsides.com", "einnews.com")
_SUBJECT_POINTS: Final = 4
_HOST_POINTS: Final = 2
_LANGUAGE_POINTS: Final = 1


class CatalogueError(BotError):
    """A catalogue's file has a fault; the text says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A feed for the first minute.

    Attributes:
        topic: One of ``TOPICS``.
        lang: ISO 639-1.
        title: As shown until the feed says its own.
    """

    topic: str
    lang: str
    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A feed that a search finds; its title is its host's name until it is read."""

    url: str
    title: str
    subjects: tuple[str, ...] = ()
    lang: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    listed: Listed
    subject_words: frozenset[str]
    address_words: frozenset[str]


class Catalogue:
    """Feeds to search and to suggest.

    Args:
        suggestions: Those for the first minute, best first.
        listed: Those to search, with the words of their subjects' names in all languages.
    """

    def __init__(
        self, suggestions: Sequence[Suggestion] = (), listed: Sequence[tuple[Listed, frozenset[str]]] = ()
    ) -> None:
        self._suggestions = tuple(suggestions)
        self._entries = [_Entry(each, words, _words_of_address(each.url)) for each, words in listed]

    def topics(self, lang: str) -> tuple[str, ...]:
        """Name the topics of which anything is suggested in a language."""
        known = {each.topic for each in self._suggestions if each.lang == lang}
        return tuple(topic for topic in TOPICS if topic in known)

    def suggest(self, topic: str, lang: str) -> tuple[Suggestion, ...]:
        """List the feeds of a topic in a language, best first."""
        return tuple(each for each in self._suggestions if (each.topic, each.lang) == (topic, lang))

    def search(self, words: str, lang: str, *, limit: int = 8) -> list[Listed]:
        """Find feeds by words of their subjects (in any language) and of their addresses; one of each site.

        Args:
            words: What to look for; every word must be met.
            lang: The reader's language, preferred where all else is equal.
            limit: Most feeds to give.
        """
        wanted = _words(words)
        if not wanted:
            return []
        ranked = []
        for rank, entry in enumerate(self._entries):
            points = [_points(word, entry) for word in wanted]
            if all(points):
                ranked.append((-sum(points) - _LANGUAGE_POINTS * (entry.listed.lang == lang), rank, entry.listed))
        found: dict[str, Listed] = {}
        for _, _, listed in sorted(ranked, key=lambda each: each[:2]):
            found.setdefault(_site_of(listed.url), listed)
            if len(found) == limit:
                break
        return list(found.values())


def load_catalogue() -> Catalogue:
    """Read the catalogue that ships."""
    heads, _, rows = (LISTED / "feeds.txt").read_text(encoding="utf-8").partition("\n\n")
    names, langs, words = [], [], []
    for head in heads.splitlines():
        name, lang, *others = head.split("\t")
        names.append(name)
        langs.append(lang)
        words.append(_words(" ".join([name, *(other.partition("=")[2] for other in others)])))
    suggestions = _read_suggestions(LISTED / "suggested.txt")
    titles = {each.url: each.title for each in suggestions}
    listed = []
    for row in sorted(rows.splitlines(), key=lambda row: _standing(row.partition("\t")[0], titles)):
        url, _, numbers = row.partition("\t")
        subjects = [int(number) for number in numbers.split(",")]
        feed = Listed(
            url=url,
            title=titles.get(url) or _site_of(url),
            subjects=tuple(names[number] for number in subjects),
            lang=langs[subjects[0]],
        )
        listed.append((feed, frozenset[str]().union(*(words[number] for number in subjects))))
    return Catalogue(suggestions, listed)


def _standing(url: str, titles: Mapping[str, str]) -> int:
    """Rank feeds that fit equally: those that are suggested too, then outlets, then what gathers others' news."""
    if url in titles:
        return 0
    return 2 if _site_of(url).endswith(_GATHERERS) else 1


def read_catalogue(path: Path) -> Catalogue:
    """Read an operator's own: a line a feed, ``topic<TAB>language<TAB>address<TAB>title``; it may be empty.

    Raises:
        CatalogueError: It cannot be read, or a line has another form.
    """
    return catalogue_of(_read_suggestions(path))


def catalogue_of(suggestions: Sequence[Suggestion]) -> Catalogue:
    """Make a catalogue of suggestions alone: they are what a search finds too."""
    listed: dict[str, tuple[Listed, frozenset[str]]] = {}
    for each in suggestions:
        before = listed[each.url][0].subjects if each.url in listed else ()
        feed = Listed(url=each.url, title=each.title, subjects=(*before, each.topic), lang=each.lang)
        listed[each.url] = (feed, _words(" ".join((*feed.subjects, each.title))))
    return Catalogue(suggestions, list(listed.values()))


def key_of_address(url: str) -> str:
    """Give what the spellings of one address have in common."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}?{parts.query}"


def _read_suggestions(path: Path) -> list[Suggestion]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path} cannot be read: {type(error).__name__}") from error
    suggestions = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 4 or not all(fields) or not fields[2].startswith(("http://", "https://")):
            raise CatalogueError(f"{path}, line {number}: wants topic, language, address and title between tabs")
        if fields[0] not in TOPICS:
            raise CatalogueError(f"{path}, line {number}: {fields[0]!r} is none of {', '.join(TOPICS)}")
        suggestions.append(Suggestion(topic=fields[0], lang=fields[1], url=fields[2], title=fields[3]))
    return suggestions


def _points(word: str, entry: _Entry) -> int:
    """Weigh how a word is met: whole in a subject's name, else by its beginning, else in the address."""
    if word in entry.subject_words:
        return _SUBJECT_POINTS
    if word in entry.address_words:
        return _HOST_POINTS
    if len(word) >= 4 and any(other.startswith(word) for other in entry.subject_words | entry.address_words):
        return 1
    return 0


def _words(text: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return frozenset(_WORD.findall(plain))


def _words_of_address(url: str) -> frozenset[str]:
    parts = urlsplit(url)
    return _words(unquote(f"{parts.netloc} {parts.path} {parts.query}")) - _NO_WORDS


def _site_of(url: str) -> str:
    return (urlsplit(url).hostname or url).removeprefix("www.")
