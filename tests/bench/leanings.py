"""Which terms references hold more or less often than their place and use in the articles say."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from summarizer.news.reading import Reading

    Floats = NDArray[np.float32]
    Table = dict[str, dict[str, float]]

# A term leans by what references choose beyond what was expected, over how uncertain that was. It is drawn to nought by
# as much evidence as the first number, and known only with more than the second.
_DOUBT = 8.0
_EVIDENCE = 3.0
_LEAST = 0.05
_MOST = 3.0

# Names and numbers do not count: they come and go with the news.
_MOST_NAMED = 0.5

_LINE_CHARS = 118
_HEADING = (
    "# How much summaries lean to a term beyond what its place and use say; python -m tests.bench.train_summaries"
)


class Judged(Protocol):
    """An article with what its reference holds."""

    @property
    def reading(self) -> Reading:
        """The article."""

    @property
    def times(self) -> NDArray[np.intp]:
        """How often the reference has each term."""

    @property
    def lang(self) -> str:
        """ISO 639-1."""


class Leanings:
    """What is left of the references' choices when each article has been judged.

    Args:
        examples: the articles.
        judge: gives the logit of each term of an article.
        sizes: how many terms each language has.
    """

    def __init__(self, examples: Iterable[Judged], judge: Callable[[Judged], Floats], sizes: Mapping[str, int]) -> None:
        self._judge = judge
        # By term: surprise, evidence, articles, and in how many of these it is a name or a number.
        self._sums = {lang: np.zeros((4, size)) for lang, size in sizes.items()}
        for one in examples:
            self._sums[one.lang][:, one.reading.terms] += self._evidence(one)

    def without(self, one: Judged) -> Floats:
        """Give the leanings of an article's terms as the other articles tell them."""
        return _lean(self._sums[one.lang][:, one.reading.terms] - self._evidence(one))

    def table(self, terms: Mapping[str, Mapping[str, int]]) -> Table:
        """Give every leaning, by language and term; those that are next to nothing are left out."""
        leaning = {lang: _lean(sums) for lang, sums in self._sums.items()}
        return {
            lang: {
                term: round(float(found[number]), 2)
                for term, number in sorted(terms[lang].items())
                if number < len(found) and abs(found[number]) >= _LEAST
            }
            for lang, found in sorted(leaning.items())
        }

    def _evidence(self, one: Judged) -> NDArray[np.float64]:
        likely = 1.0 / (1.0 + np.exp(-self._judge(one).astype(np.float64)))
        named = np.maximum(one.reading.capitals, one.reading.digit)
        return np.stack([(one.times > 0) - likely, likely * (1.0 - likely), np.ones(len(likely)), named])


def _lean(sums: NDArray[np.float64]) -> Floats:
    surprise, evidence, articles, named = sums
    known = (evidence >= _EVIDENCE) & (named <= _MOST_NAMED * articles)
    leaning: Floats = np.where(known, np.clip(surprise / (evidence + _DOUBT), -_MOST, _MOST), 0.0).astype(np.float32)
    return leaning


def write_leanings(path: Path, table: Table) -> None:
    """Write leanings as a table of words: ``term:leaning`` between white space, under a heading for each language."""
    parts = [_HEADING]
    for lang, leanings in table.items():
        entries = " ".join(f"{term}:{value:g}" for term, value in leanings.items())
        parts += ["", f"[{lang}]", *textwrap.wrap(entries, _LINE_CHARS, break_long_words=False, break_on_hyphens=False)]
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")
