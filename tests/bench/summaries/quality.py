"""ROUGE of every system on every file at every budget, on all cores, and its distance from the lead."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tests.bench.summaries.corpus import read_examples
from tests.bench.summaries.rouge import rouge
from tests.bench.summaries.systems import BUDGETS, systems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from summarizer import Document
    from summarizer.selection import Budget
    from tests.bench.summaries.corpus import Example

LEAD = "lead"
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Scores:
    """What a system made of a file within a budget.

    Args:
        rouge: n × 2, ROUGE-1 and -2 F1 in points of a hundred.
        chars: n, characters used.
    """

    rouge: NDArray[np.float64]
    chars: NDArray[np.float64]


Table = dict[tuple[str, str, str], Scores]
"""By budget, system and the file's name."""


def score_files(files: Sequence[Path], documents: int | None, processes: int | None = None) -> Table:
    """Score every system on the first so many documents of each file (all where ``None``)."""
    tasks = [
        (path, name, system.most if documents is None else min(documents, system.most or documents))
        for path in files
        for name, system in systems().items()
        if all(system.knows(one.document) for one in read_examples(path, documents))
    ]
    with ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        return {
            (budget, name, path.name): scores
            for (path, name, _), found in zip(tasks, pool.map(_score, tasks), strict=True)
            for budget, scores in found.items()
        }


def _score(task: tuple[Path, str, int | None]) -> dict[str, Scores]:
    path, name, most = task
    choose = systems()[name].choose
    found: dict[str, Scores] = {}
    for budget_name, budget in BUDGETS.items():
        points, chars = [], []
        for example in read_examples(path, most):
            sentences = choose(example.document, budget)
            points.append(rouge(example.references, sentences, example.document.lang or "en"))
            chars.append(len(" ".join(sentences)))
        found[budget_name] = Scores(100 * np.array(points), np.array(chars, np.float64))
    return found


def lead_interval(scores: Scores, lead: Scores) -> NDArray[np.float64]:
    """Give the 95 % interval of the mean distance from the lead, by the paired bootstrap over documents.

    Returns:
        2 × 2: for ROUGE-1 and -2, the lower and the upper bound.
    """
    distance = scores.rouge - lead.rouge[: len(scores.rouge)]
    rng = np.random.default_rng(0)
    means = np.array([distance[rng.integers(len(distance), size=len(distance))].mean(0) for _ in range(_RESAMPLES)])
    bounds: NDArray[np.float64] = np.percentile(means, [2.5, 97.5], axis=0).T
    return bounds


def mean_rouge(
    choose: Callable[[Document, Budget], list[str]], examples: Sequence[Example], budget: Budget
) -> tuple[float, float]:
    """Give the means of ROUGE-1 and -2 F1 over examples, in points of a hundred."""
    points = [rouge(one.references, choose(one.document, budget), one.document.lang or "en") for one in examples]
    one, two = 100 * np.array(points).mean(0)
    return float(one), float(two)


def means_over(found: Iterable[Scores]) -> tuple[float, float]:
    """Give the means of ROUGE-1 and -2 over files that count alike."""
    one, two = np.mean([scores.rouge.mean(0) for scores in found], axis=0)
    return float(one), float(two)
