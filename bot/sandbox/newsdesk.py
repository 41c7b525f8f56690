"""The sample site's newsdesk: which articles are out at a given instant.

The texts are ours and lie in ``articles/``. They come out one after another; when all are out, follow-ups go
round and round, each time with another day, other figures and an address of its own.
"""

from __future__ import annotations

import json
import random
from collections import deque
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.sandbox.model import Json
    from bot.sandbox.pacing import Clock

_KEPT = 400
# The articles that are out at the start are spread over the hours before it.
_SPACING_AT_START_S = 1_500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One of the sample site's papers."""

    key: str
    name: str
    tagline: str
    language: str
    feed: str
    """The feed's format and file name: ``rss``, ``atom`` or ``json``."""

    @property
    def feed_path(self) -> str:
        """The feed's path on the site."""
        return f"/site/{self.key}/feed.{'json' if self.feed == 'json' else 'xml'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A published article; ``number`` is its place in the newsdesk's order, ``published_at`` seconds since 1970."""

    number: int
    outlet: Outlet
    slug: str
    event: str
    title: str
    author: str
    section: str
    place: str
    caption: str
    paragraphs: tuple[str, ...]
    published_at: float

    @property
    def path(self) -> str:
        """The article's path on the site."""
        return f"/site/{self.outlet.key}/news/{self.number}-{self.slug}"

    @property
    def text(self) -> str:
        """The article's words, a paragraph a line."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class _Texts:
    outlets: Mapping[str, Outlet]
    first: Sequence[Json]
    later: Sequence[Json]


def load_texts() -> tuple[dict[str, Outlet], list[Json], list[Json]]:
    """Read the outlets, the first articles in their order, and the follow-ups."""
    folder = resources.files("bot.sandbox.articles")
    outlets: dict[str, Outlet] = {}
    first: list[Json] = []
    later: list[Json] = []
    for entry in json.loads(folder.joinpath("outlets.json").read_text(encoding="utf-8")):
        outlet = Outlet(**entry)
        outlets[outlet.key] = outlet
        texts = json.loads(folder.joinpath(f"{outlet.key}.json").read_text(encoding="utf-8"))
        first.extend(text | {"outlet": outlet.key} for text in texts["articles"])
        later.extend(text | {"outlet": outlet.key} for text in texts["follow_ups"])
    first.sort(key=lambda text: text["order"])
    later.sort(key=lambda text: text["order"])
    return outlets, first, later


class Newsdesk:
    """Publishes an article every so often, and whenever asked.

    Args:
        clock: where time comes from.
        every_s: seconds between two articles; 0 publishes only on request.
        seed: what the follow-ups' figures are drawn by.
        at_start: articles that are out from the start.
    """

    def __init__(self, *, clock: Clock, every_s: float = 30.0, seed: int = 1, at_start: int = 8) -> None:
        self._clock = clock
        self._every_s = every_s
        self._seed = seed
        outlets, first, later = load_texts()
        self.outlets = outlets
        self._texts = _Texts(outlets, first, later)
        self._articles: deque[Article] = deque(maxlen=_KEPT)
        self._published = 0
        now = clock.time()
        for place in range(at_start):
            self._publish_at(now - (at_start - place) * _SPACING_AT_START_S)
        self._next_at = clock.monotonic() + every_s

    def publish(self) -> Article:
        """Publish the next article now."""
        return self._publish_at(self._clock.time())

    @property
    def published(self) -> int:
        """How many articles have come out so far."""
        self._catch_up()
        return self._published

    def articles(self, outlet: str | None = None) -> list[Article]:
        """Return what is out, of one outlet or of all, the newest first."""
        self._catch_up()
        return [article for article in reversed(self._articles) if outlet is None or article.outlet.key == outlet]

    def find(self, outlet: str, number: int) -> Article | None:
        """Return a published article."""
        return next((article for article in self.articles(outlet) if article.number == number), None)

    def _catch_up(self) -> None:
        """Publish what has come due since the last look."""
        if self._every_s <= 0:
            return
        now = self._clock.monotonic()
        wall = self._clock.time()
        # After a long sleep of the machine the figures would be all that differs: a few are enough.
        self._next_at = max(self._next_at, now - 20 * self._every_s)
        while self._next_at <= now:
            self._publish_at(wall - (now - self._next_at))
            self._next_at += self._every_s

    def _publish_at(self, published_at: float) -> Article:
        article = self._article(self._published, published_at)
        self._published += 1
        self._articles.append(article)
        return article

    def _article(self, number: int, published_at: float) -> Article:
        first = self._texts.first
        if number < len(first):
            return self._made(number, first[number], published_at, {})
        day, place = divmod(number - len(first), len(self._texts.later))
        text = self._texts.later[place]
        draw = random.Random(f"{self._seed}/{number}")  # noqa: S311  sample texts, no secret
        fields: dict[str, Any] = {name: _drawn(draw, choice) for name, choice in text["fields"].items()}
        return self._made(number, text, published_at, fields | {"day": day + 2})

    def _made(self, number: int, text: Json, published_at: float, fields: Mapping[str, Any]) -> Article:
        # First reports are plain texts; only follow-ups have fields to fill.
        def fill(words: str) -> str:
            return words.format(**fields) if fields else words

        return Article(
            number=number + 1,
            outlet=self._texts.outlets[text["outlet"]],
            slug=text["slug"],
            event=text["event"],
            title=fill(text["title"]),
            author=text["author"],
            section=text["section"],
            place=text["place"],
            caption=fill(text["caption"]),
            paragraphs=tuple(fill(paragraph) for paragraph in text["paragraphs"]),
            published_at=published_at,
        )

    # ---- keeping

    def state(self) -> Json:
        """Return what a restart must know: how many are out, and when the last ones came."""
        return {"seed": self._seed, "out": [[article.number, article.published_at] for article in self._articles]}

    def restore(self, state: Json) -> None:
        """Go on from an earlier newsdesk's state."""
        self._seed = state["seed"]
        self._articles.clear()
        for number, published_at in state["out"]:
            self._articles.append(self._article(number - 1, published_at))
            self._published = number
        self._next_at = self._clock.monotonic() + self._every_s


def _drawn(draw: random.Random, choice: list[Any]) -> object:
    """Draw from a list; two numbers are a range's ends."""
    if len(choice) == 2 and all(isinstance(end, int) for end in choice):
        return draw.randint(choice[0], choice[1])
    return draw.choice(choice)
