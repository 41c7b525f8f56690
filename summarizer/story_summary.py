"""One summary out of several articles about one event."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from summarizer.cleaning import Piece, clean
from summarizer.document import StorySentence, StorySummary
from summarizer.language import DEFAULT
from summarizer.news import news_candidates
from summarizer.selection import DEFAULT_SENTENCES, Budget, Candidate, select
from summarizer.sentences import split_sentences
from summarizer.summary import language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from summarizer.document import Article

# Set by hand, in units of an article's best score: what an older report loses against the newest of the story, and
# what a sentence gains when every other outlet uses its terms too.
_AGE = 0.25
_AGREEMENT = 0.5

# With three outlets or more, none speaks more than twice.
_MANY_OUTLETS = 3
_MOST_FROM_ONE = 2

# Sentences of two outlets that share this much say the same thing in other words.
_REPETITION = 1.0

# Each article offers its best few; what stands further down in one has been said by another.
_POOL = 12


def summarize_story(
    articles: Sequence[Article],
    *,
    sentences: int | None = None,
    max_chars: int | None = None,
    max_words: int | None = None,
    brief: bool = False,
) -> StorySummary:
    """Choose the sentences that tell best what several articles say about one event.

    Newer articles come first in the result and count for more; what several outlets report counts for more; nothing
    is said twice; with three outlets or more, none gives more than two sentences.

    Args:
        articles: the reports, in any order; those without ``published_at`` count as older the earlier they stand.
        sentences: how many sentences, at most; three when no budget is given.
        max_chars: how many code points, at most, of the sentences joined by one space.
        max_words: how many words, at most.
        brief: stop early rather than fill the budget.

    Raises:
        BudgetError: a budget is below 1.
    """
    if sentences is None and max_chars is None and max_words is None:
        sentences = DEFAULT_SENTENCES
    budget = Budget(sentences=sentences, chars=max_chars, words=max_words)
    newest_first = _newest_first(articles)
    pool: list[Candidate] = []
    owners: dict[int, tuple[Article, Piece]] = {}
    offset = 0
    for age, article in enumerate(newest_first):
        lang = language_of(article)
        spans = split_sentences(article.text, lang)
        pieces = clean(article.text, spans, lang)
        ranked = news_candidates(article, pieces, lang, count=max_words is not None)
        fading = _AGE * age / len(newest_first)
        pool.extend(_offer(ranked, offset, fading))
        owners.update((offset + piece.place, (article, piece)) for piece in pieces)
        # The gap keeps a sentence of one article from passing for the one before another article's first.
        offset += len(spans) + 1
    picked = _select(_with_agreement(pool, owners), budget, owners, brief=brief)
    found = tuple(_sentence(*owners[one.place]) for one in picked)
    lang = language_of(newest_first[0]) if newest_first else DEFAULT
    return StorySummary(sentences=found, lang=lang)


def _newest_first(articles: Sequence[Article]) -> list[Article]:
    numbered = list(enumerate(articles))
    numbered.sort(key=lambda pair: (pair[1].published_at.timestamp() if pair[1].published_at else 0.0, pair[0]))
    return [article for _, article in reversed(numbered)]


def _offer(ranked: Sequence[Candidate], offset: int, fading: float) -> list[Candidate]:
    """Put an article's best sentences on the story's scale: 1 for the best, 0 for the worst."""
    if not ranked:
        return []
    scores = [one.score for one in ranked]
    low, span = min(scores), (max(scores) - min(scores)) or 1.0
    best = sorted(ranked, key=lambda one: (-one.score, one.place))[:_POOL]
    return [
        Candidate(
            offset + one.place,
            (one.score - low) / span - fading,
            one.terms,
            one.chars,
            one.words,
            one.needs_previous,
        )
        for one in sorted(best, key=lambda one: one.place)
    ]


def _with_agreement(pool: Sequence[Candidate], owners: dict[int, tuple[Article, Piece]]) -> list[Candidate]:
    """Raise sentences whose terms other outlets use as well."""
    by_outlet: dict[str, set[str]] = {}
    for one in pool:
        by_outlet.setdefault(_outlet(owners[one.place][0]), set()).update(one.terms)
    used_by = Counter(term for found in by_outlet.values() for term in found)
    others = max(len(by_outlet) - 1, 1)
    raised: list[Candidate] = []
    for one in pool:
        shared = sum(used_by[term] - 1 for term in one.terms) / (others * max(len(one.terms), 1))
        raised.append(
            Candidate(one.place, one.score + _AGREEMENT * shared, one.terms, one.chars, one.words, one.needs_previous)
        )
    return raised


def _select(
    pool: list[Candidate], budget: Budget, owners: dict[int, tuple[Article, Piece]], *, brief: bool
) -> list[Candidate]:
    """Select until no outlet has more than its share, taking out what goes beyond it and choosing again."""
    outlets = {one.place: _outlet(owners[one.place][0]) for one in pool}
    many = len(set(outlets.values())) >= _MANY_OUTLETS
    while True:
        picked = select(pool, budget, repetition=_REPETITION, brief=brief)
        spoken = Counter(outlets[one.place] for one in picked)
        outlet, times = spoken.most_common(1)[0] if spoken else ("", 0)
        if not many or times <= _MOST_FROM_ONE:
            return picked
        own = sorted((one for one in picked if outlets[one.place] == outlet), key=lambda one: (-one.score, one.place))
        keep = {one.place for one in own[:_MOST_FROM_ONE]}
        pool = [one for one in pool if outlets[one.place] != outlet or one.place in keep]


def _outlet(article: Article) -> str:
    if article.outlet:
        return article.outlet
    try:
        host = urlsplit(article.url or "").hostname
    except ValueError:
        host = None
    return host or article.id


def _sentence(article: Article, piece: Piece) -> StorySentence:
    text = article.text[piece.start : piece.end]
    return StorySentence(text=text, start=piece.start, end=piece.end, article=article.id)
