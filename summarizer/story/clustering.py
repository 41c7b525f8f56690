"""Which articles tell one event, decided online: each article joins a story as it comes, or starts one."""

from __future__ import annotations

import re
import unicodedata
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from summarizer.document import Article

_T = TypeVar("_T")

# A headline with fewer words than these may stand over anything: "Weather", "Live updates".
_TELLING_WORDS = 4

# A headline that returns after longer than this tells of something new.
_WINDOW = timedelta(hours=72)

# The memory of one language's stream; the oldest are forgotten.
_REMEMBERED = 50_000

_WORDS = re.compile(r"\w+")
# "Headline | Outlet" and "Headline - Outlet": at most four words after the last such mark name the outlet.
_OUTLET = re.compile(r"\s+[|–—-]\s+\S+(?:\s+\S+){0,3}$")


class Stories:
    """The stories of one stream of articles; give them in time order.

    Two articles tell one story when they stand at one address, as given (reduce addresses to a canonical form before),
    or when their headlines are the same, word for word, and no more than three days apart.
    """

    def __init__(self) -> None:
        self._by_address: OrderedDict[str, str] = OrderedDict()
        self._by_title: OrderedDict[str, tuple[str, datetime | None]] = OrderedDict()

    def assign(self, article: Article) -> str:
        """Give the key of the article's story: the id of its first article."""
        address = article.url or ""
        title = normalised_title(article.title)
        story = self._by_address.get(address) if address else None
        if story is None and title:
            story = self._find_by_title(title, article.published_at)
        if story is None:
            story = article.id
        if address:
            _remember(self._by_address, address, story)
        if title:
            _remember(self._by_title, title, (story, article.published_at))
        return story

    def _find_by_title(self, title: str, published_at: datetime | None) -> str | None:
        known = self._by_title.get(title)
        if known is None:
            return None
        story, last_at = known
        if published_at and last_at and abs(published_at - last_at) > _WINDOW:
            return None
        return story


def _remember(memory: OrderedDict[str, _T], key: str, value: _T) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)


def normalised_title(title: str) -> str:
    """Reduce a headline to its words, case and outlet aside; empty when they are too few to tell anything."""
    folded = unicodedata.normalize("NFKC", _OUTLET.sub("", title.strip())).casefold()
    found = _WORDS.findall(folded)
    return " ".join(found) if len(found) >= _TELLING_WORDS else ""
