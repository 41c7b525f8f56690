"""Which entries are new: by identifier, canonical address and content, each trusted only as far as it proves itself."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from yarl import URL

from bot.news.markup import text_of_html
from storage.model import EntryKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.news.feed_model import Entry

_TRACKING = re.compile(
    r"^(?:utm_.*|at_.*|mtm_.*|pk_.*|piwik_.*|hsa_.*|ns_.*|xtor|xts|xtref|maca|cmp|cmpid|cmp_id|cid|ncid|icid|ocid|smid|"
    r"smtyp|partner|feature|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|"
    r"mkt_tok|_ga|_gl|_hsenc|_hsmi|ref|ref_src|ref_url|referrer|referer|source|src|rss|from|feed|wt_mc|wt_zmc|wtrid|cc|"
    r"spm|sr_share|guccounter|guce_referrer|guce_referrer_sig|sh|share|shareuid|rssid|traffic_source|traffic-source|"
    r"outputtype|amp|amp_js_v|usqp|ito|ftag|taid|tag_rss|ved|trk|s_cid|s_campaign|campaign|campaign_id|emc|kwp_0|"
    r"__twitter_impression|post_type|link_source|taxonomy|soc_src|soc_trk|rssfeed|fromrss|via)$",
    re.IGNORECASE,
)
_HOST_PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp|touch|wap)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"^/amp(?=/)|(?:/amp|\.amp)(?=/?$|\.html?$)|(?<=\.)amp\.(?=html?$)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_LEAST_CONTENT_CHARS = 40
_FUTURE = timedelta(hours=1)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


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


def canonical_url(url: str) -> str:
    """Reduce an address to what tells articles apart; for comparison only, never to be fetched or shown.

    Scheme, default ports, ``www``, mobile and AMP hosts and paths, fragments, trailing slashes, tracking parameters,
    the order of parameters and the spelling of percent-encoding and of international names make no difference.

    Args:
        url: absolute; what cannot be read comes back as it is.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url.strip()
    if not host:
        return url.strip()
    host = _HOST_PREFIX.sub("", _ascii_host(host))
    path = _INDEX.sub("/", re.sub(r"/{2,}", "/", parts.path))
    path = _AMP_PATH.sub("", path).rstrip("/")
    query = sorted(
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(name)
    )
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""  # pages that are their fragment
    place = host if port in {None, 80, 443} else f"{host}:{port}"
    path = quote(unquote(path, errors="surrogateescape"), safe="/:@!$&'()*+,;=~", errors="surrogateescape")
    return f"//{place}{path}" + (f"?{urlencode(query)}" if query else "") + (f"#{fragment}" if fragment else "")


def entry_keys(entry: Entry) -> tuple[EntryKey, ...]:
    """Make the keys of an entry; at least one, whatever it lacks.

    Content makes a key where there is enough of it to mean something: two entries called "Update" are two.
    """
    keys = []
    if entry.id.strip():
        keys.append(_key(KeyKind.ID, entry.id.strip()))
    if entry.url:
        keys.append(_key(KeyKind.URL, canonical_url(entry.url)))
    content = _plain(entry)
    if len(content) >= _LEAST_CONTENT_CHARS or not keys:
        keys.append(_key(KeyKind.CONTENT, content))
    return tuple(keys)


def decide_new(entries: Sequence[Entry], known: Mapping[EntryKey, int], *, now: datetime | None = None) -> Decisions:
    """Sort a document's entries into new and known.

    A key is believed only if the document itself does not contradict it: an identifier that stands on entries with
    different addresses, or an address that stands on entries with different contents (all leading to the front page),
    tells nothing. An entry is known by any key that is believed, so that a feed that changes all its identifiers
    brings nothing new. Entries that share all that is believed about them are one.

    Args:
        entries: of one document, in its order.
        known: keys remembered for this feed, with what each is known as.
        now: the present; dates after it count as it. ``None`` takes the clock's.
    """
    keyed = [(entry, entry_keys(entry)) for entry in entries]
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


def _doubtful(keyed: Sequence[tuple[Entry, tuple[EntryKey, ...]]]) -> set[EntryKey]:
    """Find the keys that one document has on entries which something else tells apart."""
    addresses: dict[EntryKey, set[str]] = {}
    contents: dict[EntryKey, set[str]] = {}
    counts = Counter(key for _, keys in keyed for key in set(keys))
    for entry, keys in keyed:
        for key in keys:
            if counts[key] > 1:
                addresses.setdefault(key, set()).add(canonical_url(entry.url) if entry.url else "")
                contents.setdefault(key, set()).add(_plain(entry))
    doubtful = set()
    for key in addresses:
        if key.kind == KeyKind.CONTENT:
            continue  # equal words are one article, whatever their addresses
        apart = contents if key.kind == KeyKind.URL else addresses
        if len(apart[key]) > 1 or (key.kind == KeyKind.ID and len(contents[key]) > 1 and addresses[key] == {""}):
            doubtful.add(key)
    return doubtful


def _newest_first(
    keyed: Sequence[tuple[Entry, tuple[EntryKey, ...]]], now: datetime
) -> list[tuple[Entry, tuple[EntryKey, ...]]]:
    """Order by date, where the dates of all entries are plausible; otherwise the document's order stays."""
    dates = [entry.published_at for entry, _ in keyed]
    if any(date is None or date < _EARLIEST for date in dates):
        return list(keyed)
    latest = now + _FUTURE
    order = sorted(range(len(keyed)), key=lambda at: (min(dates[at] or latest, latest), -at), reverse=True)
    return [keyed[at] for at in order]


def _key(kind: KeyKind, value: str) -> EntryKey:
    digest = hashlib.blake2b(f"{kind}\0{value}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return EntryKey(kind=kind.value, digest=digest)


def _plain(entry: Entry) -> str:
    """Reduce title and text to letters and digits, which survive changes of markup, quotes and white space."""
    longest = max(entry.content, entry.summary, key=len)
    text = f"{entry.title} {text_of_html(longest)[:2000]}".casefold()
    return "".join(char for char in text if char.isalnum())


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return (URL.build(scheme="http", host=host).raw_host or host).lower()
    except (ValueError, UnicodeError):
        return host.lower()
