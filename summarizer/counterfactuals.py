"""What a sentence would lose if it stood elsewhere, had no headline above it, were in one paper only.

The very model that chose reads again without the thing in question; a reason weighs as much as the sentence falls back
against the article's other sentences.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from summarizer.cleaning.report import clean
from summarizer.document import Reason, Why
from summarizer.news.expectation import expect
from summarizer.news.reading import read_article, weighted_counts
from summarizer.story.expectation import USUAL_TOKENS, expected_times, worth_of_times
from summarizer.story.reading import newest_first, read_story
from summarizer.story.search import FRESHNESS
from summarizer.text.dangling import points_back
from summarizer.text.sentences import split_sentences
from summarizer.text.tables import read_words
from summarizer.text.terms import cased_words
from summarizer.text.vocabulary import vocabulary
from summarizer.text.wrapping import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from summarizer.cleaning.report import Piece
    from summarizer.document import Article, Document
    from summarizer.news.reading import Reading
    from summarizer.story.reading import StoryReading
    from summarizer.text.vocabulary import Vocabulary

    Floats = NDArray[np.floating]

_MOST_REASONS = 3

# What weighs less than this explains nothing.
_LEAST_WEIGHT = 0.03

# Of a long text the first sentences are read, and those chosen.
_MOST_READ = 400

# Near the top is among the first three sentences, or in the first fifth.
_TOP_SENTENCES = 3
_TOP_SHARE = 0.2

_NAMED = 2
_RECURRING_SENTENCES = 3
_EXTRA_TOKENS = 8.0

# What the search takes off for a sentence that leans on one left out, as a share of what a good one brings.
_FOLLOWING = 0.1

# What each further outlet that reports a sentence weighs at least: where all articles agree throughout, no sentence
# stands out by it, and it is worth saying all the same.
_AGREEMENT = 0.04

# An outlet reports a sentence when a sentence of its own has half of its terms.
_REPORTED = 0.5

# The features of a story's terms that tell of each thing.
_STORY_TOP = ("lead_rate", "best_lead_rate", "opening", "stop_lead_rate", "short_lead_rate", "short_opening")
_STORY_TITLE = ("title", "content_title", "short_title")
_STORY_RECURRING = ("rate", "once", "stop_rate")


def judge_article(document: Document, bounds: Sequence[tuple[int, int]], lang: str) -> tuple[tuple[Why, ...], ...]:
    """Give the reasons for sentences of an article, by their bounds; none for what is no sentence of it."""
    text = unwrap(document.text)
    document = replace(document, text=text)
    pieces = clean(text, split_sentences(text, lang), lang)
    wanted = set(bounds)
    pieces = [one for number, one in enumerate(pieces) if number < _MOST_READ or (one.start, one.end) in wanted]
    known = vocabulary(lang)
    if not pieces or read_article(text, document.title, pieces, lang, known) is None:
        return tuple(() for _ in bounds)
    judge = _ArticleJudge(document, pieces, lang, known)
    number_of = {(one.start, one.end): number for number, one in enumerate(pieces)}
    places = {pieces[number_of[one]].place for one in bounds if one in number_of}
    return tuple(judge.reasons(number_of[one], places) if one in number_of else () for one in bounds)


def judge_story(
    articles: Sequence[Article], langs: Sequence[str], bounds: Sequence[tuple[str, int, int]]
) -> tuple[tuple[Why, ...], ...]:
    """Give the reasons for sentences of a story, by article and bounds; none for what is no sentence of it."""
    reading = read_story(articles, langs)
    if reading is None:
        return tuple(() for _ in bounds)
    number_of = {
        (reading.articles[line.article].id, line.piece.start, line.piece.end): number
        for number, line in enumerate(reading.lines)
    }
    judge = _StoryJudge(reading, [langs[number] for number in newest_first(articles)])
    chosen = {number_of[one] for one in bounds if one in number_of}
    return tuple(judge.reasons(number_of[one], chosen) if one in number_of else () for one in bounds)


def _heaviest(found: Iterable[Why], *, opens: bool, telling: Callable[[], tuple[Why, ...]]) -> tuple[Why, ...]:
    """Give the heaviest reasons; where none weighs anything, that a sentence opens its text, or what it tells of."""
    heavy = sorted((one for one in found if one.weight >= _LEAST_WEIGHT), key=lambda one: -one.weight)
    if heavy:
        return tuple(heavy[:_MOST_REASONS])
    # Where the text says the same throughout, its opening owes its place little, and stands there all the same.
    return (Why(reason=Reason.NEAR_TOP, weight=_LEAST_WEIGHT),) if opens else telling()


def _telling(words: dict[int, str], worth: Floats, stop: Callable[[int], bool], lang: str) -> tuple[Why, ...]:
    """Name the words that are worth most, and what share of their sentence's worth is theirs."""
    general = read_words("general_verbs", lang)
    content = [term for term in words if not stop(term)]
    content = [term for term in content if words[term].lower() not in general] or content
    named = sorted(content, key=lambda term: -float(worth[term]))[:_NAMED]
    whole = sum(float(worth[term]) for term in words)
    share = sum(float(worth[term]) for term in named) / whole if whole else 0.0
    return (Why(reason=Reason.TELLING, weight=share, words=tuple(words[term] for term in named)),) if share else ()


