"""One summary out of several articles about one event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from summarizer.document import StorySentence, StorySummary
from summarizer.selection import DEFAULT_SENTENCES, Budget
from summarizer.summary import language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from summarizer.document import Article
    from summarizer.story.reading import StoryReading


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
    is said twice, and where two say the same with other numbers the newer is taken. With three outlets or more, none
    gives more than two sentences, unless a budget of length could not be used up otherwise. Of articles in several
    languages those in the language of most come first, which is the summary's; the others fill what is left.

    Args:
        articles: the reports, in any order; those without ``published_at`` count as older the earlier they stand.
        sentences: how many sentences, at most; three when no budget is given.
        max_chars: how many characters, at most, as a person counts them, of the sentences joined by one space.
        max_words: how many words, at most.
        brief: stop early rather than fill the budget.

    Raises:
        BudgetError: a budget is below 1.
    """
    budget = story_budget(sentences, max_chars, max_words)
    langs = [language_of(article) for article in articles]
    # numpy takes a tenth of a second to import, for which other methods need not wait.
    from summarizer.story.reading import main_language, read_story  # noqa: PLC0415 - see above
    from summarizer.story.search import best_lines  # noqa: PLC0415

    lang = main_language(articles, langs)
    reading = read_story(articles, langs)
    if reading is None:
        return StorySummary(sentences=(), lang=lang)
    return story_summary(reading, best_lines(reading, budget, brief=brief), lang)


def story_budget(sentences: int | None, max_chars: int | None, max_words: int | None) -> Budget:
    """Give the budget of a story's summary: three sentences where nothing is asked for.

    Raises:
        BudgetError: a budget is below 1.
    """
    if sentences is None and max_chars is None and max_words is None:
        sentences = DEFAULT_SENTENCES
    return Budget(sentences=sentences, chars=max_chars, words=max_words)


def story_summary(reading: StoryReading, numbers: Sequence[int], lang: str) -> StorySummary:
    """Put the sentences of these numbers, ascending, into words: newest article first."""
    found: list[StorySentence] = []
    for number in numbers:
        line = reading.lines[number]
        piece, article = line.piece, reading.articles[line.article]
        found.append(StorySentence(text=reading.text_of(number), start=piece.start, end=piece.end, article=article.id))
    return StorySummary(sentences=tuple(found), lang=lang)
