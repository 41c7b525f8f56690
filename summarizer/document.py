"""The types that go in and come out: documents, articles, sentences, summaries, reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from summarizer.errors import InputError
from summarizer.inputs import check_instant, check_kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Method(StrEnum):
    """How sentences are chosen: ``news`` is ours, ``lead`` the opening, the others are sumy's."""

    NEWS = "news"
    LEXRANK = "lexrank"
    TEXTRANK = "textrank"
    LSA = "lsa"
    LUHN = "luhn"
    KL = "kl"
    SUMBASIC = "sumbasic"
    REDUCTION = "reduction"
    EDMUNDSON = "edmundson"
    LEAD = "lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text to summarise.

    Args:
        text: plain text; line breaks end sentences, unless the whole text is broken at a width, as e-mails are.
        title: the headline, which guides the choice; may be empty.
        lang: ISO 639-1, with or without a region (``en-GB``), or ISO 639-2 of a supported language (``deu``); ``None``,
            and whatever is no such code, such as ``english``: to be detected.

    Raises:
        InputError: one of them is no string.
    """

    text: str
    title: str = ""
    lang: str | None = None

    def __post_init__(self) -> None:
        check_kind("text", self.text, str, "a string")
        check_kind("title", self.title, str, "a string")
        if self.lang is not None:
            check_kind("lang", self.lang, str, "a string or None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(Document):
    """A document that can be told from others, and placed among them.

    Args:
        id: its name among the articles at hand.
        url: where it stands on the web, if anywhere.
        outlet: who published it; ``None``: judged by the host of ``url``, else an outlet of its own.
        published_at: aware; ``None``: unknown.

    Raises:
        InputError: one of them is of another kind, or ``published_at`` has no time zone.
    """

    id: str
    url: str | None = None
    outlet: str | None = None
    published_at: datetime | None = None

    def __post_init__(self) -> None:
        Document.__post_init__(self)
        check_kind("id", self.id, str, "a string")
        for name, value in (("url", self.url), ("outlet", self.outlet)):
            if value is not None:
                check_kind(name, value, str, "a string or None")
        if self.published_at is not None:
            check_instant("published_at", self.published_at)


def articles_of(name: str, given: Iterable[Article]) -> tuple[Article, ...]:
    """List the articles of a story.

    Args:
        name: the argument that they were given as.
        given: the articles.

    Raises:
        InputError: these are no articles, or two have one id, so that nobody could tell whose a sentence is.
    """
    if isinstance(given, Document | str):
        raise InputError(name, "several articles", f"one {type(given).__name__}")
    articles = tuple(given)
    ids: set[str] = set()
    for article in articles:
        check_kind(f"each of {name}", article, Article, "an Article")
        if article.id in ids:
            raise InputError(name, "articles with an id each", f"two with the id {article.id!r}")
        ids.add(article.id)
    return articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A slice of a document: ``document.text[start:end] == text``, in code points."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySentence(Sentence):
    """A sentence and the id of the article whose text it is a slice of."""

    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Sentences in the order of their document, the language it was read in, and how they were chosen."""

    sentences: tuple[Sentence, ...]
    lang: str
    method: Method


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySummary:
    """Sentences out of several articles about one event, in reading order."""

    sentences: tuple[StorySentence, ...]
    lang: str


class Reason(StrEnum):
    """What speaks for a sentence."""

    NEAR_TOP = "near_top"
    HEADLINE = "headline"
    OUTLETS = "outlets"
    NEWEST = "newest"
    RECURRING = "recurring"
    NUMBERS = "numbers"
    COMPACT = "compact"
    FOLLOWS = "follows"
    TELLING = "telling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One reason for one sentence.

    Args:
        reason: what speaks for it.
        weight: how much of its standing among the other sentences it owes to that, 0 to 1.
        words: the words that recur or tell most, as the sentence writes them; of other reasons none.
        outlets: how many outlets report it, its own included; 0 for other reasons.
    """

    reason: Reason
    weight: float
    words: tuple[str, ...] = ()
    outlets: int = 0
