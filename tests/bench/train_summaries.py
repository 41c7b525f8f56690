"""Learn what the ``news`` method expects of a summary: ``python -m tests.bench.train_summaries --corpus FOLDER``.

Reads ``FOLDER/summaries/*.jsonl`` (rows with ``text``, ``title``, ``lang`` and a reference ``summary``) and writes
``summarizer/news/weights.json``: the weights of two networks that say how likely a reference is to hold each term, and
each pair of terms, of its article; and ``summarizer/words/leanings.txt``: the words that references hold more or less
often than these networks say. Needs numpy alone, takes four minutes on one core, and gives the same files each time.

Languages count alike, however many articles they have. Half of the headlines are left out, so that articles without
one are no surprise: without that, a language whose articles have none scored below its own lead when it was held out.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from summarizer import split_sentences
from summarizer.cleaning.report import clean
from summarizer.news.expectation import MOST_TIMES, WEIGHTS_FILE
from summarizer.news.features import PAIR_FEATURES, TERM_FEATURES, SentenceTraits, pair_features, term_features
from summarizer.news.reading import Reading, find_terms, read_article, term_numbers
from summarizer.text.vocabulary import LEANINGS, Vocabulary
from tests.bench.leanings import Leanings, write_leanings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from tests.bench.leanings import Table

    Floats = NDArray[np.float32]

FILES = ("cnndm", "cnndm_train", "orangesum_train", "vietnews_train")

# Held out, one network fitted in many small steps beat two of half its size fitted in few: by 0.3 points in Vietnamese,
# 0.1 in French. Wider ones added nothing; what several of them say together varies less than what one does.
_TEACHERS = (0, 1, 2, 3)
_PUPIL = 4
_HIDDEN = 24
_EPOCHS = 14
_BATCH = 1024
_STEP = 5e-3
# Keeps what hardly varies here from weighing heavily elsewhere.
_LEAST_SCALE = 1e-3
_DECAY = 1e-5
_TITLES_LEFT_OUT = 0.5

# Some articles are learnt without leanings of terms, for in most languages there are none.
_LEANINGS_LEFT_OUT = 0.4
_LEANING = TERM_FEATURES.index("leaning")

# Most pairs are in no reference: of these every third is learnt from, and counts three times.
_PAIRS_SKIPPED = 3


@dataclass(frozen=True, slots=True)
class Example:
    """An article with what its reference holds.

    Args:
        reading: the article.
        traits: of its sentences.
        features: of its terms.
        times: T, how often the reference has the term.
        pairs: P, whether it has the pair.
        lang: ISO 639-1.
    """

    reading: Reading
    traits: SentenceTraits
    features: Floats
    times: NDArray[np.intp]
    pairs: NDArray[np.bool_]
    lang: str


class Trained:
    """A network of one hidden layer and a straight way past it, fitted by Adam (Kingma and Ba, 2015)."""

    def __init__(self, inputs: int, outputs: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._seed = seed
        self.mean = np.zeros((inputs, 1), np.float32)
        self.scale = np.ones((inputs, 1), np.float32)
        self.weights: list[Floats] = [
            (rng.normal(size=(_HIDDEN, inputs)) / np.sqrt(inputs)).astype(np.float32),
            np.zeros((_HIDDEN, 1), np.float32),
            (rng.normal(size=(outputs, _HIDDEN)) / np.sqrt(_HIDDEN)).astype(np.float32),
            np.zeros((outputs, inputs), np.float32),
            np.full((outputs, 1), -2.0, np.float32),
        ]

    def logits(self, features: Floats) -> Floats:
        """Judge what each column of ``features`` describes."""
        return self._forward((features - self.mean) / self.scale)[1]

    def _forward(self, scaled: Floats) -> tuple[Floats, Floats]:
        hidden, hidden_bias, output, direct, output_bias = self.weights
        inner = np.maximum(hidden @ scaled + hidden_bias, 0.0)
        return inner, output @ inner + direct @ scaled + output_bias

    def fit(self, features: Floats, wanted: Floats, weight: Floats) -> None:
        """Lower the weighted log loss.

        Args:
            features: a row for each feature, a column for each case.
            wanted: a row for each output, 0 or 1.
            weight: the same shape; 0 where a case says nothing of an output.
        """
        self.mean = features.mean(1, keepdims=True, dtype=np.float64).astype(np.float32)
        self.scale = features.std(1, keepdims=True, dtype=np.float64).astype(np.float32) + np.float32(_LEAST_SCALE)
        cases = ((features - self.mean) / self.scale).T.copy()
        wanted, weight = wanted.T.copy(), (weight / weight[0].mean()).T.copy()
        rng = np.random.default_rng(self._seed)
        means = [np.zeros_like(one) for one in self.weights]
        squares = [np.zeros_like(one) for one in self.weights]
        steps, step = _EPOCHS * -(-len(cases) // _BATCH), 0
        for _ in range(_EPOCHS):
            order = rng.permutation(len(cases))
            for begin in range(0, len(cases), _BATCH):
                batch = order[begin : begin + _BATCH]
                slopes = self._slopes(cases[batch].T, wanted[batch].T, weight[batch].T)
                step += 1
                rate = _STEP * 0.5 * (1.0 + np.cos(np.pi * step / steps))
                for number, slope in enumerate(slopes):
                    damped = slope + _DECAY * self.weights[number]
                    means[number] += 0.1 * (damped - means[number])
                    squares[number] += 0.001 * (damped * damped - squares[number])
                    size = np.sqrt(squares[number] / (1 - 0.999**step)) + 1e-8
                    self.weights[number] -= (rate * means[number] / (1 - 0.9**step) / size).astype(np.float32)

    def _slopes(self, scaled: Floats, wanted: Floats, weight: Floats) -> list[Floats]:
        inner, logits = self._forward(scaled)
        error = (1.0 / (1.0 + np.exp(-logits)) - wanted) * weight / scaled.shape[1]
        inner_error = (self.weights[2].T @ error) * (inner > 0)
        return [
            inner_error @ scaled.T,
            inner_error.sum(1, keepdims=True),
            error @ inner.T,
            error @ scaled.T,
            error.sum(1, keepdims=True),
        ]

    def stored(self, names: Sequence[str]) -> dict[str, Any]:
        """Give the weights for features as they are measured, by the feature's name."""
        hidden, hidden_bias, output, direct, output_bias = self.weights
        hidden, direct = hidden / self.scale.T, direct / self.scale.T
        inputs = np.concatenate([hidden, direct])
        return {
            "features": {name: _rounded(column) for name, column in zip(names, inputs.T, strict=True)},
            "hidden_bias": _rounded((hidden_bias - hidden @ self.mean)[:, 0]),
            "output": [_rounded(row) for row in output],
            "output_bias": _rounded((output_bias - direct @ self.mean)[:, 0]),
        }


