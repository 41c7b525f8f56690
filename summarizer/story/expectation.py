"""How often a person's account of a story is likely to say each term.

The number of times is taken to follow a negative binomial distribution, whose mean is a product of powers of what
is known of the term over all articles; ``python -m tests.bench.train_stories`` writes the exponents.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from summarizer.story.reading import StoryReading

    Floats = NDArray[np.floating]

WEIGHTS_FILE = "weights.json"

FEATURES = (
    "one",
    "rate",
    "lead_rate",
    "best_lead_rate",
    "share",
    "holders",
    "several",
    "once",
    "opening",
    "stop",
    "stop_rate",
    "stop_lead_rate",
    "digit",
    "capitals",
    "title",
    "content_title",
    "has_title",
    "articles",
    "length",
    "content_length",
    "short_lead_rate",
    "short_opening",
    "short_stop",
    "short_share",
    "short_title",
)
"""The rows of :func:`story_features`; those named ``short_`` grow as the account gets shorter."""

USUAL_TOKENS = 210.0
"""The length of account at which rates are measured."""

MOST_TIMES = 20
"""An account is expected to say a term so often at most."""

_LEAST_RATE = 0.05
_USUAL_LENGTH = 1000.0


def story_features(reading: StoryReading, tokens: float) -> Floats:
    """Describe each term of a story: a row for each of :data:`FEATURES`, a column for each term.

    Args:
        reading: the story.
        tokens: how long the account is, in tokens.
    """
    rate, lead, best = (
        np.log(share * USUAL_TOKENS + _LEAST_RATE)
        for share in (reading.rate, reading.lead_rate, reading.best_lead_rate)
    )
    stop, content = reading.stop * 1.0, 1.0 - reading.stop
    shorter = math.log(USUAL_TOKENS / tokens)
    length = math.log(max(int(reading.counts.sum()), 1) / _USUAL_LENGTH)
    title = reading.in_title * 1.0
    rows = (
        1.0,
        rate,
        lead,
        best,
        reading.share,
        np.log(np.maximum(reading.holders, 1)),
        reading.holders > 1,
        reading.counts == 1,
        reading.openness,
        stop,
        stop * rate,
        stop * lead,
        reading.digit,
        reading.capitals,
        title,
        content * title,
        float(reading.has_title),
        math.log(len(reading.articles)),
        length,
        content * length,
        shorter * lead,
        shorter * reading.openness,
        shorter * stop,
        shorter * reading.share,
        shorter * title,
    )
    stacked = np.empty((len(rows), len(reading.terms)))
    for number, row in enumerate(rows):
        stacked[number] = row
    return stacked


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryModel:
    """What was learnt of accounts of stories.

    Args:
        weights: the exponent of each of :data:`FEATURES`.
        stop_spread: how little the number of times varies of terms that say little by themselves.
        content_spread: the same, of all others.
    """

    weights: Floats
    stop_spread: float
    content_spread: float


def read_model(stored: dict[str, Any]) -> StoryModel:
    """Read what a weights' file holds."""
    return StoryModel(
        weights=np.array([stored["features"][name] for name in FEATURES]),
        stop_spread=stored["dispersion"]["stop"],
        content_spread=stored["dispersion"]["content"],
    )


@cache
def shipped_model() -> StoryModel:
    """Give the model that comes with the package."""
    return read_model(json.loads((files(__package__) / WEIGHTS_FILE).read_text(encoding="utf-8")))


def expected_times(
    reading: StoryReading, tokens: float, *, neutral: Collection[str] = (), model: StoryModel | None = None
) -> Floats:
    """Give how often an account of so many tokens is expected to say each term: T.

    Args:
        reading: the story.
        tokens: how long the account is.
        neutral: features that are to tell no term from another; each is held at its mean.
        model: what was learnt; ``None``: what comes with the package.
    """
    features = story_features(reading, tokens)
    for name in neutral:
        row = FEATURES.index(name)
        features[row] = features[row].mean()
    return mean_times(features, (model or shipped_model()).weights, tokens)


def mean_times(features: Floats, weights: Floats, tokens: float) -> Floats:
    """Give the mean number of times from features and weights."""
    found: Floats = np.exp(np.clip(weights @ features, -12.0, 4.0)) * (tokens / USUAL_TOKENS)
    return found


def worth_of_times(mean: Floats, stop: NDArray[np.bool_], *, model: StoryModel | None = None) -> Floats:
    """Give the probability that an account says each term at least once, twice, …: T × :data:`MOST_TIMES`, falling.

    Args:
        mean: T, how often it is expected to.
        stop: T, whether the term says little by itself; such terms vary less.
        model: what was learnt; ``None``: what comes with the package.
    """
    model = model or shipped_model()
    spread = np.where(stop, model.stop_spread, model.content_spread)
    share = mean / (mean + spread)
    exactly = (1.0 - share) ** spread
    left = 1.0 - exactly
    worth = np.empty((len(mean), MOST_TIMES))
    for times in range(MOST_TIMES):
        worth[:, times] = left
        exactly = exactly * share * (spread + times) / (times + 1.0)
        left = left - exactly
    return worth.clip(0.0, 1.0)
