"""Several articles about one event as numbers: their sentences, and what is known of each term over all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from summarizer.cleaning.report import clean
from summarizer.news.reading import find_terms, term_numbers, weighted_counts
from summarizer.text.dangling import points_back
from summarizer.text.language import DEFAULT
from summarizer.text.sentences import split_sentences
from summarizer.text.terms import cased_words, count_words
from summarizer.text.vocabulary import CAPITAL, DIGIT, STOP, vocabulary
from summarizer.text.wrapping import unwrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from summarizer.cleaning.report import Piece
    from summarizer.document import Article
    from summarizer.text.vocabulary import Vocabulary

    Ints = NDArray[np.intp]
    Floats = NDArray[np.floating]

# How far down an article the weight of a word falls to a third, in tokens.
_LEAD_TOKENS = 150.0
_OPENING_TOKENS = 50.0

# A report half a day older than the newest counts half as much, and the oldest a quarter.
_HALF_LIFE_S = 12 * 3600.0
_LEAST_WEIGHT = 0.25

# A text as long as this tells its language for sure.
_SURE_CHARS = 600

# A page of a few words, which is often no report at all, counts less than one of so many.
_REPORT_TOKENS = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence of one of the articles.

    Args:
        article: the article's place among those read.
        number: the sentence's number among the article's.
        piece: where it stands.
        words: its length as a person counts.
        points_back: whether it leans on the one before it.
    """

    article: int
    number: int
    piece: Piece
    words: int
    points_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryReading:
    """The terms of a story; T terms, S sentences, D articles, E pairs of a sentence and a term that it has.

    Args:
        articles: D, newest first.
        langs: D, the language of each.
        lang: the language that most are in.
        words: the vocabulary whose numbers the terms have.
        outlets: D, who published each.
        lines: S, article after article.
        lengths: S, in tokens.
        line_at: E, ascending: the sentence.
        term_at: E: its term.
        count_at: E: how often it has the term.
        terms: T, ascending: the number of each term in the language's vocabulary, one for all forms of a word.
        rate: T, its share of the tokens, averaged over the articles.
        lead_rate: T, the same, words counting less the further down they stand.
        best_lead_rate: T, the highest of the articles' shares so weighted.
        share: T, the weighted share of the articles that have it.
        holders: T, how many outlets have it.
        counts: T, how often it occurs in all of them.
        openness: T, how near the top of an article it first stands, 0 to 1.
        stop: T, whether it says little by itself.
        digit: T, whether it holds a digit.
        capitals: T, the share of its occurrences that are capitalised.
        in_title: T, whether a headline has it.
        has_title: whether a headline shares any term with the articles.
        freshness: S, 1 for the newest report down to 0 for one much older; 0 where times are unknown.
    """

    articles: tuple[Article, ...]
    langs: tuple[str, ...]
    lang: str
    words: Vocabulary
    outlets: tuple[str, ...]
    lines: tuple[Line, ...]
    lengths: Ints
    line_at: Ints
    term_at: Ints
    count_at: Ints
    terms: Ints
    rate: Floats
    lead_rate: Floats
    best_lead_rate: Floats
    share: Floats
    holders: Ints
    counts: Ints
    openness: Floats
    stop: NDArray[np.bool_]
    digit: NDArray[np.bool_]
    capitals: Floats
    in_title: NDArray[np.bool_]
    has_title: bool
    freshness: Floats

    def text_of(self, number: int) -> str:
        """Give a sentence as it stands in its article."""
        line = self.lines[number]
        return self.articles[line.article].text[line.piece.start : line.piece.end]


def read_story(
    articles: Sequence[Article], langs: Sequence[str], words: Vocabulary | None = None
) -> StoryReading | None:
    """Read the articles of a story; ``None`` where no sentence has a word.

    Args:
        articles: in any order.
        langs: ISO 639-1, one for each.
        words: whose numbers of terms to use; ``None``: those of the story's language.
    """
    order = newest_first(articles)
    ordered = tuple(articles[number] for number in order)
    ordered_langs = tuple(langs[number] for number in order)
    lines: list[Line] = []
    written: list[Ints] = []
    if not order:
        return None
    main = main_language(articles, langs)
    words = vocabulary(main) if words is None else words
    for place, (article, lang) in enumerate(zip(ordered, ordered_langs, strict=True)):
        text = unwrap(article.text)
        pieces = clean(text, split_sentences(text, lang), lang) if text.strip() else []
        for number, piece in enumerate(pieces):
            sentence = article.text[piece.start : piece.end]
            lines.append(
                Line(
                    article=place,
                    number=number,
                    piece=piece,
                    words=count_words(sentence, lang),
                    points_back=number > 0 and points_back(sentence, lang),
                )
            )
            written.append(_numbers(sentence, lang, words))
    if not any(map(len, written)):
        return None
    return _read(ordered, ordered_langs, lines, written, words=words, lang=main)


def _numbers(sentence: str, lang: str, words: Vocabulary) -> Ints:
    found = cased_words(sentence, lang)
    return np.fromiter(map(words.__getitem__, found), np.intp, len(found))


