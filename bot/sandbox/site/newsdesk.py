"""The sample site's newsdesk: which articles are out at a given instant.

The texts are ours and lie in ``articles/``. They come out one after another; when all are out, follow-ups go
round and round, each time with another day, other figures and an address of its own. Papers that report one
development on the same day give the same figures. Some articles are corrected later, at their old address.
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

    from bot.sandbox.telegram.pacing import Clock
    from bot.sandbox.world.model import Json

_KEPT = 400
# The articles that are out at the start are spread over the hours before it.
_SPACING_AT_START_S = 1_500.0
# A correction comes once so many articles have come out after the one that was wrong.
_CORRECTED_AFTER = 6


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
    corrected_at: float | None = None
    correction: str = ""
    """What was wrong, in the paper's words."""

    @property
    def changed_at(self) -> float:
        """When it was last touched."""
        return self.published_at if self.corrected_at is None else self.corrected_at

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
    folder = resources.files("bot.sandbox.site.articles")
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
        self._corrected: dict[int, float] = {}
        self._published = 0
        now = clock.time()
        for place in range(at_start):
            self._publish_at(now - (at_start - place) * _SPACING_AT_START_S)
        self._next_at = clock.monotonic() + every_s

    def publish(self) -> Article:
        """Publish the next article now."""
        return self._publish_at(self._clock.time())

    @property
    def every_s(self) -> float:
        """Seconds between two articles; 0 where they come on request only."""
        return self._every_s

    def set_pace(self, every_s: float) -> None:
        """Let time run faster or slower at the newsdesk.

        Args:
            every_s: seconds between two articles from now on; 0 publishes only on request.
        """
        self._catch_up()
        self._every_s = every_s
        self._next_at = self._clock.monotonic() + every_s

    def correct(self, outlet: str | None = None) -> Article | None:
        """Correct the oldest article that is out and still wrong, of one outlet or of any; ``None`` without one."""
        self._catch_up()
        for place, article in enumerate(self._articles):
            if outlet in {None, article.outlet.key} and self._is_wrong(article):
                return self._correct_at(place, self._clock.time())
        return None

    @property
    def corrections(self) -> int:
        """How many articles have been corrected so far."""
        return len(self._corrected)

    def _is_wrong(self, article: Article) -> bool:
        if article.corrected_at is not None or article.number > len(self._texts.first):
            return False
        return "correction" in self._texts.first[article.number - 1]

    def _correct_at(self, place: int, corrected_at: float) -> Article:
        number = self._articles[place].number
        self._corrected[number] = corrected_at
        self._articles[place] = self._article(number - 1, self._articles[place].published_at)
        return self._articles[place]

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
            at = wall - (now - self._next_at)
            self._publish_at(at)
            for place, article in enumerate(self._articles):
                if self._published - article.number >= _CORRECTED_AFTER and self._is_wrong(article):
                    self._correct_at(place, at)
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
        # By event and day, so that all papers tell the same figures.
        fields: dict[str, Any] = {
            name: _drawn(random.Random(f"{self._seed}/{text['event']}/{day}/{name}"), choice, day)  # noqa: S311  no secret
            for name, choice in text["fields"].items()
        }
        return self._made(number, text, published_at, fields | {"day": day + 2})

    def _made(self, number: int, text: Json, published_at: float, fields: Mapping[str, Any]) -> Article:
        # First reports are plain texts; only follow-ups have fields to fill.
        def fill(words: str) -> str:
            return words.format(**fields) if fields else words

        paragraphs = [fill(paragraph) for paragraph in text["paragraphs"]]
        corrected_at = self._corrected.get(number + 1)
        correction = text["correction"] if corrected_at is not None else None
        if correction is not None:
            paragraphs[correction["paragraph"]] = correction["text"]
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
            paragraphs=tuple(paragraphs),
            published_at=published_at,
            corrected_at=corrected_at,
            correction="" if correction is None else correction["note"],
        )

    # ---- keeping

    def state(self) -> Json:
        """Return what a restart must know: how many are out, and when the last ones came."""
        return {
            "seed": self._seed,
            "out": [[article.number, article.published_at] for article in self._articles],
            "corrected": list(self._corrected.items()),
        }

    def restore(self, state: Json) -> None:
        """Go on from an earlier newsdesk's state."""
        self._seed = state["seed"]
        self._corrected = dict(state.get("corrected", ()))
        self._articles.clear()
        for number, published_at in state["out"]:
            self._articles.append(self._article(number - 1, published_at))
            self._published = number
        self._next_at = self._clock.monotonic() + self._every_s


def _drawn(draw: random.Random, choice: list[Any] | Mapping[str, int], day: int) -> object:
    """Draw from a list, two numbers being a range's ends, or let a figure grow from day to day."""
    if not isinstance(choice, list):
        return min(choice["start"] + choice["a_day"] * day, choice["end"])
    if len(choice) == 2 and all(isinstance(end, int) for end in choice):
        return draw.randint(choice[0], choice[1])
    return draw.choice(choice)
