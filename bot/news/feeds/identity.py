"""Which entries are new: by identifier, canonical address and content, each trusted only as far as it proves itself."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from html import unescape
from typing import TYPE_CHECKING

from bot.news.feeds.addresses import canonical_url
from bot.news.feeds.dating import SKEW, says_when
from storage.model import EntryKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.news.feeds.model import Entry

_TAGS = re.compile(r"<[^<>]*>?")
_MOST_MARKUP_CHARS = 8000
_LEAST_TEXT_CHARS = 40
_LONG_FEED = 20
_BURST_PART = 3
_LONG_AGO = timedelta(hours=6)


class KeyKind(StrEnum):
    """What a key was made of."""

    ID = "id"
    URL = "url"
    CONTENT = "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry not seen before, with the keys to remember it by: those that no other entry shares."""

    entry: Entry
    keys: tuple[EntryKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """An entry seen before.

    Attributes:
        entry: as it is now.
        article: what it is known as.
        missing: keys to remember it by from now on, too.
    """

    entry: Entry
    article: int
    missing: tuple[EntryKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What a document's entries are, newest first."""

    new: tuple[NewEntry, ...]
    known: tuple[KnownEntry, ...]


def entry_keys(entry: Entry) -> tuple[EntryKey, ...]:
    """Make the keys of an entry; at least one, whatever it lacks.

    A front page's address is no key, as every article of the site may have it. Content is one where there is text
    enough besides the title to mean something: two entries called "Today's figures" are two.
    """
    keys = []
    identifier = entry.id.strip()
    if identifier:
        keys.append(_key(KeyKind.ID, identifier))
    address = canonical_url(entry.url) if entry.url else ""
    if address.removeprefix("//").partition("/")[1] or "?" in address or "#" in address:
        keys.append(_key(KeyKind.URL, address))
    title, text = _letters(entry.title), _letters(_TAGS.sub(" ", _longest(entry)[:_MOST_MARKUP_CHARS]))
    if len(text) >= _LEAST_TEXT_CHARS or not keys:
        keys.append(_key(KeyKind.CONTENT, f"{title}\0{text}"))
    return tuple(keys)


def decide_new(
    entries: Sequence[Entry],
    known: Mapping[EntryKey, int],
    *,
    keyed_by: Sequence[tuple[EntryKey, ...]] | None = None,
    now: datetime | None = None,
) -> Decisions:
    """Sort a document's entries into new and known.

    A key is believed only if the document itself does not contradict it: an identifier that stands on entries with
    different addresses, or an address that stands on entries with different contents (all leading to the front page),
    tells nothing. An entry is known by any key that is believed, so that a feed that changes all its identifiers
    brings nothing new. Entries that share all that is believed about them are one.

    Args:
        entries: of one document, in its order.
        known: keys remembered for this feed, with what each is known as.
        keyed_by: the keys of each entry, where they have been made already.
        now: the present; dates after it count as it. ``None`` takes the clock's.
    """
    keyed = list(zip(entries, map(entry_keys, entries) if keyed_by is None else keyed_by, strict=True))
    doubtful = _doubtful(keyed)
    new: list[NewEntry] = []
    old: list[KnownEntry] = []
    taken: set[EntryKey] = set()
    for entry, keys in _newest_first(keyed, now or datetime.now(UTC)):
        believed = tuple(key for key in keys if key not in doubtful) or keys[-1:]
        article = next((known[key] for key in believed if key in known), None)
        if article is not None:
            missing = tuple(key for key in believed if key not in known and key not in taken)
            old.append(KnownEntry(entry=entry, article=article, missing=missing))
        elif taken.isdisjoint(believed):
            new.append(NewEntry(entry=entry, keys=believed))
        taken.update(believed)
    return Decisions(new=tuple(new), known=tuple(old))


def is_burst(news: Sequence[Entry], *, total: int, read_at: datetime, now: datetime, expected: bool = False) -> bool:
    """Tell whether too much of a long feed is new at once: rather its identifiers changed than so much happened.

    Entries are believed that are dated after the last reading, where that was long ago or the feed is known for it.

    Args:
        news: The entries that would be news.
        total: How many entries the feed has.
        read_at: When it was last read.
        now: The present instant.
        expected: Whether an editor has taken in such a burst of this feed.
    """
    if total < _LONG_FEED or len(news) * _BURST_PART <= total:
        return False
    began, ends = read_at - SKEW, now + SKEW
    is_dated = all(entry.published_at is not None and began < entry.published_at < ends for entry in news)
    return not (is_dated and (expected or now - read_at >= _LONG_AGO))


def _doubtful(keyed: Sequence[tuple[Entry, tuple[EntryKey, ...]]]) -> set[EntryKey]:
    """Find the keys that one document has on entries which something else tells apart."""
    groups: dict[EntryKey, list[Entry]] = {}
    for entry, keys in keyed:
        for key in keys:
            groups.setdefault(key, []).append(entry)
    return {
        key
        for key, entries in groups.items()
        # Equal words are one article, whatever their addresses.
        if len(entries) > 1 and key.kind != KeyKind.CONTENT and _are_apart(entries, by_address=key.kind == KeyKind.ID)
    }


def _are_apart(entries: Sequence[Entry], *, by_address: bool) -> bool:
    if by_address and any(entry.url for entry in entries):
        return len({canonical_url(entry.url) for entry in entries}) > 1
    return len({(entry.title, _longest(entry)) for entry in entries}) > 1


def _newest_first(
    keyed: Sequence[tuple[Entry, tuple[EntryKey, ...]]], now: datetime
) -> list[tuple[Entry, tuple[EntryKey, ...]]]:
    """Order by date, where the dates of all entries are plausible; otherwise the document's order stays."""
    dates = [entry.published_at for entry, _ in keyed]
    if not all(map(says_when, dates)):
        return list(keyed)
    latest = now + SKEW
    order = sorted(range(len(keyed)), key=lambda at: (min(dates[at] or latest, latest), -at), reverse=True)
    return [keyed[at] for at in order]


def _key(kind: KeyKind, value: str) -> EntryKey:
    digest = hashlib.blake2b(f"{kind}\0{value}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return EntryKey(kind=kind.value, digest=digest)


def _longest(entry: Entry) -> str:
    return max(entry.content, entry.summary, key=len)


def _letters(text: str) -> str:
    """Reduce a text to letters and digits, which survive changes of quotes and white space."""
    return "".join(char for char in unescape(text).casefold() if char.isalnum())
