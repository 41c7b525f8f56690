"""How well stories are summarised: ``python -m tests.bench.story_summaries --corpus FOLDER [--words 200]``.

Clusters and accounts are those of :mod:`tests.bench.train_stories`; ours learns from four fifths of the stories and is
judged on the last, in turn. ROUGE-1 and -2 (F1, Porter's stems) beside the articles' leads in turn and sumy's
algorithms over the articles joined, each filled as far as whole sentences go.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
from collections import Counter
from itertools import chain, pairwise, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from nltk.stem.porter import PorterStemmer

from summarizer import Method, split_sentences
from summarizer.classic.methods import classic_order
from summarizer.cleaning.report import clean
from summarizer.selection import Budget
from summarizer.story.expectation import read_model
from summarizer.story.reading import read_story
from summarizer.story.search import best_lines
from tests.bench.train_stories import FILES, Cluster, examples, fit, read_clusters

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from summarizer.story.expectation import StoryModel

_FOLDS = 5
_METHODS = (Method.SUMBASIC, Method.LEXRANK, Method.TEXTRANK, Method.LSA, Method.KL)
_STEMMER = PorterStemmer()


def _ours(cluster: Cluster, most_words: int, model: StoryModel) -> list[str]:
    reading = read_story(cluster.articles, ["en"] * len(cluster.articles))
    if reading is None:
        return []
    return [reading.text_of(one) for one in best_lines(reading, Budget(words=most_words), brief=False, model=model)]


def _leads(cluster: Cluster, most_words: int) -> list[str]:
    by_article = [[one.text[start:end] for start, end in split_sentences(one.text, "en")] for one in cluster.articles]
    return _fill((one for one in chain.from_iterable(zip_longest(*by_article)) if one), most_words)


def _classic(method: Method) -> Callable[[Cluster, int], list[str]]:
    def chosen(cluster: Cluster, most_words: int) -> list[str]:
        text = "\n".join(article.text for article in cluster.articles)
        pieces = clean(text, split_sentences(text, "en"), "en")
        order = classic_order(method, text, "", pieces, "en")
        return _fill((text[pieces[one].start : pieces[one].end] for one in order), most_words)

    return chosen


def _fill(sentences: Iterable[str], most_words: int) -> list[str]:
    found: list[str] = []
    left = most_words
    for sentence in sentences:
        size = len(sentence.split())
        if size <= left and sentence not in found:
            found.append(sentence)
            left -= size
    return found


def _tokens(text: str) -> list[str]:
    return [_STEMMER.stem(word) if len(word) > 3 else word for word in re.findall("[a-z0-9]+", text.lower())]


def _rouge(account: str, sentences: Sequence[str]) -> tuple[float, float]:
    reference, candidate = _tokens(account), [token for one in sentences for token in _tokens(one)]
    return _f1(reference, candidate), _f1(list(pairwise(reference)), list(pairwise(candidate)))


def _f1(reference: Sequence[Hashable], candidate: Sequence[Hashable]) -> float:
    hits = (Counter(reference) & Counter(candidate)).total()
    return 200.0 * hits / ((len(reference) + len(candidate)) or 1)


def run(corpus: Path, most_words: int) -> list[str]:
    """Summarise each cluster by each method; return the lines of a Markdown table.

    Args:
        corpus: folder with ``stories/*.jsonl``.
        most_words: the budget.
    """
    clusters = [one for name in FILES for one in read_clusters(corpus / "stories" / f"{name}.jsonl")]
    stories = sorted({cluster.story for cluster in clusters})
    random.Random(1).shuffle(stories)
    fold_of = {story: number % _FOLDS for number, story in enumerate(stories)}
    told: dict[str, list[tuple[Cluster, list[str]]]] = {"ours": []}
    for fold in range(_FOLDS):
        learnt = fit(list(examples([one for one in clusters if fold_of[one.story] != fold])))
        judged = [one for one in clusters if fold_of[one.story] == fold]
        told["ours"] += [(one, _ours(one, most_words, read_model(learnt))) for one in judged]
    told["leads in turn"] = [(one, _leads(one, most_words)) for one in clusters]
    for method in _METHODS:
        told[method.value] = [(one, _classic(method)(one, most_words)) for one in clusters]
    lines = [f"| {len(clusters)} clusters, {most_words} words | ROUGE-1 | ROUGE-2 | words |", "| - | - | - | - |"]
    for name, found in told.items():
        one, two = zip(*(_rouge(cluster.account, sentences) for cluster, sentences in found), strict=True)
        used = statistics.mean(len(" ".join(sentences).split()) for _, sentences in found)
        lines.append(f"| {name} | {statistics.mean(one):.2f} | {statistics.mean(two):.2f} | {used:.0f} |")
    return lines


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--words", type=int, default=200)
    arguments = parser.parse_args()
    sys.stdout.writelines(f"{line}\n" for line in run(arguments.corpus, arguments.words))


if __name__ == "__main__":
    main()
