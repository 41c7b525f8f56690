"""The text commands: functions of a row, without chat, storage or network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import SchemaValidator

from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.console.jsonl import Row
    from summarizer import Document, Why


_MOST_ENTRIES = 20_000
"""Polling takes a feed's newest 500; who asks for a feed on the command line wants to see all of it."""


_BASE64: Final = SchemaValidator({"type": "bytes"}, {"val_json_bytes": "base64"})
"""Decodes several times as fast as `binascii`, which would take as long as reading the feed; URL-safe letters too."""


class RowError(BotError):
    """A row lacks something that its command needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryOptions:
    """How long a summary may be, and by which method."""

    sentences: int | None = None
    max_chars: int | None = None
    max_words: int | None = None
    brief: bool = False
    method: str = "news"
    why: bool = False
    """Whether each sentence comes with the reasons for it."""


def summarize_row(row: Row, *, options: SummaryOptions) -> Row:
    """Summarise ``{"title", "text", "lang"?}`` to ``{"lang", "sentences": [{"text", "start", "end"}…]}``."""
    return summarize_rows([row], options=options)[0]


def summarize_rows(rows: Sequence[Row], *, options: SummaryOptions) -> list[Row]:
    """Summarise rows as :func:`summarize_row` does, faster than one by one."""
    from summarizer import explain, summarize_many  # noqa: PLC0415 - each text command loads only what it needs

    documents = list(map(_document, rows))
    summaries = summarize_many(
        documents,
        sentences=options.sentences,
        max_chars=options.max_chars,
        max_words=options.max_words,
        method=options.method,
        brief=options.brief,
    )
    answers: list[Row] = []
    for document, summary in zip(documents, summaries, strict=True):
        sentences: list[Row] = [{"text": each.text, "start": each.start, "end": each.end} for each in summary.sentences]
        if options.why:
            _add_reasons(sentences, explain(document, summary))
        answers.append({"lang": summary.lang, "sentences": sentences})
    return answers


def _document(row: Row) -> Document:
    from summarizer import Document  # noqa: PLC0415 - as above

    if "text" not in row:
        raise RowError("text is missing")
    return Document(text=_text(row, "text"), title=_text(row, "title"), lang=_text(row, "lang") or None)


def summarize_story_row(row: Row, *, options: SummaryOptions) -> Row:
    """Summarise ``{"articles": [{"id", "title", "text"}…]}`` to sentences that each name their article."""
    from summarizer import Article, explain_story, summarize_story  # noqa: PLC0415 - as above

    articles = row.get("articles")
    if not isinstance(articles, list) or not all(isinstance(each, dict) for each in articles):
        raise RowError("a story needs a list of articles")
    read = [
        Article(
            id=str(rank),
            title=_headline(each),
            text=_text(each, "text"),
            lang=_text(each, "lang") or None,
            url=_text(each, "url") or None,
            outlet=_text(each, "outlet") or None,
            published_at=_moment(each.get("published_at")),
        )
        for rank, each in enumerate(articles)
    ]
    summary = summarize_story(
        read,
        sentences=options.sentences,
        max_chars=options.max_chars,
        max_words=options.max_words,
        brief=options.brief,
    )
    sentences: list[Row] = [
        {"text": each.text, "start": each.start, "end": each.end, "article": articles[int(each.article)].get("id")}
        for each in summary.sentences
    ]
    if options.why:
        _add_reasons(sentences, explain_story(read, summary))
    return {"sentences": sentences}


def _add_reasons(sentences: list[Row], reasons: tuple[tuple[Why, ...], ...]) -> None:
    for sentence, found in zip(sentences, reasons, strict=True):
        sentence["why"] = [
            {"reason": one.reason.value, "weight": round(one.weight, 3)}
            | ({"words": list(one.words)} if one.words else {})
            | ({"outlets": one.outlets} if one.outlets else {})
            for one in found
        ]


def reasons_of(sentence: Row) -> list[Why]:
    """Read back the reasons that stand in a sentence of an answer; none where nobody asked for them."""
    from summarizer import Reason, Why  # noqa: PLC0415 - as above

    return [
        Why(
            reason=Reason(each["reason"]),
            weight=each["weight"],
            words=tuple(each.get("words", ())),
            outlets=each.get("outlets", 0),
        )
        for each in sentence.get("why", ())
    ]


def extract_row(row: Row) -> Row:
    """Extract the article of ``{"url", "html_base64"}``."""
    from bot.news.pages.article import extract_article  # noqa: PLC0415 - as above

    article = extract_article(_bytes(row, "html_base64"), url=_text(row, "url"))
    return {
        "title": article.title,
        "text": article.text,
        "author": article.author,
        "published_at": _instant(article.published_at),
        "lang": article.lang,
        "site": article.site,
        "url": article.url or _text(row, "url"),
    }


def feed_row(row: Row) -> Row:
    """Parse the feed of ``{"url", "body_base64"}``."""
    from bot.news.feeds.parser import parse_feed  # noqa: PLC0415 - as above

    feed = parse_feed(_bytes(row, "body_base64"), url=_text(row, "url"), most_entries=_MOST_ENTRIES)
    entries = [
        {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "author": entry.author,
            "published_at": _instant(entry.published_at),
            "summary": entry.summary,
            "content": entry.content,
        }
        for entry in feed.entries
    ]
    return {"title": feed.title, "entries": entries}


class StoryRows:
    """Groups ``{"title", "text", "lang"?, "published_at"}``, given in time order, into stories."""

    def __init__(self) -> None:
        from summarizer import Stories  # noqa: PLC0415 - as above

        self._stories = Stories()

    def __call__(self, row: Row) -> Row:
        """Tell the story of one article."""
        from bot.news.feeds.addresses import canonical_url  # noqa: PLC0415 - as above
        from summarizer import Article  # noqa: PLC0415

        if row.get("id") is None:
            raise RowError("id is missing")
        if row.get("title") is None and row.get("text") is None:
            raise RowError("title and text are missing")
        article = Article(
            id=str(row["id"]),
            title=_text(row, "title"),
            text=_text(row, "text"),
            lang=_text(row, "lang") or None,
            url=canonical_url(_text(row, "url")) or None,
            published_at=_moment(row.get("published_at")),
        )
        return {"story": self._stories.assign(article)}


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowError(f"{key} must be a string")
    return value


def _headline(row: Row) -> str:
    """Read a title, unless the article's id stands in its place."""
    title = _text(row, "title")
    return "" if title == str(row.get("id")) else title


def _bytes(row: Row, key: str) -> bytes:
    written = _text(row, key).replace("\\", "?")  # JSON's escapes are no letters of base64
    try:
        decoded: bytes = _BASE64.validate_json(f'"{written}"')
    except ValueError as error:
        raise RowError(f"{key} is not base64") from error
    return decoded


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value is not None else None


def _moment(value: Any) -> datetime | None:  # noqa: ANN401 - whatever stands in the JSON
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise RowError("published_at must be an ISO 8601 instant") from error
    return moment if moment.utcoffset() is not None else moment.replace(tzinfo=UTC)
