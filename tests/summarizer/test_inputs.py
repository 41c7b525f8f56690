"""Plain mistakes of callers: each is named by an error of the package's own."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from summarizer import (
    Article,
    Document,
    InputError,
    Sent,
    SummarizerError,
    explain,
    explain_story,
    summarize,
    summarize_many,
    summarize_story,
    what_is_new,
)
from tests.summarizer.articles import ENGLISH

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)
REPORT = Article(id="a", text=ENGLISH.text, lang="en", published_at=NOON)
OTHER = Article(id="b", text="The pier of Westhaven was shut on Monday.", lang="en", published_at=NOON)

# What is wrong on purpose is of no type that mypy would let through.
WRONG: Any = None


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (lambda: Sent(sentences="The council voted."), "sentences must be a tuple of strings, not one string"),  # type: ignore[arg-type]
        (lambda: Sent(sentences=(WRONG,)), "each of sentences must be a string, not NoneType"),
        (lambda: Sent(sentences=(), at=NAIVE), "at must be a datetime with a time zone, not one without"),
        (lambda: Document(text=WRONG), "text must be a string, not NoneType"),
        (lambda: Document(text=b"bytes"), "text must be a string, not bytes"),  # type: ignore[arg-type]
        (lambda: Document(text="", title=WRONG), "title must be a string, not NoneType"),
        (lambda: Document(text="", lang=7), "lang must be a string or None, not int"),  # type: ignore[arg-type]
        (lambda: Article(id=WRONG, text=""), "id must be a string, not NoneType"),
        (lambda: Article(id="a", text="", url=7), "url must be a string or None, not int"),  # type: ignore[arg-type]
        (lambda: Article(id="a", text="", published_at=NAIVE), "published_at must be a datetime with a time zone"),
        (lambda: Article(id="a", text="", published_at="today"), "published_at must be a datetime"),  # type: ignore[arg-type]
        (lambda: summarize("text"), "document must be a Document, not str"),  # type: ignore[arg-type]
        (lambda: list(summarize_many(["text"])), "each of documents must be a Document, not str"),  # type: ignore[list-item]
        (lambda: summarize(ENGLISH, max_chars=100.5), "max_chars must be a whole number, not float"),  # type: ignore[arg-type]
        (lambda: summarize(ENGLISH, sentences=True), "sentences must be a whole number, not bool"),
        (lambda: summarize(ENGLISH, max_words="5"), "max_words must be a whole number, not str"),  # type: ignore[arg-type]
        (lambda: summarize_story([ENGLISH]), "each of articles must be an Article, not Document"),  # type: ignore[list-item]
        (lambda: summarize_story(REPORT), "articles must be several articles, not one Article"),  # type: ignore[arg-type]
        (lambda: summarize_story([REPORT, REPORT]), "not two with the id 'a'"),
        (lambda: what_is_new([REPORT], NAIVE), "since must be a datetime with a time zone, not one without"),
        (lambda: what_is_new([REPORT], "today"), "since must be what was Sent or a datetime"),  # type: ignore[arg-type]
        (lambda: explain(REPORT, summarize_story([REPORT])), "which explain_story is for"),  # type: ignore[arg-type]
        (lambda: explain_story([REPORT], summarize(REPORT)), "which explain is for"),  # type: ignore[arg-type]
    ],
)
def test_a_plain_mistake_is_named(mistake: Callable[[], object], told: str) -> None:
    with pytest.raises(InputError) as caught:
        mistake()
    assert told in str(caught.value)
    assert isinstance(caught.value, SummarizerError)


def test_articles_may_come_one_by_one() -> None:
    summary = summarize_story([REPORT, OTHER])
    assert summarize_story(one for one in (REPORT, OTHER)) == summary
    assert explain_story((one for one in (REPORT, OTHER)), summary) == explain_story([REPORT, OTHER], summary)
    assert what_is_new((one for one in (REPORT, OTHER)), Sent(sentences=())).sentences
