"""One summary out of several articles about one event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from summarizer.document import StorySentence, StorySummary, articles_of
from summarizer.opening import opening_within
from summarizer.selection import DEFAULT_SENTENCES, Budget
from summarizer.summary import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from summarizer.document import Article
    from summarizer.story.reading import StoryReading

# An article that has this share of its sentences from newer ones, word for word, is a copy of them.
_COPIED = 0.8


def summarize_story(
    articles: Iterable[Article],
    *,
    sentences: int | None = None,
    max_chars: int | None = None,
    max_words: int | None = None,
    brief: bool = False,
    cut: bool = True,
) -> StorySummary:
    """Choose the sentences that tell best what several articles say about one event.

    Newer articles come first in the result and count for more; what several outlets report counts for more; nothing
    is said twice, and where two say the same with other numbers the newer is taken. With three outlets or more, none
    gives more than two sentences, unless a budget of length could not be used up otherwise. Of articles in several
    languages those in the language of most are told, which is the summary's; the others only fill what these leave
    unused of a budget of length. A number of sentences may so be more than come.

    Args:
        articles: the reports, in any order; those without ``published_at`` count as older the earlier they stand.
        sentences: how many sentences, at most; three when no budget is given.
        max_chars: how many characters, at most, as a person counts them, of the sentences joined by one space.
        max_words: how many words, at most.
        brief: stop early rather than fill the budget.
        cut: where no sentence fits, give the opening of the newest report's first, up to the end of a clause or word,
            rather than nothing.

    Raises:
        BudgetError: a budget is below 1.
        InputError: these are no articles, or two have one id; or a budget is no whole number.
    """
    budget = story_budget(sentences, max_chars, max_words)
    articles = articles_of("articles", articles)
    langs = [language_of(article) for article in articles]
    # numpy takes a tenth of a second to import, for which other methods need not wait.
    from summarizer.story.reading import main_language, read_story  # noqa: PLC0415 - see above
    from summarizer.story.search import best_lines  # noqa: PLC0415

    lang = main_language(articles, langs)
    reading = read_story(articles, langs)
    if reading is None:
        return StorySummary(sentences=(), lang=lang)
    numbers = best_lines(reading, budget, brief=brief)
    if cut and not numbers:
        return StorySummary(sentences=_opening(reading, budget, lang), lang=lang)
    return story_summary(reading, numbers, lang)


def _opening(reading: StoryReading, budget: Budget, lang: str) -> tuple[StorySentence, ...]:
    """Cut the first sentence of the newest report in a language to what a budget of length has room for."""
    for line, length in zip(reading.lines, reading.lengths.tolist(), strict=True):
        if length and reading.langs[line.article] == lang:
            article, start = reading.articles[line.article], line.piece.start
            if (end := opening_within(article.text, start, line.piece.end, budget, lang)) > start:
                return (StorySentence(text=article.text[start:end], start=start, end=end, article=article.id),)
            break
    return ()


def story_budget(sentences: int | None, max_chars: int | None, max_words: int | None) -> Budget:
    """Give the budget of a story's summary: three sentences where nothing is asked for.

    Raises:
        BudgetError: a budget is below 1.
    """
    if sentences is None and max_chars is None and max_words is None:
        sentences = DEFAULT_SENTENCES
    return Budget(sentences=sentences, chars=max_chars, words=max_words)


def story_summary(reading: StoryReading, numbers: Sequence[int], lang: str) -> StorySummary:
    """Put the sentences of these numbers into words: newest article first, each in its own order."""
    place_of = _places(reading)
    found: list[StorySentence] = []
    for number in sorted(numbers, key=place_of.__getitem__):
        line = reading.lines[number]
        piece, article = line.piece, reading.articles[line.article]
        found.append(StorySentence(text=reading.text_of(number), start=piece.start, end=piece.end, article=article.id))
    langs = [reading.langs[reading.lines[number].article] for number in sorted(numbers, key=place_of.__getitem__)]
    return StorySummary(sentences=tuple(found), lang=lang if lang in langs or not langs else langs[0])


def _places(reading: StoryReading) -> list[tuple[int, int, int]]:
    """Say where each sentence stands in the story; those of a copy stand where a newer article has them: S."""
    by_article: dict[int, list[int]] = {}
    for number, line in enumerate(reading.lines):
        by_article.setdefault(line.article, []).append(number)
    texts = [" ".join(reading.text_of(number).split()) for number in range(len(reading.lines))]
    first_at: dict[str, tuple[int, int]] = {}
    places: list[tuple[int, int, int]] = []
    for article, numbers in by_article.items():
        found = [first_at.get(texts[number]) for number in numbers]
        is_copy = sum(place is not None for place in found) >= _COPIED * len(found)
        last = (article, -1)
        for number, place in zip(numbers, found, strict=True):
            if is_copy:
                last = place or last
                places.append((*last, number))
            else:
                places.append((article, number, number))
                first_at.setdefault(texts[number], (article, number))
    return places