def _is_near_top(number: int, many: int) -> bool:
    return many > 1 and number < max(_TOP_SENTENCES, _TOP_SHARE * many)


def _loss(standing: float, without: float) -> float:
    """Say what share of a sentence's standing goes when something is taken away."""
    return max(0.0, 1.0 - float(without) / float(standing)) if standing else 0.0


def _term(known: Vocabulary, word: str) -> int:
    # A word that is new may make the array grow, so it is asked for first.
    number = known[word]
    return int(known.term[number])


class _ArticleJudge:
    """Weighs the reasons for the sentences of one article."""

    def __init__(self, document: Document, pieces: Sequence[Piece], lang: str, known: Vocabulary) -> None:
        self._text, self._title, self._pieces, self._lang = document.text, document.title, pieces, lang
        # The same in all readings: a language's vocabulary gives way to an empty one once it is large.
        self._known = known
        self._reading, self._worth, self._standing = self._read(document.text, document.title, pieces)

    def reasons(self, number: int, chosen: set[int]) -> tuple[Why, ...]:
        """Give the reasons for a sentence.

        Args:
            number: the sentence.
            chosen: the places of all chosen sentences in the article.
        """
        reading, worth = self._reading, self._worth
        words = self._words(number)
        found = [*self._recurring(number, words)]
        if _is_near_top(number, len(self._pieces)):
            found.append(Why(reason=Reason.NEAR_TOP, weight=_loss(self._standing[number], self._at_the_end(number))))
        if any(reading.in_title[term] and not reading.stop[term] for term in words):
            weight = _loss(self._standing[number], self._untitled[number])
            found.append(Why(reason=Reason.HEADLINE, weight=weight))
        if numbers := sum(float(worth[term]) for term in words if reading.digit[term]):
            share = numbers / sum(float(worth[term]) for term in words)
            found.append(Why(reason=Reason.NUMBERS, weight=share))
        dense = self._standing / (reading.lengths + _EXTRA_TOKENS)
        if reading.lengths[number] <= reading.lengths.mean():
            found.append(Why(reason=Reason.COMPACT, weight=_loss(dense[number], dense[reading.lengths > 0].mean())))
        piece = self._pieces[number]
        if piece.place - 1 in chosen and points_back(self._text[piece.start : piece.end], self._lang):
            found.append(Why(reason=Reason.FOLLOWS, weight=_FOLLOWING))
        return _heaviest(
            found,
            opens=number == 0 and len(self._pieces) > 1,
            telling=lambda: _telling(words, worth, lambda term: bool(reading.stop[term]), self._lang),
        )

    def _at_the_end(self, number: int) -> float:
        piece = self._pieces[number]
        others = [other for other in self._pieces if other is not piece]
        # Said again below the text: what reads it takes sentences in the text's order.
        text = f"{self._text}\n{self._text[piece.start : piece.end]}"
        moved = piece._replace(start=len(self._text) + 1, end=len(text))
        return float(self._read(text, self._title, [*others, moved])[2][-1])

    @cached_property
    def _untitled(self) -> Floats:
        return self._read(self._text, "", self._pieces)[2]

    def _recurring(self, number: int, words: dict[int, str]) -> list[Why]:
        """Take the terms that recur out of all other sentences, and see what the sentence loses."""
        reading = self._reading
        recurring = [
            term
            for term in words
            if not reading.stop[term] and len(set(reading.sentence[reading.tokens == term])) >= _RECURRING_SENTENCES
        ]
        if not recurring:
            return []
        bare, worth, standing = self._read(self._without(number, recurring), self._title, self._pieces)
        left = dict(zip(bare.terms.tolist(), worth.tolist(), strict=True))
        heaviest = sorted(recurring, key=lambda term: left.get(int(reading.terms[term]), 0.0) - self._worth[term])
        named = tuple(words[term] for term in heaviest[:_NAMED])
        return [Why(reason=Reason.RECURRING, weight=_loss(self._standing[number], standing[number]), words=named)]

    def _read(self, text: str, title: str, pieces: Sequence[Piece]) -> tuple[Reading, Floats, Floats]:
        """Read the article some way.

        Returns:
            The reading; the probability that a summary has each of its terms; what each sentence is worth against the
            mean of all.
        """
        reading = cast("Reading", read_article(text, title, pieces, self._lang, self._known))  # it has words, as before
        worth = expect(reading).terms[0]
        keys = np.unique(reading.sentence * len(worth) + reading.tokens)
        found = weighted_counts(keys // len(worth), worth[keys % len(worth)], len(pieces))
        return reading, worth, found / (found.mean() or 1.0)

    def _words(self, number: int) -> dict[int, str]:
        """Give the terms of a sentence, and how it writes each first."""
        piece = self._pieces[number]
        written = cased_words(self._text[piece.start : piece.end], self._lang)
        tokens = self._reading.tokens[self._reading.sentence == number].tolist()
        return dict(reversed(list(zip(tokens, written, strict=True))))

    def _without(self, number: int, terms: Sequence[int]) -> str:
        """Blank out terms wherever they stand outside a sentence."""
        wanted = set(self._reading.terms[list(terms)].tolist())
        text = self._text
        forms = {word for word in cased_words(text, self._lang) if _term(self._known, word) in wanted}
        alternatives = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
        # Where words are pairs of characters, a form begins inside a run of them.
        bound = "" if any(form[0] >= "\u3040" for form in forms) else r"\b"
        pattern = re.compile(f"{bound}(?:{alternatives}){bound}")
        parts: list[str] = []
        last = 0
        own = self._pieces[number]
        for start, end in ((0, own.start), (own.end, len(text))):
            parts += [text[last:start], pattern.sub(lambda match: " " * len(match.group()), text[start:end])]
            last = end
        return "".join(parts)


class _StoryJudge:
    """Weighs the reasons for the sentences of a story."""

    def __init__(self, reading: StoryReading, langs: Sequence[str]) -> None:
        self._reading, self._langs = reading, langs
        self._without: dict[tuple[str, ...], Floats] = {}
        self._worth = self._worth_without(())
        self._standing = self._standings(self._worth)
        content = ~reading.stop[reading.term_at]
        self._terms_of: list[set[int]] = [set() for _ in reading.lines]
        for line, term in zip(reading.line_at[content].tolist(), reading.term_at[content].tolist(), strict=True):
            self._terms_of[line].add(term)

    def reasons(self, number: int, chosen: set[int]) -> tuple[Why, ...]:
        """Give the reasons for a sentence.

        Args:
            number: the sentence.
            chosen: the numbers of all chosen sentences.
        """
        reading, line = self._reading, self._reading.lines[number]
        words = self._words(number)
        own = self._terms_of[number]
        found: list[Why] = []
        many = sum(one.article == line.article for one in reading.lines)
        if _is_near_top(line.number, many):
            found.append(Why(reason=Reason.NEAR_TOP, weight=self._loss(number, _STORY_TOP)))
        if any(reading.in_title[term] for term in own):
            found.append(Why(reason=Reason.HEADLINE, weight=self._loss(number, _STORY_TITLE)))
        if (outlets := self._outlets(number)) > 1:
            weight = max(self._loss_alone(number), _AGREEMENT * (outlets - 1))
            found.append(Why(reason=Reason.OUTLETS, weight=weight, outlets=outlets))
        recurring = [term for term in own if reading.counts[term] >= _RECURRING_SENTENCES]
        if recurring:
            heaviest = sorted(recurring, key=lambda term: -float(self._worth[term] * np.log(reading.counts[term])))
            weight = self._loss(number, _STORY_RECURRING)
            named = tuple(words[term] for term in heaviest[:_NAMED])
            found.append(Why(reason=Reason.RECURRING, weight=weight, words=named))
        total = sum(float(self._worth[term]) for term in words)
        if numbers := sum(float(self._worth[term]) for term in words if reading.digit[term]):
            found.append(Why(reason=Reason.NUMBERS, weight=numbers / total))
        if reading.freshness[number] >= 1.0:
            found.append(Why(reason=Reason.NEWEST, weight=FRESHNESS / (FRESHNESS + total)))
        if number - 1 in chosen and line.points_back and line.number:
            found.append(Why(reason=Reason.FOLLOWS, weight=_FOLLOWING))
        return _heaviest(
            found,
            opens=line.number == 0 and many > 1,
            telling=lambda: _telling(
                words, self._worth, lambda term: bool(reading.stop[term]), self._langs[line.article]
            ),
        )

    def _worth_without(self, neutral: Iterable[str]) -> Floats:
        """Give the probability that an account says each term, with features held at their means: T."""
        mean = expected_times(self._reading, USUAL_TOKENS, neutral=tuple(neutral))
        return worth_of_times(mean, self._reading.stop)[:, 0]

    def _standings(self, worth: Floats) -> Floats:
        """Give what each sentence is worth against the mean of all: S."""
        reading = self._reading
        found = weighted_counts(reading.line_at, worth[reading.term_at], len(reading.lines))
        return found / (found.mean() or 1.0)

    def _loss(self, number: int, neutral: tuple[str, ...]) -> float:
        if neutral not in self._without:
            self._without[neutral] = self._standings(self._worth_without(neutral))
        return _loss(self._standing[number], self._without[neutral][number])

    def _loss_alone(self, number: int) -> float:
        """Say what the sentence loses among its article's if there were no other articles."""
        reading = self._reading
        place = reading.lines[number].article
        own = [other for other, line in enumerate(reading.lines) if line.article == place]
        article = reading.articles[place]
        alone = read_story([article], [self._langs[place]], reading.words)
        if alone is None or len(alone.lines) != len(own):
            return 0.0
        judge = _StoryJudge(alone, [self._langs[place]])
        within = self._standing[number] / (self._standing[own].mean() or 1.0)
        return _loss(within, judge._standing[number - own[0]])

    def _outlets(self, number: int) -> int:
        """Count the outlets that have a sentence like this one."""
        own = self._terms_of[number]
        if not own:
            return 1
        reading = self._reading
        return len(
            {
                reading.outlets[line.article]
                for other, line in enumerate(reading.lines)
                if len(own & self._terms_of[other]) >= _REPORTED * len(own)
            }
        )

    def _words(self, number: int) -> dict[int, str]:
        """Give the terms of a sentence, and how it writes each first."""
        reading = self._reading
        lang = self._langs[reading.lines[number].article]
        found: dict[int, str] = {}
        for word in cased_words(reading.text_of(number), lang):
            number = _term(reading.words, word)
            term = int(np.searchsorted(reading.terms, reading.words.roots()[number]))
            found.setdefault(term, word)
        return found
