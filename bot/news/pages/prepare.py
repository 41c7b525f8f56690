"""From a page or a text to what readers get: runs in a worker process, touches neither network nor storage."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING

from bot.news.errors import ArticleError
from bot.news.pages.article import choose_text, extract_article
from summarizer import Document, Sentence, detect_language, split_sentences, summarize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.news.pages.article import Article
    from bot.news.pages.obstacles import Obstacle

SHORT_WORDS = 60
"""A text with fewer words is not summarised: readers get its first sentence at most."""
_LONGEST_SENTENCE_CHARS = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePart:
    """A fetched page on its way into a worker."""

    html: bytes
    url: str
    charset: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An article's text and the sentences chosen from it; ``text[s.start:s.end] == s.text`` for each sentence.

    Attributes:
        at_length: The sentences at other lengths that were asked for, in characters.
        obstacle: What kept the article, or all but its opening, from us, where the page's text had to do.
    """

    title: str
    text: str
    lang: str
    sentences: tuple[Sentence, ...]
    author: str = ""
    site: str = ""
    url: str = ""
    published_at: datetime | None = None
    at_length: Mapping[int, tuple[Sentence, ...]] = field(default_factory=dict)
    obstacle: Obstacle | None = None


def prepare_article(
    page: PagePart | None, *, feed_html: str = "", title: str = "", max_chars: int, also: Sequence[int] = ()
) -> Prepared:
    """Extract, choose between page and feed, and summarise.

    Args:
        page: The fetched page; ``None`` where it could not be had.
        feed_html: The feed's own content, HTML.
        title: The feed's title, which goes before the page's.
        max_chars: Budget of the summary in characters, as a reader counts them.
        also: Other budgets for which sentences are wanted.
    """
    found = _extract(page)
    text = choose_text(found, feed_html)
    title = title or (found.title if found else "")
    lang = _language(text, title, found.lang if found else None)
    return Prepared(
        title=title,
        text=text,
        lang=lang,
        sentences=choose_sentences(text, title=title, lang=lang, max_chars=max_chars),
        author=found.author if found else "",
        site=found.site if found else "",
        url=found.url if found else "",
        published_at=found.published_at.astimezone(UTC) if found and found.published_at else None,
        at_length={chars: choose_sentences(text, title=title, lang=lang, max_chars=chars) for chars in also},
        obstacle=found.obstacle if found and (not text or text == found.text) else None,
    )


def prepare_text(text: str, *, title: str = "", max_chars: int) -> Prepared:
    """Summarise a text that somebody wrote or pasted: within the budget and half of the text."""
    lang = _language(text, title, None)
    document = Document(text=text, title=title, lang=lang)
    half = max(1, len(text) // 2)
    # Half of a short text is no length to be filled.
    sentences = summarize(document, max_chars=min(max_chars, half), brief=half <= max_chars, cut=False).sentences
    if not sentences:
        sentences = choose_sentences(text, title=title, lang=lang, max_chars=max_chars)
    return Prepared(title=title, text=text, lang=lang, sentences=sentences)


def prepare_own_text(text: str, *, title: str, lengths: Sequence[int]) -> tuple[Prepared, tuple[Sentence, ...]]:
    """Summarise an editor's own text at several lengths, in characters, and cut it into all its sentences."""
    read = {chars: prepare_text(text, title=title, max_chars=chars) for chars in lengths}
    longest = read[max(lengths)]
    at_length = {chars: each.sentences for chars, each in read.items()}
    return replace(longest, at_length=at_length), all_sentences(text, lang=longest.lang)


def all_sentences(text: str, *, lang: str) -> tuple[Sentence, ...]:
    """Cut a whole text into its sentences."""
    return tuple(Sentence(text=text[start:end], start=start, end=end) for start, end in split_sentences(text, lang))


def choose_sentences(text: str, *, title: str, lang: str, max_chars: int) -> tuple[Sentence, ...]:
    """Choose what may be quoted: within the budget and a third of the text, but one sentence always.

    A text that is too short to summarise gives its first sentence.
    """
    document = Document(text=text, title=title, lang=lang)
    if len(text.split()) < SHORT_WORDS and len(text) < SHORT_WORDS * 6:
        return summarize(document, sentences=1, max_chars=_LONGEST_SENTENCE_CHARS, method="lead").sentences
    budget = min(max_chars, len(text) // 3)
    return (
        summarize(document, max_chars=budget, cut=False).sentences
        or summarize(document, sentences=1, max_chars=_LONGEST_SENTENCE_CHARS).sentences
    )


def _extract(page: PagePart | None) -> Article | None:
    if page is None:
        return None
    try:
        return extract_article(page.html, url=page.url, charset=page.charset)
    except ArticleError:
        return None


def _language(text: str, title: str, declared: str | None) -> str:
    """Believe the text, where there is enough of it, before the page's own word."""
    sample = f"{title}\n{text[:2000]}".strip()
    return detect_language(sample) if len(sample) >= 40 or not declared else declared