def _fit(features: Floats, wanted: Floats, weight: Floats) -> Trained:
    """Fit several networks from different beginnings, and one to what these say together, which varies less."""
    said = np.zeros_like(wanted)
    for seed in _TEACHERS:
        teacher = Trained(len(features), len(wanted), seed)
        teacher.fit(features, wanted, weight)
        said += 1.0 / (1.0 + np.exp(-teacher.logits(features))) / np.float32(len(_TEACHERS))
    pupil = Trained(len(features), len(wanted), _PUPIL)
    pupil.fit(features, said, weight)
    return pupil


def _rounded(values: Iterable[float]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def read_examples(path: Path, *, titles_left_out: float = _TITLES_LEFT_OUT) -> Iterator[Example]:
    """Read a file of articles and references.

    Args:
        path: JSON lines.
        titles_left_out: the share of headlines to do without.
    """
    rng = random.Random(path.name)
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            title = "" if rng.random() < titles_left_out else row.get("title") or ""
            if found := _example(row["text"], title, row["lang"], row["summary"]):
                yield found


@cache
def _words(lang: str) -> Vocabulary:
    """Give a vocabulary that knows no leanings yet, and is never replaced by an empty one."""
    return Vocabulary(lang)


def _example(text: str, title: str, lang: str, summary: str | list[str]) -> Example | None:
    pieces = clean(text, split_sentences(text, lang), lang)
    words = _words(lang)
    reading = read_article(text, title, pieces, lang, words)
    if reading is None:
        return None
    size = len(reading.counts)
    reference = summary if isinstance(summary, str) else "\n".join(summary)
    said = find_terms(reading.terms, term_numbers(reference, lang, words))
    times = np.bincount(said[said >= 0], minlength=size)
    together = (said[1:] >= 0) & (said[:-1] >= 0)
    pairs = (said[:-1] * size + said[1:])[together]
    traits = SentenceTraits(reading)
    return Example(reading, traits, term_features(reading, traits), times, np.isin(reading.pair_keys, pairs), lang)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the examples teach.

    Args:
        terms: says how likely a reference is to hold a term.
        pairs: says it of pairs, from what ``terms`` says.
        leanings: of terms, by language.
    """

    terms: Trained
    pairs: Trained
    leanings: Table


def train(examples: Sequence[Example]) -> Learnt:
    """Fit a network of terms, find what it leaves unsaid of each, and with that fit the two that ship."""
    share = {lang: 1.0 / number for lang, number in Counter(example.lang for example in examples).items()}
    leanings = _learn_leanings(examples, share)
    rng = np.random.default_rng(2)
    for one in examples:
        one.features[_LEANING] = leanings.without(one) if rng.random() >= _LEANINGS_LEFT_OUT else 0.0
    terms = _fit_terms(examples, share)
    return Learnt(
        terms, _fit_pairs(examples, share, terms), leanings.table({lang: _words(lang).terms for lang in share})
    )


def _learn_leanings(examples: Sequence[Example], share: dict[str, float]) -> Leanings:
    for one in examples:
        one.features[_LEANING] = 0.0
    terms = _fit_terms(examples, share)
    features = {id(one.reading): one.features for one in examples}
    return Leanings(
        examples,
        lambda one: terms.logits(features[id(one.reading)])[0],
        {lang: len(_words(lang).terms) for lang in share},
    )


def _fit_terms(examples: Sequence[Example], share: dict[str, float]) -> Trained:
    often = np.arange(MOST_TIMES)[:, None]
    return _fit(
        np.concatenate([one.features for one in examples], axis=1),
        np.concatenate([one.times > often for one in examples], axis=1).astype(np.float32),
        np.concatenate([(one.reading.counts > often) * np.float32(share[one.lang]) for one in examples], axis=1),
    )


def _fit_pairs(examples: Sequence[Example], share: dict[str, float], terms: Trained) -> Trained:
    rng = np.random.default_rng(1)
    features, wanted, weight = [], [], []
    for one in examples:
        kept = one.pairs | (rng.integers(_PAIRS_SKIPPED, size=len(one.pairs)) == 0)
        described = pair_features(one.reading, one.traits, terms.logits(one.features)[0])
        features.append(described[:, kept])
        wanted.append(one.pairs[None, kept].astype(np.float32))
        weight.append(np.where(wanted[-1] > 0, 1.0, _PAIRS_SKIPPED).astype(np.float32) * np.float32(share[one.lang]))
    return _fit(np.concatenate(features, axis=1), np.concatenate(wanted, axis=1), np.concatenate(weight, axis=1))


def write(folder: Path, learnt: Learnt) -> list[Path]:
    """Write the networks as JSON, a feature to a line, and the leanings as a table of words; return the paths."""
    networks = {"terms": learnt.terms.stored(TERM_FEATURES), "pairs": learnt.pairs.stored(PAIR_FEATURES)}
    weights, leanings = folder / "news" / WEIGHTS_FILE, folder / "words" / f"{LEANINGS}.txt"
    for path in (weights, leanings):
        path.parent.mkdir(parents=True, exist_ok=True)
    weights.write_text(_laid_out(networks) + "\n", encoding="utf-8")
    write_leanings(leanings, learnt.leanings)
    return [weights, leanings]


def _laid_out(value: object, margin: str = "") -> str:
    """Write JSON with objects over several lines, and each list of numbers on one."""
    if not isinstance(value, dict):
        return json.dumps(value)
    inner = margin + " "
    entries = [f"{inner}{json.dumps(name)}: {_laid_out(part, inner)}" for name, part in value.items()]
    return "{\n" + ",\n".join(entries) + f"\n{margin}}}"


def main() -> None:
    """Train on every file and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with summaries/*.jsonl")
    parser.add_argument("--files", nargs="+", default=FILES, help="names of those to learn from")
    default = Path(__file__).parents[2] / "summarizer"
    parser.add_argument("--output", type=Path, default=default, help="folder for what was learnt")
    arguments = parser.parse_args()
    examples = [
        example
        for name in arguments.files
        for example in read_examples(arguments.corpus / "summaries" / f"{name}.jsonl")
    ]
    print(f"{len(examples)} articles", flush=True)
    for path in write(arguments.output, train(examples)):
        print(f"wrote {path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