def _read(
    articles: tuple[Article, ...],
    langs: tuple[str, ...],
    lines: list[Line],
    written: list[Ints],
    *,
    words: Vocabulary,
    lang: str,
) -> StoryReading:
    lengths = np.array([len(one) for one in written], np.intp)
    word_at = np.concatenate(written)
    kinds = words.kind[word_at]
    terms, first, tokens, counts = np.unique(
        words.roots()[words.term[word_at]], return_index=True, return_inverse=True, return_counts=True
    )
    size, many = len(terms), len(articles)
    line_of = np.arange(len(lines)).repeat(lengths)
    article_of = np.array([line.article for line in lines])[line_of]
    outlets = tuple(outlet_of(article) for article in articles)
    weights = _weights(articles, outlets, np.bincount(article_of, minlength=many))
    rate, lead_rate, share, openness, best = (np.zeros(size) for _ in range(5))
    held_by: dict[str, NDArray[np.bool_]] = {}
    for number in range(many):
        own = tokens[article_of == number]
        if not len(own):
            continue
        places = np.arange(len(own))
        found = np.bincount(own, minlength=size)
        near = np.exp(-places / _LEAD_TOKENS)
        lead = weighted_counts(own, near / near.sum(), size)
        rate += weights[number] * found / len(own)
        lead_rate += weights[number] * lead
        best = np.maximum(best, lead)
        share += weights[number] * (found > 0)
        held_by[outlets[number]] = held_by.get(outlets[number], False) | (found > 0)
        np.maximum.at(openness, own, np.exp(-places / _OPENING_TOKENS))
    titles = [_root_numbers(title, lang, words) for article in articles if (title := headline(article))]
    in_title = np.isin(terms, np.concatenate(titles)) if titles else np.zeros(size, np.bool_)
    entries, count_at = np.unique(line_of * size + tokens, return_counts=True)
    kind = kinds[first]
    fresh = _freshness(articles)
    return StoryReading(
        articles=articles,
        langs=langs,
        lang=lang,
        words=words,
        outlets=outlets,
        lines=tuple(lines),
        lengths=lengths,
        line_at=entries // size,
        term_at=entries % size,
        count_at=count_at,
        terms=terms,
        rate=rate,
        lead_rate=lead_rate,
        best_lead_rate=best,
        share=share,
        holders=np.sum(list(held_by.values()), axis=0),
        counts=counts,
        openness=openness,
        stop=(kind & STOP) != 0,
        digit=(kind & DIGIT) != 0,
        capitals=weighted_counts(tokens, ((kinds & CAPITAL) != 0).astype(np.float64), size) / counts,
        in_title=in_title,
        has_title=bool(in_title.any()),
        freshness=np.array([fresh[line.article] for line in lines]),
    )


def _weights(articles: Sequence[Article], outlets: Sequence[str], tokens: Ints) -> Floats:
    """Give what each article counts, those of one outlet no more than one of another; the sum is 1."""
    newest = max((published_s(article) for article in articles), default=0.0)
    weights = np.sqrt(np.minimum(tokens / _REPORT_TOKENS, 1.0))
    weights /= list(map(Counter(outlets).__getitem__, outlets))
    weights *= [max(0.5 ** (_age_s(article, newest) / _HALF_LIFE_S), _LEAST_WEIGHT) for article in articles]
    found: Floats = weights / (weights.sum() or 1.0)
    return found


def _freshness(articles: Sequence[Article]) -> list[float]:
    """Say how fresh each article is; nothing where all came at once or no times are known."""
    known = [moment for article in articles if (moment := published_s(article))]
    if not known or min(known) == max(known):
        return [0.0] * len(articles)
    return [
        0.5 ** (_age_s(article, max(known)) / _HALF_LIFE_S) if article.published_at else 0.0 for article in articles
    ]


def _age_s(article: Article, newest_s: float) -> float:
    """Say how much older an article is than the newest; where no time is known, no older."""
    moment = published_s(article)
    return newest_s - moment if moment else 0.0


def published_s(article: Article) -> float:
    """Give the instant of publication in seconds; 0 where it is unknown."""
    return article.published_at.timestamp() if article.published_at else 0.0


def _root_numbers(text: str, lang: str, words: Vocabulary) -> Ints:
    numbers = term_numbers(text, lang, words)
    return words.roots()[numbers]


def count_terms(reading: StoryReading, sentences: Iterable[str], lang: str) -> Ints:
    """Count a story's terms in sentences from anywhere: T."""
    said = np.concatenate([np.zeros(0, np.intp), *(_root_numbers(one, lang, reading.words) for one in sentences)])
    found = find_terms(reading.terms, said)
    return np.bincount(found[found >= 0], minlength=len(reading.terms))


def newest_first(articles: Sequence[Article]) -> list[int]:
    """Order articles, newest first; those without a time count as older, and as older the earlier they stand."""
    return sorted(
        range(len(articles)),
        key=lambda number: (published_s(articles[number]), number),
        reverse=True,
    )


def main_language(articles: Sequence[Article], langs: Sequence[str]) -> str:
    """Name the language that most articles are in, of several the newest article's; the default where there are none.

    Of short articles it takes more: their language is easily mistaken.

    Args:
        articles: in any order.
        langs: ISO 639-1, one for each.
    """
    weight_of: Counter[str] = Counter()
    for number in newest_first(articles):
        weight_of[langs[number]] += 1 + min(len(articles[number].text), _SURE_CHARS)
    return max(weight_of, key=weight_of.__getitem__, default=DEFAULT)


def headline(article: Article) -> str:
    """Give an article's headline; none where its name stands in its place."""
    return "" if article.title == article.id else article.title


def outlet_of(article: Article) -> str:
    """Name an article's outlet: what it says, else its host, else the article itself."""
    if article.outlet:
        return article.outlet
    try:
        host = urlsplit(article.url or "").hostname
    except ValueError:
        host = None
    return host or article.id
