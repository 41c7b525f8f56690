"""Learn how often an account of a story says each term: ``python -m tests.bench.train_stories --corpus FOLDER``.

Reads ``FOLDER/stories/{ecb,g5w1h}.jsonl``, whose rows are articles (``title``, ``text``) with the ``story`` that they
tell. No person's account of these stories is at hand, so reports stand for one: of each story some are left out in
turn, and the opening of the one left out, cut at several lengths, is what the others are expected to say. Reports
copied from it are no sources. Writes ``summarizer/story_weights.json``: a Poisson regression with a small ridge, then
two dispersions by likelihood. Takes half a minute on one core, and gives the same file each time.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from summarizer import Article
from summarizer.news.reading import find_terms, term_numbers
from summarizer.story.expectation import FEATURES, USUAL_TOKENS, WEIGHTS_FILE, mean_times, story_features
from summarizer.story.reading import read_story
from summarizer.text.terms import words
from summarizer.text.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.floating]

FILES = ("ecb", "g5w1h")

_ACCOUNT_WORDS = (170, 250)
_ACCOUNT_LENGTHS = (40, 70, 110, 210)
_FEWEST_SOURCE_WORDS = 100
_ACCOUNTS_OF_A_STORY = 4
# How many sources a cluster has, and how often.
_SOURCES = {2: 50, 3: 27, 4: 15, 5: 8}
# A source that shares this much of the account's triples of words was copied from it.
_COPIED = 0.25
_TITLES_LEFT_OUT = 0.5

_RIDGE = 1.0
_ROUNDS = 60
_DISPERSIONS = (0.5, 0.8, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Articles about one event, and what another report of it says.

    Args:
        story: the file and the story.
        articles: the sources.
        account: the opening of the report left out.
    """

    story: str
    articles: tuple[Article, ...]
    account: str


@dataclass(frozen=True, slots=True)
class Example:
    """A cluster's terms: features × T, how often the account says each (T), its length in tokens, T stop words."""

    features: Floats
    times: NDArray[np.intp]
    tokens: int
    stop: NDArray[np.bool_]


def read_clusters(path: Path) -> Iterator[Cluster]:
    """Read a file of articles with their stories."""
    rng = random.Random(path.stem)
    stories: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            stories[row["story"]].append(row)
    for story, rows in sorted(stories.items()):
        accounts = [row for row in rows if len(row["text"].split()) >= _ACCOUNT_WORDS[0]]
        rng.shuffle(accounts)
        made = 0
        for row in accounts:
            account = " ".join(row["text"].split()[: rng.randint(*_ACCOUNT_WORDS)])
            sources = [one for one in rows if one is not row and _is_source(one["text"], account)]
            rng.shuffle(sources)
            many = rng.choices(list(_SOURCES), list(_SOURCES.values()))[0]
            if len(sources) < 2 or made == _ACCOUNTS_OF_A_STORY:
                continue
            made += 1
            yield Cluster(
                story=f"{path.stem} {story}",
                articles=tuple(
                    Article(id=str(number), title=one["title"] or "", text=one["text"], lang="en")
                    for number, one in enumerate(sources[:many])
                ),
                account=account,
            )


def _is_source(text: str, account: str) -> bool:
    wanted = _triples(account)
    return len(text.split()) >= _FEWEST_SOURCE_WORDS and len(wanted & _triples(text)) < _COPIED * len(wanted)


def _triples(text: str) -> set[tuple[str, ...]]:
    found = words(text, "en")
    return set(zip(found, found[1:], found[2:], strict=False))


def examples(clusters: Sequence[Cluster]) -> Iterator[Example]:
    """Read clusters, each at every length of account."""
    rng = random.Random(len(clusters))
    for cluster in clusters:
        articles = cluster.articles
        if rng.random() < _TITLES_LEFT_OUT:
            articles = tuple(replace(article, title="") for article in articles)
        reading = read_story(articles, ["en"] * len(articles))
        if reading is None:
            continue
        for length in _ACCOUNT_LENGTHS:
            said = term_numbers(" ".join(cluster.account.split()[:length]), "en", vocabulary("en"))
            found = find_terms(reading.terms, said)
            times = np.bincount(found[found >= 0], minlength=len(reading.terms))
            yield Example(story_features(reading, float(len(said))), times, len(said), reading.stop)


def fit(found: Sequence[Example]) -> dict[str, Any]:
    """Learn weights and dispersions; give what the weights' file holds."""
    features = np.concatenate([one.features for one in found], axis=1)
    times = np.concatenate([one.times for one in found])
    length = np.concatenate([np.full(len(one.times), one.tokens / USUAL_TOKENS) for one in found])
    weights = _regress(features, times, length)
    mean = mean_times(features, weights, USUAL_TOKENS) * length
    stop = np.concatenate([one.stop for one in found])
    return {
        "features": {name: float(f"{weight:.4g}") for name, weight in zip(FEATURES, weights, strict=True)},
        "dispersion": {
            "stop": _dispersion(mean[stop], times[stop]),
            "content": _dispersion(mean[~stop], times[~stop]),
        },
    }


def _regress(features: Floats, times: NDArray[np.intp], length: Floats) -> Floats:
    """Fit a Poisson regression by Newton's method."""
    weights = np.zeros(len(features))
    weights[0] = math.log(max(times.mean() / length.mean(), 1e-6))
    for _ in range(_ROUNDS):
        mean = mean_times(features, weights, USUAL_TOKENS) * length
        slope = features @ (times - mean) - _RIDGE * weights
        curvature = (features * mean) @ features.T + _RIDGE * np.eye(len(weights))
        step = np.linalg.solve(curvature, slope)
        weights += step / max(1.0, float(np.abs(step).max()))
    return weights


def _dispersion(mean: Floats, times: NDArray[np.intp]) -> float:
    """Find how widely the times are spread, of a few, by likelihood."""
    log_gamma = np.vectorize(math.lgamma)

    def likelihood(spread: float) -> float:
        share = mean / (mean + spread)
        each = log_gamma(spread + times) - math.lgamma(spread) + times * np.log(share) + spread * np.log1p(-share)
        return float(each.sum())

    return max(_DISPERSIONS, key=likelihood)


def write_weights(stored: dict[str, Any], path: Path) -> None:
    """Write a weights' file."""
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _clusters(corpus: Path, names: Iterable[str]) -> list[Cluster]:
    return [cluster for name in names for cluster in read_clusters(corpus / "stories" / f"{name}.jsonl")]


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=Path("summarizer") / "story" / WEIGHTS_FILE)
    arguments = parser.parse_args()
    clusters = _clusters(arguments.corpus, FILES)
    write_weights(fit(list(examples(clusters))), arguments.output)


if __name__ == "__main__":
    main()
